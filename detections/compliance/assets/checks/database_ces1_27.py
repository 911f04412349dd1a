"""Data of a database are encrypted on their way (L3-CES1-27).

A way from other machines without TLS, or sessions that use none, fail; that all real traffic is
encrypted needs a capture, and what is to be encrypted a design.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.access import clear_ways, old_tls
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, Step

CHECK: Final = database_check("L3-CES1-27", "transit")


def judge(asset: AssetEvidence) -> list[Step]:
    """What is offered and used; the design is open."""
    base = database_of(asset)
    bad = [*(clear_ways(base) or ()), *old_tls(base)]
    if isinstance(base, PostgreSQL) and base.plain_sessions:
        bad.append(AssetFact("plain_sessions", base.plain_sessions, "pg_stat_ssl"))
    first = step("transit", False if bad else None, listed(bad), bad)
    return [first, step("design", None)]
