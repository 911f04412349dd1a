"""Reading numbers and texts out of bytes, with an end that cannot be overrun."""

from __future__ import annotations

from codecs import utf_16_le_decode

from sensors.protocol import WireError


class Reader:
    """A place in bytes. Reading past the end raises WireError("truncated").

    Args:
        data: the bytes.
        at: where to begin.
        end: where the bytes end for this reader; the end of `data` when None.
    """

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else min(end, len(data))

    @property
    def left(self) -> int:
        """Bytes up to the end."""
        return self.end - self.at

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        at = self.at
        if size < 0 or at + size > self.end:
            raise WireError("truncated")
        self.at = at + size
        return self.data[at : at + size]

    def skip(self, size: int) -> None:
        """Step over `size` bytes."""
        if size < 0 or self.at + size > self.end:
            raise WireError("truncated")
        self.at += size

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Two bytes, big endian."""
        return int.from_bytes(self.take(2), "big")

    def u24(self) -> int:
        """Three bytes, big endian."""
        return int.from_bytes(self.take(3), "big")

    def u32(self) -> int:
        """Four bytes, big endian."""
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        """Eight bytes, big endian."""
        return int.from_bytes(self.take(8), "big")

    def le16(self) -> int:
        """Two bytes, little endian."""
        return int.from_bytes(self.take(2), "little")

    def le32(self) -> int:
        """Four bytes, little endian."""
        return int.from_bytes(self.take(4), "little")

    def le64(self) -> int:
        """Eight bytes, little endian."""
        return int.from_bytes(self.take(8), "little")

    def part(self, size: int) -> Reader:
        """A reader of the next `size` bytes alone; this one steps over them."""
        at = self.at
        self.skip(size)
        return Reader(self.data, at, at + size)


def text(data: bytes, most: int = 1024) -> str:
    """Bytes from the wire as text: UTF-8 where it is, else GB 18030 where it is, else Latin-1.

    Zero bytes at the end are cut off, and whatever is longer than `most` bytes.
    """
    data = data[:most].rstrip(b"\0")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def utf16(data: bytes, most: int = 2048) -> str:
    """UTF-16 little endian as Windows protocols send it; what cannot be decoded is replaced."""
    return utf_16_le_decode(data[:most], "replace", True)[0].rstrip("\0")
