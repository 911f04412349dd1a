"""IMAP: log-ins, mailboxes, commands with their results."""

from __future__ import annotations

import hashlib

from sensors.protocols import imap
from tests.sensors.protocols.conversations import ATTACHMENT, IMAP, Said, lines
from tests.sensors.protocols.playing import a_flow, play


def test_commands_and_results() -> None:
    played = play(imap.PROTOCOL, IMAP, a_flow(143))
    told = [(e["imap.command"], e.get("event.outcome")) for e in played.of("imap")]
    assert told == [
        ("LOGIN", "failure"), ("AUTHENTICATE", "success"), ("SELECT", "success"),
        ("UID FETCH", "success"), ("DELETE", None),
    ]  # fmt: skip
    first, second, third, fourth, _ = played.of("imap")
    assert (first["user.name"], second["user.name"]) == ("li si", "li")
    assert (third["imap.mailbox"], fourth["imap.mailbox"]) == ("Sent Items", "Sent Items")
    assert "hunter2" not in str(played.events)


def test_a_message_in_a_literal() -> None:
    files = play(imap.PROTOCOL, IMAP, a_flow(143)).of("files")
    assert files[1]["file.name"] == "表.xls"
    assert files[1]["file.hash.md5"] == hashlib.md5(ATTACHMENT).hexdigest()


def test_a_literal_that_is_the_password() -> None:
    said: Said = [
        (1, lines("* OK IMAP")), (0, lines("1 LOGIN {4}")), (1, lines("+ ok")),
        (0, lines("user {7}")), (1, lines("+ ok")), (0, lines("hunter2")), (1, lines("1 OK in")),
    ]  # fmt: skip
    (event,) = play(imap.PROTOCOL, said, a_flow(143)).events
    assert (event["user.name"], event["event.outcome"]) == ("user", "success")
    assert "hunter2" not in str(event)


def test_over_to_tls() -> None:
    said: Said = [
        (1, lines("* OK IMAP")),
        (0, lines("1 STARTTLS")),
        (1, lines("1 OK go")),
        (0, b"\x16\x03\x01"),
    ]
    (event,) = play(imap.PROTOCOL, said, a_flow(143)).events
    assert event["imap.tls"] is True
