"""Keeper: the ring of recent packets, written beside decoding and never in its way.

The sensor hands over blocks of records; a thread writes them. What the disk is too slow for, or has
no room for, is dropped and counted, and decoding goes on. The oldest segments make room for new ones
by size and by age; the disk is never filled beyond a reserve.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from pathlib import Path
from typing import Any, Final

from fengsui.clock import Clock, WallClock, to_iso
from fengsui.loss import Losses
from sensors.keeping.records import Converter, Frames, index_records
from sensors.keeping.ring import Limits, Ring
from sensors.keeping.sealing import Key, Keyring, make_keyring

_QUEUE: Final = 64 * 1024 * 1024  # bytes that may wait for the disk
_FLUSH: Final = 1.0  # seconds after which packets are on their way to the disk


class Keeper:
    """Writes the ring. One for each process that senses; several may share a folder.

    Args:
        folder: made if needed, for its owner only.
        key: seals new segments where given.
        old_keys: open what a crash left sealed with another key.
        writer: a name that no other process uses in this folder (`sensor-1-0`).

    Raises:
        StoreError: the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        *,
        key: Key | None = None,
        old_keys: Keyring | None = None,
        writer: str = "sensor",
        clock: Clock | None = None,
    ) -> None:
        self._folder = folder
        self._key = key
        self._clock = clock or WallClock()
        self._rings: dict[int, Converter] = {}
        self._lock = threading.Condition()
        self._queue: deque[Frames] = deque()
        self._queued = 0
        self._asked = self._answered = 0
        self._stopping = False
        self._losses = Losses()
        name = re.sub(r"[^0-9A-Za-z_-]", "-", writer)[:64] or "sensor"
        keyring = {**(old_keys or {}), **make_keyring([key] if key else [])}
        self._ring = Ring(folder, limits, name, key, keyring, self._clock, self._lose)
        self._thread = threading.Thread(target=self._run, name="packets", daemon=True)
        self._thread.start()

    def block(self, view: bytes | memoryview, link: int = 1) -> None:
        """Take consecutive pcap records (little endian, nanoseconds): copied, so reuse the buffer.

        What is no whole record at the end is counted and dropped.
        """
        frames = index_records(bytes(view), link)
        if len(frames.records) < len(view):
            self._lose("packets.broken_bytes", len(view) - len(frames.records))
        self.append(frames)

    def ring(self, block: memoryview, first: int, packets: int, link: int = 1) -> None:
        """Take a block of a TPACKET_V3 ring, as `RingDecoder.block` does: copied, so release it.

        Args:
            block: its used part.
            first: offset of its first frame.
            packets: frames in it.
            link: link type of the interface.
        """
        if link not in self._rings:
            self._rings[link] = Converter.of_ring(link)
        kept = 0
        for frames in self._rings[link].take_block(block, first, packets):
            kept += frames.packets
            self.append(frames)
        if kept < packets:
            self._lose("packets.broken_frames", packets - kept)

    def append(self, frames: Frames) -> None:
        """Take frames that are indexed already; the keeper owns their memory from now on."""
        if not frames.packets:
            return
        with self._lock:
            if self._queued + len(frames.records) > _QUEUE:
                self._losses.add("packets.slow_disk_packets", frames.packets)
                self._losses.add("packets.slow_disk_bytes", len(frames.records))
                return
            self._queue.append(frames)
            self._queued += len(frames.records)
            self._lock.notify_all()

    def flush(self, seconds: float = 30.0) -> None:
        """Wait until everything that was handed over is written, or lost and counted."""
        with self._lock:
            self._asked += 1
            asked = self._asked
            self._lock.notify_all()
            self._lock.wait_for(lambda: self._answered >= asked, seconds)

    def close(self) -> None:
        """Write everything and end the segments; the keeper takes nothing more."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self._thread.join()

    @property
    def losses(self) -> Losses:
        """Everything that was not kept, so far."""
        with self._lock:
            return Losses(self._losses.as_json())

    def status(self) -> dict[str, Any]:
        """For the sensor's report: `state` is `writing` or `paused`, and then `why`."""
        with self._lock:
            document: dict[str, Any] = {
                "state": "paused" if self._ring.why else "writing",
                "folder": str(self._folder),
                "packets": self._ring.packets,
                "bytes": self._ring.bytes,
                "waiting_bytes": self._queued,
                "sealed": self._key is not None,
                "at": to_iso(self._clock.now()),
            }
            return document | ({"why": self._ring.why} if self._ring.why else {})

    def _lose(self, name: str, count: int) -> None:
        with self._lock:
            self._losses.add(name, count)

    def _run(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(self._wanted, _FLUSH)
                some = list(self._queue)
                self._queue.clear()
                asked, stopping = self._asked, self._stopping
            for frames in some:
                self._ring.keep(frames)
                with self._lock:
                    self._queued -= len(frames.records)
            if stopping and not some:
                break
            self._ring.turn(flush=asked > self._answered, seconds=_FLUSH)
            self._answer(asked)
        self._ring.end()
        self._answer(self._asked)

    def _answer(self, asked: int) -> None:
        with self._lock:
            self._answered = max(self._answered, asked)
            self._lock.notify_all()

    def _wanted(self) -> bool:
        return bool(self._queue) or self._stopping or self._asked > self._answered
