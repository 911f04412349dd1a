"""Known flaws (L3-CES1-21): a host without a patch for months has some; that it has none needs a scan."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import against, limit
from detections.compliance.assets.windows.steps import elsewhere, step, windows_check, windows_of
from fengsui.clock import DAY, from_iso

CHECK: Final = windows_check("L3-CES1-21", "flaws")


def judge(asset: AssetEvidence) -> list[Step]:
    """Age of the newest patch."""
    windows = windows_of(asset)
    days = [
        row["InstalledOn"] for row in windows.bundle.table("hotfixes") or [] if row["InstalledOn"]
    ]
    newest = max(days, default="")
    fact = windows.fact("newest_patch", newest or "-", "hotfixes.tsv")
    scanned = elsewhere(
        "flaws", [windows.fact("build", windows.system.get("Version"), "system.tsv")]
    )
    try:
        age = (asset.collected - from_iso(newest)) // DAY if newest and asset.collected else 0
    except ValueError:
        age = 0
    if age <= limit("patch_days"):
        return [scanned]
    return [step("patched", False, f"{age} d", [against(fact, "patch_days")]), scanned]
