from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.ntp import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(123, "udp")
STAMP = struct.pack(">II", 2_208_988_800 + 1_700_000_000, 1 << 31)
ANSWER = struct.pack(">BBbbII4s", 0x24, 1, 6, -20, 1 << 16, 1 << 15, b"GPS\0") + STAMP * 4
CLIENT = struct.pack(">BBbbII4s", 0xE3, 0, 10, -6, 0, 0, b"\0" * 4) + b"\0" * 24 + STAMP
MONLIST = b"\x17\x00\x03\x2a" + b"\0" * 4
SAID = [(ASK, CLIENT), (TELL, ANSWER), (ASK, MONLIST)]


def test_messages_as_zeek_logs_them() -> None:
    asked, told, _ = play(PROTOCOL, SAID, FLOW).events
    assert (asked["ntp.version"], asked["ntp.mode"], asked["ntp.stratum"]) == (4, 3, 0)
    assert asked["ntp.poll"] == 1024.0
    assert "ntp.ref_id" not in asked
    assert "ntp.ref_time" not in asked
    assert (told["ntp.mode"], told["ntp.stratum"], told["ntp.ref_id"]) == (4, 1, "GPS")
    assert told["ntp.precision"] == 2.0**-20
    assert (told["ntp.root_delay"], told["ntp.root_disp"]) == (1.0, 0.5)
    assert told["ntp.xmt_time"] == "2023-11-14T22:13:20.500000Z"
    assert told["ntp.num_exts"] == 0


def test_monlist_and_control() -> None:
    control = b"\x16\x82" + b"\0" * 10
    private, read = play(PROTOCOL, [(ASK, MONLIST), (TELL, control)], FLOW).events
    assert (private["ntp.mode"], private["ntp.request"]) == (7, "MON_GETLIST_1")
    assert private["ntp.request_code"] == 42
    assert private["ntp.response"] is False
    assert (read["ntp.request"], read["ntp.response"]) == ("read variables", True)


def test_extensions_and_authentication() -> None:
    longer = ANSWER + struct.pack(">HH", 0x0104, 32) + b"u" * 28 + b"\0\0\0\1" + b"m" * 16
    (event,) = play(PROTOCOL, [(TELL, longer)], FLOW).events
    assert (event["ntp.num_exts"], event["ntp.authenticated"]) == (1, True)


def test_laws() -> None:
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)
    assert not PROTOCOL.recognises(ANSWER, TELL, a_flow(9999, "udp"))


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)


def test_a_clients_question_at_any_port() -> None:
    asked = b"\x23" + bytes(39) + b"\xe9\1\2\3\4\5\6\7"
    assert PROTOCOL.recognises(asked, 0, a_flow(9999, "udp"))
    assert not PROTOCOL.recognises(asked[:30] + b"x" + asked[31:], 0, a_flow(9999, "udp"))
    assert not PROTOCOL.recognises(asked + b"x", 0, a_flow(9999, "udp"))
