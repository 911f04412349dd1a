"""What a database stores is kept secret by cryptography (L3-CES1-28): the form of its own passwords.

Data at rest may be encrypted below the server (disk, storage) or above it: open, with what it says.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, Step

CHECK: Final = database_check("L3-CES1-28", "stored_secrets")
_NAMES: Final = ("innodb_encrypt_tables", "innodb_encrypt_log", "encrypt_binlog", "default_table_encryption",
                 "binlog_encryption", "password_encryption", "old_passwords")  # fmt: skip


def judge(asset: AssetEvidence) -> list[Step]:
    """Weak forms of passwords; other data are open."""
    base = database_of(asset)
    bad: list[AssetFact]
    if isinstance(base, PostgreSQL):
        bad = [base.role_fact(f"{one.password}", one.name) for one in base.roles or ()
               if one.login and one.password in {"md5", "other"}]  # fmt: skip
        bad += [
            fact for fact in base.facts("password_encryption") if fact.value in {"md5", "off", "on"}
        ]
        bad += [AssetFact("password_encryption", f"{one.where}={one.value}", "pg_db_role_setting")
                for one in base.overrides or ()
                if one.name == "password_encryption" and one.value in {"md5", "off", "on"}]  # fmt: skip
        bad += [AssetFact("kept_in_clear", name, "pg_user_mapping")
                for name in base.powers.get("kept_in_clear", ())]  # fmt: skip
    else:
        bad = [base.account_fact("old_password", one) for one in base.active
               if any(way.plugin == "mysql_old_password" for way in one.ways)]  # fmt: skip
        bad += [
            fact for fact in base.facts("old_passwords") if str(fact.value).lower() in {"1", "on"}
        ]
    return [
        step("password_form", False if bad else None, listed(bad), bad),
        step("stored", None, "", base.facts(*_NAMES)),
    ]
