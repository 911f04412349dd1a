"""VNC: versions, ways to log in, the screen."""

from __future__ import annotations

import struct

from sensors.protocols import vnc
from tests.sensors.protocols import tunnel_talks as talks
from tests.sensors.protocols.data_talks import C, S
from tests.sensors.protocols.playing import a_flow, play

FLOW = a_flow(5900)


def test_a_session_is_one_event() -> None:
    events = play(vnc.PROTOCOL, talks.VNC, FLOW).of("vnc")
    assert len(events) == 1
    assert events[0]["vnc.authentication_method"] == "VNC"
    assert events[0]["vnc.auth"] is True
    assert events[0]["vnc.share_flag"] is True
    assert events[0]["vnc.desktop_name"] == "desk"
    assert (events[0]["vnc.width"], events[0]["vnc.height"]) == (1024, 768)
    assert events[0]["vnc.server_minor_version"] == "008"


def test_a_wrong_password() -> None:
    said = [*talks.VNC[:6], (S, b"\0\0\0\1\0\0\0\x05wrong")]
    event = play(vnc.PROTOCOL, said, FLOW).events[0]
    assert event["vnc.auth"] is False
    assert event["vnc.reason"] == "wrong"


def test_version_3_3_where_the_server_chooses() -> None:
    said = [
        (S, b"RFB 003.003\n"),
        (C, b"RFB 003.003\n"),
        (S, b"\0\0\0\1"),
        (C, b"\0"),
        (S, struct.pack(">HH", 640, 480) + bytes(16) + b"\0\0\0\1x"),
    ]
    event = play(vnc.PROTOCOL, said, FLOW).events[0]
    assert event["vnc.authentication_method"] == "None"
    assert event["vnc.share_flag"] is False
    assert event["vnc.desktop_name"] == "x"


def test_apple_remote_desktop() -> None:
    said = [
        (S, b"RFB 003.889\n"),
        (C, b"RFB 003.889\n"),
        (S, b"\3\x1e\x21\x24"),
        (C, b"\x1e"),
        (S, b"\0\2\0\x80" + bytes(256)),
        (C, bytes(256)),
        (S, bytes(4)),
        (C, b"\1"),
        (S, struct.pack(">HH", 800, 600) + bytes(16) + b"\0\0\0\3mac"),
    ]
    event = play(vnc.PROTOCOL, said, FLOW).events[0]
    assert event["vnc.authentication_method"] == "Apple Remote Desktop"
    assert event["vnc.desktop_name"] == "mac"


def test_a_server_that_calls_its_viewer() -> None:
    said = [(1 - side, data) for side, data in talks.VNC]
    flow = a_flow(5500)
    event = play(vnc.PROTOCOL, said, flow).events[0]
    assert event["vnc.desktop_name"] == "desk"
    assert event["destination.port"] == flow.source_port
