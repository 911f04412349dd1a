"""Audit records are collected centrally and kept at least six months (L3-SMC1-10).

Three steps of GB/T 28448, all of which must hold: each device sends its audit off itself, a central
system collects, stores and analyses it, and it is kept as long as the law asks (a year for public
Internet applications). Telemetry shows what arrived, whether it still arrives and how old the oldest
record is. The device's own setting, the analysis and the deletion rule are shown by records.
A store that is younger than the limit proves nothing about keeping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from detections.compliance.check import Judgement, Values
from detections.compliance.coverage import is_live
from detections.compliance.evidence import (
    Evidence,
    Record,
    Row,
    in_scope,
    query_of,
    quoted,
    recorded,
)
from detections.compliance.limits import limit, limit_facts, public_zones
from detections.compliance.verdict import Step, of_assets, of_steps, with_gates
from fengsui.alert import Fact
from fengsui.asset import Asset
from fengsui.clock import DAY, HOUR, from_iso, to_iso
from fengsui.control import Check, Conformity
from fengsui.store.event_store import Histogram, Sort, TimeRange
from fengsui.text import Text

CHECK: Final = Check(
    id="log_retention",
    unit="L3-SMC1-10",
    claim=Text("compliance.log_retention.claim", {}),
    limits=limit_facts("log_retention"),
)
RECORDS: Final = ("audit_setting", "audit_analysis", "retention_policy")
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """One expected source: an asset's dataset, or a sensor's. Times in ns, 0 when nothing is there.

    `known_since`: when the register first knew of it; 0 when it does not say.
    """

    name: str
    dataset: str
    query: str
    required_days: int
    silent_hours: int
    first: int
    last: int
    empty_days: int
    known_since: int

    def row(self) -> Row:
        """One row of the answer."""
        return {
            "source": self.name,
            "dataset": self.dataset,
            "first": to_iso(self.first) if self.first else "",
            "last": to_iso(self.last) if self.last else "",
            "empty_days": self.empty_days,
            "required_days": self.required_days,
        }

    def steps(self, now: int, store_first: int) -> list[Step]:
        """Collected, still arriving, kept long enough."""
        arrives = bool(self.last) and self.last >= now - self.silent_hours * HOUR
        return [bool(self.first), arrives, self._kept(now, store_first)]

    def _kept(self, now: int, store_first: int) -> Step:
        due = now - self.required_days * DAY
        if not self.first:
            return False
        if self.empty_days > limit(CHECK.id, "empty_days"):
            return False
        if self.first <= due:
            return True
        if self.known_since:
            # It was seen before the limit, and what it sent then is gone; or it is new itself.
            return False if self.known_since <= due else None
        return None if store_first > due else False  # a young store has lost nothing yet


def judge(evidence: Evidence, records: Sequence[Record]) -> Judgement:
    """Each expected source, then the steps that concern the whole."""
    longest = limit(CHECK.id, "retention_days_public")
    since = evidence.now - longest * DAY
    expected = [*_of_assets(evidence), *_of_sources(evidence)]
    live = is_live(evidence)
    store_first = min((kept.first for kept in expected if kept.first), default=0)
    steps = [kept.steps(evidence.now, store_first) for kept in expected]
    verdict, case = _verdict(steps, live, evidence, records)
    absent = [k.name for k, (collected, _, _) in zip(expected, steps, strict=True) if not collected]
    silent = [k.name for k, (c, a, _) in zip(expected, steps, strict=True) if c and a is False]
    short = [k.name for k, (c, _, kept) in zip(expected, steps, strict=True) if c and kept is False]
    values: Values = {
        "sources": len(expected),
        "absent": len(absent),
        "silent": len(silent),
        "short": len(short),
        "names": "、".join(dict.fromkeys([*absent, *silent, *short])) or "-",
        "age": (evidence.now - store_first) // DAY if store_first else 0,
        "required": limit(CHECK.id, "retention_days"),
    }
    values["names"] = "、".join(str(values["names"]).split("、")[:SHOWN])
    return Judgement(
        verdict,
        Text(f"compliance.log_retention.{case}", values),
        Text(f"compliance.log_retention.repair.{case}", values),
        " ; ".join(dict.fromkeys(kept.query for kept in expected)) or "state: assets, sources",
        [kept.row() for kept in expected],
        since,
        _facts(expected, steps, int(values["age"])),
    )


def _verdict(
    steps: Sequence[Sequence[Step]], live: bool, evidence: Evidence, records: Sequence[Record]
) -> tuple[Conformity, str]:
    if not evidence.plan.assets or not steps:
        return Conformity.INSUFFICIENT, "no_register"
    if not live:
        return Conformity.INSUFFICIENT, "not_live"
    verdict = of_assets(of_steps(one) for one in steps)
    if verdict is Conformity.INSUFFICIENT:
        return verdict, "young"
    if verdict in {Conformity.PARTLY, Conformity.DOES_NOT}:
        return verdict, "failing"
    gates = [recorded(records, CHECK.unit, name, evidence.now) for name in RECORDS]
    verdict = with_gates(verdict, gates)
    cases = {Conformity.CONFORMS: "conforms", Conformity.PARTLY: "record_fails"}
    return verdict, cases.get(verdict, "records_missing")


def _of_assets(evidence: Evidence) -> Iterator[Kept]:
    workstation = limit(CHECK.id, "workstation_silent_hours")
    ordinary = limit(CHECK.id, "source_silent_hours")
    for asset in evidence.plan.assets:
        for dataset in asset.logs:
            text = in_scope(evidence, _asset_query(asset, dataset))
            first, last = _ends(evidence, text)
            yield Kept(
                name=asset.name or asset.id,
                dataset=dataset,
                query=text,
                required_days=_required(asset),
                silent_hours=workstation if asset.kind == "workstation" else ordinary,
                first=first,
                last=last,
                empty_days=0,  # an asset may rest; its sensor may not
                known_since=asset.first,
            )


def _of_sources(evidence: Evidence) -> Iterator[Kept]:
    days = limit(CHECK.id, "retention_days")
    for source in evidence.sources:
        text = in_scope(
            evidence,
            f'event.dataset:"{quoted(source.dataset)}" AND observer.name:"{quoted(source.sensor)}"',
        )
        first, last = _ends(evidence, text)
        yield Kept(
            name=source.sensor,
            dataset=source.dataset,
            query=text,
            required_days=days,
            silent_hours=limit(CHECK.id, "source_silent_hours"),
            first=first,
            last=last,
            empty_days=_empty_days(evidence, text, evidence.now - days * DAY),
            known_since=source.first,
        )


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


def _ends(evidence: Evidence, text: str) -> tuple[int, int]:
    """First and last event of a query up to now, ns; 0 when there is none."""
    query, within = query_of(text), TimeRange(0, evidence.now + 1)
    ends: list[int] = []
    for descending in (False, True):
        page = evidence.events.search(
            query, within, sort=Sort(descending=descending), limit=1, columns=("@timestamp",)
        )
        if not page.events:
            return 0, 0
        ends.append(from_iso(str(page.events[0]["@timestamp"])))
    return ends[0], ends[1]


def _empty_days(evidence: Evidence, text: str, since: int) -> int:
    """Days without an event between the first and the last of the period."""
    within = TimeRange(since, evidence.now + 1)
    buckets = evidence.events.aggregate(query_of(text), Histogram(DAY), within)
    return sum(bucket.count == 0 for bucket in buckets)


def _facts(expected: Sequence[Kept], steps: Sequence[Sequence[Step]], age: int) -> tuple[Fact, ...]:
    total = len(expected)
    counts: Counter[str] = Counter()
    for collected, arrives, kept in steps:
        counts["collected"] += bool(collected)
        counts["arriving"] += bool(arrives)
        counts["kept"] += bool(kept)
    return (
        *(Fact(name, counts[name], total) for name in ("collected", "arriving", "kept")),
        Fact("oldest_record", age, limit(CHECK.id, "retention_days"), "d"),
        Fact("empty_days", sum(kept.empty_days for kept in expected), 0, "d"),
    )
