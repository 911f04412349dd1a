"""Opening a capture: plain or compressed by content, its header checked, its errors named."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol, cast

import zstandard

from fengsui.errors import InputError
from sensors.intake.magic import foreign
from sensors.intake.unpacking import unpacking
from sensors.packet.layout import STATE, Record

_READ: Final = 128 * 1024
_MAX_WINDOW: Final = 1 << 27  # what the zstd command writes at most
_NEXT: Final = "give a pcap or pcapng file, plain or compressed with gzip, zstd, xz or bzip2"
_PCAP: Final = {
    bytes.fromhex("d4c3b2a1"): (0, 0, 16),  # big endian, nanoseconds, record header
    bytes.fromhex("a1b2c3d4"): (1, 0, 16),
    bytes.fromhex("4d3cb2a1"): (0, 1, 16),
    bytes.fromhex("a1b23c4d"): (1, 1, 16),
    bytes.fromhex("34cdb2a1"): (0, 0, 24),  # Kuznetzov's
    bytes.fromhex("a1b2cd34"): (1, 0, 24),
}
_SECTION: Final = bytes.fromhex("0a0d0d0a")
_KNOWN: Final = (
    (b"{", "JSON text"),
    (b"[", "JSON text"),
    (b"#separator", "a Zeek log"),
    (b"ElfFile", "a Windows event log"),
)


class Reader(Protocol):
    """Bytes of the capture, decompressed."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill a part of `buffer`; 0 at the end."""
        ...


class Counting(io.RawIOBase):
    """A raw input that knows how much of it was read."""

    def __init__(self, inner: BinaryIO, head: bytes) -> None:
        super().__init__()
        # Of a pipe, what is there; not as much as was asked for.
        self._into: Callable[[memoryview], int] | None = getattr(inner, "readinto1", None)
        self._read = getattr(inner, "read1", inner.read)
        self._head = head
        self.done = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Fill a part of `buffer`."""
        if self._head:
            size = min(len(buffer), len(self._head))
            buffer[:size] = self._head[:size]
            self._head = self._head[size:]
        elif self._into is not None:
            size = self._into(buffer)
        else:
            data = self._read(len(buffer))
            size = len(data)
            buffer[:size] = data
        self.done += size
        return size


class _Gzip:
    """Members one after the other; what can be had of a cut file is given, then `cut` is set."""

    def __init__(self, raw: Counting) -> None:
        self._raw = raw
        self._pending = b""
        self._inflate = zlib.decompressobj(31)
        self.cut = False

    def readinto(self, buffer: memoryview, /) -> int:
        while True:
            if self._inflate.eof:
                self._pending = self._inflate.unused_data or self._pending
                if not self._pending:
                    self._pending = self._raw.read(_READ) or b""
                if self._pending[:1] != b"\x1f":
                    return 0
                self._inflate = zlib.decompressobj(31)
            if not self._pending:
                self._pending = self._raw.read(_READ) or b""
                if not self._pending:
                    self.cut = True
                    return 0
            data = self._inflate.decompress(self._pending, len(buffer))
            self._pending = self._inflate.unconsumed_tail
            if data:
                buffer[: len(data)] = data
                return len(data)


def open_raw(path: Path | None, stream: BinaryIO | None, name: str) -> tuple[BinaryIO, int]:
    """The file or stream, and its size where it has one.

    Raises:
        InputError: there is no such file, it is a directory or may not be read.
    """
    if stream is not None:
        return stream, 0
    if path is None:
        raise InputError("no capture was given", where=name, next=_NEXT, code="no_input")
    try:
        return path.open("rb"), path.stat().st_size
    except FileNotFoundError:
        raise InputError(
            "there is no such file", where=str(path), next=_NEXT, code="missing"
        ) from None
    except IsADirectoryError:
        raise InputError(
            "this is a directory, not a capture",
            where=str(path),
            next="name the capture files in it",
            code="directory",
        ) from None
    except PermissionError:
        raise InputError(
            "the capture may not be read",
            where=str(path),
            next="give this user the right to read it, or run as its owner",
            code="permission",
        ) from None
    except OSError as error:
        raise InputError(
            f"the capture cannot be opened: {error.strerror}", where=str(path), next=_NEXT
        ) from error


def decompressed(raw: BinaryIO, name: str) -> tuple[Counting, Reader]:
    """The counting raw input, and the reader of what is inside it.

    Raises:
        InputError: the input is empty or cannot be read.
    """
    try:
        head = raw.read(4)
        while 0 < len(head) < 4:
            more = raw.read(4 - len(head))
            if not more:
                break
            head += more
    except OSError as error:
        raise InputError(
            f"the capture cannot be read: {error.strerror}", where=name, next=_NEXT
        ) from error
    if not head:
        raise InputError("the capture is empty", where=name, next=_NEXT, code="empty")
    counting = Counting(raw, head)
    if head[:2] == b"\x1f\x8b":
        return counting, _Gzip(counting)
    if head == b"\x28\xb5\x2f\xfd" or (head[1:] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        reader = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(
            cast("BinaryIO", counting), read_across_frames=True
        )
        return counting, reader
    return counting, unpacking(counting, head) or counting


def read_header(head: bytes, state: Record, name: str) -> int:
    """Set up `state` (`layout.STATE`) for the container that begins with `head`; bytes to step over.

    Raises:
        InputError: it is neither pcap nor pcapng.
    """
    assert state.dtype == STATE
    magic = head[:4]
    if magic == _SECTION and len(head) >= 12:
        state["pcapng"] = 1
        return 0
    if magic in _PCAP and len(head) >= 24:
        big, nanoseconds, header = _PCAP[magic]
        order: Literal["big", "little"] = "big" if big else "little"
        state["big_endian"] = big
        state["nanoseconds"] = nanoseconds
        state["record_header"] = header
        state["interfaces"] = 1
        state["if_link"][0] = int.from_bytes(head[20:24], order) & 0xFFFF
        return 24
    if magic in _PCAP or magic == _SECTION:
        raise InputError(
            "the capture ends within its header", where=name, next="get a whole copy", code="cut"
        )
    looks = next((what for start, what in _KNOWN if head.startswith(start)), "") or foreign(head)
    seen = f"it looks like {looks}" if looks else f"it begins with {head[:8].hex(' ')}"
    raise InputError(f"this is not a capture: {seen}", where=name, next=_NEXT, code="not_a_capture")
