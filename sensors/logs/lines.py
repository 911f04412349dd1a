"""Lines of a plain or compressed file or stream, in flat memory whatever the file holds."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, Protocol, cast

import zstandard

from fengsui.errors import InputError
from fengsui.loss import Losses
from sensors.intake.unpacking import UNPACK_ERRORS, unpacking

LONGEST_LINE: Final = 1 << 20
_BLOCK: Final = 1 << 18
_MAGIC_BYTES: Final = 4
_ZSTD_INPUT: Final = 512


class Readable(Protocol):
    """What has a `read`."""

    def read(self, size: int, /) -> bytes:
        """At most about `size` bytes; empty at the end."""
        ...


class Counted(io.RawIOBase):
    """A stream that knows how many bytes were taken from it."""

    def __init__(self, stream: BinaryIO, head: bytes = b"") -> None:
        self._stream = stream
        self.head = head  # what of the stream was read before
        self._head = head
        self.taken = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, as `readinto` would give them, without copying them twice."""
        head = self._head if size < 0 else self._head[:size]
        self._head = self._head[len(head) :]
        data = head + self._stream.read(size) if size < 0 else head or self._stream.read(size)
        self.taken += len(data)
        return data

    def readinto(self, buffer: object) -> int:
        """Fill a buffer from the head first, then from the stream."""
        view = memoryview(cast("bytearray", buffer))
        data = self._head[: len(view)] if self._head else self._stream.read(len(view))
        self._head = self._head[len(data) :]
        view[: len(data)] = data
        self.taken += len(data)
        return len(data)


class LineStream:
    """Blocks of whole lines; `Counted.taken` of the input is the progress."""

    def __init__(self, stream: BinaryIO, losses: Losses, prefix: str, where: str) -> None:
        head = stream.read(_MAGIC_BYTES)
        self.input = Counted(stream, head)
        self.bytes = 0  # after decompression
        self._plain = unpacked(self.input, head)
        self._losses = losses
        self._prefix = prefix
        self._where = where

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        """Each line without its break, and whether the break was there.

        A line beyond `LONGEST_LINE` arrives as empty text: its number is kept, its content is not.
        """
        rest = b""
        skipping = False
        while block := self._read():
            self.bytes += len(block)
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            for line in lines:
                if skipping or len(line) > LONGEST_LINE:
                    skipping = False
                    self._losses.add(f"{self._prefix}.long_line")
                    yield b"", True
                else:
                    yield line.removesuffix(b"\r"), True
            if len(rest) > LONGEST_LINE:
                rest, skipping = b"", True
        if skipping:
            self._losses.add(f"{self._prefix}.long_line")
            yield b"", False
        elif rest:
            yield rest, False

    def _read(self) -> bytes:
        try:
            return self._plain.read(_BLOCK)
        except (EOFError, *UNPACK_ERRORS, zlib.error, zstandard.ZstdError) as error:
            self._losses.add(f"{self._prefix}.cut_file")
            if not self.bytes:
                raise InputError(
                    f"The file does not unpack: {error}",
                    where=self._where,
                    next="Fetch it again; nothing of it can be read",
                    code="bad_compression",
                ) from error
            return b""


class _Zstd:
    """Frames one after the other. Unlike the library's reader it tells when the last one is cut.

    Half a kilobyte of input unpacks to 16 MiB at the very most (128 run-length blocks), so memory stays
    bounded.
    """

    def __init__(self, stream: Counted) -> None:
        self._stream = io.BufferedReader(stream)
        self._whole = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        self._frame = self._whole.decompressobj()
        self._rest = b""
        self._begun = False
        self._plain = b""
        self._given = 0

    def read(self, size: int, /) -> bytes:
        """The next piece of at most `size` bytes; empty at the end.

        Raises:
            EOFError: the input ends inside a frame.
            zstandard.ZstdError: the input is damaged.
        """
        if self._given >= len(self._plain):
            self._plain, self._given = self._unpacked(), 0
        piece = self._plain[self._given : self._given + size]
        self._given += size
        return piece

    def _unpacked(self) -> bytes:
        while True:
            if self._frame.eof:
                self._rest = self._frame.unused_data
                self._frame = self._whole.decompressobj()
            data = self._rest or self._stream.read(_ZSTD_INPUT)
            if not data:
                if self._begun:
                    raise EOFError("the last frame is cut")
                return b""
            self._rest = b""
            self._begun = True
            plain = self._frame.decompress(data)
            if self._frame.eof:
                self._begun = False
            if plain:
                return plain


def unpacked(stream: Counted, head: bytes) -> Readable:
    """The plain bytes of a stream that starts with these four bytes."""
    if head[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=io.BufferedReader(stream))
    if head == b"\x28\xb5\x2f\xfd":
        return _Zstd(stream)
    return unpacking(stream, head) or stream
