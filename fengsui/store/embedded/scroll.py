"""Whole events one by one: a single one by id, or all of a query in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fengsui.errors import StoreError
from fengsui.event import Event
from fengsui.query.tree import Query, Term
from fengsui.store.embedded.catalogue import Segment
from fengsui.store.embedded.condition import quoted
from fengsui.store.embedded.engine import TimeUpError
from fengsui.store.embedded.plan import Part, Span, parts_of, span_of
from fengsui.store.embedded.reader import LONGEST, Reader
from fengsui.store.embedded.rows import event_of, expressions, fields_of, selected
from fengsui.store.embedded.schema import ID, TIME
from fengsui.store.event_store import ALWAYS, Stop, TimeRange

_WINDOW_ROWS: Final = 50_000
_WINDOW_SECONDS: Final = 300.0


def get(reader: Reader, event_id: str) -> Event | None:
    """The event of an id."""

    def attempt(segments: Sequence[Segment], **_: bool) -> Event | None:
        for part in parts_of(Term(ID, event_id), segments, span_of(ALWAYS)):
            names = selected(part.columns)
            where = part.filtered()
            for row in reader.rows(part, expressions(names), where, "LIMIT 1", Stop(LONGEST)):
                return event_of(fields_of(names, row))
        return None

    try:
        return reader.on_sound_segments(attempt)
    except TimeUpError as error:
        raise _too_slow() from error


def scroll(reader: Reader, query: Query, within: TimeRange) -> Iterator[Event]:
    """Events by time and id, a window of time after the other."""
    whole = span_of(within)
    segments = [one for one in reader.catalogue.segments() if whole.touches(one)]
    if not segments:
        return
    first = max(whole.first, min(one.first for one in segments))
    last = min(whole.last, max(one.last for one in segments))
    for window in _windows(segments, first, last):
        yield from _window(reader, query, window)


def _window(reader: Reader, query: Query, window: Span) -> list[Event]:
    """All events of a window, read anew from the segments that are live now."""

    def attempt(segments: Sequence[Segment], **_: bool) -> list[tuple[int, str, Event]]:
        found: list[tuple[int, str, Event]] = []
        deadline = Stop(_WINDOW_SECONDS)
        for part in parts_of(query, segments, window):
            found += _events(reader, part, deadline)
        return found

    try:
        found = reader.on_sound_segments(attempt, tolerant=False)
    except TimeUpError as error:
        raise _too_slow() from error
    found.sort(key=lambda one: one[:2])
    return [event for _, _, event in found]


def _events(reader: Reader, part: Part, deadline: Stop) -> list[tuple[int, str, Event]]:
    names = selected(part.columns)
    select = f"epoch_us({quoted(TIME)}), {expressions(names)}"
    found: list[tuple[int, str, Event]] = []
    for at, *row in reader.rows(part, select, part.filtered(), "", deadline):
        event = event_of(fields_of(names, row))
        found.append((at, str(row[0]), event))
    return found


def _windows(segments: Sequence[Segment], first: int, last: int) -> Iterator[Span]:
    """Spans that hold about so many rows, if a segment's rows are spread evenly; one µs at least."""
    touched = [one for one in segments if one.last >= first and one.first <= last]
    if not touched or first > last:
        return
    rows = sum(_share(one, first, last) * one.rows for one in touched)
    if rows <= _WINDOW_ROWS or first == last:
        yield Span(first, last)
        return
    middle = (first + last) // 2
    yield from _windows(touched, first, middle)
    yield from _windows(touched, middle + 1, last)


def _share(segment: Segment, first: int, last: int) -> float:
    length = segment.last - segment.first + 1
    return (min(segment.last, last) - max(segment.first, first) + 1) / length


def _too_slow() -> StoreError:
    return StoreError(
        "Reading the events took too long", next="Narrow the time range", code="timeout"
    )
