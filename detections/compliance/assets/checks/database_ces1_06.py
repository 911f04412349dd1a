"""Default accounts of a database do not keep default passwords (L3-CES1-06): a known word decides."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, Step

CHECK: Final = database_check("L3-CES1-06", "default_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """The maker's account with an empty or known password; others need a test with leave."""
    base = database_of(asset)
    bad: list[AssetFact]
    if isinstance(base, MySQL):
        bad = [base.account_fact("default_password", one) for one in base.active
               if one.user == "root" and (one.empty or one.guessed)]  # fmt: skip
    else:
        bad = [base.role_fact("default_password", one.name) for one in base.roles or ()
               if one.first and one.login and one.guessed]  # fmt: skip
    first = [step("default_password", False, listed(bad), bad)] if bad else []
    return [*first, step("default_passwords", None)]
