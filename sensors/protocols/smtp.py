"""SMTP: who sent what to whom, with which attachments, and what the server said of it.

One event a message (RFC 5321), also where the server refused it or the connection went over to TLS,
and one for a log-in after which nothing was sent. Subjects are decoded, attachments become files.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from fengsui.event import Value
from sensors.protocol import ORIGINATOR, Context, FileSink, Flow, Protocol, WireError
from sensors.wire.dotted import Dotted
from sensors.wire.lines import LineSession, reply_of, word_set, words_of
from sensors.wire.mail_fields import (
    EMAIL_FIELDS,
    SMTP_FIELDS,
    email_fields,
    mail_path,
    smtp_fields,
)
from sensors.wire.mail_headers import path_address
from sensors.wire.mime import MailReader
from sensors.wire.reader import text
from sensors.wire.sasl import user_of

_COMMANDS: Final = word_set(
    "EHLO HELO LHLO MAIL RCPT DATA BDAT RSET QUIT NOOP VRFY EXPN HELP AUTH STARTTLS TURN ETRN "
    "SEND SOML SAML XFORWARD XCLIENT X-EXPS XEXCH50 X-ANONYMOUSTLS BURL ATRN"
)
_DECIDING: Final = frozenset({"MAIL", "RCPT", "DATA", "BDAT", ".", "BDAT LAST", "AUTH"})
_MOST_WAITING: Final = 256
_MOST_RECIPIENTS: Final = 64
_BAD_LINES: Final = 64  # lines that are neither command nor reply before it is taken for no mail


class _Message:
    """The transaction at hand."""

    def __init__(self, start: int, depth: int) -> None:
        self.start = start
        self.depth = depth
        self.active = False
        self.sender = ""
        self.recipients: list[str] = []
        self.mail: MailReader | None = None
        self.reply = ""
        self.outcome: str | None = None


class SmtpSession(LineSession):
    """One SMTP connection."""

    longest = 8192

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._client = -1
        self._depth = 1
        self._helo = ""
        self._message: _Message | None = None
        self._asked: deque[str] = deque(["<init>"])
        self._replied = ""
        self._dotted: Dotted | None = None
        self._chunk = 0
        self._chunked = False
        self._last_chunk = False
        self._user = ""
        self._mechanism = ""
        self._answering = 0  # lines of a log-in that were asked for
        self._login_failed: bool | None = None
        self._bad = 0

    def line(self, side: int, line: bytes, time: int) -> None:
        """A command or a reply."""
        reply = reply_of(line)
        if self._client < 0:
            self._client = 1 - side if reply else side
            if not reply:  # met in the middle
                self._asked.clear()
        message = self._at(time)
        if side != self._client:
            self._reply(reply, message, time)
        elif self._answering:
            self._answer(line)
        else:
            self._command(line, message, time)

    def _at(self, time: int) -> _Message:
        if self._message is None:
            self._message = _Message(time, self._depth)
        return self._message

    def _command(self, line: bytes, message: _Message, time: int) -> None:
        word, rest = words_of(line)
        if word not in _COMMANDS:
            self._bad += 1
            if self._bad > _BAD_LINES:
                raise WireError("no_commands")
            return
        if len(self._asked) >= _MOST_WAITING:
            self._asked.popleft()
            self.context.lost("commands_waiting")
        self._asked.append(word)
        if word in {"HELO", "EHLO", "LHLO"}:
            self._helo = text(rest, 255)
        elif word == "DATA":
            message.mail = MailReader(self._file)
            self._dotted = Dotted()
            self._chunked = False
            self.bulk[self._client] = True
        elif word == "BDAT":
            self._begin_chunk(rest, message, time)
        elif word == "AUTH":
            self._auth(rest)
        else:
            self._envelope(word, rest, message, time)

    def _envelope(self, word: str, rest: bytes, message: _Message, time: int) -> None:
        if word == "MAIL" and rest[:5].upper() == b"FROM:":
            if message.active:  # the reply to the one before was not seen
                self._write(message, time)
                message = self._at(time)
            message.active = True
            message.sender = path_address(rest[5:])
        elif word == "RCPT" and rest[:3].upper() == b"TO:":
            message.active = True
            name = path_address(rest[3:])
            if name and name not in message.recipients:
                if len(message.recipients) < _MOST_RECIPIENTS:
                    message.recipients.append(name)
                else:
                    self.context.lost("recipients")

    def _begin_chunk(self, rest: bytes, message: _Message, time: int) -> None:
        size, _, last = rest.partition(b" ")
        if not size.isdigit() or len(size) > 10:
            raise WireError("bad_chunk")
        message.mail = message.mail or MailReader(self._file)
        self._chunked = True
        self._chunk = int(size)
        self._last_chunk = last.strip().upper() == b"LAST"
        if self._last_chunk:
            self._asked[-1] = "BDAT LAST"
        self.bulk[self._client] = self._chunk > 0
        if not self._chunk and self._last_chunk:
            message.mail.end(time)

    def body(self, side: int, data: bytes, time: int) -> int:
        """Bytes of a mail."""
        mail = self._at(time).mail
        if self._dotted:
            content, used = self._dotted.take(data)
            if self._dotted.over:
                self._dotted = None
                self.bulk[side] = False
                self._asked.append(".")
        else:
            content = data[: self._chunk]
            used = len(content)
            self._chunk -= used
            self.bulk[side] = self._chunk > 0
        if mail:
            mail.feed(content, time)
            if not self.bulk[side] and (self._last_chunk or not self._chunked):
                mail.end(time)
        return used

    def _file(self, time: int, name: str) -> FileSink:
        return self.context.file(time, name=name, sender=max(self._client, 0))

    def _auth(self, rest: bytes) -> None:
        word, answer = words_of(rest)
        self._mechanism = word
        self._login_failed = None
        if answer and answer != b"=":
            self._user = user_of(word, answer) or self._user

    def _answer(self, line: bytes) -> None:
        self._answering = 0
        if not self._user and line != b"*":
            self._user = user_of(self._mechanism, line)
        self._asked.append("AUTH")

    def _reply(self, reply: tuple[int, bool, bytes] | None, message: _Message, time: int) -> None:
        if reply is None or not 100 <= reply[0] <= 599:
            self._bad += 1
            if self._bad > _BAD_LINES:
                raise WireError("no_replies")
            return
        code, more, words = reply
        message.reply = f"{code} {text(words.strip(), 512)}".strip()
        if more:
            return
        asked = self._asked.popleft() if self._asked else ""
        if asked in _DECIDING and (code >= 400 or asked in {".", "BDAT LAST", "AUTH"}):
            message.outcome = "failure" if code >= 400 else "success" if code != 334 else None
        if asked == "DATA" and code != 354:
            self._refused(message, time)
        elif asked in {".", "BDAT LAST"}:
            self._write(message, time)
            self._depth += 1
        elif asked == "AUTH":
            self._answering = int(code == 334)
            if code != 334:
                self._login_failed = code >= 400
        elif asked in {"STARTTLS", "X-ANONYMOUSTLS"} and code == 220:
            self._write(message, time, tls=True)
            self.switch("tls")

    def _refused(self, message: _Message, time: int) -> None:
        """The server does not want the mail that is perhaps already on its way."""
        if self._dotted and self.bulk[self._client]:
            self._dotted = None
            self.bulk[self._client] = False
            if message.mail:
                message.mail.end(time)

    def gap(self, side: int, size: int, time: int) -> None:
        """A hole in a mail is a hole in its part; elsewhere begin again at the next line."""
        if self.bulk[side] and self._chunk:
            self._chunk = max(0, self._chunk - size)
            self.bulk[side] = self._chunk > 0
        super().gap(side, size, time)
        if side == self._client and self._message and self._message.mail:
            self._message.mail.skip(size, time)

    def end(self, time: int) -> None:
        """A message whose last reply was not seen, or a log-in without one."""
        message = self._message
        if message is None or self.stopped:
            return
        if message.active or self._login_failed is not None:
            self._write(message, time)

    def _write(self, message: _Message, time: int, *, tls: bool = False) -> None:
        self._message = None
        mail = message.mail
        if mail:
            mail.end(time)
        elif not (message.active or tls or self._login_failed is not None):
            return
        flow = self.context.flow
        ends = [flow.destination, flow.source]
        if self._client == 1:
            ends.reverse()
        headers = mail.fields if mail else []
        fields: dict[str, Value | None] = {
            **email_fields(headers, mail.names if mail else []),
            **smtp_fields(headers),
            "event.outcome": message.outcome,
            "smtp.trans_depth": message.depth,
            "smtp.helo": self._helo,
            "smtp.mailfrom": message.sender,
            "smtp.rcptto": message.recipients,
            "smtp.last_reply": message.reply,
            "smtp.path": mail_path(headers, ends),
            "smtp.tls": tls,
            "smtp.auth_mechanism": self._mechanism,
            "user.name": self._user,
        }
        if self._login_failed is not None:
            fields["smtp.auth_success"] = not self._login_failed
            self._login_failed = None
        self.context.emit("smtp", message.start, fields, client=max(self._client, ORIGINATOR))


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A greeting that names the protocol, or a client's first command."""
    del side, flow
    if data[:5].upper() in {b"EHLO ", b"HELO ", b"LHLO "}:
        return b"\n" in data[:300]
    return data[:4] in {b"220 ", b"220-"} and b"SMTP" in data[:300].upper()


PROTOCOL = Protocol(
    name="smtp",
    title="Simple Mail Transfer Protocol",
    standard="RFC 5321, RFC 3030, RFC 4954",
    transports=frozenset({"tcp"}),
    ports=frozenset({25, 587, 2525}),
    session=SmtpSession,
    recognises=recognises,
    datasets={
        "smtp": (
            *EMAIL_FIELDS, *SMTP_FIELDS, "event.outcome", "user.name", "smtp.trans_depth",
            "smtp.helo", "smtp.mailfrom", "smtp.rcptto", "smtp.last_reply", "smtp.path",
            "smtp.tls", "smtp.auth_mechanism", "smtp.auth_success",
        )
    },
    files=True,
    upgrades=True,
)  # fmt: skip
