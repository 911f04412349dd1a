"""Tunnels of a device keep integrity in transit (L3-CNS1-06)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("transit_integrity", "L3-CNS1-06")


def judge(asset: AssetEvidence) -> list[Step]:
    """An IPsec proposal in use without it; other paths stay open."""
    facts = steps.facts_of(asset)
    faults = [fault for fault in facts.weak_ipsec if fault.key in ("ipsec_md5",)]
    return [*steps.failed(asset, faults), steps.opened("path_probe")]
