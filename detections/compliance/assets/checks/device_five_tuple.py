"""Rules state source, target, port and protocol (L3-ABS1-07)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.rules import any_service
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("five_tuple", "L3-ABS1-07")


def judge(asset: AssetEvidence) -> list[Step]:
    """Permits for every service with an open end; traffic of the device itself is left out."""
    facts = steps.facts_of(asset)
    faults = [
        steps.rule_fault("any_service", rule)
        for rule in steps.boundary_rules(facts)
        if rule.permit and any_service(rule) and rule.zones[0] != ("local",)
    ]
    return [*steps.failed(asset, faults), steps.opened("passage_probe")]
