"""Retention by class, legal holds, seals and moving, in every kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fengsui.clock import DAY, EventClock
from fengsui.errors import StoreError
from fengsui.event import Event, make_event
from fengsui.ids import digest_id
from fengsui.query.lucene import parse_lucene
from fengsui.query.tree import Everything
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.elastic.document import Document, event_of
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.event_store import EventStore, Hold, TimeRange
from fengsui.store.moving import copy_events, digest_of
from tests.contract.conftest import drop, elastic_address, make_embedded
from tests.contract.events import START, corpus

CLASSES = {"public": 366}


@pytest.fixture
def clock() -> EventClock:
    return EventClock(START + 10 * DAY)


@pytest.fixture(params=["embedded", "elastic"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, clock: EventClock) -> Iterator[EventStore]:
    """A store whose clock tests move."""
    if request.param == "embedded":
        store: EventStore = EmbeddedEventStore(
            tmp_path / "kept", writable=True, clock=clock, classes=CLASSES
        )
        yield store
        store.close()
        return
    address = elastic_address(tmp_path)
    store = ElasticEventStore(address, writable=True, clock=clock, classes=CLASSES, period="day")
    yield store
    store.close()
    drop(address)


def events_of(day: int, retention: str, count: int = 3) -> list[Event]:
    return [
        make_event(
            id=digest_id(day, retention, number),
            time=START + day * DAY + number,
            dataset="dns",
            fields={"cn.retention": retention, "source.ip": "10.0.0.1"},
        )
        for number in range(count)
    ]


def test_each_class_is_kept_for_its_days_and_holds_keep_more(
    kept: EventStore, clock: EventClock
) -> None:
    kept.append(events_of(0, "") + events_of(0, "public") + events_of(0, "no.class"))
    kept.append(events_of(2, ""))  # what is kept or goes is a segment or an index as a whole
    assert kept.count(Everything()) == 12
    kept.hold(
        Hold("case-17", TimeRange(START + 2 * DAY, START + 3 * DAY), "police", START, ("dns",))
    )
    assert [one.name for one in kept.holds()] == ["case-17"]

    clock.advance(START + 210 * DAY)
    kept.maintain(START + 210 * DAY)
    left = [str(event.get("cn.retention", "")) for event in kept.scroll(Everything())]
    assert sorted(left) == ["", "", "", "public", "public", "public"]

    assert kept.release("case-17")
    assert not kept.release("case-17")
    kept.maintain(START + 210 * DAY)
    assert kept.count(Everything()) == 3

    clock.advance(START + 400 * DAY)
    kept.maintain(START + 400 * DAY)
    assert kept.count(Everything()) == 0
    assert not kept.verify().faults


def test_a_purge_spares_what_is_held(kept: EventStore) -> None:
    drill = [event.in_run("drill-9") for event in events_of(0, "") + events_of(2, "")]
    kept.append(drill)
    kept.hold(Hold("h", TimeRange(START, START + DAY), "why", START))
    assert kept.purge_run("drill-9") == 3
    assert kept.count(Everything()) == 3
    kept.release("h")
    assert kept.purge_run("drill-9") == 3


def test_a_copy_is_the_same_and_goes_on_where_it_stopped(kept: EventStore, tmp_path: Path) -> None:
    events = corpus(120)
    source = make_embedded(tmp_path / "source", writable=True)
    source.append(events)
    first = copy_events(source, kept, TimeRange(START, (START // DAY + 1) * DAY))
    done = copy_events(source, kept)
    assert done.events == 120
    assert first.copied + done.copied == 120
    assert done.already == len(first.days) == 1
    assert all(digest_of(kept, one.day) == one for one in done.days)
    assert copy_events(kept, source).copied == 0
    source.close()


def test_a_copy_that_cannot_be_the_same_says_so(kept: EventStore, tmp_path: Path) -> None:
    source = make_embedded(tmp_path / "source", writable=True)
    source.append(events_of(0, ""))
    kept.append(events_of(0, "public"))
    with pytest.raises(StoreError) as caught:
        copy_events(source, kept)
    assert caught.value.code == "copy_differs"
    source.close()


def test_a_store_says_what_it_is(kept: EventStore) -> None:
    about = kept.describe()
    assert about.kind in {"embedded", "elastic"}
    assert about.version
    assert about.status in {"good", "degraded"}


def test_what_is_changed_behind_a_sealed_index_shows(tmp_path: Path, clock: EventClock) -> None:
    address = elastic_address(tmp_path)
    store = ElasticEventStore(address, writable=True, clock=clock, period="day")
    client = store._client
    store.append(events_of(0, "") + events_of(1, ""))
    store.maintain(START + 10 * DAY)
    assert store.verify().segments == 2
    assert store.verify().faults == ()

    store.append(events_of(1, "", 5))  # late, by the store itself: a link of the chain
    assert store.verify().faults == ()
    store.maintain(START + 10 * DAY)
    assert store.verify().faults == ()

    hit = client.search(index=f"{address.prefix}-events", size=1, sort=[{"event.id": "asc"}]).body
    found = hit["hits"]["hits"][0]
    assert event_of(found["_source"]).get("source.ip") == "10.0.0.1"
    changed = {**found["_source"], "source.ip": "10.0.0.2"}
    client.index(index=found["_index"], id=found["_id"], document=changed, refresh=True)
    assert any("changed since it was sealed" in fault for fault in store.verify().faults)

    client.update(index=f"{address.prefix}-ledger", id="link-1", doc={"at": 5}, refresh=True)
    assert any("link 1" in fault for fault in store.verify().faults)
    store.close()
    drop(address)


def test_a_document_that_the_cluster_refuses_is_kept_with_the_reason(tmp_path: Path) -> None:
    address = elastic_address(tmp_path)
    store = ElasticEventStore(address, writable=True, period="month")
    store.append(events_of(0, "", 1))
    name = next(iter(store._upkeep.indices()))
    bad = Document("f" * 32, "dns", "ordinary", START // 1000, b'{"source.port":"none"}', [])
    written = store._bulk.write([(name, bad)])
    assert [reason.partition(":")[0] for _, reason in written.dead] == [
        "document_parsing_exception"
    ]
    kept = store._client.search(index=f"{address.prefix}-dead").body["hits"]["hits"]
    assert kept[0]["_source"]["document"] == '{"source.port":"none"}'
    assert "source.port" in kept[0]["_source"]["reason"]
    assert store.count(parse_lucene("*")) == 1
    store.close()
    drop(address)
