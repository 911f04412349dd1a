"""Audit cannot be stopped by others (L3-CES1-15): who may manage the audit log; a trial decides."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, windows_check, windows_of

CHECK: Final = windows_check("L3-CES1-15", "audit_stop", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Holders of SeSecurityPrivilege beside the administrators."""
    windows = windows_of(asset)
    holders = (windows.policy or {}).get("sesecurityprivilege", "")
    facts = [windows.setting("SeSecurityPrivilege")] if holders else []
    return [elsewhere("audit_stop", facts)]
