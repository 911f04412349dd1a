"""Terminals that manage a database are limited by address (L3-CES1-19).

Who may do everything and may come from every address decides; a limit before the server counts for
an assessor, who then records it.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.access import reached_rules, users_of_rule
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, Step

CHECK: Final = database_check("L3-CES1-19", "terminals", single=True)
_EVERYWHERE: Final = frozenset({"%", "%.%.%.%", "0.0.0.0/0.0.0.0", "::", "::%"})


def judge(asset: AssetEvidence) -> list[Step]:
    """One step."""
    base = database_of(asset)
    bad = _accounts(base) if isinstance(base, MySQL) else _rules(base)
    names = ("listen_addresses", "bind_address", "skip_networking")
    return [step("terminals", False if bad else None, listed(bad), bad or base.facts(*names))]


def _rules(base: PostgreSQL) -> list[AssetFact]:
    powers = {one.name for one in base.roles or () if one.super and one.login}
    found: list[AssetFact] = []
    if base.value("listen_addresses") == "":
        return found
    for one in reached_rules(base) or ():
        users = users_of_rule(base, one.rule)
        if one.anywhere and one.rule.method != "reject" and users is not None and users & powers:
            found.append(base.rule_fact("access_rule", one.rule))
    return found


def _accounts(base: MySQL) -> list[AssetFact]:
    if base.value("skip_networking") == "on":
        return []
    return [
        base.account_fact("from_everywhere", one)
        for one in base.active
        if one.host in _EVERYWHERE and (one.super or one.grants or one.user == "root")
    ]
