"""Text that ends with a line of one dot (SMTP, POP3; RFC 5321 section 4.5.2)."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 16 * 1024  # a line without an end is passed on in pieces of this size


class Dotted:
    """Undoes dot-stuffing of a stream.

    Attributes:
        over: the line with the dot was seen.
    """

    __slots__ = ("_midline", "over")

    def __init__(self) -> None:
        self.over = False
        self._midline = False

    def take(self, data: bytes) -> tuple[bytes, int]:
        """Content at the front of `data`, and how many bytes of it were used."""
        if not self._midline and data.startswith((b".\r\n", b".\n")):
            self.over = True
            return b"", data.index(b"\n") + 1
        ends = [at for mark in (b"\n.\r\n", b"\n.\n") if (at := data.find(mark)) >= 0]
        if ends:
            self.over = True
            cut = min(ends) + 1
            return self._unstuffed(data[:cut]), data.index(b"\n", cut) + 1
        cut = data.rfind(b"\n") + 1
        if not cut:
            if len(data) < _LONGEST:
                return b"", 0
            cut = len(data) - 1  # a CR may be the half of a line end
        content = self._unstuffed(data[:cut])
        self._midline = data[cut - 1 : cut] != b"\n"
        return content, cut

    def _unstuffed(self, data: bytes) -> bytes:
        if not self._midline and data.startswith(b"."):
            data = data[1:]
        return data.replace(b"\n.", b"\n")
