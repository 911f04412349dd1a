"""Telnet: attempts to log in and what became of them."""

from __future__ import annotations

from sensors.protocols import telnet
from tests.sensors.protocols.conversations import TELNET
from tests.sensors.protocols.playing import a_flow, play


def test_two_attempts() -> None:
    first, second = play(telnet.PROTOCOL, TELNET, a_flow(23)).events
    assert (first["user.name"], first["event.outcome"]) == ("root", "failure")
    assert (second["user.name"], second["event.outcome"]) == ("admin", "success")
    assert second["telnet.terminal_type"] == "VT100"
    assert second["telnet.options"] == ["echo", "terminal_type"]
    assert "hunter" not in str((first, second))


def test_without_an_attempt() -> None:
    (event,) = play(telnet.PROTOCOL, TELNET[:2], a_flow(23)).events
    assert "event.action" not in event
