"""A database records who logs in and what they do (L3-CES1-12).

PostgreSQL: connections and statements at a level that is written, no role or database left out.
MariaDB: server_audit with logins and statements for all; MySQL: an audit plugin, or the general log,
which lacks results.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.policy import libraries
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, State, Step

CHECK: Final = database_check("L3-CES1-12", "audit")
_QUIET: Final = frozenset({"fatal", "panic"})  # levels above LOG, with which audit is not written
_NEEDED: Final = frozenset({"ddl", "role"})
_LOGINS: Final = ("log_connections", "log_disconnections")


def judge(asset: AssetEvidence) -> list[Step]:
    """On; acts; nobody left out; and what is seen of it elsewhere."""
    base = database_of(asset)
    found = _postgresql(base) if isinstance(base, PostgreSQL) else _mysql(base)
    return [*found, step("audit_seen", None)]


def _postgresql(base: PostgreSQL) -> list[Step]:
    logins = [fact for fact in base.facts(*_LOGINS) if fact.value in {"off", ""}]
    level = [fact for fact in base.facts("log_min_messages") if fact.value in _QUIET]
    nowhere = [fact for fact in base.facts("log_destination") if not str(fact.value).strip()]
    bad = [*logins, *level, *nowhere]
    known = base.value("log_connections") is not None
    first = step("audit_on", False if bad else (True if known else None),
                 ", ".join(f"{f.name}={f.value}" for f in bad), bad or base.facts(*_LOGINS))  # fmt: skip
    return [first, _statements(base), _left_out(base)]


def _statements(base: PostgreSQL) -> Step:
    loaded = libraries(base)
    facts = base.facts(
        "log_statement", "log_min_duration_statement", "pgaudit.log", "shared_preload_libraries"
    )
    said = "all" if _all_timed(base) else base.value("log_statement")
    if loaded is not None and "pgaudit" in loaded:
        return step(
            "audit_acts",
            True if _classes(base.value("pgaudit.log")) else _logged(said),
            "pgaudit.log",
            facts,
        )
    if loaded is None or said is None:
        return step("audit_acts", None, "shared_preload_libraries", facts)
    return step("audit_acts", _logged(said), f"log_statement={said}", facts)


def _all_timed(base: PostgreSQL) -> bool:
    """Every statement is written with how long it took: as good as log_statement = all."""
    return base.value("log_min_duration_statement") == "0"


def _logged(said: str | None) -> State:
    return False if said == "none" else None


def _classes(value: str | None) -> bool:
    """DDL and roles are recorded; a class after a minus is not."""
    words = [word.strip().lower() for word in (value or "").split(",")]
    on = _NEEDED if "all" in words else frozenset(words) & _NEEDED
    return on - {word[1:] for word in words if word.startswith("-")} == _NEEDED


def _left_out(base: PostgreSQL) -> Step:
    if base.overrides is None:
        return step("audit_whole", None, "pg_db_role_setting")
    loose = [
        AssetFact(one.name, f"{one.where}: {one.name}={one.value}", "pg_db_role_setting")
        for one in base.overrides
        if (
            one.name == "log_statement"
            and not _all_timed(base)
            and one.value == "none"
            and base.value("log_statement") != "none"
        )
        or (
            one.name == "pgaudit.log"
            and not _classes(one.value)
            and _classes(base.value("pgaudit.log"))
        )
        or (one.name in {"log_min_messages", "log_min_error_statement"} and one.value in _QUIET)
    ]
    return step("audit_whole", not loose, listed(loose), loose)


def _mysql(base: MySQL) -> list[Step]:
    if base.plugins is None:
        return [step("audit_on", None, "plugins")]
    if "server_audit" in base.plugins:
        return _server_audit(base)
    others = sorted(name for name in base.plugins if "audit" in name and "audit_api" not in name
                    and name != "audit_null")  # fmt: skip
    policy = base.value("audit_log_policy")
    if others and policy not in {"none", "logins"}:
        return [step("audit_on", None, ", ".join(others), base.facts("audit_log_policy"))]
    general, output = base.value("general_log") == "on", base.value("log_output") or ""
    facts = base.facts("general_log", "log_output", "audit_log_policy")
    written = general and "none" not in output.split(",")
    return [step("audit_on", None if written else False, "general_log", facts)]


def _server_audit(base: MySQL) -> list[Step]:
    facts = base.facts("server_audit_logging", "server_audit_events")
    on = base.value("server_audit_logging") == "on"
    words = {word.strip() for word in (base.value("server_audit_events") or "").split(",")} - {""}
    acts = not words or "query" in words or {"query_ddl", "query_dcl"} <= words
    logins = not words or "connect" in words
    missing = ", ".join(
        word for word, there in (("CONNECT", logins), ("QUERY_DDL, QUERY_DCL", acts)) if not there
    )
    names = ("server_audit_excl_users", "server_audit_incl_users")
    loose = [fact for fact in base.facts(*names) if str(fact.value).strip()]
    return [
        step("audit_on", on, "server_audit_logging", facts),
        step("audit_acts", not missing, missing, facts),
        step("audit_whole", not loose, listed(loose), loose),
    ]
