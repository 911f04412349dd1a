"""Tunnels of a device keep secrecy in transit (L3-CNS1-07)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("transit_secrecy", "L3-CNS1-07")


def judge(asset: AssetEvidence) -> list[Step]:
    """An IPsec proposal in use without it; other paths stay open."""
    facts = steps.facts_of(asset)
    faults = [fault for fault in facts.weak_ipsec if fault.key in ("ipsec_bare",)]
    return [*steps.failed(asset, faults), steps.opened("path_probe")]
