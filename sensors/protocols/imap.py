"""IMAP: who logged in, which mailboxes were opened, what was done there and whether it went well.

One event a tagged command that is more than housekeeping, with the server's answer (RFC 9051, 3501).
Messages that go by as literals are read for their attachments.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, FileSink, Flow, Protocol, WireError
from sensors.wire.lines import LineSession, word_set
from sensors.wire.mime import MailReader
from sensors.wire.reader import text
from sensors.wire.sasl import user_of

_COMMANDS: Final = word_set(
    "CAPABILITY NOOP LOGOUT STARTTLS AUTHENTICATE LOGIN SELECT EXAMINE CREATE DELETE RENAME "
    "SUBSCRIBE UNSUBSCRIBE LIST LSUB STATUS APPEND CHECK CLOSE EXPUNGE SEARCH FETCH STORE COPY MOVE "
    "UID IDLE ENABLE NAMESPACE ID UNSELECT SORT THREAD GETQUOTA GETQUOTAROOT SETQUOTA GETACL SETACL "
    "DELETEACL MYRIGHTS LISTRIGHTS COMPRESS XLIST GETMETADATA SETMETADATA NOTIFY"
)
_TOLD: Final = word_set(
    "STARTTLS AUTHENTICATE LOGIN SELECT EXAMINE CREATE DELETE RENAME APPEND EXPUNGE SEARCH FETCH "
    "STORE COPY MOVE SETACL DELETEACL COMPRESS"
)
_WITH_MAILBOX: Final = word_set("SELECT EXAMINE CREATE DELETE RENAME APPEND SETACL DELETEACL")
_LITERAL: Final = re.compile(rb"\{(\d{1,10})\+?\}$")
_WORD: Final = re.compile(rb'"((?:[^"\\]|\\.){0,512})"|([^\s"{]{1,512})')
_WHOLE: Final = (b"BODY[]", b"BODY[]<", b"RFC822 {", b"BODY[TEXT]", b"BINARY[]")
_MOST_WAITING: Final = 64
_BAD_LINES: Final = 64


class _Command:
    __slots__ = ("arguments", "name", "time", "uid")

    def __init__(self, name: str, arguments: list[str], time: int, *, uid: bool) -> None:
        self.name = name
        self.arguments = arguments
        self.time = time
        self.uid = uid


class ImapSession(LineSession):
    """One connection to a mail store."""

    longest = 16_384

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._server = -1
        self._asked: OrderedDict[bytes, _Command] = OrderedDict()
        self._authenticating: _Command | None = None
        self._literal_of: _Command | None = None
        self._left = [0, 0]
        self._literal: list[bytes | None] = [None, None]  # kept bytes of one that is an argument
        self._mail: list[MailReader | None] = [None, None]
        self._continued = [False, False]
        self._user = ""
        self._mailbox = ""
        self._mechanism = ""
        self._bad = 0

    def line(self, side: int, line: bytes, time: int) -> None:
        """A command, an answer, or the rest of one behind a literal."""
        if self._server < 0:
            self._server = side if line[:2] in {b"* ", b"+ "} else 1 - side
        if side == self._server:
            self._answer(line, time)
        else:
            self._say(line, time)
        match = _LITERAL.search(line[-16:])
        self._continued[side] = match is not None
        if match and not self.stopped:
            self._begin_literal(side, int(match.group(1)), line)

    def _begin_literal(self, side: int, size: int, line: bytes) -> None:
        self._left[side] = size
        self.bulk[side] = size > 0
        command = self._literal_of
        if side == self._server:
            head = line.upper()
            whole = any(word in head for word in _WHOLE)
            self._mail[side] = MailReader(self._from_server) if whole else None
        elif command and command.name == "APPEND" and command.arguments:
            self._mail[side] = MailReader(self._from_client)
        else:
            self._literal[side] = b""

    def _from_server(self, time: int, name: str) -> FileSink:
        return self.context.file(time, name=name, sender=self._server)

    def _from_client(self, time: int, name: str) -> FileSink:
        return self.context.file(time, name=name, sender=1 - self._server)

    def body(self, side: int, data: bytes, time: int) -> int:
        """Bytes of a literal."""
        part = data[: self._left[side]]
        self._left[side] -= len(part)
        mail, kept = self._mail[side], self._literal[side]
        if mail:
            mail.feed(part, time)
        elif kept is not None and len(kept) < 512:
            self._literal[side] = kept + part[:512]
        if not self._left[side]:
            self._end_literal(side, time)
        return len(part)

    def _end_literal(self, side: int, time: int) -> None:
        self.bulk[side] = False
        mail, kept = self._mail[side], self._literal[side]
        self._mail[side] = self._literal[side] = None
        if mail:
            mail.end(time)
        if kept is not None and self._literal_of:
            self._argue(self._literal_of, [text(kept, 512)])

    def _say(self, line: bytes, time: int) -> None:
        if self._continued[1 - self._server] and self._literal_of:
            self._argue(self._literal_of, _words(line))
            return
        if self._authenticating and b" " not in line.strip():
            if not self._user and line != b"*":
                self._user = user_of(self._mechanism, line)
            return
        tag, _, rest = line.partition(b" ")
        words = _words(rest)
        uid = len(words) > 1 and words[0].upper() == "UID"
        if uid:
            words.pop(0)
        name = words.pop(0).upper() if words else ""
        if name not in _COMMANDS or not tag or len(tag) > 64:
            if line.strip().upper() != b"DONE":
                self._bad += 1
                if self._bad > _BAD_LINES:
                    raise WireError("no_commands")
            return
        if len(self._asked) >= _MOST_WAITING:
            self._asked.popitem(last=False)
            self.context.lost("commands_waiting")
        command = _Command(name, [], time, uid=uid)
        self._asked[tag] = self._literal_of = command
        self._argue(command, words)

    def _argue(self, command: _Command, words: list[str]) -> None:
        """More arguments of a command; those of a log-in are its name and, not kept, its password."""
        arguments = command.arguments
        arguments += words[: 64 - len(arguments)]
        if command.name == "LOGIN" and arguments:
            self._user = arguments[0]
            command.arguments = [self._user]
        elif command.name == "AUTHENTICATE" and arguments:
            self._mechanism = arguments[0].upper()
            self._authenticating = command
            self._user = user_of(self._mechanism, arguments[1].encode()) if arguments[1:] else ""
            command.arguments = arguments[:1]

    def _answer(self, line: bytes, time: int) -> None:
        if line[:1] in {b"*", b"+"} or self._continued[self._server]:
            return
        tag, _, rest = line.partition(b" ")
        command = self._asked.pop(tag, None)
        word = rest.partition(b" ")[0].strip().upper()
        if word not in {b"OK", b"NO", b"BAD"}:
            self._bad += 1
            if self._bad > _BAD_LINES:
                raise WireError("no_answers")
            return
        if command is None:
            return
        good = word == b"OK"
        if command is self._authenticating:
            self._authenticating = None
        if good and command.name in {"SELECT", "EXAMINE"} and command.arguments:
            self._mailbox = command.arguments[0]
        self._tell(command, text(rest, 512), "success" if good else "failure")
        if good and command.name == "STARTTLS":
            self.switch("tls")
        elif good and command.name == "COMPRESS":
            self.stop()
        del time

    def _tell(self, command: _Command, answer: str, outcome: str | None) -> None:
        if command.name not in _TOLD:
            return
        name = f"UID {command.name}" if command.uid else command.name
        mailbox = self._mailbox
        if command.name in _WITH_MAILBOX and command.arguments:
            mailbox = command.arguments[0]
        login = command.name in {"LOGIN", "AUTHENTICATE"}
        fields: dict[str, Value | None] = {
            "event.action": "login" if login else None,
            "event.outcome": outcome,
            "user.name": self._user,
            "imap.command": name,
            "imap.arguments": " ".join(command.arguments)[:512],
            "imap.mailbox": mailbox if not login else None,
            "imap.response": answer,
            "imap.auth_mechanism": self._mechanism if command.name == "AUTHENTICATE" else None,
            "imap.tls": True if command.name == "STARTTLS" and outcome == "success" else None,
        }
        if command.name == "LOGIN" or (login and self._mechanism in {"PLAIN", "LOGIN"}):
            fields["imap.password_seen"] = True
        self.context.emit("imap", command.time, fields, client=1 - self._server)

    def gap(self, side: int, size: int, time: int) -> None:
        """A hole in a literal shortens what is left of it."""
        mail = self._mail[side]
        if mail:
            mail.skip(min(size, self._left[side]), time)
        if self._left[side] > size:
            self._left[side] -= size
            self.context.lost("gap")
            return
        if self.bulk[side]:
            self._left[side] = 0
            self._end_literal(side, time)
        super().gap(side, size, time)

    def end(self, time: int) -> None:
        """Commands that nobody answered."""
        for mail in self._mail:
            if mail:
                mail.end(time)
        if not self.stopped:
            for command in self._asked.values():
                self._tell(command, "", None)
            self._asked.clear()


def _words(data: bytes) -> list[str]:
    found: list[str] = []
    for match in _WORD.finditer(_LITERAL.sub(b"", data[:4096])):
        quoted, plain = match.groups()
        found.append(text(quoted.replace(b"\\", b"") if quoted is not None else plain, 512))
        if len(found) >= 64:
            break
    return found


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A greeting: `* OK`, `* PREAUTH`, `* BYE`, that names the protocol or stands at its port."""
    del side
    if data[:5] not in {b"* OK ", b"* PRE", b"* BYE"} or b"\n" not in data[:1024]:
        return False
    return b"IMAP" in data[:1024].upper() or 143 in (flow.destination_port, flow.source_port)


PROTOCOL = Protocol(
    name="imap",
    title="Internet Message Access Protocol",
    standard="RFC 9051, RFC 3501",
    transports=frozenset({"tcp"}),
    ports=frozenset({143}),
    session=ImapSession,
    recognises=recognises,
    datasets={
        "imap": (
            "event.action", "event.outcome", "user.name", "imap.command", "imap.arguments",
            "imap.mailbox", "imap.response", "imap.auth_mechanism", "imap.tls",
            "imap.password_seen",
        )
    },
    files=True,
    upgrades=True,
)  # fmt: skip
