"""No stale or shared accounts in a database (L3-CES1-07): those of nobody decide; others are a register's."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.steps import (
    Database,
    database_check,
    database_of,
    listed,
    step,
)
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import NOBODYS

CHECK: Final = database_check("L3-CES1-07", "stale_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Accounts that may log in and whose name says that nobody owns them."""
    found = _able(database_of(asset))
    bad = [fact for name, fact in found if NOBODYS.match(name)]
    first = [step("nobodys_accounts", False, listed(bad), bad)] if bad else []
    return [*first, step("owners", None, "", [fact for _, fact in found])]


def _able(base: Database) -> list[tuple[str, AssetFact]]:
    if isinstance(base, MySQL):
        return [(one.user, base.account_fact("account", one)) for one in base.active]
    return [
        (one.name, base.role_fact("account", one.name))
        for one in base.roles or ()
        if one.login
        and one.password not in {"none"}
        and (one.days_left is None or one.days_left > 0)
    ]
