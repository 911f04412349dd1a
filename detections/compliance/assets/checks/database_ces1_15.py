"""Nobody but the audit administrator can stop a database's audit (L3-CES1-15): a test; facts only here."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, step
from detections.compliance.assets.judging import Step

CHECK: Final = database_check("L3-CES1-15", "audit_stop", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Open, with who may switch it off."""
    base = database_of(asset)
    if isinstance(base, PostgreSQL):
        able = [base.role_fact("superuser", one.name) for one in base.roles or () if one.super]
    else:
        able = [base.account_fact("super", one) for one in base.active if one.super]
    return [step("audit_stop", None, "", able)]
