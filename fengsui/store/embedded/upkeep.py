"""Housekeeping beside the append path: compaction, retention, purges, unlinking, verification.

Compaction: young segments of a partition are merged eight at a time into ones eight times as large,
a day at a time, up to a million rows; what is older than a day and has not grown for an hour is packed
with its neighbours, over at most a week, so that many quiet days do not mean many files. Each step
writes the new segments, then replaces the old ones in one transaction. Files go after a grace period,
longer than any search.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from fengsui.clock import DAY, HOUR, MINUTE, Clock
from fengsui.hashes import file_digests
from fengsui.store.embedded.arrow import pc
from fengsui.store.embedded.catalogue import Catalogue, Segment
from fengsui.store.embedded.schema import RUN, TIME, in_order
from fengsui.store.embedded.segments import newest_first, read_packed, tally_hashes
from fengsui.store.embedded.tally import FOLDER as TALLIES
from fengsui.store.embedded.tally import tally_path
from fengsui.store.embedded.writing import FOLDER, Facts, commit, remove
from fengsui.store.event_store import Hold, Verified
from fengsui.store.salvage import ORDINARY, class_of, dataset_of

_MOST_ROWS: Final = 1_000_000
_FULL_ROWS: Final = _MOST_ROWS // 2
_FAN: Final = 8
_SMALLEST: Final = 8_192
_LEAST_PIECE: Final = 10_000
_DAY: Final = DAY // 1000  # µs
_WEEK: Final = 7 * _DAY
_GRACE: Final = 5 * MINUTE
_ROWS_A_CALL: Final = 2_000_000

log = logging.getLogger(__name__)


class Upkeep:
    """The writer's housekeeping. Its calls wait for each other, never for an append."""

    def __init__(
        self, folder: Path, catalogue: Catalogue, clock: Clock, classes: Mapping[str, int]
    ) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._clock = clock
        self._classes = classes
        self._lock = threading.Lock()
        self._unsound: set[str] = set()

    def remove_orphans(self) -> None:
        """Unlink files that no commit names: a writer died between the two."""
        known = {one.path for one in self._catalogue.segments()}
        known |= set(self._catalogue.doomed(self._clock.now() + DAY))
        for folder in (FOLDER, TALLIES):
            (self._folder / folder).mkdir(exist_ok=True)
            for path in (self._folder / folder).iterdir():
                if f"{FOLDER}/{path.name}" not in known:
                    path.unlink(missing_ok=True)

    def maintain(self, now: int) -> bool:
        """One bounded round; whether events were removed."""
        with self._lock:
            removed = self._retire(now)
            rows = 0
            while rows < _ROWS_A_CALL:
                group = self._next_group(now)
                if not group:
                    break
                rows += sum(one.rows for one in group)
                self._merge(group)
            self._unlink()
            self._catalogue.shorten()
            return removed

    def purge_run(self, run: str) -> int:
        """Rewrite the segments that hold events of a run without them."""
        with self._lock:
            removed = 0
            holds = self._catalogue.holds()
            for segment in self._catalogue.segments():
                if run not in json.loads(segment.runs):
                    continue
                table = read_packed(self._folder / segment.path)
                others = pc.fill_null(pc.not_equal(table.column(RUN).cast(pa.string()), run), True)
                for hold in holds:
                    if touches(hold, segment):
                        others = pc.or_(others, _held(table, hold))
                if others.null_count == 0 and pc.all(others).as_py():
                    continue
                kept = table.filter(others)
                removed += table.num_rows - kept.num_rows
                facts = Facts(segment.dataset, 1, segment.arrived)
                self._replace("purge", [segment], [kept] if kept.num_rows else [], facts)
            return removed

    def verify(self) -> Verified:
        """Hash every live file and check the chain."""
        with self._lock:
            faults = self._catalogue.faults()
            segments = self._catalogue.segments()
            for segment in segments:
                try:
                    found = file_digests(self._folder / segment.path)
                except OSError as error:
                    faults.append(f"{segment.path}: {error.strerror}")
                    continue
                if found != (segment.sha256, segment.sm3):
                    faults.append(f"{segment.path}: changed since it was written")
                elif not self._has_its_tally(segment):
                    faults.append(f"{tally_path(segment.path)}: changed since it was written")
            return Verified(len(segments), tuple(faults))

    def _has_its_tally(self, segment: Segment) -> bool:
        """Whether its counts are those that were written; without any, it is read."""
        expected = tally_hashes(self._folder / segment.path) if segment.level else ""
        path = self._folder / tally_path(segment.path)
        return not path.exists() or " ".join(file_digests(path)) == expected

    def _retire(self, now: int) -> bool:
        """Drop segments whose newest event, and whose arrival, are past the retention."""
        holds = self._catalogue.holds()
        old = [
            one
            for one in self._catalogue.segments()
            if max(one.last * 1000, one.arrived) < now - self._days(one) * DAY
            and not any(touches(hold, one) for hold in holds)
        ]
        if old:
            self._catalogue.change("retire", self._clock.now(), remove=old)
        return bool(old)

    def _days(self, segment: Segment) -> int:
        return self._classes.get(class_of(segment.dataset), self._classes[ORDINARY])

    def _next_group(self, now: int) -> list[Segment]:
        """Segments to merge next; empty when all is tidy."""
        hot: dict[tuple[str, int, int], list[Segment]] = {}
        closed: dict[str, list[Segment]] = {}
        for one in self._catalogue.segments():
            if one.rows >= _FULL_ROWS or one.path in self._unsound:
                continue
            if self._is_closed(one, now):
                closed.setdefault(one.dataset, []).append(one)
            day = one.first // _DAY if one.level else 0
            hot.setdefault((one.dataset, day, _tier(one)), []).append(one)
        for members in hot.values():
            if len(members) >= _FAN:
                return _within_rows(members)
        for members in closed.values():
            pack = _pack(members)
            if pack:
                return pack
        return []

    def _is_closed(self, segment: Segment, now: int) -> bool:
        quiet = segment.arrived < self._clock.now() - HOUR
        return quiet and segment.last < (now - DAY) // 1000

    def _merge(self, group: Sequence[Segment]) -> None:
        tables: list[pa.Table] = []
        for one in group:
            try:
                tables.append(read_packed(self._folder / one.path))
            except (OSError, pa.ArrowException):
                self._unsound.add(one.path)
                log.error("segment cannot be read", extra={"segment": one.path})
                return
        table = _together(tables)
        facts = Facts(group[0].dataset, 1, max(one.arrived for one in group))
        pieces = [table] if _span(group) > _DAY and _quiet(group) else _days(table)
        cut = [
            piece.slice(start, _MOST_ROWS)
            for piece in pieces
            for start in range(0, piece.num_rows, _MOST_ROWS)
        ]
        self._replace("compact", group, cut, facts)

    def _replace(
        self, what: str, old: Sequence[Segment], tables: Sequence[pa.Table], facts: Facts
    ) -> None:
        made = [(in_order(table), facts) for table in tables]
        commit(self._folder, self._catalogue, what, self._clock.now(), made, old)

    def _unlink(self) -> None:
        paths = self._catalogue.doomed(self._clock.now() - _GRACE)
        for path in paths:
            remove(self._folder, path)
        self._catalogue.gone(paths)


