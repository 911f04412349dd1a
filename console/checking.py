"""Compliance checks over an installation's own evidence, on the evidence's own clock."""

from __future__ import annotations

from console.compliance.ledger import ledger_of
from console.drilling import drill_plan
from console.inventory import joined
from console.stored_evidence import StoredEvidence
from console.wiring import Stores, open_stores
from detections.compliance.check import run_checks
from fengsui.clock import WallClock, from_iso
from fengsui.control import Finding
from fengsui.query.tree import All, Query, Term
from fengsui.settings import Settings
from fengsui.store.event_store import EventStore, Sort, Terms
from fengsui.store.state import Plan, Replay, SourceSeen, State


def check_run(settings: Settings, *, run: str = "") -> list[Finding]:
    """Run all checks of an installation and keep the findings; `run` checks one drill instead.

    Findings about a drill are shown and not kept: a drill is no proof of how things are.
    """
    with open_stores(settings, writable=False) as stores:
        return check_stores(settings, stores, run)


def check_stores(settings: Settings, stores: Stores, run: str = "") -> list[Finding]:
    """As `check_run`, over stores that are open."""
    findings = run_checks(evidence_of(settings, stores, run))
    if not run:
        stores.state.put_findings(findings)
    return findings


def evidence_of(settings: Settings, stores: Stores, run: str) -> StoredEvidence:
    """Evidence of live telemetry (`run` empty), or of one drill at the end of its own time."""
    events, state = stores.events, stores.state
    record = state.replay(run) if run else None
    if record is None:
        now = WallClock().now()
        return StoredEvidence(
            events, state.plan(), state.sources(), now, ledger=ledger_of(settings, state, now)
        )
    plan = joined(state.plan(), _plan_of(record, state))
    sources = sources_of(events, run)
    now = max((source.last for source in sources), default=WallClock().now())
    return StoredEvidence(events, plan, sources, now, run)


def _plan_of(record: Replay, state: State) -> Plan:
    return drill_plan(record.summary) if record.kind == "drill" else state.plan()


def sources_of(events: EventStore, run: str) -> list[SourceSeen]:
    """Sources of one run, from what the store holds of it."""
    whole = Term("fengsui.run", run)
    found: list[SourceSeen] = []
    for sensor in events.aggregate(whole, Terms("observer.name", 1000)):
        ours = All((whole, Term("observer.name", str(sensor.key))))
        for dataset in events.aggregate(ours, Terms("event.dataset", 1000)):
            query = All((ours, Term("event.dataset", str(dataset.key))))
            first, last = _ends(events, query)
            found.append(SourceSeen(str(sensor.key), str(dataset.key), dataset.count, first, last))
    return found


def _ends(events: EventStore, query: Query) -> tuple[int, int]:
    def end(*, descending: bool) -> int:
        page = events.search(
            query, sort=Sort(descending=descending), limit=1, columns=("@timestamp",)
        )
        return from_iso(str(page.events[0]["@timestamp"])) if page.events else 0

    return end(descending=False), end(descending=True)
