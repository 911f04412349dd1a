"""One segment while it is being written: packets into the file, their index in memory."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import numpy as np

from sensors.keeping.data_file import BLOCKS, PlainWriter, SealedWriter
from sensors.keeping.passes import Hashes, Offsets
from sensors.keeping.records import Frames
from sensors.keeping.sealing import Key
from sensors.keeping.segment_index import Facts, Head, build, write_index
from sensors.keeping.segments import Segment, pcap_head

MAX_ENTRIES: Final = 2_000_000  # of an index: 24 MB; a segment of the smallest packets ends there
_WRITE: Final = 256 * 1024


class SegmentWriter:
    """Appends frames until it is full.

    Raises:
        OSError: the file cannot be made.
    """

    def __init__(self, segment: Segment, key: Key | None) -> None:
        self.segment = segment
        self._key = key
        self._file = SealedWriter(segment.path, key) if key else PlainWriter(segment.path)
        self._hashes: list[Hashes] = []
        self._offsets: list[Offsets] = []
        self._waiting: list[bytes | memoryview] = [pcap_head(segment.link)]
        self._waiting_size = self.size = len(self._waiting[0])
        self._waiting_packets = 0
        self.entries = self.packets = self.first = self.last = 0

    def append(self, frames: Frames) -> None:
        """Take frames; they are written when there are enough of them.

        Raises:
            OSError: the disk does not take them; the segment is to be closed then.
        """
        self._hashes.append(np.array(frames.hashes, np.uint64))  # a copy: not the room around it
        self._offsets.append(np.add(frames.offsets, np.uint32(self.size), dtype=np.uint32))
        self.first = min(self.first, frames.first) if self.packets else frames.first
        self.last = max(self.last, frames.last) if self.packets else frames.last
        self.entries += len(frames.hashes)
        self.packets += frames.packets
        self.size += len(frames.records)
        self._waiting.append(frames.records)
        self._waiting_size += len(frames.records)
        self._waiting_packets += frames.packets
        if self._waiting_size >= _WRITE:
            self.flush()

    def flush(self) -> None:
        """Write what waits.

        Raises:
            OSError: the disk does not take it.
        """
        if self._waiting:
            data = b"".join(self._waiting) if len(self._waiting) > 1 else self._waiting[0]
            self._file.write(data)
            self._waiting.clear()
            self._waiting_size = self._waiting_packets = 0

    def close(self) -> Head | None:
        """Write what waits and the index; None, and no file, where there were no packets.

        Raises:
            OSError: there is no room for it; the next start makes the index.
        """
        try:
            self.flush()
        finally:
            self._file.close()
        if not self.packets:
            self.segment.path.unlink(missing_ok=True)
            return None
        facts = Facts(self.segment.link, self.first, self.last, self.packets, self.size)
        built = build(np.concatenate(self._hashes), np.concatenate(self._offsets))
        self._hashes.clear()
        self._offsets.clear()
        sealed = None
        if isinstance(self._file, SealedWriter) and self._key:
            sealed = (self._key, self._file.salt)
        blocks = np.array(self._file.blocks, BLOCKS)
        return write_index(self.segment.index, facts, built, sealed, blocks)

    def abandon(self) -> tuple[int, int]:
        """Close what the disk no longer takes; how many packets and bytes are lost with it.

        What is whole in the file stays without an index, until `repair` makes one.
        """
        lost = (self._waiting_packets, self._waiting_size)
        self._waiting.clear()
        with suppress(OSError):
            self._file.close()
        return lost
