"""Events: search, histogram, terms, one event; the fields that can be asked for."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from console.api.access import Reader
from console.api.marking import marked
from console.api.parts import ApiParts, Parts
from console.api.schemas.events import (
    EventPage,
    EventQuery,
    FieldRow,
    FieldRows,
    Histogram,
    OneEvent,
    Terms,
    TimeCount,
)
from console.api.schemas.words import Count
from console.api.times import Since, Until, time_range
from fengsui.clock import DAY, HOUR, MINUTE, SECOND, to_iso
from fengsui.ecs import registry
from fengsui.errors import InputError, NotFoundError
from fengsui.query.lucene import parse_lucene
from fengsui.store.event_store import ALWAYS, Sort, TimeRange
from fengsui.store.event_store import Histogram as ByTime
from fengsui.store.event_store import Terms as ByTerm

router = APIRouter(tags=["events"])
Lucene = Annotated[str, Query(max_length=10_000, description="Lucene; empty is everything")]
_INTERVALS: Final = (
    *(seconds * SECOND for seconds in (1, 2, 5, 10, 15, 30)),
    *(minutes * MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * DAY for days in (1, 2, 7, 14, 30)),
)
_TIMEOUT: Final = 5.0
_COLUMNS_MOST: Final = 50


@router.get("/events")
def search_events(
    visitor: Reader, parts: Parts, asked: Annotated[EventQuery, Query()]
) -> EventPage:
    """A page of matching events; all fields, or the columns asked for."""
    order = asked.sort.removeprefix("-")
    query = parse_lucene(asked.q)
    page = parts.events.search(
        query,
        time_range(asked.since, asked.until),
        sort=Sort(order, descending=asked.sort.startswith("-")),
        limit=asked.limit,
        cursor=asked.cursor or None,
        columns=_columns(asked.columns, order),
        timeout=_TIMEOUT,
    )
    return EventPage(
        events=[dict(event) for event in page.events],
        marks=marked(query, page.events),
        total=page.total,
        partial=page.partial,
        cursor=page.cursor,
        seconds=round(page.seconds, 4),
    )


@router.get("/events/histogram")
def count_over_time(
    visitor: Reader,
    parts: Parts,
    q: Lucene = "",
    since: Since = "",
    until: Until = "",
    buckets: Annotated[int, Query(ge=1, le=500)] = 60,
) -> Histogram:
    """Matching events over time, in at most about `buckets` intervals of a round length."""
    query = parse_lucene(q)
    within = held(parts, time_range(since, until))
    if within is None:
        return Histogram(interval_seconds=0, buckets=[], first=None, last=None)
    interval = round_interval(within.until - within.since, buckets)
    rows = parts.events.aggregate(query, ByTime(interval), within)
    return Histogram(
        interval_seconds=interval // SECOND,
        buckets=[TimeCount(at=to_iso(int(row.key)), count=row.count) for row in rows],
        first=to_iso(within.since),
        last=to_iso(within.until),
    )


@router.get("/events/terms")
def count_terms(
    visitor: Reader,
    parts: Parts,
    field: Annotated[str, Query(max_length=100)],
    q: Lucene = "",
    since: Since = "",
    until: Until = "",
    size: Annotated[int, Query(ge=1, le=200)] = 10,
) -> Terms:
    """The most frequent values of a field."""
    check_field(field)
    rows = parts.events.aggregate(parse_lucene(q), ByTerm(field, size), time_range(since, until))
    return Terms(field=field, buckets=[Count(key=str(row.key), count=row.count) for row in rows])


@router.get("/events/{event}")
def read_event(visitor: Reader, event: str, parts: Parts, q: Lucene = "") -> OneEvent:
    """One whole event, which flow it belongs to, and what of it meets a query."""
    query = parse_lucene(q)
    found = parts.events.get(event)
    if found is None:
        raise NotFoundError(
            "There is no such event (any more)",
            where=event,
            next="It may be past its retention, or its drill was removed",
        )
    return OneEvent(
        event=dict(found.fields),
        marks=marked(query, [found.fields])[0],
        flow=found.text("zeek.session_id") or None,
    )


@router.get("/fields")
def list_fields(visitor: Reader) -> FieldRows:
    """Fields that events may carry, in the order of the registry."""
    return FieldRows(
        items=[
            FieldRow(
                name=field.name, type=field.type, list=field.is_list, description=field.description
            )
            for field in registry().values()
        ]
    )


def _columns(text: str, order: str) -> list[str]:
    """Fields to give; the id and the time are always among them. None named: all."""
    named = [name for name in text.split(",") if name]
    if len(named) > _COLUMNS_MOST:
        raise InputError(
            f"More than {_COLUMNS_MOST} columns", where="columns", next="Ask for fewer"
        )
    for name in (*named, order):
        check_field(name)
    return list(dict.fromkeys(["event.id", "@timestamp", *named])) if named else []


def check_field(name: str) -> None:
    """Whether a field exists.

    Raises:
        InputError: code `unknown_field`.
    """
    if name not in registry():
        raise InputError(
            f"There is no field {name}",
            where=name,
            next="See GET /api/fields",
            code="unknown_field",
        )


def held(parts: ApiParts, within: TimeRange) -> TimeRange | None:
    """The range, its open ends closed by what the store holds; None when it holds nothing."""
    rows = parts.events.statistics()
    if not rows:
        return None
    since, until = within.since, within.until
    if since == ALWAYS.since:
        since = min(row.first for row in rows)
    if until == ALWAYS.until:
        until = max(row.last for row in rows) + 1
    return TimeRange(since, max(since + 1, until))


def round_interval(span: int, buckets: int) -> int:
    """The shortest round interval (ns) that cuts `span` into no more than `buckets`."""
    for interval in _INTERVALS:
        if span <= interval * buckets:
            return interval
    months = -(-span // (30 * DAY * buckets))
    return months * 30 * DAY
