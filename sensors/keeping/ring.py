"""Ring: the open segments of one writer and the bounds of the whole folder; a thread's own."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fengsui.clock import HOUR, SECOND, Clock
from fengsui.errors import StoreError
from sensors.keeping.filter_log import FilterLog
from sensors.keeping.records import Frames
from sensors.keeping.repair import repair
from sensors.keeping.sealing import Key, Keyring
from sensors.keeping.segment_writer import MAX_ENTRIES, SegmentWriter
from sensors.keeping.segments import list_segments, new_segment, size_of

log = logging.getLogger(__name__)

_TIDY: Final = 10 * SECOND
_RETRY: Final = 5 * SECOND  # after the disk was full
_LONGEST: Final = HOUR  # a segment of a quiet link ends after this
_MOST_LINKS: Final = 4  # link types at once; packets of more are lost and counted


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the ring: bytes, age in ns (0: none), bytes of a segment, bytes left on the disk."""

    size: int
    age: int = 0
    segment: int = 64 * 1024 * 1024
    reserve: int = 2_000_000_000


class Ring:
    """Writes segments and removes the oldest; never raises for what the disk does.

    Args:
        folder: made if needed, for its owner only.
        keyring: opens what a crash left; has `key` too.
        lose: counts a loss by name.

    Raises:
        StoreError: the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        writer: str,
        key: Key | None,
        keyring: Keyring,
        clock: Clock,
        lose: Callable[[str, int], None],
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._writer = writer
        self._key = key
        self._keyring = keyring
        self._clock = clock
        self._lose = lose
        self._open: dict[int, SegmentWriter] = {}
        self.why = ""  # the store pauses, because
        self.packets = self.bytes = 0
        self._tried = self._tidied = self._last_opened = 0
        self._flushed = 0.0
        self._unfinished = True
        _make_folder(folder)
        self._mend()
        self._tidy(clock.now())
        self._filters = FilterLog(folder, writer)
        self._check_room()

    def keep(self, frames: Frames) -> None:
        """Keep frames, or count them as lost."""
        kept = False
        try:
            kept = self._keep(frames)
        except OSError as error:
            self._pause(error)
        except Exception:  # counted as lost; the ring goes on
            log.exception("The packet store has failed on a block")
        if kept:
            self.packets += frames.packets
            self.bytes += len(frames.records)
        else:
            reason = "disk_full" if self.why else "failed"
            self._lose(f"packets.{reason}_packets", frames.packets)
            self._lose(f"packets.{reason}_bytes", len(frames.records))

    def turn(self, *, flush: bool, seconds: float) -> None:
        """What is due beside packets: what waits goes to the disk, the oldest segments go."""
        if flush or time.monotonic() - self._flushed > seconds:
            self._flush_open()
        if not 0 <= self._clock.now() - self._tidied <= _TIDY:
            try:
                self._tidy(self._clock.now())
            except OSError as error:
                self._pause(error)

    def end(self) -> None:
        """End all open segments."""
        for link in list(self._open):
            if link in self._open:  # a pause closes them all
                self._end(link)

    def _keep(self, frames: Frames) -> bool:
        now = self._clock.now()
        if self.why:
            if 0 <= now - self._tried < _RETRY:
                return False
            self._mend()
        writer = self._open.get(frames.link)
        if writer is not None and self._is_full(writer, frames, now):
            self._end(frames.link)
            writer = None
        if writer is None:
            writer = self._begin(frames.link, len(frames.records), now)
        if writer is None:
            return False
        try:
            writer.append(frames)
        except OSError as error:
            self._pause(error)  # which counts what waits, these too
            return True
        if self.why:
            log.warning("The packet store writes again", extra={"folder": str(self._folder)})
            self.why = ""
        return True

    def _is_full(self, writer: SegmentWriter, frames: Frames, now: int) -> bool:
        return (
            writer.size + len(frames.records) > self._limits.segment
            or writer.entries + len(frames.hashes) > MAX_ENTRIES
            or now - writer.segment.opened > self._longest()
        )

    def _longest(self) -> int:
        """A ring of hours is cut finely enough to forget by age."""
        return min(_LONGEST, self._limits.age // 8) if self._limits.age else _LONGEST

    def _begin(self, link: int, size: int, now: int) -> SegmentWriter | None:
        """A new segment, if there is room for one."""
        self._tidy(now)
        if len(self._open) >= _MOST_LINKS:
            return None
        free = shutil.disk_usage(self._folder).free
        if free < self._limits.reserve + max(size, self._limits.segment):
            self._pause(None)
            return None
        self._last_opened = max(now, self._last_opened + 1)  # names are unique, whatever the clock
        segment = new_segment(
            self._folder, self._last_opened, self._writer, link, sealed=self._key is not None
        )
        self._open[link] = SegmentWriter(segment, self._key)
        return self._open[link]

    def _end(self, link: int) -> None:
        writer = self._open.pop(link)
        try:
            if writer.close():
                self._filters.add(writer.segment)
        except OSError as error:
            self._abandon(writer)
            self._pause(error)

    def _abandon(self, writer: SegmentWriter) -> None:
        packets, size = writer.abandon()
        self._unfinished = True
        self.packets -= packets
        self.bytes -= size
        self._lose("packets.disk_full_packets", packets)
        self._lose("packets.disk_full_bytes", size)

    def _pause(self, error: OSError | None) -> None:
        """Stop writing for a while: the disk is full, or broken."""
        why = (error.strerror or str(error)) if error else "the disk is full up to the reserve"
        if not self.why:
            log.error("The packet store pauses", extra={"folder": str(self._folder), "why": why})
            self._lose("packets.pauses", 1)
        self.why = why
        self._tried = self._clock.now()
        while self._open:
            _, writer = self._open.popitem()
            self._abandon(writer)

    def _mend(self) -> None:
        """Index what a crash or a full disk left without."""
        if self._unfinished:
            losses = repair(self._folder, self._writer, self._keyring)
            for name, count in losses.as_json().items():
                self._lose(name, count)
            self._unfinished = False

    def _check_room(self) -> None:
        """Say at once when the ring will never grow to its bound."""
        held = sum(size_of(segment) for segment in list_segments(self._folder))
        room = shutil.disk_usage(self._folder).free + held - self._limits.reserve
        if room < self._limits.size:
            log.warning(
                "The packet store's disk is smaller than its bound: it will pause when full",
                extra={"folder": str(self._folder), "bound": self._limits.size, "room": room},
            )

    def _flush_open(self) -> None:
        self._flushed = time.monotonic()
        try:
            for writer in self._open.values():
                writer.flush()
        except OSError as error:
            self._pause(error)

    def _tidy(self, now: int) -> None:
        """Remove the oldest segments until the ring keeps its bounds; end those of quiet links."""
        self._tidied = now
        for link, writer in list(self._open.items()):
            if now - writer.segment.opened > self._longest() and link in self._open:
                self._end(link)
        using = {writer.segment.path for writer in self._open.values()}
        segments = [s for s in list_segments(self._folder) if s.path not in using]
        sizes = [size_of(segment) for segment in segments]
        total = sum(sizes) + sum(writer.size for writer in self._open.values())
        total += self._limits.segment if not self._open else 0  # room for the one that comes
        for segment, size in zip(segments, sizes, strict=True):
            old = self._limits.age and now - _changed(segment.path, now) > self._limits.age
            if total <= self._limits.size and not old:
                break
            segment.index.unlink(missing_ok=True)
            segment.path.unlink(missing_ok=True)
            total -= size


def _changed(path: Path, now: int) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return now


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise StoreError(
            f"The packet store's folder cannot be used: {error.strerror}",
            where=f"{folder}, from packets.folder",
            next="Give this user the right to write there, or name another folder",
            code="packets_folder",
        ) from error
