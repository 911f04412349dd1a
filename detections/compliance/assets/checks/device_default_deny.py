"""What is not permitted is denied at a boundary (L3-ABS1-05)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.device.rules import anything
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("default_deny", "L3-ABS1-05")


def judge(asset: AssetEvidence) -> list[Step]:
    """A default that permits, or a rule that permits everything; a probe of each passage stays open."""
    facts = steps.facts_of(asset)
    faults = [
        steps.rule_fault("any_any", rule)
        for rule in steps.boundary_rules(facts)
        if rule.permit and anything(rule)
    ]
    faults += facts.dangling
    if facts.permits_by_default:
        faults.append(Fault("default_permit", {}, facts.permits_by_default))
    return [*steps.failed(asset, faults), steps.opened("passage_probe")]
