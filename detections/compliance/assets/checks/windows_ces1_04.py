"""Two factors (L3-CES1-04): what a logon provider asks for is seen in a test."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, windows_check, windows_of

CHECK: Final = windows_check("L3-CES1-04", "two_factors")


def judge(asset: AssetEvidence) -> list[Step]:
    """Open."""
    return [
        elsewhere(
            "two_factors",
            [windows_of(asset).fact("in_domain", windows_of(asset).in_domain, "system.tsv")],
        )
    ]
