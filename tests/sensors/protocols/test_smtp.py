"""SMTP: one event a message, its header fields, its attachments, log-ins and STARTTLS."""

from __future__ import annotations

import hashlib

from sensors.protocols.smtp import PROTOCOL
from tests.sensors.protocols.conversations import ATTACHMENT, MAIL, SMTP, Said, lines
from tests.sensors.protocols.playing import Played, a_flow, play

FLOW = a_flow(25)
ENVELOPE = lines("EHLO c", "MAIL FROM:<a@b.cn>", "RCPT TO:<c@d.cn>")


def smtp(said: Said) -> Played:
    return play(PROTOCOL, said, FLOW)


def test_a_message_with_its_header() -> None:
    first, second = smtp(SMTP).of("smtp")
    assert first["email.subject"] == "关于召开会议"
    assert first["email.from.address"] == ["zhang@example.cn"]
    assert first["email.to.address"] == ["li@example.cn", "wang@example.cn"]
    assert first["smtp.to"] == ['"Li, Si" <li@example.cn>', "wang@example.cn"]
    assert first["email.attachments.file.name"] == ["表.xls"]
    assert first["smtp.rcptto"] == ["li@example.cn", "wang@example.cn"]
    assert first["smtp.path"] == ["198.51.100.20", "192.0.2.10", "203.0.113.9"]
    assert first["smtp.x_originating_ip"] == "198.51.100.7"
    assert first["smtp.last_reply"] == "250 queued as 1"
    assert first["event.outcome"] == "success"
    assert (second["smtp.trans_depth"], second["event.outcome"]) == (2, "failure")


def test_attachments_are_files() -> None:
    text, sheet = smtp(SMTP).of("files")
    assert text["file.size"] == len("文 one\r\n.two".encode())
    assert sheet["file.name"] == "表.xls"
    assert sheet["file.hash.sha256"] == hashlib.sha256(ATTACHMENT).hexdigest()


def test_the_name_of_a_log_in_but_no_password() -> None:
    played = smtp(SMTP)
    assert played.of("smtp")[0]["user.name"] == "zhang"
    assert played.of("smtp")[0]["smtp.auth_success"] is True
    assert "hunter2" not in str(played.events)


def test_a_log_in_that_failed_and_nothing_else() -> None:
    said: Said = [
        (1, lines("220 ESMTP")), (0, lines("AUTH PLAIN AGxpAGh1bnRlcjI=")), (1, lines("535 no")),
    ]  # fmt: skip
    (event,) = smtp(said).events
    assert (event["user.name"], event["event.outcome"]) == ("li", "failure")
    assert event["smtp.auth_success"] is False


def test_chunks() -> None:
    half = len(MAIL) // 2
    said: Said = [
        (1, lines("220 ESMTP")),
        (0, ENVELOPE + b"BDAT %d\r\n" % half + MAIL[:half]),
        (0, b"BDAT %d LAST\r\n" % (len(MAIL) - half) + MAIL[half:] + b"QUIT\r\n"),
        (1, lines("250 hello", "250 ok", "250 ok", "250 more", "250 queued", "221 bye")),
    ]
    played = smtp(said)
    (event,) = played.of("smtp")
    assert event["smtp.last_reply"] == "250 queued"
    assert event["email.subject"] == "关于召开会议"
    assert len(played.of("files")) == 2


def test_tls() -> None:
    said: Said = [
        (1, lines("220 ESMTP")), (0, lines("EHLO c", "STARTTLS")), (1, lines("250 hi", "220 go")),
        (0, b"\x16\x03\x01\x02\0\x01"), (1, b"\x16\x03\x03"),
    ]  # fmt: skip
    (event,) = smtp(said).events
    assert event["smtp.tls"] is True
    assert event["smtp.helo"] == "c"


def test_a_client_alone() -> None:
    (event,) = smtp([(0, ENVELOPE + lines("DATA") + MAIL + b".\r\n")]).of("smtp")
    assert event["smtp.mailfrom"] == "a@b.cn"
    assert "smtp.last_reply" not in event


def test_a_server_alone_says_nothing() -> None:
    assert smtp([(1, lines("220 ESMTP", "250 ok", "250 ok", "354 go", "250 queued"))]).events == []


def test_a_refused_mail_is_no_mail() -> None:
    said: Said = [
        (1, lines("220 ESMTP")), (0, ENVELOPE + lines("DATA")),
        (1, lines("250 hi", "250 ok", "550 no", "554 no recipients")), (0, lines("RSET", "QUIT")),
        (1, lines("250 ok", "221 bye")),
    ]  # fmt: skip
    played = smtp(said)
    assert played.of("files") == []
    (event,) = played.of("smtp")
    assert event["event.outcome"] == "failure"


def test_a_reset_message_is_told_before_the_next() -> None:
    said: Said = [
        (1, lines("220 ESMTP")), (0, ENVELOPE), (1, lines("250 hi", "250 ok", "250 ok")),
        (0, lines("RSET", "MAIL FROM:<x@y.cn>")), (1, lines("250 reset", "250 ok")),
    ]  # fmt: skip
    events = smtp(said).events
    assert [event["smtp.mailfrom"] for event in events] == ["a@b.cn", "x@y.cn"]
    assert {event["smtp.trans_depth"] for event in events} == {1}


def test_a_conversation_met_from_its_answer() -> None:
    flow = a_flow(40_000, source_port=25)
    swapped = [(1 - side, data) for side, data in SMTP]
    event = play(PROTOCOL, swapped, flow).of("smtp")[0]
    assert event["source.ip"] == "198.51.100.20"
    assert event["destination.port"] == 25


def test_a_conversation_met_in_the_middle() -> None:
    said: Said = [
        (0, lines("MAIL FROM:<a@b.cn>")), (1, lines("250 ok")), (0, lines("RCPT TO:<c@d.cn>")),
        (1, lines("550 no")),
    ]  # fmt: skip
    (event,) = smtp(said).events
    assert (event["smtp.last_reply"], event["event.outcome"]) == ("550 no", "failure")
