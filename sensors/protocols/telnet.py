"""Telnet: what was negotiated, who logged in, and whether it looks as if that went well.

One event a log-in attempt; where none was seen, one with what was negotiated. Names are read from
what is typed behind a prompt; passwords are only noticed. RFC 854, RFC 855, RFC 1091.
"""

from __future__ import annotations

import re
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, Session
from sensors.wire.reader import text

_IAC: Final = 255
_SB: Final = 250
_SE: Final = 240
_OPTIONS: Final = {
    0: "binary", 1: "echo", 3: "suppress_go_ahead", 5: "status", 6: "timing_mark",
    24: "terminal_type", 25: "end_of_record", 31: "window_size", 32: "terminal_speed",
    33: "flow_control", 34: "linemode", 35: "x_display", 36: "environ", 37: "authentication",
    38: "encrypt", 39: "new_environ", 40: "tn3270e", 42: "charset", 44: "com_port",
}  # fmt: skip
_WANTS_NAME: Final = re.compile(
    rb"(?:(?<!last )login|user ?name|username|user|account)[^\r\n]{0,24}[:>]\s*$", re.I
)
_WANTS_PASSWORD: Final = re.compile(rb"pass ?(?:word|code|phrase)?[^\r\n]{0,24}[:>]\s*$", re.I)
_REFUSED: Final = re.compile(
    rb"incorrect|invalid|denied|fail|refused|bad pass|wrong|not recogni[sz]ed|unknown user", re.I
)
_PROMPT: Final = re.compile(rb"[$#>%]\s*(?:\x1b\[[0-9;?]*[a-zA-Z]\s*)*$|last login|welcome", re.I)
_TAIL: Final = 256
_MOST_SHOWN: Final = 256 * 1024
_LONGEST_NAME: Final = 128
_MOST_ATTEMPTS: Final = 256


