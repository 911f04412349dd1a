"""The event store on a cluster: `fengsui.store.event_store.EventStore` over Elasticsearch."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO, Final

from fengsui.clock import Clock, WallClock
from fengsui.errors import StoreError
from fengsui.event import Event
from fengsui.query.tree import Query
from fengsui.store.elastic.aggregate import aggregate
from fengsui.store.elastic.bulk import Bulk, Placed
from fengsui.store.elastic.connection import (
    Address,
    check_versions,
    connect,
    explained,
    versions,
)
from fengsui.store.elastic.document import Document, document_of
from fengsui.store.elastic.names import IndexName, Period, chosen_index, period_for, read_name
from fengsui.store.elastic.search import LONGEST, Search
from fengsui.store.elastic.upkeep import Upkeep
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
from fengsui.store.salvage import ORDINARY, Quarantine

_STATUS: Final[Mapping[str, str]] = {"green": "good", "yellow": "degraded", "red": "bad"}
_MS: Final = 1_000_000


class ElasticEventStore:
    """Events in a cluster. Several processes may write; that the same event is stored once is its id's.

    Args:
        address: of the cluster.
        writable: sets up templates and our own indices where they are missing.
        classes: retention class (`cn.retention`) → days; `ordinary` is for all others.
        period: of new indices; None decides by their size.
        lock: held as long as this store is open.
        clock: stamps arrivals and seals.

    Raises:
        SettingsError: the address cannot be one.
        StoreError: the cluster cannot be used; the code says why.
    """

    def __init__(
        self,
        address: Address,
        *,
        writable: bool,
        classes: Mapping[str, int] | None = None,
        period: Period | None = None,
        clock: Clock | None = None,
        lock: IO[bytes] | None = None,
    ) -> None:
        self._address = address
        self._held = lock
        self._clock = clock or WallClock()
        self._classes = {ORDINARY: 184} | dict(classes or {})
        self._period: Period | None = period
        self._writable = writable
        self._lock = threading.Lock()
        self._indices: dict[str, IndexName] = {}
        self._fresh: dict[tuple[str, str], Period] = {}
        self._sealed: set[str] = set()
        self._client = connect(address)
        self._search = Search(self._client, address)
        self._upkeep = Upkeep(self._client, address, self._search, self._classes, self._clock)
        self._bulk = Bulk(self._client, address)
        try:
            with explained(address):
                check_versions(versions(self._client), address.shown)
            if writable:
                self._upkeep.init()
                self._look()
        except BaseException:
            self.close()
            raise

    def set_up(self) -> list[str]:
        """Make or bring up to date what the store needs; tells what."""
        return self._upkeep.init()

    def append(self, events: Sequence[Event]) -> Appended:
        """See `EventStore.append`: on the disks of all copies, and searchable."""
        self._must_write()
        quarantine = Quarantine()
        touched: set[str] = set()
        written = self._bulk.write(self._documents(events, quarantine, touched))
        if touched and written.added:
            with explained(self._address):
                self._client.indices.refresh(index=sorted(touched), ignore_unavailable=True)
        for _, reason in written.dead:
            quarantine.add([f"(refused) {reason.partition(':')[0]}"])
        added = written.added + len(written.dead)
        counts = quarantine.counts if added else {}
        return Appended(added, len(events) - added, dict(counts))

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
        """See `EventStore.search`."""
        started = time.perf_counter()
        page = self._search.page(query, within, sort, limit, cursor, columns, Stop.of(timeout))
        return replace(page, seconds=time.perf_counter() - started)

    def count(self, query: Query, within: TimeRange = ALWAYS) -> int:
        """See `EventStore.count`."""
        return self._search.count(query, within)

    def aggregate(
        self,
        query: Query,
        how: Aggregation,
        within: TimeRange = ALWAYS,
        *,
        timeout: float | Stop = LONGEST,
    ) -> list[Bucket]:
        """See `EventStore.aggregate`; counts of terms are exact up to 10,000 different values."""
        return aggregate(self._search, query, how, within, Stop.of(timeout))

    def get(self, event_id: str) -> Event | None:
        """See `EventStore.get`."""
        return self._search.get(event_id)

    def scroll(self, query: Query, within: TimeRange = ALWAYS) -> Iterator[Event]:
        """See `EventStore.scroll`."""
        return self._search.scroll(query, within)

    def statistics(self) -> list[DatasetStatistics]:
        """See `EventStore.statistics`."""
        return self._upkeep.statistics()

    def maintain(self, now: int) -> None:
        """See `EventStore.maintain`: retires indices, then seals those whose period is over."""
        self._must_write()
        self._upkeep.retire(now)
        self._upkeep.seal(now)
        with self._lock:
            self._look()

    def verify(self) -> Verified:
        """See `EventStore.verify`."""
        return self._upkeep.verify()

    def purge_run(self, run: str) -> int:
        """See `EventStore.purge_run`."""
        self._must_write()
        removed = self._upkeep.purge_run(run)
        with self._lock:
            self._look()
        return removed

    def hold(self, hold: Hold) -> None:
        """See `EventStore.hold`."""
        self._must_write()
        self._upkeep.ledger.put_hold(hold)

    def release(self, name: str) -> bool:
        """See `EventStore.release`."""
        self._must_write()
        return self._upkeep.ledger.drop_hold(name)

    def holds(self) -> list[Hold]:
        """See `EventStore.holds`."""
        return self._upkeep.ledger.holds()

    def describe(self) -> Description:
        """See `EventStore.describe`."""
        with explained(self._address):
            health = self._client.cluster.health(timeout="1s").body
            found = versions(self._client)
        return Description(
            "elastic",
            ", ".join(".".join(str(part) for part in one) for one in found),
            self._address.shown,
            _STATUS.get(str(health["status"]), "bad"),  # type: ignore[arg-type]
            {
                "nodes": int(health["number_of_nodes"]),
                "shards": int(health["active_shards"]),
                "unassigned shards": int(health["unassigned_shards"]),
            },
        )

    def close(self) -> None:
        """See `EventStore.close`."""
        self._bulk.close()
        self._client.close()
        if self._held:
            self._held.close()

    def _documents(
        self, events: Sequence[Event], quarantine: Quarantine, touched: set[str]
    ) -> Iterator[Placed]:
        """Each event once, with its index; notes bad fields, and the indices."""
        now = self._clock.now() // _MS
        known: set[str] = set()
        for event in events:
            document = document_of(event, self._classes, now)
            if document.id in known:
                continue
            known.add(document.id)
            quarantine.add(document.bad)
            with self._lock:
                name = self._index_of(document)
            touched.add(name)
            yield name, document

    def _index_of(self, one: Document) -> str:
        """The index of a document; a new one is noted, a sealed one is opened again."""
        name = self._place(one)
        if name not in self._indices:
            self._look()  # another worker may have made one meanwhile
            name = self._place(one)
        if name not in self._indices:
            key = (one.dataset, one.retention)
            if key not in self._fresh:
                self._fresh[key] = period_for(self._upkeep.bytes_a_day(*key, self._indices))
                name = self._place(one)
            parts = read_name(self._address.prefix, name)
            assert parts is not None, name
            self._indices[name] = parts
        if name in self._sealed:
            self._upkeep.ledger.add("reopen", name, self._clock.now() // _MS)
            self._sealed.discard(name)
        return name

    def _place(self, one: Document) -> str:
        usual = self._fresh.get((one.dataset, one.retention), "month")
        fresh = self._period or usual
        prefix = self._address.prefix
        return chosen_index(prefix, one.dataset, one.retention, one.time, self._indices, fresh)

    def _look(self) -> None:
        """Which indices there are, which of them are sealed; sizes are looked at anew."""
        self._indices = self._upkeep.indices()
        self._sealed = set(self._upkeep.ledger.sealed())
        self._fresh.clear()

    def _must_write(self) -> None:
        if not self._writable:
            raise StoreError(
                "This store was opened for reading only",
                where=self._address.shown,
                next="Write through the worker",
                code="read_only",
            )
