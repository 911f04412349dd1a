"""Default communities of SNMP are changed (L3-CES1-06): an agent that answers to one decides."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.seen import fact, probe_check, step
from detections.compliance.assets.probe.snmp import SnmpSeen

CHECK: Final = probe_check("L3-CES1-06", "default_communities")


def judge(asset: AssetEvidence) -> list[Step]:
    """Other passwords are not tried, and open."""
    seen = asset.facts
    if not isinstance(seen, SnmpSeen):
        return []
    bad = [fact(asset, "community", each, "-", "OURS: none by default") for each in seen.answered]
    first = [step("communities", False, ", ".join(seen.answered), bad)] if bad else []
    return [*first, step("other_passwords", None)]
