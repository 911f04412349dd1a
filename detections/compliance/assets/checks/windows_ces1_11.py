"""Labels on subjects and objects (L3-CES1-11): integrity levels of Windows are none by themselves."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, windows_check

CHECK: Final = windows_check("L3-CES1-11", "labels")


def judge(asset: AssetEvidence) -> list[Step]:
    """Open."""
    del asset
    return [elsewhere("labels_tested")]
