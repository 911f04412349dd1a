"""The event store: immutable telemetry behind one protocol.

One contract suite (`tests/contract/`) holds every implementation. Queries are trees of
`fengsui.query`; the Lucene text that analysts type is parsed once, there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

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
    set when the time-out stopped the search: what was found until then is given.
    """

    events: list[Fields]
    total: int
    partial: bool
    cursor: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """One row of an aggregate: `key` is a term, or the start of an interval in ns."""

    key: str | int
    count: int


@dataclass(frozen=True, slots=True)
class Terms:
    """Most frequent values of a field; lists count each value."""

    field: str
    size: int = 10


@dataclass(frozen=True, slots=True)
class Histogram:
    """Events per interval of event time (ns); empty intervals between the first and last are given."""

    interval: int


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
        timeout: float = 10.0,
    ) -> Page:
        """Matching events of a time range, a page at a time."""
        ...

    def count(self, query: Query, within: TimeRange = ALWAYS) -> int:
        """How many events match."""
        ...

    def aggregate(
        self, query: Query, how: Terms | Histogram, within: TimeRange = ALWAYS
    ) -> list[Bucket]:
        """Terms by falling count, or a histogram in order of time."""
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
        """Remove the events of one drill or replay; return how many."""
        ...

    def close(self) -> None:
        """Release locks and files. What was appended stays."""
        ...
