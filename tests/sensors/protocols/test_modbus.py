from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.modbus import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL, modbus
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

FLOW = a_flow(502)
SAID = [
    (ASK, modbus(1, 9, b"\x03\x00\x10\x00\x02") + modbus(2, 9, b"\x06\x00\x05\x12\x34")),
    (TELL, modbus(1, 9, b"\x03\x04\0\1\0\2") + modbus(2, 9, b"\x06\x00\x05\x12\x34")),
    (ASK, modbus(3, 9, b"\x10\x00\x01\x00\x02\x04\0\0\0\0")),
    (TELL, modbus(3, 9, b"\x90\x02")),
    (ASK, modbus(4, 9, b"\x2b\x0e\x01\x00")),
]


def test_an_event_for_each_request_and_response() -> None:
    read, write, answered, _, several, refused, identity = play(PROTOCOL, SAID, FLOW).events
    assert read["modbus.func"] == answered["modbus.func"] == "READ_HOLDING_REGISTERS"
    assert (read["modbus.tid"], read["modbus.unit"], read["modbus.pdu_type"]) == (1, 9, "REQ")
    assert (read["modbus.address"], read["modbus.quantity"]) == (16, 2)
    assert answered["modbus.pdu_type"] == "RESP"
    assert "modbus.address" not in answered
    assert (write["modbus.address"], write["modbus.value"], write["modbus.write"]) == (
        5,
        0x1234,
        True,
    )
    assert several["modbus.quantity"] == 2
    assert refused["modbus.func"] == "WRITE_MULTIPLE_REGISTERS_EXCEPTION"
    assert refused["modbus.exception"] == "ILLEGAL_DATA_ADDRESS"
    assert refused["event.outcome"] == "failure"
    assert identity["modbus.sub_function"] == 14


def test_a_flow_met_from_its_answer() -> None:
    flow = a_flow(40000, source_port=502)
    (event,) = play(PROTOCOL, [(0, modbus(1, 9, b"\x03\x02\0\1"))], flow).events
    assert event["modbus.pdu_type"] == "RESP"
    assert event["destination.port"] == 502


def test_laws() -> None:
    same_in_pieces(PROTOCOL, SAID, FLOW)
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, b"\0\1\0\0\0" + data, FLOW)


def test_a_request_at_any_port() -> None:
    asked = bytes.fromhex("000100000006010300000002")
    written = bytes.fromhex("00010000000b0110000100020400010002")
    for port in (502, 5020, 40_000):
        assert PROTOCOL.recognises(asked, 0, a_flow(port))
        assert PROTOCOL.recognises(written, 0, a_flow(port))
    for other in (
        asked + b"x",
        asked[:-1],
        b"\0\1\0\0\0\6" + bytes(6),
        asked[:7] + b"\x63" + asked[8:],
    ):
        assert not PROTOCOL.recognises(other, 0, a_flow(5020))
