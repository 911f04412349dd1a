from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.s7comm import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL, cotp, s7, tpkt
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

FLOW = a_flow(102)
OPENED = b"\x11\xe0\0\0\0\1\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2"
PLACE = b"\x12\x0a\x10\x02\x00\x04\x00\x01\x84\x00\x00\x80"
SAID = [
    (ASK, tpkt(OPENED)),
    (TELL, tpkt(b"\x11\xd0" + OPENED[2:])),
    (ASK, s7(1, 1, b"\xf0\0\0\1\0\1\1\xe0")),
    (TELL, s7(3, 1, b"\xf0\0\0\1\0\1\0\xf0", error=b"\0\0")),
    (ASK, s7(1, 2, b"\x04\x01" + PLACE)),
    (TELL, s7(3, 2, b"\x04\x01", b"\x0a\0\0\0", error=b"\x81\x04")),
    (ASK, s7(7, 3, b"\0\1\x12\4\x11\x44\1\0", b"\xff\t\0\4\0\x11\0\0")),
    (ASK, s7(1, 4, b"\x29\0\0\0\0\0\x09P_PROGRAM")),
]


def test_connection_jobs_and_answers() -> None:
    opened, _, setup, agreed, read, failed, listing, stop = play(PROTOCOL, SAID, FLOW).events
    assert opened["s7comm.rosctr"] == "COTP Connection Request"
    assert (opened["s7comm.calling_tsap"], opened["s7comm.called_tsap"]) == ("0100", "0102")
    assert (opened["s7comm.rack"], opened["s7comm.slot"]) == (0, 2)
    assert setup["s7comm.function"] == "Setup Communication"
    assert (setup["s7comm.pdu_size"], agreed["s7comm.pdu_size"]) == (480, 240)
    assert (setup["s7comm.is_response"], agreed["s7comm.is_response"]) == (False, True)
    assert read["s7comm.function"] == "Read Variable"
    assert read["s7comm.items"] == ["DB1 16.0 x4"]
    assert (failed["s7comm.error_class"], failed["s7comm.error_code"]) == (
        "Application Relationship Error",
        4,
    )
    assert listing["s7comm.function"] == "CPU Functions"
    assert listing["s7comm.subfunction"] == "Read SZL"
    assert (stop["s7comm.function"], stop["s7comm.service"]) == ("PLC Stop", "P_PROGRAM")


def test_s7_plus_is_noticed_once() -> None:
    plus = cotp(b"\x72\x01\x00\x10\x31" + b"\0" * 20)
    events = play(PROTOCOL, [(ASK, plus), (TELL, plus)], FLOW).events
    assert [event["s7comm.variant"] for event in events] == ["S7comm-plus"]


def test_other_users_of_cotp_are_left_alone() -> None:
    played = play(PROTOCOL, [(ASK, cotp(b"\x0d\x20\x05\x06"))], FLOW)
    assert played.losses == {"s7comm.not_s7": 1}


def test_laws() -> None:
    same_in_pieces(PROTOCOL, SAID, FLOW)
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, cotp(b"\x32\1\0\0\0\1\0\x10\0\0\x04" + data), FLOW)
