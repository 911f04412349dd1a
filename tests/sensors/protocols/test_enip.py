from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.enip import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(44_818)


def message(command: int, body: bytes = b"", session: int = 7, status: int = 0) -> bytes:
    return struct.pack("<HHII", command, len(body), session, status) + bytes(12) + body


def carrying(cip: bytes) -> bytes:
    items = struct.pack("<HHHHH", 2, 0, 0, 0xB2, len(cip)) + cip
    return message(0x6F, bytes(6) + items)


IDENTITY = (
    struct.pack("<HHHH", 1, 0x0C, 48, 1) + bytes(16)
    + struct.pack("<HHHBBHI", 1, 14, 54, 20, 11, 0x30, 0x6C061A)
    + b"\x0d1756-L61/B LG"[:14] + b"\xff"
)  # fmt: skip
REGISTER = message(0x65, b"\1\0\0\0", session=0)
READ = carrying(b"\x4c\x04\x91\x05Speed\0\1\0")
SAID = [
    (ASK, REGISTER),
    (TELL, message(0x65, b"\1\0\0\0")),
    (ASK, carrying(b"\x01\x02\x20\x01\x24\x01")),
    (TELL, carrying(b"\x81\0\0\0" + bytes(4))),
    (ASK, READ),
    (TELL, carrying(b"\xcc\0\x04\0")),
    (ASK, message(0x63, session=0)),
    (TELL, message(0x63, IDENTITY, session=0)),
    (ASK, message(0x66)),
]


def test_requests_are_joined_with_their_answers() -> None:
    register, identity, read, who, leave = sorted(
        play(PROTOCOL, SAID, FLOW).events, key=lambda event: event["@timestamp"]
    )
    assert (register["enip.command"], register["enip.session"]) == ("RegisterSession", 7)
    assert register["event.outcome"] == "success"
    assert (identity["cip.service"], identity["cip.class"]) == ("GetAttributesAll", 1)
    assert identity["cip.status"] == 0
    assert (read["cip.service"], read["cip.tag"]) == ("ReadTag", "Speed")
    assert (read["cip.status"], read["event.outcome"]) == (4, "failure")
    assert (who["enip.vendor"], who["enip.device_type"]) == (1, 14)
    assert (who["enip.revision"], who["enip.product"]) == ("20.11", "1756-L61/B LG")
    assert leave["enip.command"] == "UnregisterSession"


def test_pieces_of_any_size_say_the_same() -> None:
    whole = play(PROTOCOL, SAID, FLOW).events
    assert len(play(PROTOCOL, SAID, FLOW, piece=5).events) == len(whole) == 5


def test_laws() -> None:
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)
    assert not PROTOCOL.recognises(bytes(24), 0, FLOW)
    assert not PROTOCOL.recognises(REGISTER + b"\0", 0, FLOW)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, carrying(data), FLOW)
