"""Segments that were merged, with tallies beside them, give the interpreter's answers too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.clock import DAY, HOUR, MINUTE, SECOND, EventClock
from fengsui.query.lucene import parse_lucene
from fengsui.query.tree import All, Anywhere, Everything, Exists, Not, Query
from fengsui.store.embedded import EmbeddedEventStore, writing
from fengsui.store.embedded.plan import parts_of, span_of
from fengsui.store.embedded.tally import FOLDER
from fengsui.store.event_store import Aggregation, Histogram, Stop, Terms, TimeRange
from fengsui.store.summary import summarise
from tests.contract.events import START, corpus, leaves, queries
from tests.contract.test_same_answers import AGGREGATIONS, SOME, WRITTEN, ids, matching, shown


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compacted")


@pytest.fixture(scope="module")
def compacted(place: Path) -> Iterator[EmbeddedEventStore]:
    """Most events in merged segments with tallies, some still as appended."""
    clock = EventClock(START)
    events = corpus(400)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "LEAST_ROWS", 1)
        store = EmbeddedEventStore(place, writable=True, clock=clock)
        for first in range(0, 360, 40):
            store.append(events[first : first + 40])
        clock.advance(START + 100 * DAY)
        store.maintain(clock.now())
        store.append(events[350:])
    assert {one.level for one in store._catalogue.segments()} == {0, 1}
    assert any((place / FOLDER).iterdir())
    yield store
    store.close()


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write(compacted: EmbeddedEventStore, text: str) -> None:
    query = parse_lucene(text)
    assert ids(compacted, query) == {event.id for event in matching(query)}


@settings(SOME, max_examples=60)
@given(
    query=queries() | leaves() | leaves().map(Not) | st.tuples(leaves(), leaves()).map(All),
    since=st.just(-1000) | st.integers(-5, 80),
    hours=st.just(3000) | st.integers(0, 80),
)
def test_generated(compacted: EmbeddedEventStore, query: Query, since: int, hours: int) -> None:
    within = TimeRange(START + since * HOUR, START + (since + hours) * HOUR)
    expected = {event.id for event in matching(query, within)}
    assert ids(compacted, query, within) == expected
    assert compacted.count(query, within) == len(expected)


@SOME
@given(
    query=st.just(Everything()) | queries(),
    how=AGGREGATIONS
    | st.sampled_from([Histogram(MINUTE), Histogram(90 * SECOND), Terms("source.port", 3)]),
)
def test_aggregates(compacted: EmbeddedEventStore, query: Query, how: Aggregation) -> None:
    expected = summarise((event.fields for event in matching(query)), how)
    assert shown(compacted.aggregate(query, how)) == shown(expected)


def test_most_is_told_without_a_look_at_the_events(compacted: EmbeddedEventStore) -> None:
    """Counts of one field, and which columns can hold a word."""
    reader = compacted._reader
    span = span_of(TimeRange())
    segments = compacted._catalogue.segments()
    young = [one for one in segments if one.level == 0]
    told: set[str] = set()
    for field in ("source.ip", "destination.ip", "user.name", "source.port", "message"):
        for part in parts_of(Exists(field), segments, span):
            told |= set(reader.tallies.counts(part, Stop(60)))
    assert told
    assert told.isdisjoint(one.path for one in young)
    parts = parts_of(Anywhere("nowhere-at-all"), segments, span)
    narrowed = [part for part in reader.narrowed(parts, Stop(60)) if part.holders]
    assert narrowed
    assert all(part.holders["nowhere-at-all"] < set(part.columns) for part in narrowed)


def test_a_tally_that_is_damaged_or_gone_changes_no_answer(
    place: Path, compacted: EmbeddedEventStore
) -> None:
    query = parse_lucene("user.name:a AND NOT source.port:443")
    expected = {event.id for event in matching(query)}
    assert not compacted.verify().faults
    first, *others = sorted((place / FOLDER).iterdir())
    kept = {path: path.read_bytes() for path in (first, *others)}
    first.write_bytes(b"not a tally")
    for path in others:
        path.unlink()
    assert ids(compacted, query) == expected
    assert compacted.count(query) == len(expected)
    (fault,) = compacted.verify().faults
    assert first.name in fault
    for path, content in kept.items():
        path.write_bytes(content)
    assert not compacted.verify().faults
