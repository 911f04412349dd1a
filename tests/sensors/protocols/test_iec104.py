from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.iec104 import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

FLOW = a_flow(2404)
START = b"\x68\x04\x07\0\0\0"
COMMAND = b"\x68\x0e\0\0\0\0\x2d\x01\x06\x00\x01\x00\x05\x00\x00\x01"
SAID = [
    (ASK, START),
    (TELL, b"\x68\x04\x0b\0\0\0"),
    (ASK, COMMAND + b"\x68\x04\x43\0\0\0"),
    (TELL, COMMAND[:8] + b"\x47" + COMMAND[9:] + b"\x68\x04\x01\0\2\0"),
]


def test_a_command_and_its_refusal() -> None:
    started, _, command, refused = play(PROTOCOL, SAID, FLOW).events
    assert started["iec104.type"] == "STARTDT act"
    assert (command["iec104.type"], command["iec104.cause"]) == ("C_SC_NA_1", "act")
    assert command["iec104.command"] is True
    assert (command["iec104.common_address"], command["iec104.object_address"]) == (1, 5)
    assert (refused["iec104.cause"], refused["iec104.negative"]) == ("actcon", True)


def test_laws() -> None:
    same_in_pieces(PROTOCOL, SAID, FLOW)
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)
    assert not PROTOCOL.recognises(b"hello", 0, FLOW)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, b"\x68" + data, FLOW)
