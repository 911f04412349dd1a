"""Lines of a plain, gzip or zstd file or stream, in flat memory whatever the file holds."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, cast

import zstandard

from fengsui.errors import InputError
from fengsui.loss import Losses

LONGEST_LINE: Final = 1 << 20
_BLOCK: Final = 1 << 18
_MAGIC_BYTES: Final = 4


class Counted(io.RawIOBase):
    """A stream that knows how many bytes were taken from it."""

    def __init__(self, stream: BinaryIO, head: bytes = b"") -> None:
        self._stream = stream
        self._head = head
        self.taken = 0

    def readable(self) -> bool:
        """Always."""
        return True

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
        self._plain = _opened(self.input, head)
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
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            self._losses.add(f"{self._prefix}.cut_file")
            if not self.bytes:
                raise InputError(
                    f"The file does not unpack: {error}",
                    where=self._where,
                    next="Fetch it again; nothing of it can be read",
                    code="bad_compression",
                ) from error
            return b""


def _opened(stream: Counted, head: bytes) -> BinaryIO:
    if head[:2] == b"\x1f\x8b":
        return cast("BinaryIO", gzip.GzipFile(fileobj=io.BufferedReader(stream)))
    if head == b"\x28\xb5\x2f\xfd":
        reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
            cast("BinaryIO", stream), read_across_frames=True
        )
        return cast("BinaryIO", reader)
    return cast("BinaryIO", io.BufferedReader(stream, _BLOCK))
