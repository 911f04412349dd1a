"""What a query has to look at: partitions, their segments in the time range, and the condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fengsui.query.tree import Query
from fengsui.store.embedded.catalogue import Segment
from fengsui.store.embedded.condition import Condition, both, condition, quoted
from fengsui.store.embedded.schema import TIME
from fengsui.store.event_store import TimeRange

MICROSECONDS = 1000  # ns


@dataclass(frozen=True, slots=True)
class Span:
    """Event time in µs: `first` included, `last` included."""

    first: int
    last: int

    def covers(self, segment: Segment) -> bool:
        """Whether all events of a segment are inside."""
        return self.first <= segment.first and segment.last <= self.last

    def touches(self, segment: Segment) -> bool:
        """Whether an event of it can be inside."""
        return self.first <= segment.last and segment.first <= self.last


def span_of(within: TimeRange) -> Span:
    """Whole µs inside a range of ns."""
    return Span(-(-within.since // MICROSECONDS), -(-within.until // MICROSECONDS) - 1)


@dataclass(frozen=True, slots=True)
class Part:
    """One partition of a query.

    Attributes:
        columns: all columns of its segments → whether all their text is lower case.
        where: the query over these columns, without the time range.
        holders: by value of an `Anywhere`, the columns that can hold it, where that is known.
    """

    dataset: str
    segments: tuple[Segment, ...]
    columns: dict[str, bool]
    where: Condition
    span: Span
    query: Query
    holders: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def narrowed(
        self, segments: Sequence[Segment], holders: Mapping[str, frozenset[str]] | None = None
    ) -> Part:
        """The same over fewer segments, and so perhaps fewer columns."""
        known = self.holders if holders is None else holders
        return _part(self.dataset, segments, self.span, self.query, known)

    def filtered(self, *more: Condition) -> Condition:
        """Query, time range and whatever else must hold."""
        inside = all(self.span.covers(segment) for segment in self.segments)
        limits = [] if inside else [within(self.span)]
        return both([self.where, *limits, *more])

    def source(self, folder: str, *, filename: bool = False) -> tuple[str, list[Any]]:
        """The FROM of a statement, with its parameters."""
        files = [f"{folder}/{segment.path}" for segment in self.segments]
        alike = len({segment.columns.replace("true", "false") for segment in self.segments}) == 1
        options = "" if alike else ", union_by_name = true"
        options += ", filename = true" if filename else ""
        return f"read_parquet(?{options})", [files]


def within(span: Span) -> Condition:
    """The time range as a condition."""
    low, high = (min(max(end, -(2**62)), 2**62) for end in (span.first, span.last))
    time = quoted(TIME)
    sql = f"{time} BETWEEN make_timestamp(?::BIGINT) AND make_timestamp(?::BIGINT)"
    return Condition(sql, [low, high])


def parts_of(query: Query, segments: Sequence[Segment], span: Span) -> list[Part]:
    """The partitions that can hold a match."""
    by_dataset: dict[str, list[Segment]] = {}
    for segment in segments:
        if span.touches(segment):
            by_dataset.setdefault(segment.dataset, []).append(segment)
    found: list[Part] = []
    for dataset, members in by_dataset.items():
        part = _part(dataset, members, span, query, {})
        if part.where.always is not False:
            found.append(part)
    return found


def _part(
    dataset: str,
    segments: Sequence[Segment],
    span: Span,
    query: Query,
    holders: Mapping[str, frozenset[str]],
) -> Part:
    columns = _columns(segments)
    where = condition(query, columns, holders)
    return Part(dataset, tuple(segments), columns, where, span, query, holders)


def _columns(segments: Sequence[Segment]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for segment in segments:
        for name, is_lower in segment.lowered.items():
            found[name] = found.get(name, True) and is_lower
    return found
