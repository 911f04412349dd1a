"""Audit records hold who, when, what, and how it ended (L3-CES1-13): asked of the event store."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, windows_check

CHECK: Final = windows_check("L3-CES1-13", "audit_fields", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Open."""
    del asset
    return [elsewhere("audit_fields")]
