"""The event queries answer the same over the list, the embedded store and Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from detections.compliance.check import run_checks
from detections.compliance.events.asking import event_queries
from fengsui.clock import DAY, HOUR, MINUTE
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.event_store import EventStore
from tests.contract.conftest import drop, elastic_address
from tests.detections.compliance.events.test_queries import (
    all_signed,
    audit,
    event,
    remote,
    whole_ledger,
)


@pytest.fixture(scope="module")
def faulty(make_evidence, ordinary):
    """A month of ordinary telemetry, and in it something of what each query looks for."""
    now = make_evidence([]).now
    events = list(ordinary(days=60))
    for name in ("web", "db", "sw", "cam"):
        events += audit(now, name)
    events += remote(now)
    events += [
        event(5 * DAY, now, host__name="cam", message="The audit log was cleared."),
        event(5 * DAY, now, host__name="web", event__action="audit-log-cleared"),
        event(5 * DAY, now, "ldap", user__name="zhang", event__outcome="success"),
        event(DAY, now, "rdp", source__ip="203.0.113.5", destination__ip="10.1.0.2"),
        event(DAY, now, source__ip="10.1.0.250", destination__ip="10.1.0.2", user__name='o"k\\x'),
        *(
            event(DAY + n * MINUTE // 6, now, "radius", user__name="a", event__outcome="failure",
                  destination__ip="10.1.0.2")
            for n in range(1, 26)
        ),
        event(DAY, now, "radius", user__name="a", event__outcome="success", destination__ip="10.1.0.2"),
        *(
            event(n * HOUR + 30 * MINUTE, now, host__name="db", event__category="authentication",
                  event__action="login", source__ip="10.1.0.9")
            for n in range(100)
        ),
        *(event(n * HOUR, now, "syslog", host__name="sw", message=f"%LINE {n}") for n in range(60)),
    ]  # fmt: skip
    return replace(make_evidence(events), ledger=whole_ledger(now))


@pytest.fixture(params=["embedded", "elastic"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    if request.param == "embedded":
        made = EmbeddedEventStore(tmp_path, writable=True)
        yield made
        made.close()
        return
    address = elastic_address(tmp_path)
    opened = ElasticEventStore(address, writable=True, period="month")
    yield opened
    opened.close()
    drop(address)


def test_every_query_answers_as_over_the_list(store: EventStore, faulty) -> None:
    store.append([each for _, _, each in faulty.events._events])
    kept = replace(faulty, events=store)
    records = all_signed(faulty)
    found = {f.check: f.as_json() for f in run_checks(kept, records)}
    wanted = {f.check: f.as_json() for f in run_checks(faulty, records)}
    assert {name for name in wanted if found.get(name) != wanted[name]} == set()
    assert len(found) == len(wanted)
    assert {query.check.id for query in event_queries()} <= wanted.keys()
    assert len({f["verdict"] for f in wanted.values()}) >= 3  # faults are among what is compared
