"""Credentials of remote management are not sent in clear (L3-CES1-03): no such service is on."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("remote_management", "L3-CES1-03", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """One clear way that is on decides; that none is on needs a probe."""
    facts = steps.facts_of(asset)
    faults = [
        Fault(f"{name}_on", {}, service.line)
        for name in ("telnet", "http", "ftp", "ssh1", "rsh")
        if (service := facts.service(name)).on
    ]
    faults += [Fault("snmp_clear", {}, one.line) for one in facts.communities]
    faults += facts.clear
    return [*steps.failed(asset, faults), steps.opened("probe_management")]
