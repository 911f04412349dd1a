"""PacketStore: the reading side of the ring. Carves a flow's packets out, in well under a second.

One read of each writer's filters (`filter_log`) rules out nearly all segments, and only those that may
hold the flow are opened; the segment that is being written has no index yet and is scanned. Every packet is
decoded again before it is given out, so what shares no more than a hash is not.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fengsui.clock import SECOND
from fengsui.errors import FengsuiError
from sensors.keeping.data_file import Reader, key_id
from sensors.keeping.filter_log import ruled_out
from sensors.keeping.flow_key import FlowKey
from sensors.keeping.headers import FRAGMENT, LATER, Words
from sensors.keeping.passes import RECORD
from sensors.keeping.records import levels_of
from sensors.keeping.sealing import Keyring
from sensors.keeping.segment_index import Head, IndexReader, build, read_head
from sensors.keeping.segments import Segment, list_segments, pcap_head, scan, size_of

_GUESS: Final = 2048  # bytes: most records are read at once
_DISORDER: Final = 5 * SECOND  # packets of a segment are in order of time, to within this
_MAX_PACKET: Final = 262_144


@dataclass(frozen=True, slots=True)
class Carved:
    """A flow's packets as a pcap with nanoseconds.

    Attributes:
        bounded: there were more than the bounds let in, or some of another link type.
        lost: segments that were removed, or could not be read, while we looked.
    """

    pcap: bytes
    packets: int
    bounded: bool
    segments: int
    lost: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What the ring holds; times in ns, 0 where there is nothing."""

    segments: int
    unfinished: int
    bytes: int
    packets: int
    first: int
    last: int
    sealed: int
    keys: tuple[str, ...]
    unreadable: int


@dataclass(slots=True)
class _Taken:
    """Records so far, with what orders them."""

    max_packets: int
    room: int
    records: list[tuple[int, int, bytes]] = field(default_factory=list[tuple[int, int, bytes]])
    fragments: set[tuple[bytes, int]] = field(default_factory=set[tuple[bytes, int]])
    link: int = -1
    bounded: bool = False

    def add(self, time: int, record: bytes, link: int) -> None:
        """Take one, if there is room."""
        if self.link < 0:
            self.link = link
        if len(self.records) >= self.max_packets or len(record) > self.room or link != self.link:
            self.bounded = True
            return
        self.room -= len(record)
        self.records.append((time, len(self.records), record))


