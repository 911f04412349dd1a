"""Evidence in memory: a store answered by the query oracle, and a register of four assets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from detections.compliance.events.ledger import Ledger
from detections.compliance.evidence import Record
from fengsui.asset import Asset, Network
from fengsui.clock import DAY, HOUR, from_iso
from fengsui.event import Event, Fields, make_event
from fengsui.ids import digest_id
from fengsui.query.match import matches
from fengsui.query.tree import Query
from fengsui.store.event_store import ALWAYS, Bucket, Histogram, Page, Sort, Terms, TimeRange
from fengsui.store.state import Plan, SourceSeen

NOW = from_iso("2026-11-21T08:00:00Z")
PLAN = Plan(
    networks=(
        Network("10.1.0.0/16", "服务器区", "data"),
        Network("2001:db8::/48", "服务器区", "data"),
    ),
    assets=(
        Asset("web", "门户", ("10.1.0.1", "2001:db8::1"), plane="data", logs=("flow",)),
        Asset("db", "数据库", ("10.1.0.2",), plane="data", kind="database", logs=("flow",)),
        Asset("sw", "核心交换机", ("10.1.0.3",), plane="data", kind="network"),
        Asset("cam", "摄像机", ("10.1.9.1",), plane="video", kind="camera", logs=("flow",)),
    ),
)


NEWEST = Sort()


class MemoryStore:
    """What checks ask of an event store, over a list."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = sorted((event.time, event.id, event) for event in events)
        self._answers: dict[Query, list[tuple[int, Event]]] = {}

    def close(self) -> None:
        pass

    def _found(self, query: Query, within: TimeRange) -> list[Event]:
        if query not in self._answers:
            self._answers[query] = [
                (time, event) for time, _, event in self._events if matches(query, event.fields)
            ]
        return [e for time, e in self._answers[query] if within.since <= time < within.until]

    def scroll(self, query: Query, within: TimeRange = ALWAYS) -> Iterator[Event]:
        yield from self._found(query, within)

    def count(self, query: Query, within: TimeRange = ALWAYS) -> int:
        return len(self._found(query, within))

    def search(self, query, within=ALWAYS, *, sort=NEWEST, limit=50, columns=(), **_) -> Page:
        found = self._found(query, within)
        rows: list[Fields] = [e.fields for e in (found[::-1] if sort.descending else found)]
        return Page(rows[:limit], len(rows), False, None, 0.0)

    def aggregate(self, query: Query, how: Terms | Histogram, within: TimeRange = ALWAYS):
        found = self._found(query, within)
        if isinstance(how, Terms):
            counts = Counter(event.text(how.field) for event in found if event.get(how.field))
            return [Bucket(key, count) for key, count in counts.most_common(how.size)]
        starts = Counter(event.time // how.interval for event in found)
        if not starts:
            return []
        return [Bucket(n * how.interval, starts[n]) for n in range(min(starts), max(starts) + 1)]


@dataclass(frozen=True)
class MemoryEvidence:
    events: MemoryStore
    plan: Plan
    sources: Sequence[SourceSeen]
    now: int = NOW
    run: str = ""
    others: frozenset[str] = frozenset()
    ledger: Ledger = field(default_factory=Ledger)


def flow(source: str, target: str, at: int, **more: object) -> Event:
    """A flow that was answered; `at` in ns."""
    fields: dict[str, object] = {
        "observer.name": "sensor-1",
        "source.ip": source,
        "destination.ip": target,
        "destination.port": 443,
        "destination.bytes": 800,
        "client.bytes": 300,
        "server.bytes": 600,
        "network.transport": "tcp",
        "network.protocol": "tls",
    }
    fields.update({name.replace("__", "."): value for name, value in more.items()})
    dataset = str(fields.pop("event.dataset", "flow"))
    return make_event(
        id=digest_id(source, target, at, str(sorted(more.items()))),
        time=at,
        dataset=dataset,
        fields={name: value for name, value in fields.items() if value is not None},
    )


@pytest.fixture(scope="session")
def make_flow() -> Callable[..., Event]:
    """`make_flow(source, target, at, network__protocol="telnet")`."""
    return flow


@pytest.fixture(scope="session")
def ordinary() -> Callable[..., list[Event]]:
    """`ordinary(days=200)`: each asset, in each stack, once a day up to an hour ago."""

    def make(days: int, without: tuple[str, ...] = ()) -> list[Event]:
        addresses = [a for asset in PLAN.assets for a in asset.addresses if a not in without]
        return [
            flow(address, "198.51.100.1" if ":" not in address else "2a01::1", at)
            for address in addresses
            for at in range(NOW - HOUR - days * DAY, NOW, DAY)
        ]

    return make


@pytest.fixture(scope="session")
def make_evidence() -> Callable[..., MemoryEvidence]:
    """Evidence of events; the sources are those of the events."""

    def make(events: Sequence[Event], plan: Plan = PLAN, run: str = "") -> MemoryEvidence:
        seen: dict[tuple[str, str], list[int]] = {}
        for event in events:
            if event.text("fengsui.run") == run:
                seen.setdefault((event.text("observer.name"), event.dataset), []).append(event.time)
        sources = [
            SourceSeen(sensor, dataset, len(times), min(times), max(times))
            for (sensor, dataset), times in sorted(seen.items())
        ]
        return MemoryEvidence(MemoryStore(events), plan, sources, run=run)

    return make


@pytest.fixture(scope="session")
def all_records() -> list[Record]:
    """Every record that a check may ask for, fresh and in favour."""
    wanted = {
        "L3-SMC1-10": ("audit_setting", "audit_analysis", "retention_policy"),
        "L3-CES1-03": ("management_setting", "management_probe"),
        "L3-SMC1-08": ("management_setting", "management_probe"),
        "L3-ABS1-16": ("user_mapping", "audit_test"),
    }
    return [
        Record(unit, name, "E1", True, NOW - DAY, "王敏", "0" * 64)
        for unit, names in wanted.items()
        for name in names
    ]
