"""Every store gives the interpreter's answers: the same events, the same queries."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from fengsui.clock import DAY, HOUR
from fengsui.errors import InputError, StoreError
from fengsui.event import Event
from fengsui.query.lucene import parse_lucene
from fengsui.query.match import matches
from fengsui.query.tree import Everything, Query
from fengsui.query.values import fold
from fengsui.store.event_store import (
    ALWAYS,
    Aggregation,
    Bucket,
    Cardinality,
    EventStore,
    Histogram,
    Percentiles,
    Sort,
    Stop,
    Terms,
    TimeRange,
)
from fengsui.store.summary import summarise
from tests.contract.events import FIELDS, START, corpus, long_lists, queries

EVENTS = corpus(400)
MANY = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SOME = settings(MANY, max_examples=40)
WRITTEN = [
    "*",
    "dns.question.name:MAIL.example.cn",
    "dns.question.name:*.cn AND NOT source.ip:10.0.0.0/8",
    "NOT dns.question.name:a",
    "source.ip:(10.0.0.1 OR 2001:DB8::1)",
    "source.ip:2001:db8::/32",
    "source.ip:10.*",
    "source.ip:::ffff:10.0.0.1",
    "related.ip:[10.0.0.0 TO 10.0.0.5]",
    "source.port:[5 TO 443] OR network.bytes:<0",
    "source.port:4*",
    "network.bytes:9223372036854775807",
    'user.name:"a*b"',
    r"user.name:a\*b",
    r"user.name:x\\y",
    "user.name:50%",
    "user.name:烽燧",
    "user.name:äb",
    "user.name:i",
    "_exists_:x.custom",
    "x.custom:*",
    "钥匙:*",
    "Weird\\ Name:b",
    "@timestamp:[2026-02-02 TO 2026-02-03}",
    '@timestamp:["2026-02-02T18:00:00+08:00" TO *]',
    "event.start:2026-02",
    "event.start:*.123456Z",
    "zeek.connection.local_orig:TRUE",
    "dns.answers.data:äb",
    "dns.answers.ttl:>5",
    "example",
    "443 OR true",
    "message:/.*exam.*/",
    "message:/[a-z]+/ AND source.port:*",
    "NOT message:/a.*/",
    "event.id:*a1*",
    "((((a))))",
    "event.dataset:MADE.UP AND absent.field:x",
]


def matching(query: Query, within: TimeRange = ALWAYS) -> list[Event]:
    return [
        event
        for event in EVENTS
        if within.since <= event.time < within.until and matches(query, event.fields)
    ]


def ids(store: EventStore, query: Query, within: TimeRange = ALWAYS) -> set[str]:
    page = store.search(query, within, limit=1000, columns=["event.id"])
    assert not page.partial
    assert page.total == len(page.events)
    return {str(one["event.id"]) for one in page.events}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write(filled: EventStore, text: str) -> None:
    query = parse_lucene(text)
    assert ids(filled, query) == {event.id for event in matching(query)}


def test_what_people_write_hits() -> None:
    empty = [text for text in WRITTEN if not matching(parse_lucene(text))]
    assert empty == ["event.dataset:MADE.UP AND absent.field:x"]


HOSTILE = {
    "deep": "(" * 55 + "user.name:a" + ")" * 55,
    "deep and turning": "user.name:a " + "OR (NOT source.port:5 AND (user.name:b " * 25 + "))" * 25,
    "many NOTs": "NOT " * 50 + "user.name:a",
    "many values": " OR ".join(f"user.name:x{n}" for n in range(500)) + " OR user.name:a",
    "many wildcards": "user.name:*" + "*".join("abcdefghijklmnopqrstuvw") + "*",
    "many patterns": " OR ".join(f"*x{n}*" for n in range(700)) + " OR user.name:a",
    "leading wildcards": "*a* AND *b* AND *c*",
    "long": "user.name:" + "a" * 9_900,
    "long pattern": "user.name:*" + "a" * 9_900 + "*",
    "long name": "f" * 9_900 + ":a",
    "expression": "message:/(a|a)*(a|a)*(a|a)*(a|a)*b?.*/",
    "separator": "user.name:a\u001fb OR a\u001fb:c",
    "zero": "user.name:a\u0000b OR user.name:*\u0000*",
}


SHORTER = {"many patterns": " OR ".join(f"*x{n}*" for n in range(10)) + " OR user.name:a"}
"""The same for the interpreter, which would take minutes."""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(filled: EventStore, name: str) -> None:
    """Right, or a part of what is right and marked as one."""
    query = parse_lucene(HOSTILE[name])
    page = filled.search(query, limit=1000, columns=["event.id"], timeout=5)
    found = {str(one["event.id"]) for one in page.events}
    expected = {event.id for event in matching(parse_lucene(SHORTER.get(name, HOSTILE[name])))}
    assert found <= expected
    assert page.partial or found == expected


def test_another_thread_may_stop_a_search(filled: EventStore) -> None:
    stop = Stop(60)
    stop.set()
    page = filled.search(parse_lucene("message:/a.*/"), timeout=stop)
    assert page.partial
    with pytest.raises(StoreError) as caught:
        filled.aggregate(Everything(), Terms("user.name"), timeout=stop)
    assert caught.value.code == "timeout"


@MANY
@given(query=queries())
def test_generated(filled: EventStore, query: Query) -> None:
    note(f"{query}")
    assert ids(filled, query) == {event.id for event in matching(query)}


@settings(MANY, max_examples=15)
@given(query=long_lists())
def test_many_alternatives(filled: EventStore, query: Query) -> None:
    """An OR of many, as lists of names or indicators make them."""
    note(f"{query}")
    assert ids(filled, query) == {event.id for event in matching(query)}


@SOME
@given(query=queries(), since=st.integers(-5, 80), hours=st.integers(0, 80))
def test_time_ranges(filled: EventStore, query: Query, since: int, hours: int) -> None:
    within = TimeRange(START + since * HOUR, START + (since + hours) * HOUR)
    expected = {event.id for event in matching(query, within)}
    assert ids(filled, query, within) == expected
    assert filled.count(query, within) == len(expected)


def test_whole_events(filled: EventStore) -> None:
    by_id = {event.id: event.fields for event in EVENTS}
    scrolled = list(filled.scroll(Everything()))
    assert {event.id: event.fields for event in scrolled} == by_id
    assert [(event.time, event.id) for event in scrolled] == sorted(
        (event.time, event.id) for event in EVENTS
    )
    some = filled.get(EVENTS[7].id)
    assert some is not None
    assert some.fields == EVENTS[7].fields


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(
    "field",
    ["@timestamp", "event.start", "user.name", "source.ip", "zeek.connection.local_orig"],
)
@pytest.mark.parametrize("text", ["*", "NOT user.name:/a.*/"])
def test_pages(filled: EventStore, text: str, field: str, descending: bool) -> None:
    query, sort = parse_lucene(text), Sort(field, descending)
    whole = [one["event.id"] for one in filled.search(query, sort=sort, limit=1000).events]
    assert sorted(map(str, whole)) == sorted(event.id for event in matching(query))
    paged: list[object] = []
    cursor = None
    while True:
        page = filled.search(query, sort=sort, limit=150, cursor=cursor)
        assert page.total == len(whole)
        paged += [one["event.id"] for one in page.events]
        if (cursor := page.cursor) is None:
            break
    assert paged == whole


def shown(buckets: Sequence[Bucket]) -> list[object]:
    """Buckets with their keys in lower case: which spelling is shown is not promised."""
    return [
        (
            fold(one.key) if isinstance(one.key, str) else one.key,
            one.count,
            one.value,
            shown(one.inner),
        )
        for one in buckets
    ]


TERMS = st.builds(
    Terms, st.sampled_from([name for name in FIELDS if name != "event.id"]), st.integers(1, 12)
)
HISTOGRAMS = st.builds(Histogram, st.sampled_from([HOUR, 7 * HOUR, DAY]))
AGGREGATIONS: st.SearchStrategy[Aggregation] = st.one_of(
    TERMS,
    HISTOGRAMS,
    st.builds(
        Terms,
        st.sampled_from(["event.dataset", "user.name", "source.port"]),
        st.integers(1, 5),
        TERMS | HISTOGRAMS,
    ),
    st.builds(Histogram, st.just(DAY), TERMS),
    st.builds(Cardinality, st.sampled_from(FIELDS)),
    st.builds(
        Percentiles,
        st.sampled_from(["source.port", "network.bytes", "dns.answers.ttl"]),
        st.just((1.0, 50.0, 95.0, 100.0)),
    ),
)


@SOME
@given(query=queries() | st.just(Everything()), how=AGGREGATIONS)
@example(query=Everything(), how=Histogram(DAY, Terms("absent.field")))
@example(query=Everything(), how=Terms("event.dataset", 5, Terms("absent.field")))
def test_aggregates(filled: EventStore, query: Query, how: Aggregation) -> None:
    expected = summarise((event.fields for event in matching(query)), how)
    assert shown(filled.aggregate(query, how)) == shown(expected)


@pytest.mark.parametrize(
    "how",
    [
        Terms("user.name", 0),
        Terms("user.name", 10, Terms("source.ip", 10, Terms("source.port"))),
        Histogram(0),
        Histogram(1000),
        Percentiles("user.name"),
        Percentiles("source.port", (0.0,)),
    ],
)
def test_bounds_of_aggregates(filled: EventStore, how: Aggregation) -> None:
    with pytest.raises(InputError):
        filled.aggregate(Everything(), how)
