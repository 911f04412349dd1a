"""A mail as it streams by: its header fields, and each leaf part decoded into a sink (RFC 2045, 2046).

Nothing of the mail is kept but the header block at hand and a line or two. Depth, number of parts
and size of a header block are bounded.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sensors.protocol import FileSink
from sensors.wire.mail_headers import fields_of, parameter

_DEPTH: Final = 8
_PARTS: Final = 256
_HEADER_BYTES: Final = 64 * 1024
_BOUNDARY_LINE: Final = 1024
_NOT_BASE64: Final = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)

Open = Callable[[int, str], FileSink]


class MailReader:
    """Reads one mail.

    Args:
        open_file: makes the sink of a part: time and name ("" where it has none).

    Attributes:
        fields: header fields of the mail itself, complete once `read` is true.
        names: file names of its parts.
    """

    def __init__(self, open_file: Open) -> None:
        self.fields: list[tuple[str, str]] = []
        self.names: list[str] = []
        self.parts = 0
        self._open = open_file
        self._buffer = b""
        self._in_header = True
        self._read = False
        self._boundaries: list[bytes] = []
        self._leaf: _Leaf | None = None
        self._fresh = False  # the buffer begins with the line end before the body

    def feed(self, data: bytes, time: int) -> None:
        """The next bytes of the mail."""
        self._buffer += data
        while self._buffer:
            if not (self._header(time) if self._in_header else self._body(time)):
                return

    def skip(self, size: int, time: int) -> None:
        """`size` bytes are lost."""
        self._buffer = b"" if self._in_header else self._buffer
        if self._leaf:
            self._leaf.skip(size, time)

    def end(self, time: int) -> None:
        """The mail is over."""
        if self._in_header:
            self._begin_part(self._buffer, time)
        else:
            self._content(self._buffer, time)
        self._buffer = b""
        self._close(time)

    def _header(self, time: int) -> bool:
        buffer = self._buffer
        if buffer.startswith((b"\r\n", b"\n")):
            block, rest = b"", buffer[buffer.index(b"\n") :]
        else:
            ends = [at for mark in (b"\n\r\n", b"\n\n") if (at := buffer.find(mark)) >= 0]
            if ends:
                block = buffer[: min(ends)]
                rest = buffer[buffer.index(b"\n", min(ends) + 1) :]
            elif len(buffer) > _HEADER_BYTES:
                block, rest = buffer, b"\n"
            else:
                return False
        self._buffer = rest
        self._begin_part(block, time)
        return True

    def _begin_part(self, block: bytes, time: int) -> None:
        fields = fields_of(block)
        if not self._read:
            self._read = True
            self.fields = fields
        values = dict(reversed(fields))
        kind = values.get("CONTENT-TYPE", "")
        word = kind.partition(";")[0].strip().lower()
        self._in_header = False
        self._fresh = True
        self.parts += 1
        if word.startswith("multipart/") and len(self._boundaries) < _DEPTH:
            boundary = parameter(kind, "boundary").encode()
            if boundary:
                self._boundaries.append(boundary)
                return
        if word == "message/rfc822" and self.parts < _PARTS:
            self._in_header = True
            self._buffer = self._buffer[1:]
            return
        name = parameter(values.get("CONTENT-DISPOSITION", ""), "filename") or parameter(
            kind, "name"
        )
        if name and len(self.names) < 64:
            self.names.append(name[:512])
        if self.parts <= _PARTS:
            coding = values.get("CONTENT-TRANSFER-ENCODING", "").strip().lower()
            self._leaf = _Leaf(self._open, name[:512], coding)
        del time

    def _body(self, time: int) -> bool:
        buffer = self._buffer
        at = 0
        while self._boundaries:
            at = buffer.find(b"\n--", at)
            if at < 0:
                break
            end = buffer.find(b"\n", at + 1)
            if end < 0 and len(buffer) - at < _BOUNDARY_LINE:
                self._content_up_to(at, time)
                return False
            line = buffer[at + 3 : end if end >= 0 else at + _BOUNDARY_LINE].rstrip()
            if self._is_boundary(line):
                self._content(buffer[:at].removesuffix(b"\r"), time)
                self._cross(line, time)
                self._buffer = buffer[end + 1 :] if self._in_header else buffer[end:]
                return True
            at += 1
        # The line end at the tail may belong to a boundary that comes.
        last = buffer.rfind(b"\n", max(0, len(buffer) - 3)) if self._boundaries else -1
        self._content_up_to(last if last >= 0 else len(buffer), time)
        return False

    def _is_boundary(self, line: bytes) -> bool:
        return any(line in {one, one + b"--"} for one in self._boundaries)

    def _cross(self, line: bytes, time: int) -> None:
        self._close(time)
        for place in range(len(self._boundaries) - 1, -1, -1):
            one = self._boundaries[place]
            if line == one:
                del self._boundaries[place + 1 :]
                self._in_header = True
                return
            if line == one + b"--":
                del self._boundaries[place:]
                return

    def _content_up_to(self, at: int, time: int) -> None:
        if at and self._buffer[at - 1 : at] == b"\r":
            at -= 1
        if at > 0 or not self._fresh:
            self._content(self._buffer[:at], time)
            self._buffer = self._buffer[at:]

    def _content(self, data: bytes, time: int) -> None:
        if self._fresh and data:
            data = data[1:]
            self._fresh = False
        if data and self._leaf:
            self._leaf.write(data, time)

    def _close(self, time: int) -> None:
        if self._leaf:
            self._leaf.end(time)
            self._leaf = None


class _Leaf:
    """One part's decoding and its sink, opened with its first byte."""

    __slots__ = ("_coding", "_name", "_open", "_rest", "_sink")

    def __init__(self, open_file: Open, name: str, coding: str) -> None:
        self._open = open_file
        self._name = name
        self._coding = coding
        self._rest = b""
        self._sink: FileSink | None = None

    def write(self, data: bytes, time: int) -> None:
        if self._coding == "base64":
            data = self._base64(data)
        elif self._coding == "quoted-printable":
            data = self._rest + data
            cut = data.rfind(b"\n") + 1
            if not cut and len(data) > _HEADER_BYTES:
                cut = len(data)
            self._rest = data[cut:]
            data = binascii.a2b_qp(data[:cut])
        self._put(data, time)

    def _base64(self, data: bytes) -> bytes:
        """Whole groups of four; one with padding is for itself, for more may follow it."""
        data = self._rest + data.translate(None, _NOT_BASE64)
        end = len(data) // 4 * 4
        self._rest = data[end:]
        parts: list[bytes] = []
        at = 0
        while at < end:
            pad = data.find(b"=", at, end)
            group = pad // 4 * 4 if pad >= 0 else end
            parts.append(binascii.a2b_base64(data[at:group]))
            if pad >= 0:
                with suppress(binascii.Error):
                    parts.append(binascii.a2b_base64(data[group : group + 4]))
            at = group + 4
        return b"".join(parts)

    def _put(self, data: bytes, time: int) -> None:
        if data:
            if self._sink is None:
                self._sink = self._open(time, self._name)
            self._sink.write(data)

    def skip(self, size: int, time: int) -> None:
        if self._sink is None:
            self._sink = self._open(time, self._name)
        self._sink.skip(size)

    def end(self, time: int) -> None:
        if self._rest:
            if self._coding == "quoted-printable":
                self._put(binascii.a2b_qp(self._rest), time)
            elif len(self._rest) > 1:
                self._rest += b"=" * (-len(self._rest) % 4)
                self._put(self._base64(b""), time)
        if self._sink:
            self._sink.end(time)
