"""RTSP: requests with their replies."""

from __future__ import annotations

from sensors.protocols import rtsp
from tests.sensors.protocols.conversations import RTSP
from tests.sensors.protocols.playing import a_flow, play


def test_requests_and_replies() -> None:
    events = play(rtsp.PROTOCOL, RTSP, a_flow(554)).events
    told = [(e["rtsp.method"], e["rtsp.status_code"]) for e in events]
    assert told == [("DESCRIBE", 401), ("DESCRIBE", 200), ("SETUP", 200), ("PLAY", 200)]
    assert events[0]["url.original"] == "rtsp://admin@192.0.2.1/live"
    assert events[0]["rtsp.password_seen"] is True
    assert (events[1]["user.name"], events[1]["rtsp.media"]) == ("admin", ["video 0 RTP/AVP"])
    assert events[2]["rtsp.transport"] == "RTP/AVP/TCP;interleaved=0-1;ssrc=1"
    assert "hunter2" not in str(events)
