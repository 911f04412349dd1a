"""Audit records are collected centrally and kept at least six months (L3-SMC1-10).

Three steps of GB/T 28448, all of which must hold: each device sends its audit off itself, a central
system collects, stores and analyses it, and it is kept as long as the law asks (a year for public
Internet applications). Telemetry shows what arrived, whether it still arrives and how old the oldest
record is. The device's own setting, the analysis and the deletion rule are shown by records.
A store that is younger than the limit proves nothing about keeping.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from detections.compliance.coverage import is_live
from detections.compliance.evidence import (
    MOST_TERMS,
    Evidence,
    Record,
    Row,
    in_scope,
    missing_records,
    query_of,
    quoted,
    recorded,
)
from detections.compliance.judgement import Judgement, Values, listed
from detections.compliance.limits import limit, limit_facts, public_zones
from detections.compliance.verdict import Step, of_assets, of_steps, with_gates
from fengsui.alert import Fact
from fengsui.asset import Asset
from fengsui.clock import DAY, HOUR, from_iso
from fengsui.control import Check, Conformity
from fengsui.store.event_store import Histogram, Sort, Terms, TimeRange
from fengsui.text import Text

CHECK: Final = Check(
    id="log_retention",
    unit="L3-SMC1-10",
    claim=Text("compliance.log_retention.claim", {}),
    limits=limit_facts("log_retention"),
)
RECORDS: Final = ("audit_setting", "audit_analysis", "retention_policy")
_SPEAKERS: Final = ("source.ip", "destination.ip", "host.ip", "host.name", "observer.name")


@dataclass(frozen=True, slots=True)
class Kept:
    """One expected source, an asset's dataset or a sensor's: how far each step holds for it."""

    name: str
    dataset: str
    required_days: int
    collected: bool
    arrives: bool
    kept: Step
    empty_days: int = 0

    @property
    def steps(self) -> list[Step]:
        """Collected, still arriving, kept long enough."""
        return [self.collected, self.arrives, self.kept]

    def row(self) -> Row:
        """One row of the answer."""
        return {
            "source": self.name,
            "dataset": self.dataset,
            "required_days": self.required_days,
            "collected": self.collected,
            "arrives": self.arrives,
            "kept": "open" if self.kept is None else self.kept,
            "empty_days": self.empty_days,
        }


def judge(evidence: Evidence, records: Sequence[Record]) -> Judgement:
    """Each expected source, then the steps that concern the whole."""
    asked: dict[str, None] = {}
    oldest = _oldest(evidence)
    expected = [*_of_assets(evidence, oldest, asked), *_of_sources(evidence, asked)]
    verdict, case = _verdict(expected, is_live(evidence), evidence, records)
    absent = [one.name for one in expected if not one.collected]
    silent = [one.name for one in expected if one.collected and not one.arrives]
    short = [one.name for one in expected if one.collected and one.kept is False]
    age = (evidence.now - oldest) // DAY if oldest else 0
    values: Values = {
        "sources": len(expected),
        "absent": len(absent),
        "silent": len(silent),
        "short": len(short),
        **listed("names", [*dict.fromkeys([*absent, *silent, *short])]),
        "age": age,
        "required": limit(CHECK.id, "retention_days"),
    }
    return Judgement(
        verdict,
        Text(f"compliance.log_retention.{case}", values),
        Text(f"compliance.log_retention.repair.{case}", values),
        " ; ".join(asked) or "state: assets, sources",
        [one.row() for one in expected],
        evidence.now - limit(CHECK.id, "retention_days_public") * DAY,
        _facts(expected, age),
        missing_records(records, CHECK.unit, RECORDS, evidence.now),
    )


def _verdict(
    expected: Sequence[Kept], live: bool, evidence: Evidence, records: Sequence[Record]
) -> tuple[Conformity, str]:
    if not evidence.plan.assets or not expected:
        return Conformity.INSUFFICIENT, "no_register"
    if not live:
        return Conformity.INSUFFICIENT, "not_live"
    verdict = of_assets(of_steps(one.steps) for one in expected)
    if verdict is Conformity.INSUFFICIENT:
        return verdict, "young"
    if verdict in {Conformity.PARTLY, Conformity.DOES_NOT}:
        return verdict, "failing"
    gates = [recorded(records, CHECK.unit, name, evidence.now) for name in RECORDS]
    verdict = with_gates(verdict, gates)
    cases = {Conformity.CONFORMS: "conforms", Conformity.PARTLY: "record_fails"}
    return verdict, cases.get(verdict, "records_missing")


def _of_assets(evidence: Evidence, oldest: int, asked: dict[str, None]) -> Iterator[Kept]:
    """Assets by dataset: a few counts for all of them, then one each for those that are missing."""
    window = limit(CHECK.id, "asset_silent_hours") * HOUR
    for dataset in sorted({name for asset in evidence.plan.assets for name in asset.logs}):
        text = in_scope(evidence, f'event.dataset:"{quoted(dataset)}"')
        recent = _speakers(
            evidence, text, TimeRange(evidence.now - window, evidence.now + 1), asked
        )
        early: dict[int, set[str]] = {}
        for asset in evidence.plan.assets:
            if dataset not in asset.logs:
                continue
            days = _required(asset)
            due = evidence.now - days * DAY
            if days not in early:  # nothing to ask of a store that is younger
                old = bool(oldest) and oldest < due
                early[days] = (
                    _speakers(evidence, text, TimeRange(0, due), asked) if old else set[str]()
                )
            known = {asset.id, asset.name, *asset.addresses}
            arrives = bool(known & recent)
            yield Kept(
                name=asset.name or asset.id,
                dataset=dataset,
                required_days=days,
                collected=arrives or bool(known & early[days]) or _ever(evidence, asset, dataset),
                arrives=arrives,
                kept=bool(known & early[days]) or _young(oldest, asset.first, due),
            )


def _of_sources(evidence: Evidence, asked: dict[str, None]) -> Iterator[Kept]:
    """Sensors by dataset, from the days on which the store holds something of them."""
    days = limit(CHECK.id, "retention_days")
    due = evidence.now - days * DAY
    silent = evidence.now - limit(CHECK.id, "source_silent_hours") * HOUR
    for source in evidence.sources:
        text = in_scope(
            evidence,
            f'event.dataset:"{quoted(source.dataset)}" AND observer.name:"{quoted(source.sensor)}"',
        )
        asked[f"{text} | histogram 1d"] = None
        within = TimeRange(due - DAY, evidence.now + 1)
        buckets = evidence.events.aggregate(query_of(text), Histogram(DAY), within)
        held = [int(bucket.key) for bucket in buckets if bucket.count]
        empty = sum(bucket.count == 0 for bucket in buckets)
        reaches = bool(held) and held[0] <= due
        yield Kept(
            name=source.sensor,
            dataset=source.dataset,
            required_days=days,
            collected=bool(held),
            arrives=bool(held) and source.last >= silent and held[-1] + DAY > silent,
            kept=_source_kept(reaches, empty, bool(held), source.first > due),
            empty_days=empty,
        )


def _source_kept(reaches: bool, empty: int, held: bool, young: bool) -> Step:
    if not held or empty > limit(CHECK.id, "empty_days"):
        return False
    if reaches:
        return True
    # It was seen before the limit, and what it sent then is gone; or it is new itself.
    return None if young else False


def _young(oldest: int, known_since: int, due: int) -> Step:
    """Open where the asset or the whole store is younger than the limit; else what was sent is gone."""
    if known_since:
        return None if known_since > due else False
    return None if not oldest or oldest > due else False


def _speakers(evidence: Evidence, text: str, within: TimeRange, asked: dict[str, None]) -> set[str]:
    """Hosts, sensors and addresses that records of a time range are of or about."""
    found: set[str] = set()
    for field in _SPEAKERS:
        asked[f"{text} | terms {field}"] = None
        buckets = evidence.events.aggregate(query_of(text), Terms(field, MOST_TERMS), within)
        found.update(str(bucket.key) for bucket in buckets)
    return found


def _ever(evidence: Evidence, asset: Asset, dataset: str) -> bool:
    query = query_of(in_scope(evidence, _asset_query(asset, dataset)))
    return evidence.events.count(query, TimeRange(0, evidence.now + 1)) > 0


def _oldest(evidence: Evidence) -> int:
    """Time of the oldest event, ns; 0 for an empty store."""
    page = evidence.events.search(
        query_of(in_scope(evidence, "")),
        TimeRange(0, evidence.now + 1),
        sort=Sort(descending=False),
        limit=1,
        columns=("@timestamp",),
    )
    return from_iso(str(page.events[0]["@timestamp"])) if page.events else 0


def _asset_query(asset: Asset, dataset: str) -> str:
    """Records of an asset: its own, or a network sensor's about its addresses."""
    names = " OR ".join(
        f'"{quoted(name)}"' for name in dict.fromkeys((asset.id, asset.name)) if name
    )
    clauses = [f"host.name:({names})", f"observer.name:({names})"]
    if asset.addresses:
        addresses = " OR ".join(f'"{quoted(address)}"' for address in asset.addresses)
        fields = ("host.ip", "source.ip", "destination.ip")
        clauses += [f"{field}:({addresses})" for field in fields]
    return f'event.dataset:"{quoted(dataset)}" AND ({" OR ".join(clauses)})'


def _required(asset: Asset) -> int:
    public = asset.zone in public_zones()
    return limit(CHECK.id, "retention_days_public" if public else "retention_days")


def _facts(expected: Sequence[Kept], age: int) -> tuple[Fact, ...]:
    total = len(expected)
    return (
        Fact("collected", sum(one.collected for one in expected), total),
        Fact("arriving", sum(one.arrives for one in expected), total),
        Fact("kept", sum(one.kept is True for one in expected), total),
        Fact("oldest_record", age, limit(CHECK.id, "retention_days"), "d"),
        Fact("empty_days", sum(one.empty_days for one in expected), 0, "d"),
    )
