"""Words of the database checks, and how what was not answered stays open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.judging import AssetCheck, AssetFact, State, Step
from detections.compliance.assets.steps import worded
from fengsui.text import Text

Database = PostgreSQL | MySQL
# Steps that no server shows of itself: each says what to bring.
_OTHERS: Final = frozenset(
    ["other_logins", "other_ways", "account_table", "default_passwords", "owners", "roles", "audit_seen",
     "logs_backed_up", "audit_stop", "design", "stored", "flaws"]
)  # fmt: skip
_ADMIN: Final = re.compile(
    r"dba|admin|root|postgres|super|sys|ops|maint|mysql|maria|secur|audit", re.IGNORECASE
)
_APPLICATION: Final = re.compile(
    r"(?:^|[_-])(?:app|web|www|svc|service|api|portal|report|report(?:ing|er)|bi|etl|backend|frontend|"
    r"client|user|test|dev|demo|guest|readonly|ro|rw|erp|crm|oa|cms|nacos|zabbix|grafana|monitor)\d*"
    r"(?:$|[_-])|app$|app_|user$|svc$",
    re.IGNORECASE,
)


def database_check(unit: str, name: str, *, single: bool = False) -> AssetCheck:
    """A check of databases; its claim is `databases.claim.NAME`."""
    claim = Text(f"databases.claim.{name}", {})
    return AssetCheck(f"database_{name}", unit, ("database",), claim, single)


def database_of(asset: AssetEvidence) -> Database:
    """What the server said."""
    if not isinstance(asset.facts, PostgreSQL | MySQL):
        raise TypeError(f"{asset.source} is no database")
    return asset.facts


def step(name: str, state: State, detail: str = "", facts: Iterable[AssetFact] = ()) -> Step:
    """A step with its sentence `databases.NAME.good|bad|open`."""
    return worded("databases", name, state, detail, facts, own=name in _OTHERS)


def listed(facts: Iterable[AssetFact], most: int = 5) -> str:
    """The first values, for a sentence."""
    return ", ".join(str(fact.value) for fact in list(facts)[:most])


def for_work(name: str, *, granted: bool) -> bool:
    """Whether an account surely is an application's and no administrator's.

    Its name says so, or it was given rights on single objects, which one who may do all never needs.
    """
    if _APPLICATION.search(name):
        return True
    return granted and not _ADMIN.search(name)
