"""JSON values of a file: one a line, or documents that may be spread over lines or in an array.

Both in bounded memory, and both go on after what is broken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from math import isfinite
from typing import Any, Final

import orjson

LONGEST: Final = 1 << 20  # bytes of one value that are read; a longer one is counted
BLOCK: Final = 1 << 18
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|["{}\[\],]', re.DOTALL)
_SPACE: Final = b" \t\r\n,"
_DIGITS: Final = 19  # of a whole number that fits 64 bits for sure
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

Read = Callable[[int], bytes]
Values = tuple[bool, list[bytes | None]]  # whether a value may be written unusually; the values


def lines(read: Read, head: bytes) -> Iterator[Values]:
    """The lines of each block, empty ones too; None for a line longer than `LONGEST`.

    The first block is not looked at for what is unusual: a short file does not wait for what does that.

    Args:
        read: gives the next bytes; empty at the end.
        head: bytes read before.
    """
    rest, skipping, block = b"", False, head or read(BLOCK)
    is_unusual: Callable[[bytes], bool] | None = None
    while block:
        whole = rest + block if rest else block
        found: list[bytes | None] = [*whole.split(b"\n")]
        rest = found.pop() or b""
        if skipping and found:
            skipping, found[0] = False, None
        if len(whole) > LONGEST:
            found = [line if line is None or len(line) <= LONGEST else None for line in found]
        if len(rest) > LONGEST:
            rest, skipping = b"", True
        yield is_unusual is None or is_unusual(whole), found
        block = read(BLOCK)
        if block and is_unusual is None:
            is_unusual = import_module("sensors.foreign.unread").is_unusual
    if skipping:
        yield False, [None]
    elif rest:
        yield True, [rest]


def documents(read: Read, head: bytes, *, one_array: bool = False) -> Iterator[Values]:
    """The values of a text that is one array, or several values one after the other.

    What stands between the brackets of an outermost array are the values; None for one that is longer
    than `LONGEST`. A value that is cut at the end of the text is given as far as it goes.

    Args:
        read: gives the next bytes; empty at the end.
        head: bytes read before.
        one_array: what follows the first array is none of the values.
    """
    splitter = _Splitter(one_array=one_array)
    block = head or read(BLOCK)
    while block:
        yield True, splitter.feed(block)
        if splitter.ended:
            return
        block = read(BLOCK)
    yield True, splitter.end()


def elements(read: Read, head: bytes, end: bytes) -> Iterator[bytes | None]:
    """Pieces of a text up to and with each `end`, without what follows the last one; None for one longer
    than `LONGEST`.
    """
    rest, block = b"", head or read(BLOCK)
    skipping = False
    while block:
        *whole, rest = (rest + block).split(end)
        for piece in whole:
            yield None if skipping or len(piece) > LONGEST else piece + end
            skipping = False
        if len(rest) > LONGEST:
            rest, skipping = rest[-len(end) :], True
        block = read(BLOCK)


class _Splitter:
    """Finds where values end by brackets and strings alone; never looks at a byte twice in a row."""

    def __init__(self, *, one_array: bool = False) -> None:
        self._one_array = one_array
        self._buffer = b""
        self._at = 0  # up to here the tokens are known
        self._start = 0  # of the value that is being read
        self._depth = 0  # inside the value
        self._array = False  # inside the outermost array
        self._begun = False
        self._long = False  # the value is too long: what there was of it is gone
        self.ended = False  # no value can follow

    def feed(self, block: bytes) -> list[bytes | None]:
        self._buffer += block
        found: list[bytes | None] = []
        for token in _TOKEN.finditer(self._buffer, self._at):
            word = token[0]
            if word == b'"':  # a string that goes on in the next block
                self._at = token.start()
                break
            self._at = token.end()
            if word[0] != 34:
                self._bracket(word, token.start(), found)
                if self.ended:
                    return found
        else:
            self._at = len(self._buffer)
        self._keep_the_rest()
        return found

    def _bracket(self, word: bytes, where: int, found: list[bytes | None]) -> None:
        if word in b"{[":
            if self._depth == 0 and word == b"[" and not self._array and not self._begun:
                self._array, self._start = True, where + 1
            else:
                if self._depth == 0 and not self._array:
                    self._scalars(where, found)
                    self._start = where
                self._depth += 1
            self._begun = True
        elif word == b",":
            if self._depth == 0:
                self._close(where, found)
        elif self._depth > 0:
            self._depth -= 1
            if self._depth == 0 and not self._array:
                self._close(where + 1, found)
        elif self._array and word == b"]":
            self._close(where, found)
            self._array = self._begun = False
            self._start = where + 1
            self.ended = self._one_array

    def _scalars(self, end: int, found: list[bytes | None]) -> None:
        """What stands before an object outside of an array: broken, or scalars."""
        if self._long or self._buffer[self._start : end].strip(_SPACE):
            self._close(end, found)

    def _close(self, end: int, found: list[bytes | None]) -> None:
        value = self._buffer[self._start : end].strip(_SPACE)
        if self._long or len(value) > LONGEST:
            found.append(None)
        elif value:
            found.append(value)
        self._long = False
        self._start = end

    def _keep_the_rest(self) -> None:
        if self._at - self._start > LONGEST or len(self._buffer) - self._start > 2 * LONGEST:
            self._long = True
            self._start = self._at
            if len(self._buffer) - self._at > LONGEST:  # inside a string that has no end yet
                tail = self._buffer[-64:]
                escapes = len(tail) - len(tail.rstrip(b"\\"))
                self._buffer = b'"' + b"\\" * (escapes % 2)
                self._at = self._start = 0
                return
        self._buffer = self._buffer[self._start :]
        self._at -= self._start
        self._start = 0

    def end(self) -> list[bytes | None]:
        found: list[bytes | None] = []
        self._close(len(self._buffer), found)
        return found


def parsed(raw: bytes) -> tuple[Any, str]:
    """A JSON value, and what had to be mended to read it ("" for nothing).

    orjson is strict; what it refuses and other writers produce is read all the same: bytes that are no
    UTF-8 and halves of surrogate pairs become U+FFFD; NaN and infinities become null; numbers beyond a
    double become texts.

    Raises:
        ValueError: no JSON, or nested deeper than a parser goes.
    """
    try:
        return orjson.loads(raw), ""
    except orjson.JSONDecodeError as error:
        first = str(error)
    try:
        text = raw.decode("utf-8")
        what = "values that JSON does not have"
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        what = "bytes that are not UTF-8"
    try:
        value = json.loads(
            text.removeprefix("\ufeff"),
            parse_constant=lambda _name: None,
            parse_float=_finite,
            parse_int=lambda digits: int(digits) if len(digits) < _DIGITS else digits,
        )
        return _without_surrogates(value), what
    except (ValueError, RecursionError):
        raise ValueError(first) from None


def _finite(text: str) -> float | str:
    """A number, or its text where a double cannot hold it."""
    number = float(text)
    return number if isfinite(number) else text


def _without_surrogates(value: Any) -> Any:
    """The same with U+FFFD for lone surrogates, through text: names and values alike."""
    text = json.dumps(value, ensure_ascii=False)
    return orjson.loads(_SURROGATE.sub("\ufffd", text))
