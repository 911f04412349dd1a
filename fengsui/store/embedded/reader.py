"""Searches over the live segments of a snapshot.

A search counts first, per segment; the counts then say which segments can hold the page at all, and
only the rows of the page are fetched with all their columns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from fengsui.errors import StoreError
from fengsui.event import Fields
from fengsui.query.tree import Query
from fengsui.store.embedded.catalogue import Catalogue, Segment
from fengsui.store.embedded.condition import Condition, quoted
from fengsui.store.embedded.engine import Engine, TimeUpError, UnreadableError
from fengsui.store.embedded.histograms import Histograms
from fengsui.store.embedded.page import Cursor, Key, after, key_of, read_start
from fengsui.store.embedded.plan import Part, Span, parts_of, span_of, within
from fengsui.store.embedded.rows import expressions, fields_of, selected
from fengsui.store.embedded.schema import ID, TIME
from fengsui.store.embedded.segments import is_sound
from fengsui.store.embedded.tallied import Tallies
from fengsui.store.event_store import Page, Sort, Stop, TimeRange
from fengsui.store.paging import check_size

LONGEST: Final = 60.0
"""Seconds for calls without a time-out of their own."""
_CHUNK_ROWS: Final = 4_000_000
T = TypeVar("T")


class Reader:
    """The reading half of the store."""

    def __init__(self, folder: Path, catalogue: Catalogue, engine: Engine) -> None:
        self.folder = folder
        self.catalogue = catalogue
        self.engine = engine
        self.tallies = Tallies(folder, engine)
        self.histograms = Histograms()
        self._damaged: set[str] = set()

    def search(
        self,
        query: Query,
        when: TimeRange,
        sort: Sort,
        limit: int,
        cursor: str | None,
        columns: Sequence[str],
        timeout: float | Stop,
    ) -> Page:
        """See `EventStore.search`."""
        started = time.perf_counter()
        key = key_of(sort)
        start = read_start(cursor, sort)
        stop = Stop.of(timeout)
        check_size(limit)

        def attempt(segments: Sequence[Segment], *, whole: bool) -> Page:
            search = _Search(self, key, start, stop)
            return search.page(query, segments, span_of(when), limit, columns, whole=whole)

        page = self.on_sound_segments(attempt)
        return Page(
            page.events, page.total, page.partial, page.cursor, time.perf_counter() - started
        )

    def on_sound_segments(self, attempt: Callable[..., T], *, tolerant: bool = True) -> T:
        """Run on a snapshot; once more when a file has gone meanwhile; then without the damaged ones.

        Args:
            attempt: takes the segments and `whole`: whether they are all that there are.
            tolerant: whether a result without damaged segments is acceptable.

        Raises:
            StoreError: code `damaged_segment` when it is not.
        """
        for _ in range(2):
            segments = self.catalogue.segments()
            sound = [one for one in segments if one.path not in self._damaged]
            if len(sound) < len(segments) and not tolerant:
                break
            try:
                return attempt(sound, whole=len(sound) == len(segments))
            except UnreadableError:
                continue
        segments = self.catalogue.segments()
        self._damaged |= {one.path for one in segments if not is_sound(self.folder / one.path)}
        bad = [one.path for one in segments if one.path in self._damaged]
        if not bad or not tolerant:
            raise StoreError(
                "A segment of the event store cannot be read",
                where=", ".join(bad[:3]) or str(self.folder),
                next="Stop the worker; `fengsui store mend` sets it aside; restore its days from a backup",
                code="damaged_segment",
            )
        sound = [one for one in segments if one.path not in self._damaged]
        try:
            return attempt(sound, whole=False)
        except UnreadableError as error:
            raise StoreError(
                f"The event store cannot be read: {error}", where=str(self.folder)
            ) from error

    def narrowed(self, parts: Sequence[Part], stop: Stop) -> list[Part]:
        """Parts without what cannot match, as their tallies tell."""
        return [one for part in parts for one in self.tallies.narrowed(part, stop)]

    def rows(
        self,
        part: Part,
        select: str,
        where: Condition,
        tail: str,
        deadline: Stop,
        *,
        filename: bool = False,
    ) -> list[tuple[Any, ...]]:
        """Rows of one statement over one partition. `select` and `tail` hold no parameters."""
        source, parameters = part.source(str(self.folder), filename=filename)
        sql = f"SELECT {select} FROM {source} WHERE {where.sql} {tail}"  # noqa: S608
        return self.engine.rows(sql, [*parameters, *where.parameters], deadline)

    def count_by_file(self, part: Part, where: Condition, deadline: Stop) -> dict[str, int]:
        """Matches of each segment; from the catalogue where every row of it matches."""
        if where.always is not None:
            return {one.path: one.rows for one in part.segments} if where.always else {}
        skip = len(str(self.folder)) + 1
        rows = self.rows(
            part, "filename, count(*)", where, "GROUP BY filename", deadline, filename=True
        )
        return {filename[skip:]: count for filename, count in rows}


class _Search:
    """One search on one snapshot."""

    def __init__(self, reader: Reader, key: Key, start: Cursor | None, deadline: Stop) -> None:
        self._reader = reader
        self._key = key
        self._start = start
        self._deadline = deadline
        self._partial = False

    def page(
        self,
        query: Query,
        segments: Sequence[Segment],
        span: Span,
        limit: int,
        columns: Sequence[str],
        *,
        whole: bool,
    ) -> Page:
        parts = self._parts(query, segments, span)
        counts = self._counts(parts)
        remaining = counts
        if self._start:
            remaining = self._remaining(parts, counts)
        events: list[Fields] = []
        last: Cursor | None = None
        try:
            if limit:
                budget = Stop(max(self._deadline.left(), 2.0))  # to show what was counted
                found = self._top(parts, remaining, limit, budget)
                events = _fetch(self._reader, parts, [one for _, one in found], columns, budget)
                last = found[-1][0] if found else None
        except TimeUpError:
            self._partial = True
        more = last is not None and sum(remaining.values()) > len(events)
        cursor = last.text(self._key.sort) if last and more else None
        partial = self._partial or not whole
        return Page(events, sum(counts.values()), partial, cursor, 0.0)

    def _parts(self, query: Query, segments: Sequence[Segment], span: Span) -> list[Part]:
        parts = parts_of(query, segments, span)
        try:
            return self._reader.narrowed(parts, self._deadline)
        except TimeUpError:
            self._partial = True
            return parts

    def _counts(self, parts: list[Part]) -> dict[str, int]:
        """Matches by segment, newest segments first, as far as time allows."""
        found: dict[str, int] = {}
        try:
            for part in parts:
                found |= self._reader.tallies.counts(part, self._deadline)
            for part in _chunks(_without(parts, found)):
                found |= self._reader.count_by_file(part, part.filtered(), self._deadline)
        except TimeUpError:
            self._partial = True
        return found

    def _remaining(self, parts: list[Part], counts: dict[str, int]) -> dict[str, int]:
        """Those behind the cursor; only segments that lie on both sides of it are read."""
        found = {
            one.path: counts.get(one.path, 0) if side else 0
            for part in parts
            for one in part.segments
            if (side := self._key.is_behind(one, self._start)) is not None
        }
        try:
            for part in _chunks(_without(parts, found)):
                where = part.filtered(after(self._key, part.columns, self._start))
                found |= self._reader.count_by_file(part, where, self._deadline)
        except TimeUpError:
            self._partial = True
        return found

    def _top(
        self, parts: list[Part], counts: dict[str, int], limit: int, deadline: Stop
    ) -> list[tuple[Cursor, tuple[str, bytes, int]]]:
        """The first events of the order: cursor, and (partition, id, time) to fetch them by."""
        chosen = self._key.candidates(parts, counts, limit)
        found: list[tuple[Cursor, tuple[str, bytes, int]]] = []
        for part in parts:
            members = [one for one in part.segments if one.path in chosen]
            if not members:
                continue
            narrow = part.narrowed(members)
            have = narrow.columns
            where = narrow.filtered(after(self._key, have, self._start))
            select = f"{self._key.value(have)}, {quoted(ID)}, epoch_us({quoted(TIME)})"
            tail = f"ORDER BY {self._key.order(have)} LIMIT {int(limit)}"
            for value, packed, at in self._reader.rows(narrow, select, where, tail, deadline):
                found.append((Cursor(value, packed), (part.dataset, packed, at)))
        found.sort(key=lambda one: self._key.place(one[0]))
        return found[:limit]


def _without(parts: list[Part], known: Container[str]) -> list[Part]:
    """Parts with only the segments that are not known."""
    cut = [(part, [one for one in part.segments if one.path not in known]) for part in parts]
    return [part.narrowed(members) for part, members in cut if members]


def _chunks(parts: list[Part]) -> list[Part]:
    """Parts cut so that one statement reads a bounded number of rows, the newest first."""
    found: list[Part] = []
    for part in parts:
        members: list[Segment] = []
        rows = 0
        for segment in part.segments:
            if members and rows + segment.rows > _CHUNK_ROWS:
                found.append(part.narrowed(members))
                members, rows = [], 0
            members.append(segment)
            rows += segment.rows
        found.append(part.narrowed(members))
    return sorted(found, key=lambda part: -part.segments[0].last)


def _fetch(
    reader: Reader,
    parts: Sequence[Part],
    found: Sequence[tuple[str, bytes, int]],
    columns: Sequence[str],
    deadline: Stop,
) -> list[Fields]:
    """The events named by (partition, id, time), in the same order."""
    by_id: dict[bytes, Fields] = {}
    for part in parts:
        wanted = [(packed, at) for dataset, packed, at in found if dataset == part.dataset]
        if not wanted:
            continue
        times = [at for _, at in wanted]
        span = Span(min(times), max(times))
        near = part.narrowed([one for one in part.segments if span.touches(one)])
        if not near.segments:
            continue  # they are of another part of the same partition
        names = selected(near.columns, columns)
        marks = ", ".join("?" * len(wanted))
        limits = within(span)
        where = Condition(
            f"{limits.sql} AND {quoted(ID)} IN ({marks})",
            [*limits.parameters, *(packed for packed, _ in wanted)],
        )
        select = f"{quoted(ID)}, {expressions(names)}"
        for packed, *row in reader.rows(near, select, where, "", deadline):
            by_id[packed] = fields_of(names, row, columns)
    return [by_id[packed] for _, packed, _ in found if packed in by_id]
