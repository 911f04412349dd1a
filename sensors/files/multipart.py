"""Multipart bodies of HTTP (RFC 2046 §5.1, RFC 7578): their parts as files, as the bytes go by.

A streaming parser of bounded memory: it holds a part's head, and of a body only what may be the
begin of a boundary. Parts that neither have a file name nor say their type are fields of a form
(passwords among them) and leave no event.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sensors.files.inflating import Sink
from sensors.files.names import disposition_name
from sensors.wire.reader import text

MakeFile = Callable[[str], Sink]  # by its name
Lost = Callable[[str, int], None]

MOST_PARTS: Final = 64
_MOST_HEAD: Final = 16 * 1024
_PADDING: Final = 256  # blanks that may follow a boundary
_BOUNDARY: Final = re.compile(r'boundary\s*=\s*(?:"([^"\r\n]{1,256})"|([^\s;,"]{1,256}))', re.I)
_LONGEST: Final = 72  # two hyphens and the longest boundary that RFC 2046 allows
_PREAMBLE: Final = 0
_HEAD: Final = 1
_BODY: Final = 2
_OVER: Final = 3


def boundary_of(content_type: str) -> bytes:
    """Boundary of a multipart type; empty where it is of another kind or has none."""
    if content_type.lstrip()[:10].lower() != "multipart/":
        return b""
    found = _BOUNDARY.search(content_type[:1024])
    return (found[1] or found[2]).encode("utf-8", "replace") if found else b""


class MultipartFiles:
    """A sink that takes a multipart body and hands each part that is a file to a sink of its own.

    Args:
        boundary: as `boundary_of` gives it.
        make: a sink for a part of this name.
        lost: counts what is left out.
    """

    __slots__ = (
        "_begun",
        "_borrowed",
        "_buffer",
        "_lost",
        "_make",
        "_mark",
        "_part",
        "_parts",
        "_state",
    )

    def __init__(self, boundary: bytes, make: MakeFile, lost: Lost) -> None:
        self._mark = b"\n--" + boundary
        self._make = make
        self._lost = lost
        self._state = _PREAMBLE
        self._buffer = b"\n"  # the first boundary needs no line before it
        self._borrowed = False  # whether the buffer begins with a line end of our own
        self._begun = False  # whether the first line was looked at
        self._parts = 0
        self._part: Sink | None = None

    def write(self, data: bytes | memoryview) -> None:
        """The next bytes of the body."""
        if self._state == _OVER:
            return
        self._buffer += data
        if not self._begun and not self._believe_the_body():
            return
        while self._in_head() if self._state == _HEAD else self._in_body():
            pass

    def _believe_the_body(self) -> bool:
        """Take the delimiter of a first line that is one, whatever the head said; False to wait.

        Some senders, and those who hide an upload, name another boundary than they use.
        """
        line, end, _ = self._buffer[1:].partition(b"\n")
        if not end and len(line) < _PADDING:
            return False
        self._begun = True
        line = line.rstrip(b" \t\r")
        known = (self._mark[1:], self._mark[1:] + b"--")
        if line.startswith(b"--") and 2 < len(line) <= _LONGEST and line not in known:
            self._mark = b"\n" + line
            self._lost("multipart_other_boundary", 1)
        return True

    def skip(self, size: int) -> None:
        """Bytes of the body are lost: of the part that is open, as far as can be known."""
        if self._part is not None:
            self._pass(self._buffer)
            self._part.skip(size)
        if self._state == _HEAD:
            self._state = _PREAMBLE
        self._buffer = b""

    def cut(self) -> None:
        """The body is not whole."""
        if self._part is not None:
            self._part.cut()

    def end(self, time: int) -> None:
        """The body is over; a part without its last boundary is cut."""
        if self._part is not None:
            self._pass(self._buffer)
            self._part.cut()
            self._part.end(time)
            self._part = None
        self._state = _OVER
        self._buffer = b""

    def _in_body(self) -> bool:
        """Pass bytes on up to the next boundary; whether it stepped behind one."""
        data = self._buffer
        found = data.find(self._mark)
        if found < 0:
            self._keep(len(data) - len(self._mark))
            return False
        behind = found + len(self._mark)
        closing = data[behind : behind + 2] == b"--"
        end = data.find(b"\n", behind, behind + _PADDING)
        if not closing and end < 0 and len(data) < behind + _PADDING:
            self._keep(found - 1)
            return False
        if not closing and (end < 0 or data[behind:end].strip(b" \t\r")):
            self._keep(behind)  # a longer word that begins like the boundary
            return True
        self._pass(data[: found - 1 if found and data[found - 1] == 0x0D else found])
        self._finish()
        self._buffer = b"" if closing else data[end + 1 :]
        self._state = _OVER if closing else _HEAD
        return not closing

    def _in_head(self) -> bool:
        """Read a part's head when it is there; whether it was."""
        data = self._buffer
        if data.startswith((b"\r\n", b"\n")):
            end = behind = data.index(b"\n") + 1
        else:
            end = data.find(b"\n\r\n")
            other = data.find(b"\n\n", 0, end if end >= 0 else len(data))
            behind = end + 3 if other < 0 else other + 2
            end = end if other < 0 else other
        if end < 0:
            if len(data) <= _MOST_HEAD:
                return False
            self._lost("multipart_head_too_long", 1)
            self._state = _OVER
            self._buffer = b""
            return False
        self._begin(data[: min(end, _MOST_HEAD)])
        # The line that ends the head is also the one before the boundary of an empty part.
        self._buffer = b"\n" + data[behind:]
        self._borrowed = True
        self._state = _BODY
        return True

    def _begin(self, head: bytes) -> None:
        name, typed = "", False
        for line in head.split(b"\n")[:_MOST_LINES]:
            key, _, value = line.partition(b":")
            key = key.strip().lower()
            if key == b"content-disposition":
                name = disposition_name(text(value))
            elif key == b"content-type":
                typed = True
        if not name and not typed:
            return
        self._parts += 1
        if self._parts > MOST_PARTS:
            self._lost("multipart_part_left_out", 1)
            return
        self._part = self._make(name)

    def _keep(self, at: int) -> None:
        """Pass on what stands before `at`, and keep the rest."""
        if at > 0:
            self._pass(self._buffer[:at])
            self._buffer = self._buffer[at:]

    def _pass(self, data: bytes) -> None:
        if data and self._borrowed:
            data = data[1:]
            self._borrowed = False
        if data and self._part is not None:
            self._part.write(data)

    def _finish(self) -> None:
        if self._part is not None:
            self._part.end(0)  # when it ended is not told
            self._part = None


_MOST_LINES: Final = 32
