"""The bytes of a segment: a pcap file as it is, or the same in sealed blocks of any length.

Both are read by the offset that a byte has in the pcap. A sealed file is a head and then blocks,
each with its length before it, so that what a crash left can be read to its last whole block:

    FSPKTS01 · key id (8) · salt (16) · { length of the clear block (4) · ciphertext · tag (16) }…
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from fengsui.errors import InputError
from sensors.keeping.sealing import (
    ID_SIZE,
    SALT_SIZE,
    TAG_SIZE,
    Key,
    Keyring,
    block_nonce,
    key_of,
    opened,
)

SEALED: Final = b"FSPKTS01"
HEAD: Final = struct.Struct(f"<8s{ID_SIZE}s{SALT_SIZE}s")
BLOCK: Final = 65_536  # of clear bytes at most
BLOCKS: Final = np.dtype([("clear", "u4"), ("file", "u4")])  # where each begins, in both countings
_SIZE: Final = struct.Struct("<I")


def sealed_size(clear: int, blocks: int) -> int:
    """Bytes of a sealed file."""
    return HEAD.size + clear + blocks * (_SIZE.size + TAG_SIZE)


class Writer(Protocol):
    """Appends to a segment."""

    size: int  # clear bytes so far
    blocks: list[tuple[int, int]]  # of a sealed file

    def write(self, data: bytes | memoryview) -> None:
        """Append; raises OSError, after which nothing more may be appended."""
        ...

    def close(self) -> None:
        """End the file."""
        ...


class Reader(Protocol):
    """Reads a segment by offsets of its clear bytes."""

    def read(self, offset: int, size: int) -> bytes:
        """As many of `size` bytes as there are."""
        ...

    def __enter__(self) -> Reader: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class PlainWriter:
    """A pcap file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.size = 0
        self.blocks: list[tuple[int, int]] = []

    def write(self, data: bytes | memoryview) -> None:
        """Append all of it."""
        _write_all(self._file, data)
        self.size += len(data)

    def close(self) -> None:
        """End the file and let the kernel's cache forget it: a ring would push out all else."""
        _close(self._file)


class SealedWriter:
    """The same in blocks under AES-256-GCM."""

    def __init__(self, path: Path, key: Key) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.salt = os.urandom(SALT_SIZE)
        self._head = HEAD.pack(SEALED, key.id, self.salt)
        self._cipher = key.cipher(self.salt, b"data")
        self.size = 0
        self.blocks: list[tuple[int, int]] = []
        self._at = 0
        self._put(self._head)

    def _put(self, data: bytes) -> None:
        _write_all(self._file, data)
        self._at += len(data)

    def write(self, data: bytes | memoryview) -> None:
        """Append all of it, in blocks."""
        for start in range(0, len(data), BLOCK):
            part = data[start : start + BLOCK]
            self.blocks.append((self.size, self._at))
            size = _SIZE.pack(len(part))
            nonce = block_nonce(len(self.blocks) - 1)
            self._put(size + self._cipher.encrypt(nonce, part, self._head + size))
            self.size += len(part)

    def close(self) -> None:
        """End the file, as for a plain one."""
        _close(self._file)


def _write_all(file: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _close(file: int) -> None:
    advise: Callable[..., None] | None = getattr(os, "posix_fadvise", None)
    try:
        if advise is not None:
            os.fdatasync(file)
            advise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)


class _File:
    """A file that is read by position."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)


class PlainReader(_File):
    """A pcap file."""

    def __enter__(self) -> PlainReader:
        return self

    def read(self, offset: int, size: int) -> bytes:
        """As many of `size` bytes as there are."""
        return os.pread(self._file, size, offset)


class SealedReader(_File):
    """Sealed blocks; the last one that was read is kept, as a flow's packets lie together.

    Args:
        blocks: array of BLOCKS from the index; None to walk the file, which a crash has ended.

    Raises:
        InputError: it is sealed with a key that is not at hand.
    """

    def __init__(
        self, path: Path, keyring: Keyring, blocks: npt.NDArray[Any] | None = None
    ) -> None:
        super().__init__(path)
        try:
            self._head = os.pread(self._file, HEAD.size, 0)
            self._cipher = _cipher(self._head, keyring, path)
            self._blocks = self._walked() if blocks is None else blocks
        except BaseException:
            os.close(self._file)
            raise
        self._kept = (-1, b"")

    def __enter__(self) -> SealedReader:
        return self

    @property
    def blocks(self) -> npt.NDArray[Any]:
        """Where each block begins."""
        return self._blocks

    def _walked(self) -> npt.NDArray[Any]:
        found: list[tuple[int, int]] = []
        at, clear, end = HEAD.size, 0, os.fstat(self._file).st_size
        while len(head := os.pread(self._file, _SIZE.size, at)) == _SIZE.size:
            size = _SIZE.unpack(head)[0]
            following = at + _SIZE.size + size + TAG_SIZE
            if not 0 < size <= BLOCK or following > end:
                break
            found.append((clear, at))
            at, clear = following, clear + size
        return np.array(found, BLOCKS)

    def read(self, offset: int, size: int) -> bytes:
        """As many of `size` bytes as there are.

        Raises:
            InputError: a block was changed.
        """
        parts: list[bytes] = []
        number = int(np.searchsorted(self._blocks["clear"], offset, "right")) - 1
        while size > 0 and 0 <= number < len(self._blocks):
            start = offset - int(self._blocks["clear"][number])
            part = self._block(number)[start : start + size]
            if not part:
                break
            parts.append(part)
            offset, size, number = offset + len(part), size - len(part), number + 1
        return b"".join(parts)

    def _block(self, number: int) -> bytes:
        if self._kept[0] != number:
            at = int(self._blocks["file"][number])
            raw = os.pread(self._file, _SIZE.size + BLOCK + TAG_SIZE, at)
            size = _SIZE.unpack_from(raw)[0] if len(raw) >= _SIZE.size else 0
            sealed = raw[_SIZE.size : _SIZE.size + size + TAG_SIZE]
            bound = self._head + raw[: _SIZE.size]
            clear = opened(self._cipher, block_nonce(number), sealed, bound, self._path)
            self._kept = (number, clear)
        return self._kept[1]


def _cipher(head: bytes, keyring: Keyring, path: Path) -> Any:
    if len(head) < HEAD.size or head[: len(SEALED)] != SEALED:
        raise InputError(
            "This is no segment of the packet store",
            where=str(path),
            next="Take it out of the folder",
            code="bad_segment",
        )
    _, name, salt = HEAD.unpack(head)
    return key_of(keyring, name, path).cipher(salt, b"data")


def key_id(path: Path) -> bytes:
    """Id of the key that a segment is sealed with; empty where it is not sealed or cut off."""
    with path.open("rb") as file:
        head = file.read(HEAD.size)
    return HEAD.unpack(head)[1] if head[: len(SEALED)] == SEALED and len(head) == HEAD.size else b""
