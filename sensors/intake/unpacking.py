"""bzip2 and xz, stream after stream, in bounded memory; what can be had of a cut file is given."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable
from typing import Final, Protocol

BZIP2: Final = b"BZh"
XZ: Final = b"\xfd7zX"  # the fifth byte of its magic is Z, too
_READ: Final = 128 * 1024
_MEMORY: Final = 256 << 20  # bytes that an xz dictionary may take: `xz -9` needs 65 MB

UNPACK_ERRORS: Final = (OSError, lzma.LZMAError)


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Raw(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


class Unpacking:
    """Plain bytes of a packed input; `cut` where that ended within a stream.

    Raises (from its reads):
        OSError, lzma.LZMAError: the input is damaged.
    """

    def __init__(self, raw: _Raw, make: Callable[[], _Decoder]) -> None:
        self._raw = raw
        self._make = make
        self._decoder = make()
        self._left = b""  # read, and not of the stream that has ended
        self._begun = False
        self.cut = False

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        while True:
            if self._decoder.eof:
                self._left = self._decoder.unused_data.lstrip(b"\0")  # xz pads with zeros
                self._decoder = self._make()
                self._begun = False
            data = b""
            if self._decoder.needs_input:
                data = self._left or self._raw.read(_READ) or b""
                self._left = b""
                if not data:
                    self.cut = self._begun
                    return b""
                self._begun = True
            plain = self._decoder.decompress(data, size)
            if plain:
                return plain

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill a part of `buffer`; 0 at the end."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def unpacking(raw: _Raw, head: bytes) -> Unpacking | None:
    """What unpacks an input that begins with these four bytes; None where it is neither."""
    if head[:3] == BZIP2:
        return Unpacking(raw, bz2.BZ2Decompressor)
    if head[:4] == XZ:
        return Unpacking(raw, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MEMORY))
    return None
