"""A device sends its records to the central store (L3-SMC1-10)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("audit_collected", "L3-SMC1-10")


def judge(asset: AssetEvidence) -> list[Step]:
    """Without a log host nothing arrives; how long it is kept needs the store."""
    facts = steps.facts_of(asset)
    return [*steps.failed(asset, steps.log_faults(facts)), steps.opened("log_arrival")]
