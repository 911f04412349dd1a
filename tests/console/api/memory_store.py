"""A tiny event store in memory, for tests of the API alone; the contract suite tests real ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fengsui.event import Event
from fengsui.query.match import matches
from fengsui.query.tree import All, Query, Term
from fengsui.store.event_store import (
    ALWAYS,
    Appended,
    Bucket,
    DatasetStatistics,
    Description,
    Histogram,
    Page,
    Sort,
    Terms,
    TimeRange,
    Verified,
)

NEWEST_FIRST = Sort()


class MemoryStore:
    def __init__(self) -> None:
        self._events: dict[str, Event] = {}

    def append(self, events: Sequence[Event]) -> Appended:
        before = len(self._events)
        self._events |= {event.id: event for event in events}
        added = len(self._events) - before
        return Appended(added, len(events) - added, {})

    def _found(self, query: Query, within: TimeRange) -> list[Event]:
        return [
            event
            for event in sorted(self._events.values(), key=lambda event: (event.time, event.id))
            if within.since <= event.time < within.until and matches(query, event.fields)
        ]

    def search(
        self,
        query: Query,
        within: TimeRange = ALWAYS,
        *,
        sort: Sort = NEWEST_FIRST,
        limit: int = 50,
        cursor: str | None = None,
        columns: Sequence[str] = (),
        timeout: float = 10.0,
    ) -> Page:
        found = self._found(query, within)
        found.sort(key=lambda event: str(event.get(sort.field, "")), reverse=sort.descending)
        start = int(cursor or 0)
        page = [dict(event.fields) for event in found[start : start + limit]]
        if columns:
            page = [{k: v for k, v in each.items() if k in columns} for each in page]
        following = str(start + limit) if start + limit < len(found) else None
        return Page(page, len(found), partial=False, cursor=following, seconds=0.0)

    def count(self, query: Query, within: TimeRange = ALWAYS) -> int:
        return len(self._found(query, within))

    def aggregate(
        self, query: Query, how: Terms | Histogram, within: TimeRange = ALWAYS
    ) -> list[Bucket]:
        tally: Counter[str | int] = Counter()
        for event in self._found(query, within):
            if isinstance(how, Histogram):
                tally[event.time // how.interval * how.interval] += 1
            elif how.field in event.fields:
                tally[str(event.fields[how.field])] += 1
        if isinstance(how, Histogram):
            return [Bucket(key, tally[key]) for key in sorted(tally)]
        ranked = sorted(tally.items(), key=lambda row: (-row[1], row[0]))
        if how.then is None:
            return [Bucket(key, count) for key, count in ranked[: how.size]]
        return [
            Bucket(
                key,
                count,
                inner=tuple(
                    self.aggregate(All((query, Term(how.field, str(key)))), how.then, within)
                ),
            )
            for key, count in ranked[: how.size]
        ]

    def get(self, event_id: str) -> Event | None:
        return self._events.get(event_id)

    def scroll(self, query: Query, within: TimeRange = ALWAYS) -> Iterator[Event]:
        yield from self._found(query, within)

    def statistics(self) -> list[DatasetStatistics]:
        shelves: dict[str, list[Event]] = {}
        for event in self._events.values():
            shelves.setdefault(event.dataset, []).append(event)
        return [
            DatasetStatistics(
                dataset,
                len(events),
                sum(len(event.raw) for event in events),
                min(event.time for event in events),
                max(event.time for event in events),
            )
            for dataset, events in sorted(shelves.items())
        ]

    def maintain(self, now: int) -> None:
        return

    def verify(self) -> Verified:
        return Verified(0, ())

    def purge_run(self, run: str) -> int:
        gone = [id_ for id_, event in self._events.items() if event.text("fengsui.run") == run]
        for id_ in gone:
            del self._events[id_]
        return len(gone)

    def describe(self) -> Description:
        return Description("embedded", "1", "memory", "good", {"segments": 1, "disk free": 10**12})

    def close(self) -> None:
        return