class TelnetSession(Session):
    """One connection to a terminal."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._held = [b"", b""]
        self._start = 0
        self._options: list[str] = []
        self._terminal = ""
        self._shown = b""  # the last that the server showed
        self._typed = b""
        self._wants = ""  # name, password or verdict
        self._name = ""
        self._name_time = 0
        self._password = False
        self._attempts = 0
        self._seen = 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """Keys or screen."""
        self._start = self._start or time
        plain = self._plain(side, self._held[side] + data)
        if not plain:
            return
        if side == 1:
            self._show(plain, time)
        elif self._wants in {"name", "password"}:
            self._type(plain, time)

    def _plain(self, side: int, data: bytes) -> bytes:
        """Bytes without telnet's commands; those are noted. An unfinished one waits."""
        self._held[side] = b""
        at = data.find(b"\xff")
        if at < 0:
            return data
        parts: list[bytes] = []
        start = 0
        while at >= 0:
            parts.append(data[start:at])
            used = self._command(data, at)
            if not used:
                self._held[side] = data[at : at + 512]
                return b"".join(parts)
            if data[at + 1] == _IAC:
                parts.append(b"\xff")
            start = at + used
            at = data.find(b"\xff", start)
        parts.append(data[start:])
        return b"".join(parts)

    def _command(self, data: bytes, at: int) -> int:
        """Length of the command at `at`; 0 where it is not whole."""
        if at + 1 >= len(data):
            return 0
        code = data[at + 1]
        if code == _SB:
            end = data.find(b"\xff\xf0", at)
            if end < 0:
                return 2 if len(data) - at > 512 else 0
            self._parameter(data[at + 2 : end])
            return end + 2 - at
        if code >= 251 and code != _IAC:
            if at + 2 >= len(data):
                return 0
            if code == 251:  # WILL
                self._option(data[at + 2])
            return 3
        return 2

    def _option(self, number: int) -> None:
        name = _OPTIONS.get(number, str(number))
        if name not in self._options and len(self._options) < 32:
            self._options.append(name)

    def _parameter(self, data: bytes) -> None:
        if data[:2] == b"\x18\0":  # TERMINAL-TYPE IS
            self._terminal = text(data[2:], 64)
        elif data[:1] in {b"\x27", b"\x24"} and b"USER\x01" in data and not self._name:
            name = data.partition(b"USER\x01")[2]
            self._name = text(re.split(rb"[\0-\x03]", name)[0], _LONGEST_NAME)

    def _show(self, data: bytes, time: int) -> None:
        self._seen += len(data)
        if self._seen > _MOST_SHOWN:  # whoever works here logged in unseen
            self.end(time)
            self.context.done()
            return
        self._shown = (self._shown + data)[-_TAIL:]
        shown = self._shown
        prompt = shown.rpartition(b"\n")[2]
        if self._wants == "verdict":
            asked_again = _WANTS_NAME.search(prompt) and not _WANTS_PASSWORD.search(prompt)
            if asked_again or _REFUSED.search(shown):
                self._tell("failure")
            elif _PROMPT.search(shown):
                self._tell("success")
                self.context.done()
                return
        if _WANTS_PASSWORD.search(prompt):
            self._wants = "password"
            self._typed = b""
            self._name_time = self._name_time or time
        elif self._wants != "verdict" and _WANTS_NAME.search(prompt):
            self._wants = "name"
            self._typed = b""

    def _type(self, data: bytes, time: int) -> None:
        self._typed = (self._typed + data)[:1024]
        ends = [at for mark in (b"\r", b"\n") if (at := self._typed.find(mark)) >= 0]
        if not ends:
            return
        line = self._typed[: min(ends)]
        self._typed = b""
        self._shown = b""
        if self._wants == "name":
            name = text(_edited(line), _LONGEST_NAME)
            if name:
                self._name, self._name_time = name, time
            self._wants = ""
        else:
            self._password = True
            self._wants = "verdict"

    def _tell(self, outcome: str | None) -> None:
        self._attempts += 1
        self._wants = ""
        self._shown = b""
        self._write(self._name_time or self._start, outcome, "login")
        self._password = False
        self._name_time = 0
        if self._attempts >= _MOST_ATTEMPTS:
            self.context.done()

    def _write(self, time: int, outcome: str | None, action: str | None) -> None:
        fields: dict[str, Value | None] = {
            "event.action": action,
            "event.outcome": outcome,
            "user.name": self._name,
            "telnet.options": list(self._options),
            "telnet.terminal_type": self._terminal,
        }
        if self._password:
            fields["telnet.password_seen"] = True
        self.context.emit("telnet", time, fields)

    def end(self, time: int) -> None:
        """An attempt without a verdict, or a connection without an attempt."""
        del time
        if self._wants in {"verdict", "password"}:
            self._tell(None)
        elif not self._attempts and (self._options or self._name):
            self._attempts = 1
            self._write(self._start, None, None)


def _edited(line: bytes) -> bytes:
    """What is left of typed keys when the erased ones are gone."""
    kept = bytearray()
    for key in line:
        if key in {8, 127}:
            del kept[-1:]
        elif key >= 32:
            kept.append(key)
    return bytes(kept)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A negotiation of a known option at the start."""
    del side, flow
    return (
        len(data) >= 3
        and data[0] == _IAC
        and 251 <= data[1] <= 254
        and data[2] in _OPTIONS
        and (len(data) == 3 or data[3] == _IAC or 13 <= data[3] < 127 or data[3] == 10)
    )


PROTOCOL = Protocol(
    name="telnet",
    title="Telnet",
    standard="RFC 854, RFC 855",
    transports=frozenset({"tcp"}),
    ports=frozenset({23}),
    session=TelnetSession,
    recognises=recognises,
    datasets={
        "telnet": (
            "event.action", "event.outcome", "user.name", "telnet.options",
            "telnet.terminal_type", "telnet.password_seen",
        )
    },
)  # fmt: skip
