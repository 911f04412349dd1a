"""PostgreSQL's own view of itself: settings, roles, rules of access, overrides, grants.

A server that asks for a password in clear is only answered under TLS (`sslmode=prefer` tries it
first). Password hashes stay on the server: it says their kind, and whether they are of a known
word. Views: pg_settings, pg_authid, pg_hba_file_rules, pg_db_role_setting, pg_auth_members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from detections.compliance.assets.database.hba import Rule, rule_of
from detections.compliance.assets.database.powers import Powers, joined, of_postgresql
from detections.compliance.assets.database.session import Questions, Rows, Session
from detections.compliance.assets.judging import AssetFact
from fengsui.errors import InputError

Password = Literal["none", "md5", "scram", "other", "unknown"]
MOST_BASES: Final = 16
_SETTINGS: Final = (
    "select name, setting, source, coalesce(sourcefile, '') as file, coalesce(sourceline, 0) as line,"
    " pending_restart as pending from pg_settings where name !~ '(passphrase|conninfo|_command)'"
)
_ROLES: Final = (
    "select r.oid::bigint as oid, r.rolname as name, r.rolsuper as super, r.rolcanlogin as login,"
    " r.rolreplication as replication, r.rolcreaterole as createrole, r.rolbypassrls as bypass,"
    " case when r.rolvaliduntil is null or r.rolvaliduntil = 'infinity' then null else"
    " ceil(extract(epoch from r.rolvaliduntil - now()) / 86400)::bigint end as days_left{more}"
    " from {table} r where r.rolname !~ '^pg_' order by 2"
)
_KIND: Final = (
    ", case when rolpassword is null then 'none' when rolpassword like 'SCRAM-SHA-256$%' then 'scram'"
    " when rolpassword like 'md5%' then 'md5' else 'other' end as password, exists (select from"
    " unnest(array[rolname, reverse(rolname), rolname || '123', 'postgres', 'password', '123456',"
    " 'admin', '12345678', 'changeme', 'P@ssw0rd', 'root', '']) w"
    " where rolpassword = 'md5' || md5(w || rolname)) as guessed"
)
_HBA: Final = (
    "select line_number as line, type, database as bases, user_name as users, address, netmask,"
    " auth_method as method, options, error from pg_hba_file_rules order by line_number"
)
_STALE: Final = (
    "select (pg_stat_file(current_setting('hba_file'))).modification > pg_conf_load_time() as stale"
)
_OVERRIDES: Final = (
    "select coalesce(r.rolname, '') as role, coalesce(d.datname, '') as base,"
    " unnest(s.setconfig) as item from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole"
    " left join pg_database d on d.oid = s.setdatabase"
    " where (s.setrole = 0 or r.oid is not null) order by 1, 2, 3"
)
_MEMBERS: Final = (
    "select g.rolname as grp, m.rolname as member from pg_auth_members a"
    " join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member order by 1, 2"
)
_BASES: Final = (
    "select datname as name, datallowconn as open from pg_database"
    " where not datistemplate order by 1"
)
_SELF: Final = (
    "select current_setting('server_version_num')::int as number, version() as version,"
    " extract(epoch from now())::bigint as now, current_database() as base,"
    " (select rolsuper from pg_roles where rolname = current_user) as super"
)
_PLAIN: Final = (
    "select count(*) as sessions from pg_stat_ssl s join pg_stat_activity a using (pid)"
    " where not s.ssl and a.client_addr is not null and not a.client_addr <<= '127.0.0.0/8'"
    " and a.client_addr <> '::1'"
)
# Of one database: who may create in public, what everybody may change, and whom objects were granted to.
_INSIDE: Final = (
    "select has_schema_privilege('public', n.oid, 'CREATE') as creates from pg_namespace n"
    " where n.nspname = 'public'"
)
_WRITTEN: Final = (
    "select distinct n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n"
    " on n.oid = c.relnamespace, aclexplode(c.relacl) a"
    " where a.grantee = 0 and c.relkind in ('r', 'p', 'v')"
    " and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')"
    " and n.nspname !~ '^(pg_|information_schema)' order by 1 limit 20"
)
_GRANTED: Final = (
    "select distinct r.rolname as name from pg_roles r join ("
    " select (aclexplode(relacl)).grantee as who, relowner as owner, relnamespace as space from pg_class"
    " union all select (aclexplode(nspacl)).grantee, nspowner, oid from pg_namespace) g"
    " on r.oid = g.who and g.who <> g.owner join pg_namespace n on n.oid = g.space"
    " where n.nspname !~ '^(pg_|information_schema)' order by 1"
)


@dataclass(frozen=True, slots=True)
class Role:
    """One role. `days_left` until its password ends, None never; `guessed`: of a known word.

    `more`: powers over other roles and past the rights of rows: replication, createrole, bypass.
    """

    oid: int
    name: str
    super: bool
    login: bool
    replication: bool
    days_left: int | None
    password: Password
    guessed: bool
    more: tuple[str, ...] = ()

    @property
    def first(self) -> bool:
        """The role that initdb made."""
        return self.oid == 10


@dataclass(frozen=True, slots=True)
class Override:
    """A setting for one role or in one database ("" for all)."""

    role: str
    base: str
    name: str
    value: str

    @property
    def where(self) -> str:
        """Whom it counts for."""
        return "@".join((self.role or "*", self.base or "*"))


@dataclass(frozen=True)
class PostgreSQL:
    """What a server said; None where it was not allowed to be asked (`missing` says what and why)."""

    number: int
    settings: Mapping[str, AssetFact]
    pending: frozenset[str]
    roles: tuple[Role, ...] | None
    rules: tuple[Rule, ...] | None
    stale: bool | None
    overrides: tuple[Override, ...] | None
    members: Mapping[str, frozenset[str]]
    bases: frozenset[str]
    creates: tuple[str, ...]
    written: tuple[str, ...]
    unasked: tuple[str, ...]
    granted: frozenset[str]
    plain_sessions: int | None
    missing: Mapping[str, str]
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    powers: Powers = field(default_factory=dict[str, tuple[str, ...]])

    def value(self, name: str) -> str | None:
        """A setting in force; None where it is not there or not shown to this user."""
        found = self.settings.get(name)
        return None if found is None else str(found.value)

    def facts(self, *names: str) -> tuple[AssetFact, ...]:
        """Settings as facts."""
        return tuple(self.settings[name] for name in names if name in self.settings)

    def role_fact(self, name: str, role: str) -> AssetFact:
        """A fact about a role."""
        return AssetFact(name, role, "pg_authid", self.digests.get("roles", ""))

    def rule_fact(self, name: str, rule: Rule) -> AssetFact:
        """A rule of access as a fact."""
        return AssetFact(name, rule.text, f"pg_hba.conf:{rule.line}", self.digests.get("rules", ""))


Elsewhere = Callable[[str], AbstractContextManager[Session]]


def gather(session: Session, elsewhere: Elsewhere) -> tuple[PostgreSQL, Mapping[str, Any]]:
    """Everything, and the row that says who answered. `elsewhere` opens another database of it.

    Raises:
        InputError: the connection is lost.
    """
    ask = Questions(session)
    first = (ask("self", _SELF) or ({},))[0]
    settings = ask("settings", _SETTINGS) or ()
    roles = ask("roles", _ROLES.format(table="pg_authid", more=_KIND), needed=False)
    if roles is None:
        ask.missing["passwords"] = "pg_authid"
        roles = ask("roles", _ROLES.format(table="pg_roles", more=""))
    rules = ask("rules", _HBA)
    stale = ask("hba_file", _STALE)
    overrides = ask("overrides", _OVERRIDES)
    plain = ask("sessions", _PLAIN)
    bases = ask("databases", _BASES) or ()
    inside = _Inside(session, str(first.get("base", "")), elsewhere)
    for base in bases:
        inside.look(str(base["name"]), bool(base["open"]))
    found = PostgreSQL(
        number=int(first.get("number") or 0),
        settings=_settings(settings, ask.digests.get("settings", "")),
        pending=frozenset(str(row["name"]) for row in settings if row["pending"]),
        roles=None if roles is None else tuple(_role(row) for row in roles),
        rules=_rules(rules, ask.missing),
        stale=bool(stale[0]["stale"]) if stale else None,
        overrides=None if overrides is None else tuple(_override(row) for row in overrides),
        members=_members(ask("members", _MEMBERS) or ()),
        bases=frozenset(str(row["name"]) for row in bases),
        creates=tuple(inside.creates),
        written=tuple(inside.written),
        unasked=tuple(inside.unasked),
        granted=frozenset(inside.granted),
        plain_sessions=int(plain[0]["sessions"]) if plain else None,
        missing=ask.missing,
        digests=ask.digests,
        powers=inside.powers,
    )
    return found, first


class _Inside:
    """What only a connection to each database shows."""

    def __init__(self, session: Session, here: str, elsewhere: Elsewhere) -> None:
        self._session, self._here, self._elsewhere = session, here, elsewhere
        self._seen = 0
        self.creates: list[str] = []
        self.written: list[str] = []
        self.unasked: list[str] = []
        self.granted: set[str] = set()
        self.powers: Powers = {}

    def look(self, base: str, open_to: bool) -> None:
        self._seen += 1
        if not open_to:
            return
        if self._seen > MOST_BASES:
            self.unasked.append(base)
        elif base == self._here:
            self._ask(base, self._session)
        else:
            try:
                with self._elsewhere(base) as session:
                    self._ask(base, session)
            except InputError:
                self.unasked.append(base)

    def _ask(self, base: str, session: Session) -> None:
        creates, granted = session.ask(_INSIDE).rows, session.ask(_GRANTED).rows
        if creates is None or granted is None:
            self.unasked.append(base)
        if creates and creates[0]["creates"]:
            self.creates.append(base)
        self.powers = joined(self.powers, of_postgresql(session, base))
        written = session.ask(_WRITTEN).rows or ()
        self.written += [f"{base}.{row['name']}" for row in written]
        self.granted.update(str(row["name"]) for row in granted or ())


def _settings(rows: Rows, digest: str) -> dict[str, AssetFact]:
    found: dict[str, AssetFact] = {}
    for row in rows:
        place = str(row["file"]).rsplit("/", 1)[-1]
        where = f"{place}:{row['line']}" if place else f"pg_settings ({row['source']})"
        name = str(row["name"])
        found[name.lower()] = AssetFact(name, str(row["setting"])[:300], where, digest)
    return found


def _role(row: Mapping[str, Any]) -> Role:
    days = row["days_left"]
    return Role(
        int(row["oid"]),
        str(row["name"]),
        bool(row["super"]),
        bool(row["login"]),
        bool(row["replication"]),
        None if days is None else int(days),
        row.get("password", "unknown"),
        bool(row.get("guessed")),
        tuple(name for name in ("replication", "createrole", "bypass") if row.get(name)),
    )


def _rules(rows: Rows | None, missing: dict[str, str]) -> tuple[Rule, ...] | None:
    """None also where the file has an error: then the server runs rules read before."""
    if rows is None:
        return None
    # A rule for TLS while it is off has a remark there, and counts as written.
    wrong = [row for row in rows if row["error"] and not row["type"]]
    if wrong:
        missing["rules"] = f"pg_hba.conf:{wrong[0]['line']}"
        return None
    return tuple(rule_of(row) for row in rows)


def _override(row: Mapping[str, Any]) -> Override:
    name, _, value = str(row["item"]).partition("=")
    return Override(str(row["role"]), str(row["base"]), name.lower(), value)


def _members(rows: Rows) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(str(row["grp"]), set()).add(str(row["member"]))
    return {group: frozenset(members) for group, members in found.items()}
