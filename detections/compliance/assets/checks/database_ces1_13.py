"""Audit records of a database hold time, user and the rest (L3-CES1-13).

PostgreSQL writes what log_line_prefix says; csvlog and jsonlog hold all. Others write all fields.
"""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, step
from detections.compliance.assets.judging import Step

CHECK: Final = database_check("L3-CES1-13", "audit_fields", single=True)
_WHOLE: Final = frozenset({"csvlog", "jsonlog"})


def judge(asset: AssetEvidence) -> list[Step]:
    """A field that is not written decides; records themselves are the event store's."""
    base = database_of(asset)
    if not isinstance(base, PostgreSQL):
        names = ("server_audit_output_type", "log_output", "general_log")
        return [step("audit_fields", None, "", base.facts(*names))]
    facts = base.facts("log_line_prefix", "log_destination")
    prefix, places = base.value("log_line_prefix"), base.value("log_destination")
    if prefix is None or places is None or _WHOLE & set(re.split(r"\s*,\s*", places)):
        return [step("audit_fields", None, "", facts)]
    written = set(re.findall(r"%-?\d*([a-zA-Z])", prefix))
    missing = [] if written & set("mtn") or "syslog" in places or "eventlog" in places else ["time"]
    missing += [] if "u" in written else ["user"]
    return [step("audit_fields", False if missing else None, ", ".join(missing), facts)]
