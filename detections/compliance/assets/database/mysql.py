"""MySQL's and MariaDB's own view of themselves: variables in force, accounts, plugins.

`SHOW GLOBAL VARIABLES` is what runs, whatever my.cnf says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from detections.compliance.assets.database.mysql_accounts import (
    NO_LOGIN,
    OWN,
    Account,
    ask_accounts,
    ask_roles,
    made_accounts,
)
from detections.compliance.assets.database.powers import Powers, of_mysql
from detections.compliance.assets.database.session import Questions, Rows, Session
from detections.compliance.assets.judging import AssetFact

_SELF: Final = (
    "select version() as version, @@version_comment as comment, current_user() as account,"
    " unix_timestamp() as now"
)
_VARIABLES: Final = "show global variables"
_BASES: Final = (
    "select user, host, db, insert_priv, update_priv, delete_priv, grant_priv from mysql.db"
    " order by 1, 2, 3"
)
_PLUGINS: Final = (
    "select plugin_name as name from information_schema.plugins where plugin_status = 'ACTIVE'"
    " order by 1"
)
_COMPONENTS: Final = "select component_urn as name from mysql.component order by 1"
_ORIGINS: Final = (
    "select variable_name as name, global_value_origin as origin, coalesce(global_value_path, '') as path"
    " from information_schema.system_variables"
)


@dataclass(frozen=True)
class MySQL:
    """What a server said; None where it was not allowed to be asked (`missing`)."""

    maria: bool
    number: tuple[int, int]
    unchecked: bool
    today: int
    variables: Mapping[str, AssetFact]
    accounts: tuple[Account, ...] | None
    bases: tuple[tuple[str, str, str, bool], ...] | None
    plugins: frozenset[str] | None
    missing: Mapping[str, str]
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    powers: Powers = field(default_factory=dict[str, tuple[str, ...]])

    def value(self, name: str) -> str | None:
        """A variable in force, in lower case; None where it is not there."""
        found = self.variables.get(name)
        return None if found is None else str(found.value).lower()

    def number_of(self, name: str) -> int | None:
        """The same as a whole number."""
        found = self.value(name) or ""
        return int(found) if found.isdigit() else None

    def facts(self, *names: str) -> tuple[AssetFact, ...]:
        """Variables as facts."""
        return tuple(self.variables[name] for name in names if name in self.variables)

    def account_fact(self, name: str, account: Account, value: str | int = "") -> AssetFact:
        """A fact about an account."""
        table = "mysql.global_priv" if self.maria else "mysql.user"
        shown = f"{account.name}={value}" if value != "" else account.name
        return AssetFact(name, shown, table, self.digests.get("accounts", ""))

    @property
    def active(self) -> tuple[Account, ...]:
        """Accounts that may log in."""
        return tuple(
            one
            for one in self.accounts or ()
            if not one.locked
            and one.user not in OWN
            and any(w.plugin not in NO_LOGIN for w in one.ways)
        )


def gather(session: Session) -> tuple[MySQL, Mapping[str, Any]]:
    """Everything, and the row that says who answered.

    Raises:
        InputError: the connection is lost.
    """
    ask = Questions(session)
    first = (ask("self", _SELF) or ({},))[0]
    version = str(first.get("version", ""))
    maria = "mariadb" in version.lower()
    variables = ask("variables", _VARIABLES) or ()
    origins = ask("origins", _ORIGINS, needed=False) or ()
    accounts = ask_accounts(ask, maria)
    bases = ask("grants", _BASES)
    plugins = ask("plugins", _PLUGINS)
    components = ask("components", _COMPONENTS, needed=False) or ()
    account = str(first.get("account") or "")
    known = None
    if plugins is not None:
        known = frozenset(str(row["name"]).lower() for row in (*plugins, *components))
    numbers = [int(one) for one in re.findall(r"\d+", version)[:2]] + [0, 0]
    named = _named(variables, origins, ask.digests.get("variables", ""))
    found = MySQL(
        maria=maria,
        number=(numbers[0], numbers[1]),
        unchecked=account in {"@", "skip-grants user@skip-grants host"},
        today=int(first.get("now") or 0) // 86400,
        variables=named,
        accounts=None
        if accounts is None
        else made_accounts(
            accounts,
            ask_roles(ask, maria),
            maria,
            str(named["hostname"].value) if "hostname" in named else "",
        ),
        bases=None if bases is None else tuple(_base(row) for row in bases),
        plugins=known,
        missing=ask.missing,
        digests=ask.digests,
        powers=of_mysql(ask),
    )
    return found, first


def _named(rows: Rows, origins: Rows, digest: str) -> dict[str, AssetFact]:
    """Variables with the file they come from, where the server says it."""
    places = {
        str(row["name"]).lower(): str(row["path"]).rsplit("/", 1)[-1] or str(row["origin"]).lower()
        for row in origins
    }
    found: dict[str, AssetFact] = {}
    for row in rows:
        name = str(row["variable_name"]).lower()
        where = f"global variables ({places[name]})" if places.get(name) else "global variables"
        found[name] = AssetFact(
            name, str(row["value"] if row["value"] is not None else "")[:300], where, digest
        )
    return found


def _base(row: Mapping[str, Any]) -> tuple[str, str, str, bool]:
    writes = any(
        str(row[f"{word}_priv"]) == "Y" for word in ("insert", "update", "delete", "grant")
    )
    return str(row["user"]), str(row["host"]), str(row["db"]), writes
