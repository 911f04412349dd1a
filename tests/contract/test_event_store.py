"""What every event store keeps to: the laws of `fengsui.store.event_store.EventStore`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from fengsui.clock import HOUR, MINUTE, SECOND, from_iso
from fengsui.errors import BusyError, InputError
from fengsui.event import Event, make_event
from fengsui.ids import digest_id
from fengsui.query.lucene import parse_lucene
from fengsui.query.match import matches
from fengsui.query.tree import Everything, Exists, Query, Term
from fengsui.query.values import fold
from fengsui.store.event_store import (
    ALWAYS,
    EventStore,
    Histogram,
    Sort,
    Terms,
    TimeRange,
)
from tests.contract.conftest import (
    FreshStore,
    Make,
    drop,
    elastic_address,
    make_elastic,
    make_embedded,
)
from tests.contract.events import START, events, queries

SLOW = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def simple(
    count: int, *, dataset: str = "dns", start: int = START, step: int = SECOND
) -> list[Event]:
    return [
        make_event(
            id=digest_id(dataset, start, number),
            time=start + number * step,
            dataset=dataset,
            fields={"source.ip": f"10.0.0.{number % 200}", "network.bytes": number % 17},
        )
        for number in range(count)
    ]


def everything(store: EventStore, query: Query, **kwargs: Any) -> list[str]:
    page = store.search(query, limit=10_000, **kwargs)
    assert not page.partial
    assert page.total == len(page.events)
    return [str(one["event.id"]) for one in page.events]


# Search = the interpreter


@SLOW
@given(made=events(), query=st.lists(queries(), min_size=1, max_size=8), cut=st.integers(0, 25))
def test_search_is_the_interpreter(
    make: Make, made: list[Event], query: list[Query], cut: int
) -> None:
    with FreshStore(make) as store:
        store.append(made[:cut])
        store.append(made[cut:])
        for one in query:
            note(f"{one}")
            expected = {event.id for event in made if matches(one, event.fields)}
            assert set(everything(store, one)) == expected
            assert store.count(one) == len(expected)


@SLOW
@given(made=events(), query=queries(), since=st.integers(0, 40), length=st.integers(0, 40))
def test_time_range_is_half_open(
    make: Make, made: list[Event], query: Query, since: int, length: int
) -> None:
    within = TimeRange(START + since * HOUR // 2, START + (since + length) * HOUR // 2)
    with FreshStore(make) as store:
        store.append(made)
        expected = {
            event.id
            for event in made
            if within.since <= event.time < within.until and matches(query, event.fields)
        }
        assert set(everything(store, query, within=within)) == expected
        assert store.count(query, within) == len(expected)


@SLOW
@given(made=events())
def test_whole_events_come_back(make: Make, made: list[Event]) -> None:
    with FreshStore(make) as store:
        store.append(made)
        for event in made:
            found = store.get(event.id)
            assert found is not None
            assert found.fields == event.fields
            assert list(found.fields)[:3] == ["event.id", "@timestamp", "event.dataset"]
        assert store.get("0" * 32) is None
        by_time = [(event.time, event.id) for event in store.scroll(Everything())]
        assert by_time == sorted((event.time, event.id) for event in made)


# Order and pages


@SLOW
@given(
    made=events(),
    field=st.sampled_from(
        [
            "@timestamp",
            "source.ip",
            "source.port",
            "user.name",
            "zeek.connection.local_orig",
            "event.start",
        ]
    ),
    descending=st.booleans(),
    size=st.integers(1, 9),
)
def test_pages_are_complete_disjoint_and_ordered(
    make: Make, made: list[Event], field: str, descending: bool, size: int
) -> None:
    sort = Sort(field, descending)
    with FreshStore(make) as store:
        store.append(made)
        whole = everything(store, Everything(), sort=sort)
        assert sorted(whole) == sorted(event.id for event in made)
        paged: list[str] = []
        cursor = None
        while True:
            page = store.search(Everything(), sort=sort, limit=size, cursor=cursor)
            assert page.total == len(made)
            paged += [str(one["event.id"]) for one in page.events]
            cursor = page.cursor
            if cursor is None:
                break
            assert len(page.events) == size
        assert paged == whole
        times = [
            from_iso(str(one["@timestamp"]))
            for one in store.search(Everything(), limit=1000).events
        ]
        assert times == sorted(times, reverse=True)


def test_addresses_sort_by_number(store: EventStore) -> None:
    texts = ["10.0.0.1", "9.1.1.1", "2001:db8::1", "::1", "192.168.0.1"]
    store.append(
        [
            make_event(id=digest_id(text), time=START, dataset="flow", fields={"source.ip": text})
            for text in texts
        ]
    )
    page = store.search(Everything(), sort=Sort("source.ip", False))
    assert [one["source.ip"] for one in page.events] == [
        "::1",
        "9.1.1.1",
        "10.0.0.1",
        "192.168.0.1",
        "2001:db8::1",
    ]


def test_a_page_does_not_shift_when_events_arrive(store: EventStore) -> None:
    old = simple(20)
    store.append(old)
    first = store.search(Everything(), limit=10)
    store.append(simple(5, start=START + HOUR))
    second = store.search(Everything(), limit=10, cursor=first.cursor)
    seen = [one["event.id"] for one in first.events + second.events]
    assert seen == [event.id for event in reversed(old)]
    assert second.total == 25


def test_columns_of_a_list_view(store: EventStore) -> None:
    store.append(simple(1))
    page = store.search(Everything(), columns=["source.ip", "absent"])
    assert page.events == [{"event.id": simple(1)[0].id, "source.ip": "10.0.0.0"}]


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "W10", "é"])
def test_a_foreign_cursor_is_refused(store: EventStore, cursor: str) -> None:
    with pytest.raises(InputError):
        store.search(Everything(), cursor=cursor)


def test_sorting_needs_a_single_valued_field(store: EventStore) -> None:
    for field in ["related.ip", "no.such.field"]:
        with pytest.raises(InputError):
            store.search(Everything(), sort=Sort(field))


# Aggregates


@SLOW
@given(made=events(), query=queries(), hours=st.integers(1, 9))
def test_histogram_sums_to_the_count(
    make: Make, made: list[Event], query: Query, hours: int
) -> None:
    interval = hours * HOUR
    with FreshStore(make) as store:
        store.append(made)
        buckets = store.aggregate(query, Histogram(interval))
        expected = Counter(
            event.time // interval * interval for event in made if matches(query, event.fields)
        )
        assert {one.key: one.count for one in buckets if one.count} == expected
        keys = [int(one.key) for one in buckets]
        assert keys == list(range(keys[0], keys[-1] + 1, interval)) if keys else not expected


@SLOW
@given(
    made=events(),
    query=queries(),
    field=st.sampled_from(
        [
            "dns.question.name",
            "dns.answers.data",
            "source.port",
            "source.ip",
            "x.custom",
            "event.dataset",
            "user.name",
        ]
    ),
)
def test_terms_count_each_value_of_an_event_once(
    make: Make, made: list[Event], query: Query, field: str
) -> None:
    from fengsui.query.values import text_of, values_of

    expected: Counter[str] = Counter()
    for event in made:
        if matches(query, event.fields) and field in event.fields:
            values = values_of(event.fields[field])
            expected.update({fold(text_of(one)) for one in values if one is not None})
    with FreshStore(make) as store:
        store.append(made)
        buckets = store.aggregate(query, Terms(field, 1000))
        assert {fold(str(one.key)): one.count for one in buckets} == expected
        assert [one.count for one in buckets] == sorted(expected.values(), reverse=True)
        assert len(store.aggregate(query, Terms(field, 2))) == min(2, len(expected))


# Appending


@pytest.mark.parametrize("open_", [make_embedded, make_elastic])
def test_appending_again_adds_nothing(open_: Make, tmp_path: Path) -> None:
    made = simple(500) + simple(300, dataset="flow", step=MINUTE)
    folder = tmp_path / "store"
    store = open_(folder, writable=True)
    assert store.append(made + made[:10]).added == 800
    assert store.append(made).added == 0
    store.close()
    store = open_(folder, writable=True)
    again = store.append(made)
    assert (again.added, again.duplicates) == (0, 800)
    assert store.count(Everything()) == 800
    store.close()
    if open_ is make_elastic:
        drop(elastic_address(folder))


def test_statistics(store: EventStore) -> None:
    store.append(simple(10) + simple(4, dataset="flow"))
    found = {one.dataset: one for one in store.statistics()}
    assert {name: one.events for name, one in found.items()} == {"dns": 10, "flow": 4}
    assert (found["dns"].first, found["dns"].last) == (START, START + 9 * SECOND)
    assert found["dns"].bytes > 0


def bad_event(**values: object) -> Event:
    import json

    head = {"event.id": digest_id(str(values)), "@timestamp": "2026-02-02T00:00:00.000000Z"}
    text = json.dumps(head | {"event.dataset": "dns"} | values, separators=(",", ":"))
    return Event(text.encode())


@pytest.mark.parametrize(
    ("values", "field", "query"),
    [
        ({"source.port": "abc"}, "source.port", "source.port:ABC"),
        ({"source.port": 2**70}, "source.port", "source.port:1*"),
        ({"source.port": 5.5}, "source.port", "source.port:5.5"),
        ({"source.port": float("nan")}, "source.port", "source.port:nan"),
        ({"source.port": True}, "source.port", "source.port:true"),
        ({"source.ip": "not an address"}, "source.ip", 'source.ip:"not an address"'),
        ({"source.ip": ["172.16.0.1"]}, "source.ip", "source.ip:172.16.0.1"),
        ({"related.ip": "10.0.0.1"}, "related.ip", "related.ip:10.0.0.1"),
        ({"related.ip": ["10.0.0.1", None]}, "related.ip", "related.ip:10.0.0.1"),
        ({"user.name": "x" * 200_000}, "user.name", "user.name:xxxx*"),
        ({"user.name": {"a": {"b": [1, 2]}}}, "user.name", "user.name:*b*"),
        ({"user.name": "\ud800"}, None, "_exists_:user.name"),
        ({"k" * 70_000: 1}, "k" * 100, "source.port:0 OR *"),
        ({"event.start": "yesterday"}, "event.start", "event.start:Yesterday"),
        ({"event.start": "2026-02-30T00:00:00.000000Z"}, "event.start", "event.start:2026*"),
        ({"event.start": "2026-02-02T08:00:00+08:00"}, None, "event.start:2026-02-02T00:00:00Z"),
        ({"unknown.field": [1, "two"]}, "unknown.field", "unknown.field:two"),
        ({"a": "b\u0000c"}, "a", "a:b?c"),
        ({"@timestamp": "no time"}, "@timestamp", "quarantine.@timestamp:no*"),
        ({"@timestamp": "0001-01-01T00:00:00.000000Z"}, "@timestamp", "event.dataset:dns"),
        ({"event.id": "short"}, "event.id", "quarantine.event.id:short"),
        ({"event.dataset": "../../etc"}, "event.dataset", "event.dataset:other"),
        ({"event.dataset": 5}, "event.dataset", "event.dataset:other"),
    ],
)
def test_a_bad_value_never_fails_a_batch(
    store: EventStore, values: dict[str, object], field: str | None, query: str
) -> None:
    good = simple(3)
    appended = store.append([good[0], bad_event(**values), *good[1:]])
    assert appended.added == 4
    assert set(appended.quarantined_fields) == ({field} if field else set())
    assert store.count(Everything()) == 4
    assert store.count(parse_lucene(query)) in {1, 4}
    assert store.append([bad_event(**values)]).added == 0
    assert len(list(store.scroll(Everything()))) == 4


@pytest.mark.parametrize(
    "raw", [b"", b"garbage", b"[]", b"5", b'{"event.id":', b"\xff\xfe", b"{}", b"[" * 100_000]
)
def test_bytes_that_are_no_event_are_kept(store: EventStore, raw: bytes) -> None:
    appended = store.append([Event(raw), *simple(2)])
    assert appended.added == 3
    assert appended.quarantined_fields
    assert store.append([Event(raw)]).added == 0
    assert store.count(Everything()) == 3


def test_a_line_break_inside_an_event_does_not_make_two(store: EventStore) -> None:
    event = simple(1)[0]
    cut = Event(event.raw.replace(b',"source.ip"', b',\n"source.ip"'))
    two = Event(event.raw + b"\n" + simple(2)[1].raw)
    assert store.append([cut]).added == 1
    store.append([two])
    assert store.count(Exists("source.ip")) <= 2
    found = store.get(event.id)
    assert found is not None
    assert found.fields == event.fields


# Housekeeping


def test_purging_a_run_leaves_the_rest(store: EventStore) -> None:
    live = simple(30)
    store.append(live)
    drill = [event.in_run("drill-1") for event in live]
    store.append(drill + [event.in_run('other "run"') for event in live])
    assert store.count(Term("fengsui.run", "drill-1")) == 30
    assert store.purge_run("drill-1") == 30
    assert store.purge_run("drill-1") == 0
    assert store.count(Everything()) == 60
    assert store.append(drill).added == 30
    assert store.purge_run('other "run"') == 30
    assert not store.verify().faults


def test_verify_names_nothing_in_a_sound_store(store: EventStore) -> None:
    store.append(simple(10))
    verified = store.verify()
    assert verified.segments
    assert not verified.faults


def test_a_second_writer_is_refused(make: Make, tmp_path: Path) -> None:
    first = make(tmp_path / "store", writable=True)
    with pytest.raises(BusyError):
        make(tmp_path / "store", writable=True)
    first.close()
    make(tmp_path / "store", writable=True).close()


@pytest.mark.parametrize("open_", [make_embedded, make_elastic])
def test_a_reader_of_nothing_finds_nothing(open_: Make, tmp_path: Path) -> None:
    reader = open_(tmp_path / "none", writable=False)
    assert reader.search(Everything()).total == 0
    assert reader.count(Everything(), ALWAYS) == 0
    assert list(reader.scroll(Everything())) == []
    assert reader.statistics() == []
    assert reader.get("0" * 32) is None
    reader.close()
