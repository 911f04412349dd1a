"""Accounts of a database have set rights, nobody acts without a name (L3-CES1-05)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, Step

CHECK: Final = database_check("L3-CES1-05", "accounts")
_EVERYBODY: Final = frozenset({"", "PUBLIC"})


def judge(asset: AssetEvidence) -> list[Step]:
    """Rights of everybody; the table of accounts is a person's."""
    base = database_of(asset)
    found = _public(base) if isinstance(base, PostgreSQL) else _anonymous(base)
    return [found, step("account_table", None)]


def _public(base: PostgreSQL) -> Step:
    bad = [AssetFact("public_creates", f"{name}.public", "pg_namespace") for name in base.creates]
    bad += [AssetFact("public_writes", name, "pg_class.relacl") for name in base.written]
    for kind, table in (
        ("everybody_runs", "pg_proc.proacl"),
        ("everybody_later", "pg_default_acl"),
    ):
        bad += [AssetFact(kind, name, table) for name in base.powers.get(kind, ())]
    if bad:
        return step("everybody", False, listed(bad), bad)
    return step("everybody", None if base.unasked else True, ", ".join(base.unasked[:5]))


def _anonymous(base: MySQL) -> Step:
    bad = [base.account_fact("anonymous", one) for one in base.active if not one.user]
    rows = {(user, name) for user, _, name, _ in base.bases or () if user in _EVERYBODY}
    bad += [
        AssetFact("granted_to_everybody", f"{user or '(anonymous)'}: {name}", "mysql.db")
        for user, name in sorted(rows)
    ]
    known = base.accounts is not None and base.bases is not None
    return step("everybody", False if bad else (True if known else None), listed(bad), bad)
