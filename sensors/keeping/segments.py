"""The segments in a folder: their names, and making an index of one that a crash left without.

`1760000000000000000.sensor-1.1.pcap` was begun at that time (ns) by that writer and holds packets of
link type 1; `.sealed` instead of `.pcap` where it is sealed; `.index` beside it once it is whole.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sensors.keeping.data_file import (
    PlainReader,
    Reader,
    SealedReader,
)
from sensors.keeping.passes import MAGIC, Hashes, Offsets
from sensors.keeping.records import index_records
from sensors.keeping.sealing import Keyring
from sensors.keeping.segment_index import Facts

PCAP_HEAD: Final = 24
_SNAP: Final = 262_144
_PIECE: Final = 1 << 20
_NAME: Final = re.compile(r"(\d{19})\.([0-9A-Za-z_-]{1,64})\.(\d{1,5})\.(pcap|sealed)")


def pcap_head(link: int) -> bytes:
    """Head of a pcap file with nanoseconds."""
    return struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, _SNAP, link)


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of packets; `opened` is when it was begun, ns of the wall clock."""

    path: Path
    opened: int
    writer: str
    link: int
    is_sealed: bool

    @property
    def index(self) -> Path:
        """Its index; not there while it is being written."""
        return self.path.with_suffix(".index")

    def reader(self, keyring: Keyring, blocks: npt.NDArray[Any] | None = None) -> Reader:
        """Its clear bytes.

        Raises:
            InputError: it is sealed with a key that is not at hand.
            FileNotFoundError: it was removed.
        """
        if self.is_sealed:
            return SealedReader(self.path, keyring, blocks)
        return PlainReader(self.path)


def new_segment(folder: Path, opened: int, writer: str, link: int, *, sealed: bool) -> Segment:
    """Name of a segment that is about to be begun."""
    kind = "sealed" if sealed else "pcap"
    path = folder / f"{opened:019d}.{writer}.{link}.{kind}"
    return Segment(path, opened, writer, link, sealed)


def list_segments(folder: Path) -> list[Segment]:
    """Segments in order of their beginning; other files are left alone."""
    if not folder.is_dir():
        return []
    found = [m for path in folder.iterdir() if (m := _NAME.fullmatch(path.name))]
    segments = [Segment(folder / m[0], int(m[1]), m[2], int(m[3]), m[4] == "sealed") for m in found]
    return sorted(segments, key=lambda segment: (segment.opened, segment.path.name))


def size_of(segment: Segment) -> int:
    """Bytes on the disk, its index included; 0 where it was removed."""
    total = 0
    for path in (segment.path, segment.index):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a pass over a segment found; `rest` clear bytes at its end are no whole record."""

    facts: Facts
    hashes: Hashes
    offsets: Offsets
    rest: int


def scan(segment: Segment, reader: Reader) -> Scanned:
    """Index a segment by reading it from its beginning."""
    hashes: list[Hashes] = [np.empty(0, np.uint64)]
    offsets: list[Offsets] = [np.empty(0, np.uint32)]
    packets, first, last, at, rest = 0, 0, 0, PCAP_HEAD, 0
    while piece := reader.read(at, _PIECE):
        frames = index_records(piece, segment.link)
        if not frames.packets:
            rest = len(piece)
            break
        hashes.append(frames.hashes)
        offsets.append(frames.offsets + np.uint32(at))
        first = min(first, frames.first) if packets else frames.first
        last = max(last, frames.last) if packets else frames.last
        packets += frames.packets
        at += len(frames.records)
    facts = Facts(segment.link, first, last, packets, at)
    return Scanned(facts, np.concatenate(hashes), np.concatenate(offsets), rest)
