"""Devices are managed over a secure path (L3-SMC1-08): encrypted, or on a network of its own."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("secure_path", "L3-SMC1-08", single=True)
_IN_BAND: Final = 2  # addresses from which on management is not apart from business


def judge(asset: AssetEvidence) -> list[Step]:
    """A clear way on a device with several business addresses is neither; on one address it may be."""
    facts = steps.facts_of(asset)
    faults = [
        Fault(f"{name}_on", {}, service.line)
        for name in ("telnet", "http", "ftp", "ssh1", "rsh")
        if (service := facts.service(name)).on
    ]
    faults += [Fault("snmp_write", {}, one.line) for one in facts.communities if one.writes]
    if faults and (len(facts.in_band()) < _IN_BAND or facts.placed):
        return [steps.opened("clear_unless_apart")]
    return [*steps.failed(asset, faults), steps.opened("probe_management")]
