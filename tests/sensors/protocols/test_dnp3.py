from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.dnp3 import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL, dnp3
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

FLOW = a_flow(20_000)
SAID = [
    (ASK, dnp3(0xC4, 10, 1, b"\xc0\xc1\x01\x3c\x02\x06")),
    (TELL, dnp3(0x44, 1, 10, b"\xc0\xc1\x81\x10\x00" + b"\x01\x02" * 20)),
    (ASK, dnp3(0xC4, 10, 1, b"\xc1\xc1\x00")),
    (ASK, dnp3(0xC4, 10, 1, b"\xc1\xc2\x06\x0c\x01")),
    (ASK, dnp3(0xC4, 10, 1, b"\xc1\xc3\x0d")),
    (TELL, dnp3(0x44, 1, 10, b"\xc1\xf4\x82\x00\x02")),
]


def test_a_request_and_its_response_are_one_event() -> None:
    read, unanswered, restart = play(PROTOCOL, SAID, FLOW).events
    assert (read["dnp3.fc_request"], read["dnp3.fc_reply"]) == ("READ", "RESPONSE")
    assert read["dnp3.iin"] == 0x1000
    assert read["dnp3.objects"] == ["g60v2"]
    assert (read["dnp3.source"], read["dnp3.destination"]) == (1, 10)
    assert read["@timestamp"].endswith(".020000Z")  # of the response
    assert unanswered["dnp3.fc_request"] == "DIRECT_OPERATE_NR"
    assert "dnp3.fc_reply" not in unanswered
    assert restart["dnp3.fc_request"] == "COLD_RESTART"
    assert restart["dnp3.fc_reply"] == "UNSOLICITED_RESPONSE"


def test_bytes_before_a_frame_are_stepped_over() -> None:
    played = play(PROTOCOL, [(ASK, b"\xff" * 12 + SAID[0][1])], FLOW)
    assert played.events[0]["dnp3.fc_request"] == "READ"
    assert played.losses == {"dnp3.resynchronised": 1}


def test_laws() -> None:
    same_in_pieces(PROTOCOL, SAID, FLOW)
    survives(PROTOCOL, SAID, FLOW, 150)
    survives(PROTOCOL, SAID, a_flow(20_000, "udp"))
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)
    told = play(PROTOCOL, [one for one in SAID if one[0] == TELL], FLOW).events
    assert [event["dnp3.fc_reply"] for event in told] == ["RESPONSE", "UNSOLICITED_RESPONSE"]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, b"\x05\x64" + data, FLOW)
