"""A firewall decides by the state of sessions (L3-ABS1-08)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("stateful", "L3-ABS1-08", boundary=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """The state check switched off decides; a test stays open."""
    facts = steps.facts_of(asset)
    faults = [Fault("stateless", {}, facts.stateless)] if facts.stateless else []
    return [*steps.failed(asset, faults), steps.opened("state_test")]
