"""Management terminals are limited (L3-CES1-19): rules of the firewall; a probe from both sides decides."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, windows_check, windows_of

CHECK: Final = windows_check("L3-CES1-19", "terminals", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Rules that let remote desktop in from anywhere are listed; what stands before the host is not seen."""
    windows = windows_of(asset)
    rows = windows.bundle.table("firewall-rules") or []
    wide = [
        row["Name"] for row in rows if "|LPort=3389|" in row["Value"] and "|RA" not in row["Value"]
    ]
    return [
        elsewhere(
            "terminals",
            [windows.fact("remote_desktop_from_anywhere", n, "firewall-rules.tsv") for n in wide],
        )
    ]
