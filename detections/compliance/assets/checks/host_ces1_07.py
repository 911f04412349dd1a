"""No stale or shared accounts (L3-CES1-07): people and their accounts are a register's; facts only here."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-07", "stale_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Open: accounts with a password are listed for whoever knows the people."""
    accounts = host_of(asset).accounts
    shadow = accounts.shadow
    names = [one.name for one in accounts.all if one.by_password]
    return [step("owners", None, "", [shadow.fact("account", name) for name in names if shadow])]