def touches(hold: Hold, segment: Segment) -> bool:
    """Whether a hold keeps events of a segment."""
    since, until = hold.within.since, hold.within.until
    inside = since <= segment.last * 1000 and until > segment.first * 1000
    return inside and (not hold.datasets or dataset_of(segment.dataset) in hold.datasets)


def _held(table: pa.Table, hold: Hold) -> pa.Array:
    times = table.column(TIME).cast(pa.int64())
    low, high = -(-hold.within.since // 1000), -(-hold.within.until // 1000)
    return pc.and_(pc.greater_equal(times, low), pc.less(times, high))


def _tier(segment: Segment) -> int:
    if segment.level == 0:
        return 0
    return 1 + int(math.log(max(segment.rows, _SMALLEST) / _SMALLEST, _FAN))


def _span(group: Sequence[Segment]) -> int:
    return max(one.last for one in group) - min(one.first for one in group)


def _quiet(group: Sequence[Segment]) -> bool:
    """Few rows over many days: days are not worth files of their own."""
    days = _span(group) / _DAY
    return sum(one.rows for one in group) < days * _MOST_ROWS / 7


def _within_rows(members: Sequence[Segment]) -> list[Segment]:
    """The oldest ones that fit into one merge (at least two)."""
    chosen: list[Segment] = []
    rows = 0
    for one in sorted(members, key=lambda segment: segment.first):
        if len(chosen) >= 2 and rows + one.rows > _MOST_ROWS:
            break
        chosen.append(one)
        rows += one.rows
    return chosen


def _pack(members: Sequence[Segment]) -> list[Segment]:
    """Neighbours in time that make one segment: the first pack of at least two."""
    pack: list[Segment] = []
    for one in sorted(members, key=lambda segment: segment.first):
        if _is_one([*pack, one]):
            pack.append(one)
        elif len(pack) > 1:
            return pack
        else:
            pack = [one]
    return pack if len(pack) > 1 else []


def _is_one(group: Sequence[Segment]) -> bool:
    """Whether a merge of them is one segment again: else merging would never come to an end."""
    if sum(one.rows for one in group) > _MOST_ROWS:
        return False
    first, last = min(one.first for one in group), max(one.last for one in group)
    return first // _DAY == last // _DAY or (_DAY < last - first <= _WEEK and _quiet(group))


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    """One table, newest first, with one dictionary for each column."""
    plain = [table.replace_schema_metadata(None) for table in tables]
    joined = pa.concat_tables(plain, promote_options="default").unify_dictionaries()
    return newest_first(joined.combine_chunks())


def _days(table: pa.Table) -> list[pa.Table]:
    """The table cut at midnights, days with few events joined to their neighbours."""
    days = pc.floor_temporal(table.column(TIME), unit="day").to_numpy()
    starts = [0, *((days[1:] != days[:-1]).nonzero()[0] + 1).tolist(), table.num_rows]
    pieces: list[pa.Table] = []
    begin = 0
    for end in starts[1:]:
        if end - begin >= _LEAST_PIECE or end == table.num_rows:
            pieces.append(table.slice(begin, end - begin))
            begin = end
    return pieces
