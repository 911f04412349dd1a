"""Where each flow's packets lie in a segment: written once, when the segment is whole.

A head says what times the segment spans. A Bloom filter answers for nearly every segment that the
flow is not in it; then come the distinct hashes in order with the beginning of each one's offsets,
the offsets, and of a sealed segment its blocks. Of a sealed segment each part is sealed too, for
whoever has hashes can try addresses.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fengsui.errors import InputError
from sensors.keeping.data_file import BLOCKS
from sensors.keeping.sealing import (
    ID_SIZE,
    NONCE_SIZE,
    SALT_SIZE,
    TAG_SIZE,
    Key,
    Keyring,
    key_of,
    opened,
)

_MAGIC: Final = b"FSINDEX1"
_HEAD: Final = struct.Struct(f"<8s{ID_SIZE}s{SALT_SIZE}sIIqqQQIIII")
HEAD_SIZE: Final = _HEAD.size
_PROBES: Final = 5
_BITS_A_FLOW: Final = 10  # of 1 %, rounded up to a power of two
_FEWEST, _MOST = 1 << 10, 1 << 23  # bits of a filter

_FILTER, _HASHES, _STARTS, _OFFSETS, _BLOCKS = range(5)


class Head(NamedTuple):
    """What is known of a segment without looking into it; times in ns."""

    key: bytes  # id of the key, zeros where it is not sealed
    salt: bytes
    link: int
    first: int
    last: int
    packets: int
    size: int  # clear bytes
    flows: int
    entries: int
    filter: int  # bytes
    blocks: int

    @property
    def is_sealed(self) -> bool:
        """Whether a key is needed."""
        return any(self.key)

    def lengths(self) -> tuple[int, ...]:
        """Bytes of each part, sealed or not."""
        clear = (
            self.filter,
            8 * self.flows,
            4 * (self.flows + 1),
            4 * self.entries,
            BLOCKS.itemsize * self.blocks,
        )
        more = NONCE_SIZE + TAG_SIZE if self.is_sealed else 0
        return tuple(length + more for length in clear)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a writer knows of its segment: `size` in clear bytes, times in ns."""

    link: int
    first: int
    last: int
    packets: int
    size: int


class BuiltIndex(NamedTuple):
    """The parts, in the order of the file."""

    filter: npt.NDArray[np.uint8]
    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.uint32]

    def offsets_of(self, wanted: int) -> npt.NDArray[np.uint32]:
        """Where the packets of a hash lie, in order."""
        place = int(np.searchsorted(self.hashes, np.uint64(wanted)))
        if place == len(self.hashes) or int(self.hashes[place]) != wanted:
            return self.offsets[:0]
        return np.unique(self.offsets[int(self.starts[place]) : int(self.starts[place + 1])])


def build(entries: npt.NDArray[np.uint64], offsets: npt.NDArray[np.uint32]) -> BuiltIndex:
    """Sorted parts of hashes and the offsets of their packets."""
    order = np.argsort(entries)
    every = entries[order]
    begins = np.flatnonzero(np.concatenate((np.ones(min(1, len(every)), bool), np.diff(every) > 0)))
    hashes = every[begins]
    starts = np.append(begins, len(every)).astype(np.uint32)
    return BuiltIndex(_filter(hashes), hashes, starts, offsets[order])


