"""Records of a boundary device are kept safe outside it (L3-ABS1-18)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("boundary_audit", "L3-ABS1-18", boundary=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Without a log host they are in the device's buffer only."""
    facts = steps.facts_of(asset)
    return [*steps.failed(asset, steps.log_faults(facts)), steps.opened("log_arrival")]
