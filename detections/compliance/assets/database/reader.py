"""A live database as evidence (E1 for a user who may see everything, E0 in effect for no other)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

import orjson

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database import mysql, postgresql
from detections.compliance.assets.database.address import ENGINES, Address, address_of
from detections.compliance.assets.database.connection import connected
from detections.compliance.assets.database.session import Session
from fengsui.clock import SECOND
from fengsui.errors import InputError

_MOVING: Final = frozenset({"self", "sessions"})  # answers that differ from minute to minute
SCHEMES: Final = tuple(f"{scheme}://" for scheme in ENGINES)


# Forks have parameters, locks and rules of their own: what is said here would be wrong of them.
_FORKS: Final = re.compile(
    r"gauss|kingbase|greenplum|enterprisedb|vastbase|highgo|uxdb|mogdb|redshift|cockroach|yugabyte|"
    r"tidb|oceanbase|doris|starrocks|vitess|gbase|goldendb",
    re.IGNORECASE,
)


def is_database(url: str) -> bool:
    """Whether evidence is named by the URL of a database."""
    return url.lower().startswith(SCHEMES)


def read_database(url: str) -> AssetEvidence:
    """A database that answers now.

    Raises:
        InputError: not reachable, hanging, credentials refused, or no database.
        MissingToolError: its driver is not installed.
    """
    address = address_of(url)
    with connected(address) as session:
        return asked(address, session, lambda base: connected(replace(address, database=base)))


def asked(
    address: Address,
    session: Session,
    elsewhere: Callable[[str], AbstractContextManager[Session]],
) -> AssetEvidence:
    """What a session answers, as evidence; `elsewhere` opens another database of the same server.

    Raises:
        InputError: the connection is lost, or a fork that is not judged here.
    """
    facts: postgresql.PostgreSQL | mysql.MySQL
    if address.engine == "postgresql":
        facts, first = postgresql.gather(session, elsewhere)
    else:
        facts, first = mysql.gather(session)
    _refuse_forks(address, first)
    problems = tuple(f"{what}: {why}" for what, why in sorted(facts.missing.items()))
    return AssetEvidence(
        name=address.name,
        kind="database",
        source=address.shown,
        digest=hashlib.sha256(
            orjson.dumps([one for one in sorted(facts.digests.items()) if one[0] not in _MOVING])
        ).hexdigest(),
        collected=_time(first),
        level="E1",
        facts=facts,
        problems=problems,
    )


def _refuse_forks(address: Address, first: Mapping[str, Any]) -> None:
    said = f"{first.get('version', '')} {first.get('comment', '')}"
    own = _FORKS.search(said)
    if own or (address.engine == "postgresql" and not said.startswith("PostgreSQL ")):
        raise InputError(
            f"This database is not judged here: {said[:60].strip()}",
            where=address.shown,
            next="Record the answers to its maker's queries: docs/recipes/check_live.md",
            code="unknown_database",
        )


def _time(first: Mapping[str, Any]) -> int:
    now = str(first.get("now") or "").split(".", maxsplit=1)[0]
    return int(now) * SECOND if now.isdigit() else 0
