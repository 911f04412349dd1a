"""POP3: log-ins, a count of what was fetched, attachments."""

from __future__ import annotations

import hashlib

from sensors.protocols import pop3
from tests.sensors.protocols.conversations import ATTACHMENT, POP3, Said, lines
from tests.sensors.protocols.playing import a_flow, play


def test_log_ins_and_a_count() -> None:
    played = play(pop3.PROTOCOL, POP3, a_flow(110))
    failed, good, counted = played.of("pop3")
    assert (failed["user.name"], failed["event.outcome"]) == ("li", "failure")
    assert (good["pop3.auth_mechanism"], good["event.outcome"]) == ("PLAIN", "success")
    assert (counted["pop3.messages_retrieved"], counted["pop3.messages_deleted"]) == (1, 1)
    assert "hunter2" not in str(played.events)


def test_attachments_are_files() -> None:
    files = play(pop3.PROTOCOL, POP3, a_flow(110)).of("files")
    assert files[1]["file.hash.md5"] == hashlib.md5(ATTACHMENT).hexdigest()
    assert files[1]["source.ip"] == "198.51.100.20"


def test_over_to_tls() -> None:
    said: Said = [
        (1, lines("+OK POP")),
        (0, lines("STLS")),
        (1, lines("+OK go")),
        (0, b"\x16\x03\x01"),
    ]
    (event,) = play(pop3.PROTOCOL, said, a_flow(110)).events
    assert event["pop3.tls"] is True


def test_a_log_in_without_answer() -> None:
    (event,) = play(pop3.PROTOCOL, [(0, lines("USER li", "PASS x"))], a_flow(110)).events
    assert "event.outcome" not in event
    assert event["event.action"] == "login"


def test_met_in_the_middle() -> None:
    said: Said = [
        (0, lines("CAPA")), (1, lines("+OK list", "USER", ".")), (0, lines("AUTH XOAUTH2")),
        (1, lines("+ ")), (0, lines("dXNlcj1saQFhdXRoPUJlYXJlciB4AQE=")), (1, lines("+OK in")),
    ]  # fmt: skip
    played = play(pop3.PROTOCOL, said, a_flow(110))
    assert played.events[0]["user.name"] == "li"
    assert played.losses == {}