def _filter(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    wanted = max(_FEWEST, min(_MOST, _BITS_A_FLOW * len(hashes)))
    bits = np.zeros(1 << (wanted - 1).bit_length(), bool)
    mask = np.uint64(len(bits) - 1)
    step = (hashes >> np.uint64(32)) | np.uint64(1)
    place = hashes.copy()
    for _ in range(_PROBES):
        bits[place & mask] = True
        place += step
    return np.packbits(bits, bitorder="little")


def may_hold(filter_: bytes, wanted: int) -> bool:
    """Whether a flow may be in the segment of a filter; False is certain."""
    mask = 8 * len(filter_) - 1
    step = (wanted >> 32) | 1
    for probe in range(_PROBES):
        place = (wanted + probe * step) & mask  # 64 bits or more: the mask takes the low ones
        if not filter_[place >> 3] >> (place & 7) & 1:
            return False
    return True


def write_index(
    path: Path,
    facts: Facts,
    built: BuiltIndex,
    sealed: tuple[Key, bytes] | None = None,
    blocks: npt.NDArray[Any] | None = None,
) -> Head:
    """Write an index beside its segment; `sealed` is the key and the segment's salt.

    Raises:
        OSError: there is no room; no part of a file is left behind.
    """
    table = np.empty(0, BLOCKS) if blocks is None else blocks
    key, salt = (sealed[0].id, sealed[1]) if sealed else (bytes(ID_SIZE), bytes(SALT_SIZE))
    head = Head(
        key,
        salt,
        facts.link,
        facts.first,
        facts.last,
        facts.packets,
        facts.size,
        len(built.hashes),
        len(built.offsets),
        len(built.filter),
        len(table),
    )
    packed = _pack(head)
    parts = [part.tobytes() for part in (*built, table)]
    if sealed:
        cipher = sealed[0].cipher(salt, b"index")
        for number, part in enumerate(parts):
            nonce = os.urandom(NONCE_SIZE)  # an index may be written again after a crash
            parts[number] = nonce + cipher.encrypt(nonce, part, packed + bytes([number]))
    temporary = path.with_suffix(".writing")
    try:
        with open(temporary, "wb", opener=_for_its_owner) as file:
            file.write(packed + b"".join(parts))
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return head


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _pack(head: Head) -> bytes:
    k, salt, link, first, last, packets, size, flows, entries, filter_, blocks = head
    return _HEAD.pack(
        _MAGIC, k, salt, link, 0, first, last, packets, size, flows, entries, filter_, blocks
    )


def read_head(path: Path) -> Head:
    """What an index says of its segment.

    Raises:
        InputError: it is no index, or cut (code `bad_index`).
    """
    with path.open("rb") as file:
        packed = file.read(_HEAD.size)
        size = os.fstat(file.fileno()).st_size
    head = unpack_head(packed)
    if head and size == _HEAD.size + sum(head.lengths()):
        return head
    raise InputError(
        "An index of the packet store is damaged",
        where=str(path),
        next="Remove that file: the segment is indexed again when the sensor starts",
        code="bad_index",
    )


def unpack_head(packed: bytes) -> Head | None:
    """A head from its HEAD_SIZE bytes; None where they are none."""
    if len(packed) < HEAD_SIZE or packed[: len(_MAGIC)] != _MAGIC:
        return None
    _, key, salt, link, _, *rest = _HEAD.unpack(packed)
    return Head(key, salt, link, *rest)


def read_filter(stored: bytes, head: Head, keyring: Keyring, where: Path) -> bytes:
    """The filter of a segment from how its index has it.

    Raises:
        InputError: it is sealed with a key that is not at hand, or was changed.
    """
    if not head.is_sealed:
        return stored
    cipher = key_of(keyring, head.key, where).cipher(head.salt, b"index")
    return _part_opened(cipher, stored, head, _FILTER, where)


def _part_opened(cipher: AESGCM, data: bytes, head: Head, number: int, where: Path) -> bytes:
    bound = _pack(head) + bytes([number])
    return opened(cipher, data[:NONCE_SIZE], data[NONCE_SIZE:], bound, where)


class IndexReader:
    """Looks flows up in an index file.

    Raises:
        InputError: it is sealed with a key that is not at hand.
    """

    def __init__(self, path: Path, head: Head, keyring: Keyring) -> None:
        self._path = path
        self._head = head
        self._cipher = None
        if head.is_sealed:
            self._cipher = key_of(keyring, head.key, path).cipher(head.salt, b"index")

    def offsets_of(self, wanted: int) -> npt.NDArray[np.uint32]:
        """Where the packets of a hash lie, in order; mostly answered by the filter.

        Raises:
            InputError: a sealed part was changed.
        """
        with self._path.open("rb") as file:
            descriptor = file.fileno()
            if not may_hold(self._part(descriptor, _FILTER), wanted):
                return np.empty(0, np.uint32)
            hashes = np.frombuffer(self._part(descriptor, _HASHES), np.uint64)
            place = int(np.searchsorted(hashes, np.uint64(wanted)))
            if place == len(hashes) or int(hashes[place]) != wanted:
                return np.empty(0, np.uint32)
            starts = np.frombuffer(self._part(descriptor, _STARTS), np.uint32)
            offsets = np.frombuffer(self._part(descriptor, _OFFSETS), np.uint32)
        return np.unique(offsets[int(starts[place]) : int(starts[place + 1])])

    def blocks(self) -> npt.NDArray[Any]:
        """The blocks of a sealed segment."""
        with self._path.open("rb") as file:
            return np.frombuffer(self._part(file.fileno(), _BLOCKS), BLOCKS)

    def _part(self, descriptor: int, number: int) -> bytes:
        lengths = self._head.lengths()
        data = os.pread(descriptor, lengths[number], _HEAD.size + sum(lengths[:number]))
        if self._cipher is None:
            return data
        return _part_opened(self._cipher, data, self._head, number, self._path)
