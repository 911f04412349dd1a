"""Failed logins to a database lock, idle sessions end (L3-CES1-02).

PostgreSQL locks nobody of itself: an extension does, and auth_delay only slows. MySQL counts by
account or by connection_control; MariaDB by max_password_errors, which leaves local administrators
out. Time-outs count with what roles and databases set over them.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.access import password_asked
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.policy import libraries, strange_libraries
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import against, limit, word

CHECK: Final = database_check("L3-CES1-02", "lockout")
_DELAY: Final = 60_000  # ms; a delay this long is taken as a lock


def judge(asset: AssetEvidence) -> list[Step]:
    """Lock, idle; applications and pools before the server are open."""
    base = database_of(asset)
    if isinstance(base, PostgreSQL):
        found = [_extension(base), _session(base)]
    else:
        found = [_maria(base) if base.maria else _mysql(base), _timeouts(base)]
    return [*found, step("other_ways", None)]


def _extension(base: PostgreSQL) -> Step:
    if password_asked(base) is False:
        return step("lock", None, word("no_password_login"))
    loaded = libraries(base)
    facts = base.facts("shared_preload_libraries", "auth_delay.milliseconds")
    tries = base.value("credcheck.max_auth_failure")
    if loaded is None or password_asked(base) is None:
        return step("lock", None, "shared_preload_libraries", facts)
    if "credcheck" in loaded and tries is not None:
        fact = against(base.settings["credcheck.max_auth_failure"], "lock_tries")
        works = tries.isdigit() and 0 < int(tries) <= limit("lock_tries")
        return step("lock", works, f"credcheck.max_auth_failure={tries}", [fact])
    strange = strange_libraries(loaded)
    detail = ", ".join(strange) or "shared_preload_libraries"
    return step("lock", None if strange else False, detail, facts)


def _session(base: PostgreSQL) -> Step:
    value = base.value("idle_session_timeout")
    if value is None or not value.isdigit():
        return step("idle", None, "idle_session_timeout (14+)")
    facts = [against(fact, "idle_seconds") for fact in base.facts("idle_session_timeout")]
    most = limit("idle_seconds") * 1000
    if not 0 < int(value) <= most:
        return step("idle", False, f"idle_session_timeout={value} ms", facts)
    loose = [
        AssetFact("idle_session_timeout", f"{one.where}={one.value}", "pg_db_role_setting")
        for one in base.overrides or ()
        if one.name == "idle_session_timeout" and not 0 < _milliseconds(one.value) <= most
    ]
    if loose:
        return step("idle", False, listed(loose), [*facts, *loose])
    return step("idle", None if base.overrides is None else True, f"{value} ms", facts)


def _milliseconds(text: str) -> int:
    """A time of the server: a bare number is ms."""
    units = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
    digits = text.strip().strip("'").rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text.strip().strip("'")[len(digits) :].strip()
    return int(digits) * units.get(unit or "ms", 0) if digits.isdigit() else 0


def _maria(base: MySQL) -> Step:
    errors = base.number_of("max_password_errors")
    if base.accounts is not None and not any(one.by_password for one in base.active):
        return step("lock", None, word("no_password_account"))
    if errors is None:
        return step("lock", None, "max_password_errors")
    facts = [against(fact, "lock_tries") for fact in base.facts("max_password_errors")]
    if not 0 < errors <= limit("lock_tries"):
        return step("lock", False, f"max_password_errors={errors}", facts)
    exempt = [one for one in base.active if one.super and one.by_password and not one.remote]
    known = base.accounts is not None
    detail = ", ".join(one.name for one in exempt[:5]) or f"max_password_errors={errors}"
    return step("lock", None if exempt or not known else True, detail, facts)


def _mysql(base: MySQL) -> Step:
    threshold = base.number_of("connection_control_failed_connections_threshold")
    delay = base.number_of("connection_control_min_connection_delay")
    names = (
        "connection_control_failed_connections_threshold",
        "connection_control_min_connection_delay",
    )
    facts = [against(fact, "lock_tries") for fact in base.facts(*names[:1])] + list(
        base.facts(names[1])
    )
    if threshold is not None and 0 < threshold <= limit("lock_tries") and (delay or 0) >= _DELAY:
        return step("lock", True, "connection_control", facts)
    if base.accounts is None:
        return step("lock", None, base.missing.get("accounts", ""))
    accounts = [one for one in base.active if one.by_password]
    bad = [
        one.name for one in accounts if not (0 < one.tries <= limit("lock_tries") and one.lock_days)
    ]
    facts += [base.account_fact("failed_login_attempts", one, one.tries) for one in accounts]
    if not accounts:
        return step("lock", None, word("no_password_account"), facts)
    return step("lock", not bad, ", ".join(bad[:5]), facts)


def _timeouts(base: MySQL) -> Step:
    names = ("interactive_timeout", "wait_timeout")
    facts = [against(fact, "idle_seconds") for fact in base.facts(*names)]
    values = {name: base.number_of(name) for name in names}
    if None in values.values():
        return step("idle", None, ", ".join(names), facts)
    bad = [
        f"{name}={value}" for name, value in values.items() if (value or 0) > limit("idle_seconds")
    ]
    return step("idle", not bad, ", ".join(bad), facts)
