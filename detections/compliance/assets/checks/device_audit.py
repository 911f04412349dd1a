"""A device records what its users do (L3-CES1-12)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("audit", "L3-CES1-12")


def judge(asset: AssetEvidence) -> list[Step]:
    """Logging that is off decides; that every act is recorded needs events."""
    facts = steps.facts_of(asset)
    if facts.logging is False:
        return steps.failed(asset, [Fault("logging_off", {}, facts.logging_line)])
    faults = [Fault("commands_unrecorded", {}, 0)] if facts.unrecorded else []
    faults += facts.log_level
    return [*steps.failed(asset, faults), steps.opened("audit_events")]
