"""Boundary and key nodes are audited (L3-ABS1-16): registered assets of which the sensors see something.

Placed under ABS1-16 and not ABS1-10: what is counted is that records of a node arrive at all (the
daily list of silent assets), which ABS1-16 asks for. That attacks at the node are detected
(ABS1-10) needs replayed attacks per node, which this does not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from detections.compliance.coverage import Coverage, coverage
from detections.compliance.evidence import Evidence, Record, missing_records, recorded
from detections.compliance.judgement import Judgement, Values, listed
from detections.compliance.limits import limit, limit_facts
from detections.compliance.verdict import of_assets, of_steps, with_gates
from fengsui.alert import Fact
from fengsui.asset import PLANES
from fengsui.clock import DAY
from fengsui.control import Check, Conformity
from fengsui.text import Text

CHECK: Final = Check(
    id="sensor_coverage",
    unit="L3-ABS1-16",
    claim=Text("compliance.sensor_coverage.claim", {}),
    limits=limit_facts("sensor_coverage"),
)
RECORDS: Final = ("user_mapping", "audit_test")


def judge(evidence: Evidence, records: Sequence[Record]) -> Judgement:
    """Each registered asset must be seen in each stack it has, in the period."""
    since = evidence.now - limit(CHECK.id, "period_days") * DAY
    found = coverage(evidence, since)
    verdict, case = _verdict(found, evidence, records)
    missing = [one.asset.name or one.asset.id for one in found.assets if not one.wholly]
    seen, total = found.share()
    values: Values = {
        "seen": seen,
        "total": total,
        **listed("missing", missing),
        "unregistered": len(found.unregistered),
        "unplanned": len(found.unplanned),
        "blind": found.blind_days,
        "days": limit(CHECK.id, "period_days"),
    }
    return Judgement(
        verdict,
        Text(f"compliance.sensor_coverage.{case}", values),
        Text(f"compliance.sensor_coverage.repair.{case}", values),
        found.query,
        [one.row() for one in found.assets] + [{"unregistered": a} for a in found.unregistered],
        since,
        _facts(found),
        missing_records(records, CHECK.unit, RECORDS, evidence.now),
    )


def _verdict(
    found: Coverage, evidence: Evidence, records: Sequence[Record]
) -> tuple[Conformity, str]:
    if not found.assets:
        return Conformity.INSUFFICIENT, "no_register"
    if not found.live:
        return Conformity.INSUFFICIENT, "not_live"
    verdict = of_assets(of_steps([one.wholly]) for one in found.assets)
    if verdict is not Conformity.CONFORMS:
        return verdict, "missing"
    if found.unregistered:
        return Conformity.INSUFFICIENT, "unregistered"
    if found.unplanned:
        return Conformity.INSUFFICIENT, "unplanned"
    if found.blind_days or found.cut:
        return Conformity.INSUFFICIENT, "blind"
    gates = [recorded(records, CHECK.unit, name, evidence.now) for name in RECORDS]
    verdict = with_gates(verdict, gates)
    cases = {Conformity.CONFORMS: "conforms", Conformity.PARTLY: "record_fails"}
    return verdict, cases.get(verdict, "records_missing")


def _facts(found: Coverage) -> tuple[Fact, ...]:
    rows = [("assets", found.share())]
    rows += [(f"ipv{version}", found.share(version=version)) for version in (4, 6)]
    rows += [(f"plane_{plane}", found.share(plane=plane)) for plane in PLANES]
    facts = [Fact(f"seen_{name}", seen, total) for name, (seen, total) in rows if total]
    return (*facts, Fact("unregistered_addresses", len(found.unregistered), 0))
