"""The embedded event store: `fengsui.store.event_store.EventStore` on one machine."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from fengsui.clock import Clock, WallClock
from fengsui.errors import StoreError
from fengsui.event import Event
from fengsui.query.tree import Query
from fengsui.store.embedded import aggregate, scroll
from fengsui.store.embedded.catalogue import Catalogue, Segment
from fengsui.store.embedded.engine import Engine
from fengsui.store.embedded.plan import MICROSECONDS
from fengsui.store.embedded.reader import LONGEST, Reader
from fengsui.store.embedded.schema import ID_BYTES
from fengsui.store.embedded.seen import BUCKET, SeenIds
from fengsui.store.embedded.segments import read_ids
from fengsui.store.embedded.upkeep import Upkeep
from fengsui.store.embedded.writing import FOLDER, Facts, commit
from fengsui.store.event_store import (
    ALWAYS,
    Aggregation,
    Appended,
    Bucket,
    DatasetStatistics,
    Description,
    Hold,
    Page,
    Sort,
    Stop,
    TimeRange,
    Verified,
)
from fengsui.store.lock import writer_lock
from fengsui.store.salvage import ORDINARY, Quarantine, dataset_of

_AT_ONCE: Final = 25_000  # events read, and committed, at once
_LITTLE: Final = 1024**3  # bytes: with less free, the disk is nearly full


class EmbeddedEventStore:
    """Parquet segments in a folder, one writing process, any number of reading ones.

    Appends of one process may come from several threads and do not wait for `maintain`, which belongs
    into a thread of its own; searches of all processes see an append at once.

    Args:
        folder: made when writable.
        writable: take the writer's lock.
        memory_megabytes: ceiling of searches in this process.
        threads: of one search.
        classes: retention class (`cn.retention`) → days; `ordinary` (184) is for all others. Events are
            kept at least so long after they happened, and after they arrived: an old capture that is
            imported today is not deleted tonight.
        clock: tells arrival times and grace periods; the machine's own unless given.

    Raises:
        BusyError: another process writes to this store (code `store_in_use`).
        StoreError: the folder or its catalogue cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        writable: bool,
        memory_megabytes: int = 512,
        threads: int = 2,
        classes: Mapping[str, int] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._folder = folder.absolute()
        self._clock = clock or WallClock()
        self._lock_file = writer_lock(self._folder, FOLDER) if writable else None
        try:
            self._catalogue = Catalogue(self._folder, writable=writable)
        except BaseException:
            if self._lock_file:
                self._lock_file.close()
            raise
        self._engine = Engine(self._folder, memory_megabytes, threads)
        self._reader = Reader(self._folder, self._catalogue, self._engine)
        self._appending = threading.Lock()
        self._classes = {ORDINARY: 184} | dict(classes or {})
        self._upkeep = Upkeep(self._folder, self._catalogue, self._clock, self._classes)
        self._seen = SeenIds(self._ids_of)
        if writable:
            # readers do without the compiler
            from fengsui.store.embedded.intake import Intake  # noqa: PLC0415

            self._intake = Intake(self._classes)
            self._upkeep.remove_orphans()

    def append(self, events: Sequence[Event]) -> Appended:
        """See `EventStore.append`."""
        self._must_write()
        quarantine = Quarantine()
        with self._appending:
            added = sum(
                self._append(events[first : first + _AT_ONCE], quarantine)
                for first in range(0, len(events), _AT_ONCE)
            )
        return Appended(added, len(events) - added, dict(quarantine.counts))

    def search(
        self,
        query: Query,
        within: TimeRange = ALWAYS,
        *,
        sort: Sort = Sort(),  # noqa: B008
        limit: int = 50,
        cursor: str | None = None,
        columns: Sequence[str] = (),
        timeout: float | Stop = 10.0,
    ) -> Page:
        """See `EventStore.search`; `event.id` is given with any columns asked for."""
        return self._reader.search(query, within, sort, limit, cursor, columns, timeout)

    def count(self, query: Query, within: TimeRange = ALWAYS) -> int:
        """See `EventStore.count`."""
        return aggregate.count(self._reader, query, within)

    def aggregate(
        self,
        query: Query,
        how: Aggregation,
        within: TimeRange = ALWAYS,
        *,
        timeout: float | Stop = LONGEST,
    ) -> list[Bucket]:
        """See `EventStore.aggregate`."""
        return aggregate.aggregate(self._reader, query, how, within, Stop.of(timeout))

    def get(self, event_id: str) -> Event | None:
        """See `EventStore.get`."""
        return scroll.get(self._reader, event_id)

    def scroll(self, query: Query, within: TimeRange = ALWAYS) -> Iterator[Event]:
        """See `EventStore.scroll`."""
        return scroll.scroll(self._reader, query, within)

    def statistics(self) -> list[DatasetStatistics]:
        """See `EventStore.statistics`; datasets outside the registry are counted as `other`."""
        by_dataset: dict[str, list[Segment]] = {}
        for segment in self._catalogue.segments():
            by_dataset.setdefault(dataset_of(segment.dataset), []).append(segment)
        return [
            DatasetStatistics(
                dataset,
                sum(one.rows for one in members),
                sum(one.bytes for one in members),
                min(one.first for one in members) * MICROSECONDS,
                max(one.last for one in members) * MICROSECONDS,
            )
            for dataset, members in sorted(by_dataset.items())
        ]

    def maintain(self, now: int) -> None:
        """See `EventStore.maintain`; at most two million rows are rewritten a call."""
        self._must_write()
        if self._upkeep.maintain(now):
            with self._appending:
                self._seen.forget()

    def verify(self) -> Verified:
        """See `EventStore.verify`."""
        return self._upkeep.verify()

    def purge_run(self, run: str) -> int:
        """See `EventStore.purge_run`: the segments that hold such events are rewritten without them."""
        self._must_write()
        with self._appending:
            removed = self._upkeep.purge_run(run)
            self._seen.forget()
            return removed

    def hold(self, hold: Hold) -> None:
        """See `EventStore.hold`."""
        self._must_write()
        self._catalogue.put_hold(hold)

    def release(self, name: str) -> bool:
        """See `EventStore.release`."""
        self._must_write()
        return self._catalogue.drop_hold(name)

    def holds(self) -> list[Hold]:
        """See `EventStore.holds`."""
        return self._catalogue.holds()

    def describe(self) -> Description:
        """See `EventStore.describe`."""
        segments = self._catalogue.segments()
        disk = shutil.disk_usage(self._folder if self._folder.exists() else self._folder.anchor)
        facts: dict[str, str | int] = {
            "segments": len(segments),
            "bytes": sum(one.bytes for one in segments),
            "disk free": disk.free,
        }
        return Description(
            "embedded",
            duckdb.__version__,
            str(self._folder),
            "good" if disk.free > _LITTLE else "degraded",
            facts,
        )

    def close(self) -> None:
        """See `EventStore.close`."""
        self._engine.close()
        self._catalogue.close()
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    def _append(self, events: Sequence[Event], quarantine: Quarantine) -> int:
        """Keep some events durably; how many were new."""
        batch = self._intake.take(events)
        new = self._seen.new(batch.ids, batch.times)
        now = self._clock.now()
        tables = batch.tables(new, quarantine)
        if tables:
            made = [(table, Facts(place, 0, now)) for place, table in tables]
            commit(self._folder, self._catalogue, "append", now, made)
            self._seen.add(batch.ids[new], batch.times[new])
        return int(new.sum())

    def _ids_of(self, bucket: int) -> np.ndarray:
        """Ids (n, 16) that the segments hold of ten minutes of event time."""
        first, last = bucket * BUCKET, (bucket + 1) * BUCKET - 1
        found = [
            read_ids(self._folder / segment.path, first, last)
            for segment in self._catalogue.segments()
            if segment.first <= last and segment.last >= first
        ]
        return np.concatenate([np.empty((0, ID_BYTES), np.uint8), *found])

    def _must_write(self) -> None:
        if self._lock_file is None:
            raise StoreError(
                "This store was opened for reading only",
                where=str(self._folder),
                next="Write through the worker",
                code="read_only",
            )
