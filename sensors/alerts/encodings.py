"""Encodings: files that Windows wrote as UTF-16, read as UTF-8."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO, cast

_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class _Utf16(io.RawIOBase):
    """A stream of UTF-16 as one of UTF-8; what is no character becomes the replacement character."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, more or fewer than `size`; empty at the end only."""
        while raw := self._stream.read(size):
            if text := self._decoder.decode(raw):
                return text.encode()
        return self._decoder.decode(b"", final=True).encode()


def in_utf8(stream: BinaryIO) -> BinaryIO:
    """The stream itself, or what it says in UTF-8 where it begins with a mark of UTF-16.

    Args:
        stream: that can be sought, at its beginning.
    """
    mark = stream.read(2)
    encoding = _BOMS.get(mark)
    if encoding is None:
        stream.seek(0)
        return stream
    return cast("BinaryIO", _Utf16(stream, encoding))
