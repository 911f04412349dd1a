"""No stale or shared accounts (L3-CES1-07): those not used for long; people are a register's."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import NOBODYS, limit
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)
from fengsui.clock import DAY, from_iso

CHECK: Final = windows_check("L3-CES1-07", "stale_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Enabled accounts that nobody used in the period, guest among them."""
    windows = windows_of(asset)
    if windows.users is None:
        return [elsewhere("owners")]
    stale = [
        user["Name"] for user in windows.enabled if _unused(user["LastLogin"], asset.collected)
    ]
    facts = [windows.fact("unused", name, "users.tsv") for name in stale]
    test = [user["Name"] for user in windows.enabled if NOBODYS.match(user["Name"])]
    names = [windows.fact("account", user["Name"], "users.tsv") for user in windows.enabled]
    first = [step("unused_accounts", False, named(stale), facts)] if stale else []
    if test:
        tests = [windows.fact("account", name, "users.tsv") for name in test]
        first.append(step("nobodys_accounts", False, named(test), tests))
    return [*first, elsewhere("owners", names)]


def _unused(last: str, now: int) -> bool:
    """A last login long ago; an account without one may be new or never used: it is left open."""
    try:
        return bool(last and now) and (now - from_iso(last)) // DAY > limit("unused_days")
    except ValueError:
        return False
