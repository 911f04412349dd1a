"""The event store: immutable telemetry behind one protocol.

One contract suite (`tests/contract/`) holds every implementation. Queries are trees of
`fengsui.query`; the Lucene text that analysts type is parsed once, there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from fengsui.event import Event, Fields
from fengsui.query.tree import Query


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Event time in ns: `since` included, `until` not."""

    since: int = 0
    until: int = 2**63 - 1


ALWAYS = TimeRange()


@dataclass(frozen=True, slots=True)
class Sort:
    """Order of a search: a field of the registry; ties are broken by `event.id`."""

    field: str = "@timestamp"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch: nothing is dropped, a bad field is named and counted."""

    added: int
    duplicates: int
    quarantined_fields: dict[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search.

    `events` hold all fields, or the columns asked for. `total` is exact unless `partial`, which is
    set when the time-out or a `Stop` ended the search: what was found until then is given.
    """

    events: list[Fields]
    total: int
    partial: bool
    cursor: str | None
    seconds: float


class Stop:
    """A time-out that another thread can bring forward. Once set it stays set.

    Args:
        seconds: from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.perf_counter() + seconds
        self._lock = threading.Lock()
        self._calls: list[Callable[[], object]] = []
        self._set = False

    def left(self) -> float:
        """Seconds left, never below zero."""
        return 0.0 if self._set else max(0.0, self._end - time.perf_counter())

    def set(self) -> None:
        """End the work."""
        with self._lock:
            self._set = True
            calls = list(self._calls)
        for call in calls:
            call()

    @classmethod
    def of(cls, timeout: float | Stop) -> Stop:
        """A `Stop` of seconds, or the one given."""
        return timeout if isinstance(timeout, Stop) else cls(timeout)

    @contextmanager
    def calling(self, call: Callable[[], object]) -> Generator[None]:
        """While inside, `set` and the end of time also call this."""
        timer = threading.Timer(self.left(), call)
        timer.daemon = True
        timer.start()
        with self._lock:
            self._calls.append(call)
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._calls.remove(call)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One row of an aggregate: `key` is a term, the start of an interval in ns, or a percent.

    Terms that are equal but for case are one bucket, shown in one of its spellings. `value` is that of a
    percentile, `count` then the number of all values.
    """

    key: str | int
    count: int
    inner: tuple[Bucket, ...] = ()
    value: float = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """Most frequent values of a field; lists count each value; equal counts in order of the term."""

    field: str
    size: int = 10
    then: Terms | Histogram | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Events per interval of event time (ns); empty intervals between the first and last are given."""

    interval: int
    then: Terms | None = None


@dataclass(frozen=True, slots=True)
class Cardinality:
    """How many different values a field has, case ignored: one bucket, its key the field."""

    field: str


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Values of a number field at percents (nearest rank): one bucket each."""

    field: str
    percents: tuple[float, ...] = (50.0, 95.0, 99.0)


Aggregation = Terms | Histogram | Cardinality | Percentiles


@dataclass(frozen=True, slots=True)
class DatasetStatistics:
    """What the store holds of one dataset; times in ns."""

    dataset: str
    events: int
    bytes: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Verified:
    """Result of checking every segment against the chained hashes of the catalogue."""

    segments: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: events of this time range are neither retired nor purged until it is released.

    Args:
        name: unique, as the people who asked for it call it.
        within: event time.
        reason: why, who.
        at: when it was placed, ns.
        datasets: only these; empty means all.
    """

    name: str
    within: TimeRange
    reason: str
    at: int
    datasets: tuple[str, ...] = ()

    def covers(self, moment: int) -> bool:
        """Whether a time (ns) is inside."""
        return self.within.since <= moment < self.within.until


@dataclass(frozen=True, slots=True)
class Description:
    """Which store this is and how it fares, for pages that say so. `where` holds no secret."""

    kind: Literal["embedded", "elastic"]
    version: str
    where: str
    status: Literal["good", "degraded", "bad"]
    facts: dict[str, str | int]


class EventStore(Protocol):
    """Append-only telemetry. Writing an event twice adds it once."""

    def append(self, events: Sequence[Event]) -> Appended:
        """Keep a batch durably before returning (the data is on disk, the catalogue committed)."""
        ...

    def search(
        self,
        query: Query,
        within: TimeRange = ALWAYS,
        *,
        sort: Sort = Sort(),
        limit: int = 50,
        cursor: str | None = None,
        columns: Sequence[str] = (),
        timeout: float | Stop = 10.0,
    ) -> Page:
        """Matching events of a time range, a page at a time; with `limit=0` only their number."""
        ...

    def count(self, query: Query, within: TimeRange = ALWAYS) -> int:
        """How many events match, exactly; StoreError (code `timeout`) when that takes too long."""
        ...

    def aggregate(
        self,
        query: Query,
        how: Aggregation,
        within: TimeRange = ALWAYS,
        *,
        timeout: float | Stop = 60.0,
    ) -> list[Bucket]:
        """Terms by falling count, a histogram in order of time, one number, or percentiles.

        Raises:
            InputError: bounds or a field that cannot be summed up so.
            StoreError: code `timeout`, also when stopped.
        """
        ...

    def get(self, event_id: str) -> Event | None:
        """One whole event."""
        ...

    def scroll(self, query: Query, within: TimeRange = ALWAYS) -> Iterator[Event]:
        """All matching events in order of time, in bounded memory."""
        ...

    def statistics(self) -> list[DatasetStatistics]:
        """What is held, by dataset."""
        ...

    def maintain(self, now: int) -> None:
        """Bounded housekeeping: compaction, retention, removal of orphans. `now` in ns."""
        ...

    def verify(self) -> Verified:
        """Check that nothing was changed or removed behind the store's back."""
        ...

    def purge_run(self, run: str) -> int:
        """Remove the events of one drill or replay that no hold keeps; return how many."""
        ...

    def hold(self, hold: Hold) -> None:
        """Place a legal hold; one of the same name is replaced."""
        ...

    def release(self, name: str) -> bool:
        """End a hold; False where there is none of this name."""
        ...

    def holds(self) -> list[Hold]:
        """Holds by name."""
        ...

    def describe(self) -> Description:
        """Kind, version, place and state of health."""
        ...

    def close(self) -> None:
        """Release locks and files. What was appended stays."""
        ...
