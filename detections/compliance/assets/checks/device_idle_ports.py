"""Ports without use are shut (L3-ABS1-02)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("idle_ports", "L3-ABS1-02")


def judge(asset: AssetEvidence) -> list[Step]:
    """A port called spare that is up; link state and the measure against rogue devices stay open."""
    facts = steps.facts_of(asset)
    faults = [
        Fault("spare_port", {"port": port.name}, port.line)
        for port in facts.interfaces
        if port.spare and not port.shut and not port.addressed
    ]
    bare = sum(port.bare for port in facts.interfaces)
    return [*steps.failed(asset, faults), steps.opened("port_state", bare=bare)]
