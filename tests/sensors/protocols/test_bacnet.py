from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.bacnet import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(47_808, "udp")


def bvlc(function: int, body: bytes) -> bytes:
    return bytes([0x81, function]) + (4 + len(body)).to_bytes(2, "big") + body


SAID = [
    (ASK, bvlc(11, b"\1\x20\xff\xff\0\xff\x10\x08")),
    (TELL, bvlc(11, b"\1\0\x10\0\xc4\x02\0\0\x0a\x22\x01\xe0\x91\0\x21\x05")),
    (ASK, bvlc(10, b"\1\4\0\5\7\x0c\x0c\0\0\0\3\x19\x55")),
    (ASK, bvlc(10, b"\1\4\0\5\x08\x14\x09\0\x1e\x09\x78")),
    (TELL, bvlc(0, b"\0\x10")),
]


def test_services_and_objects() -> None:
    who, here, read, reboot, result = play(PROTOCOL, SAID, FLOW).events
    assert (who["bacnet.pdu_type"], who["bacnet.service"]) == ("Unconfirmed-REQ", "who-Is")
    assert who["bacnet.destination_network"] == 0xFFFF
    assert (here["bacnet.service"], here["bacnet.object"]) == ("i-Am", "device,10")
    assert (read["bacnet.service"], read["bacnet.object"]) == ("readProperty", "analog-input,3")
    assert (read["bacnet.property"], read["bacnet.invoke_id"]) == (85, 7)
    assert reboot["bacnet.service"] == "reinitializeDevice"
    assert result["bacnet.bvlc"] == "BVLC-Result"


def test_laws() -> None:
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, bvlc(10, b"\1" + data), FLOW)
