"""Rights on files (L3-CES1-10): access lists of key files are not in the bundle."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, windows_check

CHECK: Final = windows_check("L3-CES1-10", "file_modes", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Open."""
    del asset
    return [elsewhere("file_modes")]
