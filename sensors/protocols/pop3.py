"""POP3: who logged in to fetch mail, and how much was fetched (RFC 1939, 2449, 2595, 5034).

One event a log-in with its result, one where the connection goes over to TLS, and one at the end
that counts the messages fetched and deleted. Fetched messages are read for their attachments.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, FileSink, Flow, Protocol, WireError
from sensors.wire.dotted import Dotted
from sensors.wire.lines import LineSession, word_set, words_of
from sensors.wire.mime import MailReader
from sensors.wire.reader import text
from sensors.wire.sasl import user_of

_COMMANDS: Final = word_set(
    "USER PASS APOP AUTH STAT LIST RETR DELE NOOP RSET TOP UIDL CAPA STLS QUIT LAST XTND UTF8 LANG "
    "XSENDER IMPLEMENTATION"
)
_LONG_WITHOUT_ARGUMENT: Final = frozenset({"LIST", "UIDL"})
_LONG: Final = frozenset({"RETR", "TOP", "CAPA", "XTND"})
_LOGINS: Final = frozenset({"PASS", "APOP", "AUTH"})
_MOST_WAITING: Final = 256
_BAD_LINES: Final = 64


class Pop3Session(LineSession):
    """One connection to a mailbox."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._server = -1
        self._asked: deque[tuple[str, bool, int]] = deque([("<init>", False, 0)])
        self._user = ""
        self._mechanism = ""
        self._answering = False
        self._dotted: Dotted | None = None
        self._mail: MailReader | None = None
        self._start = 0
        self._retrieved = 0
        self._deleted = 0
        self._bytes = 0
        self._bad = 0

    def line(self, side: int, line: bytes, time: int) -> None:
        """A command, or the first line of a reply."""
        if self._server < 0:
            self._start = time
            greeted = line[:3] == b"+OK" or line[:4] == b"-ERR"
            self._server = side if greeted else 1 - side
            if not greeted:  # met in the middle
                self._asked.clear()
        if side == self._server:
            self._reply(line, time)
        elif self._answering:
            self._answering = False
            if not self._user and line != b"*":
                self._user = user_of(self._mechanism, line)
        else:
            self._command(line, time)

    def _command(self, line: bytes, time: int) -> None:
        word, rest = words_of(line)
        if word not in _COMMANDS:
            self._bad += 1
            if self._bad > _BAD_LINES:
                raise WireError("no_commands")
            return
        if len(self._asked) >= _MOST_WAITING:
            self._asked.popleft()
            self.context.lost("commands_waiting")
        self._asked.append((word, bool(rest), time))
        if word in {"USER", "APOP"}:
            name = rest.split(b" ")[0] if word == "APOP" else rest
            self._user = text(name, 256)
            self._mechanism = "APOP" if word == "APOP" else ""
        elif word == "AUTH" and rest:
            self._mechanism, answer = words_of(rest)
            self._user = user_of(self._mechanism, answer) if answer else ""

    def _reply(self, line: bytes, time: int) -> None:
        if line[:1] == b"+" and line[:3] != b"+OK":
            self._answering = bool(self._asked) and self._asked[0][0] == "AUTH"
            return
        if line[:3] != b"+OK" and line[:4] != b"-ERR":
            self._bad += 1
            if self._bad > _BAD_LINES:
                raise WireError("no_replies")
            return
        good = line[:1] == b"+"
        word, argument, when = self._asked.popleft() if self._asked else ("", False, time)
        self._answering = False
        if word in _LOGINS and (argument or word == "PASS"):
            self._login(word, good, line, when)
        elif word == "STLS" and good:
            self._emit(when, {"event.action": "stls", "event.outcome": "success", "pop3.tls": True})
            self.switch("tls")
        elif word == "DELE":
            self._deleted += good
        elif good and (word in _LONG or (word in _LONG_WITHOUT_ARGUMENT and not argument)):
            self._dotted = Dotted()
            self.bulk[self._server] = True
            if word == "RETR":
                self._retrieved += 1
                self._mail = MailReader(self._file)

    def _login(self, word: str, good: bool, line: bytes, time: int) -> None:
        fields: dict[str, Value | None] = {
            "event.action": "login",
            "event.outcome": "success" if good else "failure",
            "pop3.auth_mechanism": self._mechanism,
            "pop3.response": text(line, 512),
        }
        if word == "PASS" or self._mechanism in {"PLAIN", "LOGIN"}:
            fields["pop3.password_seen"] = True
        self._emit(time, fields)

    def _emit(self, time: int, fields: dict[str, Value | None]) -> None:
        fields["user.name"] = self._user
        self.context.emit("pop3", time, fields, client=1 - self._server)

    def body(self, side: int, data: bytes, time: int) -> int:
        """A reply of several lines."""
        dotted = self._dotted
        if dotted is None:
            self.bulk[side] = False
            return 0
        content, used = dotted.take(data)
        if self._mail:
            self._bytes += len(content)
            self._mail.feed(content, time)
        if dotted.over:
            self.bulk[side] = False
            self._dotted = None
            if self._mail:
                self._mail.end(time)
                self._mail = None
        return used

    def _file(self, time: int, name: str) -> FileSink:
        return self.context.file(time, name=name, sender=self._server)

    def gap(self, side: int, size: int, time: int) -> None:
        """A hole in a message is one in its part."""
        if side == self._server and self._mail:
            self._mail.skip(size, time)
        super().gap(side, size, time)

    def end(self, time: int) -> None:
        """Count what was fetched; a log-in whose reply was not seen."""
        if self._mail:
            self._mail.end(time)
        if self.stopped or self._server < 0:
            return
        for word, argument, when in self._asked:
            if word in _LOGINS and (argument or word == "PASS"):
                self._emit(when, {"event.action": "login", "pop3.auth_mechanism": self._mechanism})
        self._asked.clear()
        if self._retrieved or self._deleted:
            self._emit(
                self._start,
                {
                    "event.action": "retrieve",
                    "pop3.messages_retrieved": self._retrieved,
                    "pop3.messages_deleted": self._deleted,
                    "pop3.message_bytes": self._bytes,
                },
            )


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A greeting; the word alone is too little, so it must look like a server's first line."""
    del side
    if data[:3] != b"+OK" or data[3:4] not in {b" ", b"\r", b"\n"} or b"\n" not in data[:512]:
        return False
    return 110 in (flow.destination_port, flow.source_port) or b"POP" in data[:512].upper()


PROTOCOL = Protocol(
    name="pop3",
    title="Post Office Protocol 3",
    standard="RFC 1939, RFC 2595, RFC 5034",
    transports=frozenset({"tcp"}),
    ports=frozenset({110}),
    session=Pop3Session,
    recognises=recognises,
    datasets={
        "pop3": (
            "event.action", "event.outcome", "user.name", "pop3.auth_mechanism", "pop3.response",
            "pop3.password_seen", "pop3.tls", "pop3.messages_retrieved", "pop3.messages_deleted",
            "pop3.message_bytes",
        )
    },
    files=True,
    upgrades=True,
)  # fmt: skip
