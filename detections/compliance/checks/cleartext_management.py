"""Remote management cannot be listened to (L3-CES1-03): no clear-text management toward our assets.

One sighting decides against it. None decides nothing: it may have been switched on without being
used, so that conformity needs the read configuration (E1) and a probe (E4) besides sensors that see
every asset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from detections.compliance.cleartext import Sightings, sightings
from detections.compliance.coverage import Coverage, coverage
from detections.compliance.evidence import Evidence, Record, missing_records, recorded
from detections.compliance.judgement import Judgement, Values, listed
from detections.compliance.limits import limit, limit_facts
from fengsui.alert import Fact
from fengsui.asset import Asset
from fengsui.clock import DAY
from fengsui.control import Check, Conformity
from fengsui.text import Text

CHECK: Final = Check(
    id="cleartext_management",
    unit="L3-CES1-03",
    claim=Text("compliance.cleartext_management.claim", {}),
    limits=limit_facts("cleartext_management"),
)
RECORDS: Final = ("management_setting", "management_probe")


def judge(evidence: Evidence, records: Sequence[Record]) -> Judgement:
    """All registered assets."""
    return judge_assets(CHECK, evidence, records, evidence.plan.assets)


def judge_assets(
    check: Check, evidence: Evidence, records: Sequence[Record], assets: Sequence[Asset]
) -> Judgement:
    """The same question for some assets, under the unit of `check`."""
    since = evidence.now - limit(check.id, "period_days") * DAY
    names = {address: asset.name or asset.id for asset in assets for address in asset.addresses}
    seen = sightings(evidence, list(names), since)
    known = coverage(evidence, since)
    verdict, case = _verdict(check, seen, known, evidence, records, bool(names))
    protocols = sorted({protocol for _, protocol in (seen.clear or seen.unclear)})
    hosts = sorted({names[address] for address, _ in (seen.clear or seen.unclear)})
    values: Values = {
        **listed("hosts", hosts),
        **listed("protocols", protocols),
        "count": len(hosts),
        "total": len(assets),
        "sightings": sum((seen.clear or seen.unclear).values()),
        "days": limit(check.id, "period_days"),
    }
    return Judgement(
        verdict,
        Text(f"compliance.cleartext_management.{case}", values),
        Text(f"compliance.cleartext_management.repair.{case}", values),
        seen.query,
        seen.rows(),
        since,
        (
            *(Fact(f"{p}_{names[a]}", n, 0) for (a, p), n in seen.clear.most_common(10)),
            Fact("unclear_sightings", sum(seen.unclear.values()), 0),
            Fact("assets_seen", known.share()[0], known.share()[1]),
        ),
        missing_records(records, check.unit, RECORDS, evidence.now),
    )


def _verdict(
    check: Check,
    seen: Sightings,
    known: Coverage,
    evidence: Evidence,
    records: Sequence[Record],
    registered: bool,
) -> tuple[Conformity, str]:
    if seen.clear:
        return Conformity.DOES_NOT, "seen"
    if not registered:
        return Conformity.INSUFFICIENT, "no_register"
    states = [recorded(records, check.unit, name, evidence.now) for name in RECORDS]
    if False in states:
        return Conformity.DOES_NOT, "record_fails"
    if seen.unclear:
        return Conformity.INSUFFICIENT, "unclear"
    if not known.complete or seen.cut:
        return Conformity.INSUFFICIENT, "not_covered"
    if None in states:
        return Conformity.INSUFFICIENT, "records_missing"
    return Conformity.CONFORMS, "conforms"
