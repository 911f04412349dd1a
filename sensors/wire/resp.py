"""RESP, Redis's serialization: values as they arrive, long ones cut, deep ones bounded.

A value is told by a few words of its beginning; what is longer than that is stepped over.
Defined in the Redis documentation, "Redis serialization protocol specification" (RESP2, RESP3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sensors.protocol import WireError

_KEEP: Final = 1024  # bytes of a string
_WORDS: Final = 16  # strings of a value
_LINE: Final = 64 * 1024
_DEPTH: Final = 32
_SIMPLE: Final = frozenset(b"+-:_#,(")
_BULK: Final = frozenset(b"$!=;")
_MANY: Final = {b"*"[0]: 1, b"~"[0]: 1, b">"[0]: 1, b"%"[0]: 2, b"|"[0]: 2}


@dataclass(slots=True)
class RespValue:
    """A whole value: its type letter (0 for an inline command), first strings and size."""

    kind: int = 0
    words: list[bytes] = field(default_factory=list[bytes])
    count: int = 0  # strings in it, kept or not
    size: int = 0
    null: bool = False


class RespReader:
    """Values of one side, fed in pieces. Inline commands are read where `inline`."""

    def __init__(self, *, inline: bool) -> None:
        self.inline = inline
        self._waiting = b""
        self._open: list[int] = []  # values that each open collection still wants
        self._value = RespValue()
        self._bulk = -1  # bytes of a string that are still to come, its line end included
        self._begun = False
        self._fresh = False  # nothing of the string was taken yet

    def feed(self, data: bytes) -> list[RespValue]:
        """The values that are whole now.

        Raises:
            WireError: this is not RESP.
        """
        found: list[RespValue] = []
        if self._waiting:
            data = self._waiting + data
        at, end = 0, len(data)
        while at < end:
            before = at
            at = self._string(data, at) if self._bulk >= 0 else self._line(data, at)
            if at < 0:
                at = before
                break
            self._value.size += at - before
            if self._begun and self._bulk < 0 and not self._open:
                found.append(self._value)
                self._value = RespValue()
                self._begun = False
        self._waiting = data[at:]
        return found

    def lose(self, size: int) -> bool:
        """Bytes were lost; whether they were all inside a string that goes on."""
        inside = self._bulk - len(self._waiting) > size
        if inside:
            self._bulk -= size
        return inside

    def _string(self, data: bytes, at: int) -> int:
        """The rest of a string; as much as is kept of it waits until it is there."""
        words, left = self._value.words, len(data) - at
        if self._fresh:
            wanted = min(_KEEP, self._bulk)
            if left < wanted:
                return -1
            if len(words) < _WORDS:
                words.append(data[at : at + min(wanted, self._bulk - 2)])
            self._fresh = False
        used = min(left, self._bulk)
        self._bulk -= used
        if self._bulk == 0:
            self._bulk = -1
            self._one()
        return at + used

    def _one(self) -> None:
        """A value is whole: it counts in the collection that it is in."""
        self._value.count += 1
        self._close()

    def _close(self) -> None:
        still = self._open
        while still:
            still[-1] -= 1
            if still[-1] > 0:
                return
            still.pop()

    def _line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at, at + _LINE)
        if end < 0:
            if len(data) - at >= _LINE:
                raise WireError("too_long")
            return -1
        line = data[at : end - 1] if data[end - 1 : end] == b"\r" and end > at else data[at:end]
        if not line:
            if self._begun:
                raise WireError("empty")
            return end + 1  # an empty line between commands
        kind = line[0]
        if not self._begun and self.inline and kind != 42:
            self._value.words = split(line)
            self._value.count = len(self._value.words)
            if not self._value.words:
                raise WireError("inline")
            self._begun = True
            return end + 1
        if not self._begun:
            self._begun = True
            self._value.kind = kind
        self._element(kind, line)
        return end + 1

    def _element(self, kind: int, line: bytes) -> None:
        if kind in _SIMPLE:
            if len(self._value.words) < _WORDS:
                self._value.words.append(line[1 : 1 + _KEEP])
            self._one()
            return
        if kind not in _BULK and kind not in _MANY:
            raise WireError("no_resp")
        number = line[1:]
        if len(number) > 20 or not number[number[:1] == b"-" :].isdigit():
            raise WireError("length")
        size = int(number)
        if kind in _BULK:
            if size < 0:
                self._null()
                return
            self._bulk = size + 2
            self._fresh = True
            return
        if size < 0:
            self._null()
        elif size == 0:
            self._close()
        elif len(self._open) >= _DEPTH:
            raise WireError("too_deep")
        else:
            self._open.append(size * _MANY[kind])

    def _null(self) -> None:
        self._value.null = True
        self._one()


def split(line: bytes) -> list[bytes]:
    """Words of an inline command; quotes hold a word together."""
    words: list[bytes] = []
    at, end = 0, len(line)
    while at < end and len(words) < _WORDS:
        if line[at] in b" \t\0\r":
            at += 1
            continue
        begin = at
        quote = 0
        while at < end and (quote or line[at] not in b" \t\0\r"):
            letter = line[at]
            if quote and letter == 0x5C:
                at += 1
            elif letter == quote:
                quote = 0
            elif not quote and letter in b"\"'":
                quote = letter
            at += 1
        words.append(line[begin:at][:_KEEP])
    return words
