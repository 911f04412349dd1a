"""Nobody but the audit administrator can stop audit (L3-CES1-15): a test by nature; facts only here."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-15", "audit_stop", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Open, with who may do all."""
    return [step("audit_stop", None, "", [g.fact for g in host_of(asset).sudoers.grants])]
