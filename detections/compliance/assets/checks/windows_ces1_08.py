"""Least privilege (L3-CES1-08): who is an administrator."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, windows_check, windows_of

CHECK: Final = windows_check("L3-CES1-08", "least_privilege")


def judge(asset: AssetEvidence) -> list[Step]:
    """Members of the administrators, for whoever knows their roles."""
    windows = windows_of(asset)
    rows = windows.bundle.table("members") or []
    found = [row["Member"] for row in rows if row["SID"] == "S-1-5-32-544"]
    return [
        elsewhere("roles", [windows.fact("administrator", name, "members.tsv") for name in found])
    ]
