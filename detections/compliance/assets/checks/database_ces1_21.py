"""Known flaws of a database are found and patched (L3-CES1-21): its version, for a scan."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.steps import database_check, database_of, step
from detections.compliance.assets.judging import Step

CHECK: Final = database_check("L3-CES1-21", "flaws")


def judge(asset: AssetEvidence) -> list[Step]:
    """Open, with the version."""
    base = database_of(asset)
    return [step("flaws", None, "", base.facts("server_version", "version", "version_comment"))]
