"""No stale or shared accounts (L3-CES1-07): people and their accounts are a register's.

Accounts whose name says that they are nobody's (guest, test, demo) and that log in are superfluous.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import NOBODYS, host_check, host_of, step
from fengsui.clock import DAY

CHECK: Final = host_check("L3-CES1-07", "stale_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Accounts of nobody; all others with a password are listed for whoever knows the people."""
    accounts = host_of(asset).accounts
    shadow, today = accounts.shadow, asset.collected // DAY
    able = [one for one in accounts.all if one.by_password
            and not (one.expires is not None and today and one.expires <= today)]  # fmt: skip
    bad = [shadow.fact("account", one.name) for one in able if shadow and NOBODYS.match(one.name)]
    detail = ", ".join(str(fact.value) for fact in bad)
    first = [step("nobodys_accounts", False, detail, bad)] if bad else []
    names = [shadow.fact("account", one.name) for one in able if shadow]
    return [*first, step("owners", None, "", names)]
