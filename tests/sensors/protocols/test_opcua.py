from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.opcua import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(4840)


def string(value: bytes) -> bytes:
    return struct.pack("<i", len(value)) + value


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + b"F" + struct.pack("<I", 8 + len(body)) + body


HELLO = chunk(b"HEL", struct.pack("<5I", 0, 65535, 65535, 0, 0) + string(b"opc.tcp://plc:4840"))
POLICY = string(b"http://opcfoundation.org/UA/SecurityPolicy#None")
SAID = [
    (ASK, HELLO),
    (TELL, chunk(b"ACK", struct.pack("<5I", 0, 65535, 65535, 0, 0))),
    (ASK, chunk(b"OPN", bytes(4) + POLICY + struct.pack("<ii", -1, -1) + bytes(40))),
    (TELL, chunk(b"OPN", bytes(4) + POLICY + struct.pack("<ii", -1, -1) + bytes(40))),
    (ASK, chunk(b"MSG", bytes(50))),
]


def test_a_connection() -> None:
    (event,) = play(PROTOCOL, SAID, FLOW).events
    assert event["opcua.endpoint"] == "opc.tcp://plc:4840"
    assert event["opcua.security_policy"] == "None"
    assert event["event.outcome"] == "success"
    assert len(play(PROTOCOL, SAID, FLOW, piece=3).events) == 1


def test_a_refusal() -> None:
    refused = chunk(b"ERR", struct.pack("<I", 0x80830000) + string(b"no such endpoint"))
    (event,) = play(PROTOCOL, [SAID[0], (TELL, refused)], FLOW).events
    assert (event["opcua.error"], event["opcua.reason"]) == ("0x80830000", "no such endpoint")
    assert event["event.outcome"] == "failure"


def test_laws() -> None:
    survives(PROTOCOL, SAID, FLOW, 120)
    assert PROTOCOL.recognises(HELLO, 0, FLOW)
    assert not PROTOCOL.recognises(b"HELP me, I am lost in text", 0, FLOW)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, chunk(b"HEL", data), FLOW)
