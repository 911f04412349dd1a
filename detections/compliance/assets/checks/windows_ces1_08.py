"""Least privilege (L3-CES1-08): who is an administrator."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_EVERYBODY: Final = frozenset({"everyone", "users", "authenticated users", "domain users", "guests",
                               "所有人", "用户", "经过身份验证的用户"})  # fmt: skip
CHECK: Final = windows_check("L3-CES1-08", "least_privilege")


def judge(asset: AssetEvidence) -> list[Step]:
    """Members of the administrators, for whoever knows their roles."""
    windows = windows_of(asset)
    rows = windows.bundle.table("members") or []
    found = [row["Member"] for row in rows if row["SID"] == "S-1-5-32-544"]
    everybody = [row["Member"] for row in rows if row["SID"] == "S-1-5-32-544"
                 and row["Member"].rsplit("\\", 1)[-1].lower() in _EVERYBODY]  # fmt: skip
    facts = [windows.fact("administrator", name, "members.tsv") for name in everybody]
    first = [step("everybody_root", False, named(everybody), facts)] if everybody else []
    return [
        *first,
        elsewhere("roles", [windows.fact("administrator", name, "members.tsv") for name in found]),
    ]
