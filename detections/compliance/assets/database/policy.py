"""Password rules that a database applies to new passwords: which checker is in force, and how strict.

PostgreSQL: passwordcheck (8 characters, letters and others), credcheck. MySQL: validate_password as
component or plugin. MariaDB: simple_password_check, cracklib_password_check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.judging import AssetFact, State

# Libraries that neither check passwords nor count failures; one that is not here may do both.
_PLAIN_LIBRARIES: Final = frozenset(
    ["pg_stat_statements", "pgaudit", "pgauditlogtofile", "auto_explain", "auth_delay", "pg_prewarm",
     "timescaledb", "pg_cron", "citus", "pglogical", "wal2json", "pg_hint_plan", "pg_stat_kcache",
     "pg_qualstats", "pg_wait_sampling", "powa", "repmgr", "bg_mon", "pg_partman_bgw", "pg_squeeze",
     "sepgsql", "basic_archive", "set_user", "passwordcheck", "credcheck", "plpgsql", "test_decoding",
     "libpqwalreceiver", "pgoutput", "sslinfo", "pg_walinspect", "amcheck", "plprofiler"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """`state` False: no checker; None: one that is not known. `length`, `classes` where they are."""

    state: State
    length: int | None = None
    classes: int | None = None
    why: str = ""
    facts: tuple[AssetFact, ...] = ()


def libraries(base: PostgreSQL) -> frozenset[str] | None:
    """Libraries that every session has loaded; None where they are not shown."""
    shared = base.value("shared_preload_libraries")
    if shared is None:
        return None
    words = re.split(r"\s*,\s*", f"{shared},{base.value('session_preload_libraries') or ''}")
    return frozenset(
        word.strip().strip('"').rsplit("/", 1)[-1].removesuffix(".so")
        for word in words
        if word.strip()
    )


def strange_libraries(loaded: frozenset[str]) -> list[str]:
    """Those that may do what is not known here."""
    return sorted(loaded - _PLAIN_LIBRARIES)


def postgresql(base: PostgreSQL) -> Policy:
    """Rules of PostgreSQL for a password that is sent in clear to be set."""
    loaded = libraries(base)
    facts = base.facts("shared_preload_libraries", "session_preload_libraries")
    if loaded is None:
        return Policy(None, why="shared_preload_libraries")
    if "credcheck" in loaded:
        return _credcheck(base, facts)
    if "passwordcheck" in loaded:
        length = base.value("passwordcheck.min_password_length") or "8"
        return Policy(True, int(length) if length.isdigit() else None, 2, "passwordcheck", facts)
    strange = strange_libraries(loaded)
    return Policy(
        None if strange else False, why=", ".join(strange) or "passwordcheck", facts=facts
    )


def _credcheck(base: PostgreSQL, facts: tuple[AssetFact, ...]) -> Policy:
    names = [
        f"credcheck.password_min_{one}" for one in ("length", "upper", "lower", "digit", "special")
    ]
    values = [base.value(name) or "" for name in names]
    if not all(value.isdigit() for value in values):
        return Policy(None, why="credcheck", facts=facts)
    kinds = sum(int(value) > 0 for value in values[1:])
    return Policy(True, int(values[0]), kinds, "credcheck", (*facts, *base.facts(*names)))


def mysql(base: MySQL) -> Policy:
    """Rules of MySQL or MariaDB."""
    if base.plugins is None:
        return Policy(None, why="plugins")
    return _maria(base) if base.maria else _validate(base)


def _maria(base: MySQL) -> Policy:
    plugins = base.plugins or frozenset()
    strict = base.value("strict_password_validation")
    names = tuple(
        f"simple_password_check_{one}"
        for one in ("minimal_length", "digits", "letters_same_case", "other_characters")
    )
    if "simple_password_check" in plugins:
        length, digits, cases, others = (base.number_of(name) or 0 for name in names)
        kinds = bool(digits) + 2 * bool(cases) + bool(others)
        facts = (*base.facts(*names), *base.facts("strict_password_validation"))
        if strict == "off":
            return Policy(False, why="strict_password_validation=OFF", facts=facts)
        return Policy(True, length, max(kinds, 1), "simple_password_check", facts)
    if "cracklib_password_check" in plugins:
        return Policy(None, why="cracklib_password_check")
    return Policy(False, why="simple_password_check")


def _validate(base: MySQL) -> Policy:
    dot = "validate_password.policy" in base.variables
    if not dot and "validate_password_policy" not in base.variables:
        return Policy(False, why="validate_password")
    names = [f"validate_password{'.' if dot else '_'}{one}" for one in
             ("policy", "length", "mixed_case_count", "number_count", "special_char_count")]  # fmt: skip
    facts = base.facts(*names)
    length = base.number_of(names[1]) or 0
    if base.value(names[0]) in {"low", "0"}:
        return Policy(True, length, 1, "policy=LOW", facts)
    cases, numbers, others = (base.number_of(name) or 0 for name in names[2:])
    kinds = 2 * bool(cases) + bool(numbers) + bool(others)
    return Policy(True, length, max(kinds, 1), "validate_password", facts)
