"""Audit records of a database are protected and backed up (L3-CES1-14)."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, step
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import against, limit

CHECK: Final = database_check("L3-CES1-14", "audit_kept")
_KEPT: Final = ("log_directory", "log_filename", "log_rotation_age", "log_truncate_on_rotation",
                "server_audit_file_path", "server_audit_file_rotations", "server_audit_file_rotate_size",
                "log_output")  # fmt: skip


def judge(asset: AssetEvidence) -> list[Step]:
    """Modes that the server gives its logs; where they go is not shown by it."""
    base = database_of(asset)
    backup = step("logs_backed_up", None, "", base.facts(*_KEPT))
    if not isinstance(base, PostgreSQL):
        return [_room(base), backup]
    mode, collects = base.value("log_file_mode"), base.value("logging_collector")
    facts = [against(fact, "audit_mode") for fact in base.facts("log_file_mode")]
    if mode is None or collects != "on":
        return [step("logs_protected", None, "logging_collector", facts), backup]
    wide = int(mode, 8) & ~limit("audit_mode") & 0o777 if mode.isdigit() else 0
    soon = _overwritten(base)
    facts += soon
    detail = f"log_file_mode={mode}" if wide or not soon else f"log_filename={soon[0].value}"
    return [step("logs_protected", False if wide or soon else None, detail, facts), backup]


def _room(base: MySQL) -> Step:
    """Room that MariaDB's audit fills in a busy hour: then the old are overwritten."""
    size = base.number_of("server_audit_file_rotate_size")
    count = base.number_of("server_audit_file_rotations")
    facts = base.facts("server_audit_file_rotate_size", "server_audit_file_rotations")
    to_file = base.value("server_audit_output_type") == "file"
    if (
        size is None
        or not count
        or not to_file
        or size * (count + 1) >= limit("database_audit_space") << 20
    ):
        return step("logs_protected", None, "", facts)
    shown = [against(facts[0], "database_audit_space"), *facts[1:]]
    return step("logs_protected", False, f"{size * (count + 1)} bytes", shown)


def _overwritten(base: PostgreSQL) -> list[AssetFact]:
    """A file's name comes back within a month, and the file is begun anew (log_truncate_on_rotation)."""
    name = base.value("log_filename") or ""
    if base.value("log_truncate_on_rotation") != "on" or not name:
        return []
    again = not re.search(r"%[YysGjUWVcDF+]", name) and not re.search(r"%[mbBh]", name)
    return list(base.facts("log_filename")) if again else []
