"""STUN and TURN: messages, outer addresses, errors; media on the same flow is passed by."""

from __future__ import annotations

from sensors.protocols import stun
from tests.sensors.protocols import tunnel_talks as talks
from tests.sensors.protocols.data_talks import C, S
from tests.sensors.protocols.playing import a_flow, play

FLOW = a_flow(3478, "udp")


def test_each_message_is_an_event() -> None:
    events = play(stun.PROTOCOL, talks.STUN, FLOW).of("stun")
    assert [(e["stun.method"], e["stun.class"]) for e in events] == [
        ("BINDING", "REQUEST"),
        ("BINDING", "RESPONSE_SUCCESS"),
        ("ALLOCATE", "REQUEST"),
        ("ALLOCATE", "RESPONSE_ERROR"),
    ]
    assert events[0]["user.name"] == "li:x"
    assert events[0]["stun.software"] == "probe 1"
    assert (events[1]["stun.mapped_ip"], events[1]["stun.mapped_port"]) == ("198.51.100.7", 4660)
    assert events[3]["stun.error_code"] == 401
    assert events[3]["stun.realm"] == "example.org"


def test_media_between_messages_is_passed_by() -> None:
    said = [talks.STUN[0], (S, b"\x80\0" + bytes(160)), talks.STUN[1]]
    assert len(play(stun.PROTOCOL, said, FLOW).events) == 2


def test_a_message_without_the_cookie() -> None:
    message = b"\0\1\0\x08" + b"0123456789abcdef" + b"\0\3\0\4\0\0\0\6"
    assert stun.PROTOCOL.recognises(message, C, FLOW)
    event = play(stun.PROTOCOL, [(C, message)], FLOW).events[0]
    assert event["stun.attr_types"] == ["CHANGE_REQUEST"]
    assert event["stun.attr_vals"] == ["6"]


def test_channel_data_in_a_stream_is_stepped_over() -> None:
    flow = a_flow(3478, "tcp")
    said = [talks.STUN[0], (C, b"\x40\0\0\5hello\0\0\0" + talks.STUN[2][1])]
    assert len(play(stun.PROTOCOL, said, flow, piece=3).events) == 2


def test_a_bare_request_without_the_cookie_at_any_port() -> None:
    message = b"\0\1\0\0" + b"0123456789abcdef"
    assert stun.PROTOCOL.recognises(message, C, a_flow(16_948, "udp"))
    assert not stun.PROTOCOL.recognises(message + b"x", C, a_flow(16_948, "udp"))
    assert not stun.PROTOCOL.recognises(b"\0\1\0\0" + bytes(16), C, a_flow(16_948, "udp"))
