"""Records of a device do not stay on it alone (L3-CES1-14)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("audit_backup", "L3-CES1-14")


def judge(asset: AssetEvidence) -> list[Step]:
    """Without a log host they are overwritten; arrival and protection need events."""
    facts = steps.facts_of(asset)
    return [*steps.failed(asset, steps.log_faults(facts)), steps.opened("log_arrival")]
