"""Inflating: content codings of HTTP (RFC 9110 §8.4, RFC 8878, RFC 7932) undone as bytes go by.

Output is made in small pieces and bounded by size and by ratio: a compressed bomb ends its file,
counted, and costs no memory. What cannot be undone is counted and the file is marked cut; a body
that is no compressed one at all, whatever its header says, goes through as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, Final, Protocol, cast

import brotli
import zstandard

Lost = Callable[[str, int], None]

PIECE: Final = 64 * 1024
MOST_OUT: Final = 1 << 30  # bytes out of one body
_FREE: Final = 16 << 20  # as much comes out whatever the ratio
_MOST_RATIO: Final = 200
_WINDOW: Final = 8 << 20  # RFC 8878 §3.1.1.1.2: what every decoder should take
_MOST_LAYERS: Final = 3
CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})


class Sink(Protocol):
    """Receives bytes of a body."""

    def write(self, data: bytes | memoryview) -> None:
        """The next bytes."""
        ...

    def skip(self, size: int) -> None:
        """Bytes are lost."""
        ...

    def cut(self) -> None:
        """What was received is not whole."""
        ...

    def end(self, time: int) -> None:
        """The body is over."""
        ...


class Stop(Exception):  # noqa: N818 - not an error: the way out of a library's loop
    """Nothing more is to be inflated."""


_BAD: Final = (zlib.error, brotli.error, zstandard.ZstdError, ValueError, MemoryError)


class Decoder(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes | memoryview) -> None:
        """Take bytes; what they become goes to where it was told."""
        ...

    @property
    def whole(self) -> bool:
        """Whether the end of the coded bytes was seen."""
        ...


Out = Callable[[bytes], object]


class _Zlib:
    """gzip (RFC 1952, also of several members) and deflate (RFC 1950, or 1951 as some send it)."""

    def __init__(self, out: Out, *, gzip: bool) -> None:
        self._out = out
        self._gzip = gzip
        self._begun = False
        self._state = zlib.decompressobj(31 if gzip else 15)
        self._front = b""
        self.whole = False

    def feed(self, data: bytes | memoryview) -> None:
        if not self._begun:
            data = self._begin(data)
        while data:
            if self._state.eof:
                if not (self._gzip and data[:1] == b"\x1f"):
                    return  # padding behind the end
                self._state = zlib.decompressobj(31)
            made = self._state.decompress(data, PIECE)
            if made:
                self._out(made)
            self.whole = self._state.eof
            data = self._state.unused_data if self.whole else self._state.unconsumed_tail
            if not data and len(made) == PIECE and not self.whole:
                self._drain()

    def _drain(self) -> None:
        """Output that waits inside the decoder without input."""
        while not self._state.eof and (made := self._state.decompress(b"", PIECE)):
            self._out(made)
        self.whole = self._state.eof

    def _begin(self, data: bytes | memoryview) -> bytes:
        """Tell zlib's wrapping from bare deflate by its two bytes (RFC 1950 §2.2)."""
        data = self._front + bytes(data)
        self._front = b""
        if len(data) < 2:
            self._front = data
            return b""
        self._begun = True
        if not self._gzip and (data[0] & 15 != 8 or (data[0] << 8 | data[1]) % 31):
            gzip = data[:2] == b"\x1f\x8b"
            self._state = zlib.decompressobj(31 if gzip else -15)
        return data


class _Brotli:
    """br (RFC 7932)."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._state = brotli.Decompressor()

    @property
    def whole(self) -> bool:
        return bool(self._state.is_finished())

    def feed(self, data: bytes | memoryview) -> None:
        if self._state.is_finished():
            return
        made = self._state.process(bytes(data), output_buffer_limit=PIECE)
        while made:
            self._out(made)
            if self._state.is_finished():
                return
            made = self._state.process(b"", output_buffer_limit=PIECE)


class _Zstd:
    """zstd (RFC 8878), several frames too."""

    def __init__(self, out: Out) -> None:
        decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        to = cast("BinaryIO", _Writable(out))
        self._writer = decompressor.stream_writer(to, write_size=PIECE, closefd=False)
        self.whole = True  # its frames do not say which is the last

    def feed(self, data: bytes | memoryview) -> None:
        self._writer.write(data)


class _Writable:
    """A file to write to, as zstandard wants one."""

    def __init__(self, out: Out) -> None:
        self._out = out

    def write(self, data: bytes | memoryview) -> int:
        self._out(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""


def codings_of(header: str) -> list[str]:
    """Codings of a Content-Encoding in the order that they were applied; `identity` left out."""
    words = [word.strip().lower() for word in header[:128].split(",")]
    return [word for word in words if word and word not in {"identity", "none"}]


class Inflating:
    """A sink that undoes codings before another sink.

    Args:
        sink: receives the plain bytes.
        codings: as `codings_of` gives them. Those of `CODINGS` only, three at most; others make
            the bytes go through as they are, counted.
        lost: counts what could not be undone.
    """

    __slots__ = ("_first", "_in", "_lost", "_middle", "_out", "_over", "_plain", "_sink")

    def __init__(self, sink: Sink, codings: list[str], lost: Lost) -> None:
        self._sink = sink
        self._lost = lost
        self._in = 0
        self._middle = 0
        self._out = 0
        self._over = False
        self._plain = len(codings) > _MOST_LAYERS or not CODINGS.issuperset(codings)
        self._first: Decoder | None = None
        if self._plain:
            lost("unknown_encoding", 1)
            return
        out: Out = self._take
        for coding in codings:  # as applied: the last one is undone first
            self._first = _decoder(coding, out)
            out = partial(self._between, self._first)

    def write(self, data: bytes | memoryview) -> None:
        """The next coded bytes."""
        if self._over:
            return
        if self._plain or self._first is None:
            self._sink.write(data)
            return
        self._in += len(data)
        try:
            self._first.feed(data)
        except Stop:
            self._give_up("inflation_bomb")
        except _BAD:
            if self._out == 0 and self._in == len(data):
                self._plain = True
                self._lost("encoding_mismatch", 1)
                self._sink.write(data)
            else:
                self._give_up("inflation_error")

    def skip(self, size: int) -> None:
        """Coded bytes are lost: nothing behind them can be undone."""
        self._sink.skip(size)
        if not self._plain:
            self._over = True

    def cut(self) -> None:
        """The coded bytes are not whole."""
        self._sink.cut()

    def end(self, time: int) -> None:
        """The body is over."""
        first = self._first
        if first is not None and not (self._plain or self._over) and self._in and not first.whole:
            self._sink.cut()
        self._sink.end(time)

    def _take(self, data: bytes) -> None:
        self._out += len(data)
        if self._out > _FREE and (self._out > MOST_OUT or self._out > _MOST_RATIO * self._in):
            raise Stop
        self._sink.write(data)

    def _between(self, decoder: Decoder, data: bytes) -> None:
        """From one coding to the next; bounded as the output is."""
        self._middle += len(data)
        if self._middle > _FREE and self._middle > _MOST_RATIO * self._in:
            raise Stop
        decoder.feed(data)

    def _give_up(self, why: str) -> None:
        self._over = True  # and the decoder is not asked any more: a broken one raises
        self._lost(why, 1)
        self._sink.cut()


def _decoder(coding: str, out: Out) -> Decoder:
    if coding == "br":
        return _Brotli(out)
    if coding == "zstd":
        return _Zstd(out)
    return _Zlib(out, gzip=coding != "deflate")
