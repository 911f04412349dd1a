"""Services that are not needed are off on a device (L3-CES1-18)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("services", "L3-CES1-18")
_RISKY: Final = (
    "telnet",
    "ftp",
    "tftp",
    "http",
    "tcp_small",
    "udp_small",
    "finger",
    "rsh",
    "rcp",
    "vstack",
)


def judge(asset: AssetEvidence) -> list[Step]:
    """Risky servers that are on; the list of needed ones and a port probe stay open."""
    facts = steps.facts_of(asset)
    faults = [
        Fault(f"{name}_on", {}, service.line)
        for name in _RISKY
        if (service := facts.service(name)).on
    ]
    return [*steps.failed(asset, faults), steps.opened("service_list")]
