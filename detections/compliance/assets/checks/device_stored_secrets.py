"""Passwords in a configuration are kept by cryptography (L3-CES1-28)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("stored_secrets", "L3-CES1-28")


def judge(asset: AssetEvidence) -> list[Step]:
    """One in clear or in the known reversible code decides against it; the value is never shown."""
    facts = steps.facts_of(asset)
    faults = [Fault("plain_password", {}, line) for line in sorted(set(facts.plain_keys))]
    return [*steps.failed(asset, faults), steps.opened("other_data")]
