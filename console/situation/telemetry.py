"""What the event store says of a period: who was seen, who answered outsiders, which planes carry traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.situation.period import Period
from console.stored_evidence import StoredEvidence
from detections.compliance.cleartext import PROTOCOLS
from detections.compliance.coverage import coverage
from detections.compliance.evidence import MOST_TERMS
from fengsui.asset import Asset
from fengsui.clock import MINUTE
from fengsui.query.tree import All, Any, Query, Range, Term
from fengsui.store.event_store import Bucket, EventStore, Histogram, Terms

_SPEAKERS: Final = ("host.name", "host.ip", "observer.name", "source.ip", "destination.ip")
_FLOW: Final = Term("event.dataset", "flow")
_ANSWERED: Final = Range("destination.bytes", "1", None)
INBOUND: Final = All((_FLOW, Term("network.direction", "inbound"), _ANSWERED))
CLEARTEXT: Final = All((_FLOW, Any(tuple(Term("network.protocol", each) for each in PROTOCOLS))))


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Of the window of a period.

    Attributes:
        assets: ids of registered assets that were seen, in traffic or by their own records.
        pairs: (asset, dataset) of records that are expected, and whether any came.
        planes: that carried traffic; `newest`: time of the newest event, 0 for none.
        reachable: own addresses that answered somebody outside; `cleartext`: that were managed in clear text.
        unregistered: own addresses that took part in traffic and stand in no register.
    """

    assets: frozenset[str]
    pairs: tuple[tuple[Asset, str, bool], ...]
    planes: frozenset[str]
    reachable: dict[str, int]
    cleartext: dict[str, int]
    unregistered: tuple[str, ...]
    newest: int


def telemetry(events: EventStore, period: Period) -> Telemetry:
    """Ask the store; a handful of aggregates, none of which reads whole events."""
    run = period.run if period.kind == "drill" else ""
    evidence = StoredEvidence(events, period.plan, (), period.now, run)
    found = coverage(evidence, period.window.since)
    seen = {one.asset.id for one in found.assets if one.seen}
    spoke = _speakers(events, period)
    spoke["flow"] = {*seen}
    pairs: list[tuple[Asset, str, bool]] = []
    for asset in period.plan.assets:
        names = {asset.id, asset.name, *asset.addresses}
        for dataset in asset.logs:
            arrives = bool(names & spoke.get(dataset, set()))
            pairs.append((asset, dataset, arrives))
            if arrives:
                seen.add(asset.id)
    newest = [int(bucket.key) + MINUTE for bucket in _minutes(events, period)]
    return Telemetry(
        frozenset(seen),
        tuple(pairs),
        frozenset(_terms(events, period, "cn.plane", _FLOW)),
        _terms(events, period, "destination.ip", INBOUND),
        _terms(events, period, "destination.ip", CLEARTEXT),
        found.unregistered,
        max(newest, default=0),
    )


def _minutes(events: EventStore, period: Period) -> list[Bucket]:
    """Buckets of a minute that hold something; the newest tells how fresh the picture is."""
    buckets = events.aggregate(period.events, Histogram(MINUTE), period.window)
    return [bucket for bucket in buckets if bucket.count]


def _speakers(events: EventStore, period: Period) -> dict[str, set[str]]:
    """By expected dataset, the hosts, sensors and addresses that its records are of or about."""
    wanted = sorted({name for asset in period.plan.assets for name in asset.logs} - {"flow"})
    found: dict[str, set[str]] = {}
    if not wanted:
        return found
    query = period.having(Any(tuple(Term("event.dataset", each) for each in wanted)))
    for field in _SPEAKERS:
        how = Terms(field, MOST_TERMS, then=Terms("event.dataset", len(wanted)))
        for bucket in events.aggregate(query, how, period.window):
            for inner in bucket.inner or ():
                found.setdefault(str(inner.key), set()).add(str(bucket.key))
    return found


def _terms(events: EventStore, period: Period, field: str, clause: Query) -> dict[str, int]:
    how = Terms(field, MOST_TERMS)
    buckets = events.aggregate(period.having(clause), how, period.window)
    return {str(bucket.key): int(bucket.count) for bucket in buckets}