class PacketStore:
    """Reads a ring; several may, while it is being written.

    Args:
        folder: need not be there.
        keyring: keys of sealed segments.
    """

    def __init__(self, folder: Path, keyring: Keyring | None = None) -> None:
        self.folder = folder
        self._keyring: Keyring = keyring or {}
        self._heads: dict[Path, Head] = {}

    def count(self, key: FlowKey, since: int, until: int) -> int:
        """Packets of a flow in segments of that time, by their indexes alone: an upper bound.

        Raises:
            InputError: a segment is sealed with a key that is not at hand.
        """
        total = 0
        for segment, head in self._segments((key.hash,), since, until):
            try:
                total += len(self._offsets(segment, head, key.hash))
            except OSError:
                continue  # it has just been removed
        return total

    def carve(
        self,
        key: FlowKey,
        since: int,
        until: int,
        *,
        max_packets: int = 2000,
        max_bytes: int = 4_000_000,
    ) -> Carved:
        """Packets of a flow, both directions and fragments too, from `since` to `until` (ns).

        Raises:
            InputError: a segment is sealed with a key that is not at hand, or was tampered with.
        """
        taken = _Taken(max_packets, max_bytes)
        looked = lost = 0
        for segment, head in self._segments((key.hash, key.fragments_hash), since, until):
            try:
                looked += self._carve(segment, head, key, (since, until), taken)
            except OSError:
                lost += 1  # the ring has just removed it
            if taken.bounded:
                break
        records = b"".join(record for _, _, record in sorted(taken.records))
        pcap = pcap_head(max(0, taken.link) if taken.records else 1) + records
        return Carved(pcap, len(taken.records), taken.bounded, looked, lost)

    def overview(self) -> Overview:
        """What is held, for people."""
        segments = list_segments(self.folder)
        heads = [head for segment in segments if (head := self._head(segment))]
        keys: set[bytes] = set()
        for segment in segments:
            if segment.is_sealed:
                keys |= _key_of(segment)
        return Overview(
            segments=len(segments),
            unfinished=len(segments) - len(heads),
            bytes=sum(size_of(segment) for segment in segments),
            packets=sum(head.packets for head in heads),
            first=min((head.first for head in heads), default=0),
            last=max((head.last for head in heads), default=0),
            sealed=sum(segment.is_sealed for segment in segments),
            keys=tuple(sorted(key.hex() for key in keys if key)),
            unreadable=sum(1 for key in keys if key and key not in self._keyring),
        )

    def _segments(
        self, wanted: tuple[int, ...], since: int, until: int
    ) -> Iterator[tuple[Segment, Head | None]]:
        """Segments that may hold packets of these hashes and that time; no head: no index."""
        out = ruled_out(self.folder, wanted, since, until, self._keyring)
        segments = [s for s in list_segments(self.folder) if s.path.stem not in out]
        known = {segment.index for segment in segments}
        self._heads = {path: head for path, head in self._heads.items() if path in known}
        for segment in segments:
            head = self._head(segment)
            if head is None or (head.first <= until and head.last >= since):
                yield segment, head

    def _head(self, segment: Segment) -> Head | None:
        if segment.index not in self._heads:
            try:
                self._heads[segment.index] = read_head(segment.index)
            except (OSError, FengsuiError):
                return None
        return self._heads[segment.index]

    def _offsets(self, segment: Segment, head: Head | None, wanted: int) -> npt.NDArray[np.uint32]:
        if head is not None:
            return IndexReader(segment.index, head, self._keyring).offsets_of(wanted)
        with segment.reader(self._keyring) as reader:
            found = scan(segment, reader)
        return build(found.hashes, found.offsets).offsets_of(wanted)

    def _carve(
        self,
        segment: Segment,
        head: Head | None,
        key: FlowKey,
        span: tuple[int, int],
        taken: _Taken,
    ) -> bool:
        """Take a segment's packets; whether it holds any."""
        wanted = self._offsets(segment, head, key.hash)
        later = self._offsets(segment, head, key.fragments_hash) if taken.fragments else wanted[:0]
        if not len(wanted) and not len(later):
            return False
        blocks: npt.NDArray[Any] | None = None
        if head is not None and segment.is_sealed:
            blocks = IndexReader(segment.index, head, self._keyring).blocks()
        with segment.reader(self._keyring, blocks) as reader:
            for time, record in _records(reader, wanted, span):
                levels = levels_of(memoryview(record)[RECORD:], segment.link)
                mine = [level for level in levels if key.is_of(level)]
                if mine:
                    taken.fragments |= {_datagram(v) for v in mine if v[FRAGMENT] >= 0}
                    taken.add(time, record, segment.link)
                if taken.bounded:
                    return True
            if taken.fragments and key.hash != key.fragments_hash:
                later = self._offsets(segment, head, key.fragments_hash)
                self._take_later(reader, later, span, segment.link, taken)
        return True

    def _take_later(
        self,
        reader: Reader,
        offsets: npt.NDArray[np.uint32],
        span: tuple[int, int],
        link: int,
        taken: _Taken,
    ) -> None:
        """Later fragments of datagrams whose first fragment is the flow's."""
        for time, record in _records(reader, offsets, span):
            levels = levels_of(memoryview(record)[RECORD:], link)
            if any(v[LATER] and _datagram(v) in taken.fragments for v in levels):
                taken.add(time, record, link)
            if taken.bounded:
                return


def _datagram(level: Words) -> tuple[bytes, int]:
    """What fragments of one datagram share: addresses, transport and identification."""
    return level[1:6].tobytes(), int(level[FRAGMENT])


def _key_of(segment: Segment) -> set[bytes]:
    try:
        return {key_id(segment.path)}
    except OSError:
        return set()


def _records(
    reader: Reader, offsets: npt.NDArray[np.uint32], span: tuple[int, int]
) -> Iterator[tuple[int, bytes]]:
    """Records at offsets whose times are in the span (both ends included)."""
    since, until = span
    start = bisect_left(offsets, since - _DISORDER, key=lambda at: _time(reader, int(at)))
    for at in offsets[start:].tolist():
        data = reader.read(at, _GUESS)
        if len(data) < RECORD:
            continue
        seconds, nanoseconds, size, _ = struct.unpack_from("<IIII", data)
        time = seconds * SECOND + nanoseconds
        if time > until + _DISORDER:
            return
        if not since <= time <= until or size > _MAX_PACKET:
            continue
        if len(data) < RECORD + size:
            data += reader.read(at + len(data), RECORD + size - len(data))
        if len(data) >= RECORD + size:
            yield time, data[: RECORD + size]


def _time(reader: Reader, at: int) -> int:
    head = reader.read(at, 8)
    if len(head) < 8:
        return 0
    seconds, nanoseconds = struct.unpack("<II", head)
    return int(seconds) * SECOND + int(nanoseconds)
