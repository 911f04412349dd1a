"""What an event says of a mail, from its header fields: ECS email.*, and Zeek's smtp columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fengsui.event import Value
from sensors.wire.mail_headers import addresses_in, decoded, listed, mailboxes

EMAIL_FIELDS: Final = (
    "email.from.address", "email.to.address", "email.cc.address", "email.reply_to.address",
    "email.subject", "email.message_id", "email.x_mailer", "email.attachments.file.name",
    "user_agent.original",
)  # fmt: skip
SMTP_FIELDS: Final = (
    "smtp.date", "smtp.from", "smtp.to", "smtp.cc", "smtp.reply_to", "smtp.in_reply_to",
    "smtp.subject", "smtp.x_originating_ip", "smtp.first_received", "smtp.second_received",
)  # fmt: skip
_MAILERS: Final = ("X-MAILER", "USER-AGENT", "X-USER-AGENT")
_MOST_HOPS: Final = 32


def _lists(fields: Sequence[tuple[str, str]], name: str) -> list[str]:
    values = [value for key, value in fields if key == name]
    return list(dict.fromkeys(one for value in values for one in listed(value)))[:64]


def _boxes(fields: Sequence[tuple[str, str]], name: str) -> list[str]:
    values = [value for key, value in fields if key == name]
    return list(dict.fromkeys(one for value in values for one in mailboxes(value)))[:64]


def email_fields(fields: Sequence[tuple[str, str]], names: list[str]) -> dict[str, Value | None]:
    """ECS email.* of header fields; `names` are those of the attachments."""
    last = dict(fields)
    mailer = next((last[name] for name in reversed([k for k, _ in fields]) if name in _MAILERS), "")
    return {
        "email.from.address": _boxes(fields, "FROM"),
        "email.to.address": _boxes(fields, "TO"),
        "email.cc.address": _boxes(fields, "CC"),
        "email.reply_to.address": _boxes(fields, "REPLY-TO"),
        "email.subject": decoded(last.get("SUBJECT", "")),
        "email.message_id": last.get("MESSAGE-ID", ""),
        "email.x_mailer": last.get("X-MAILER", ""),
        "email.attachments.file.name": names,
        "user_agent.original": mailer,
    }


def smtp_fields(fields: Sequence[tuple[str, str]]) -> dict[str, Value | None]:
    """Zeek's columns of header fields, as they stand in the mail."""
    last = dict(fields)
    received = [value for key, value in fields if key == "RECEIVED"]
    origin = addresses_in(last.get("X-ORIGINATING-IP", ""))
    return {
        "smtp.date": last.get("DATE"),
        "smtp.from": last.get("FROM"),
        "smtp.to": _lists(fields, "TO"),
        "smtp.cc": _lists(fields, "CC"),
        "smtp.reply_to": last.get("REPLY-TO"),
        "smtp.in_reply_to": last.get("IN-REPLY-TO"),
        "smtp.subject": last.get("SUBJECT"),
        "smtp.x_originating_ip": origin[0] if origin else None,
        "smtp.first_received": received[-1] if received else None,
        "smtp.second_received": received[-2] if len(received) > 1 else None,
    }


def mail_path(fields: Sequence[tuple[str, str]], ends: Sequence[str]) -> list[str]:
    """Hops of a mail: both `ends` of this connection, then those that Received fields name."""
    path = list(ends)
    for key, value in fields:
        found = addresses_in(value) if key == "RECEIVED" else []
        if found:
            hop = found[1] if len(found) > 1 else found[0]
            if path[-1] != hop and len(path) < _MOST_HOPS:
                path.append(hop)
    return path
