"""Accounts of MySQL and MariaDB: ways to log in, what becomes of their passwords, what they may do.

MariaDB keeps them in mysql.global_priv as JSON (10.4 on), with several ways each; MySQL in mysql.user.
Hashes stay on the server: it says whether there is one, and whether it is of a known word.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from detections.compliance.assets.database.session import Questions, Rows

_WAYS: Final = 4
_WORDS: Final = (
    "'root'", "'123456'", "'password'", "'admin'", "'mysql'", "'12345678'", "'changeme'", "'P@ssw0rd'",
    "'toor'", "'test'", "'mariadb'", "{user}", "reverse({user})", "concat({user}, '123')",
)  # fmt: skip
_GLOBAL: Final = (
    "select user, host, json_value(priv, '$.access') as access, json_value(priv, '$.is_role') as role,"
    " json_value(priv, '$.account_locked') as locked, json_value(priv, '$.password_lifetime') as lifetime,"
    " json_value(priv, '$.password_last_changed') as changed, json_value(priv, '$.ssl_type') as tls,"
    " coalesce(json_length(priv, '$.auth_or'), 0) as ways, {ways} from mysql.global_priv order by 1, 2"
)
_USER: Final = (
    "select user, host, super_priv, file_priv, grant_priv, create_user_priv,"
    " select_priv, insert_priv, update_priv, delete_priv, create_priv, drop_priv, alter_priv, shutdown_priv,"
    " account_locked as locked,"
    " password_lifetime as lifetime, unix_timestamp(password_last_changed) as changed, ssl_type as tls,"
    " plugin as plugin0, {kind} as kind0, {guess} as guess0{more} from mysql.user order by 1, 2"
)
_TRIES: Final = (
    ", json_unquote(json_extract(user_attributes, '$.Password_locking.failed_login_attempts')) as tries,"
    " json_unquote(json_extract(user_attributes, '$.Password_locking.password_lock_time_days')) as days"
)
LOCAL_PLUGINS: Final = frozenset({"unix_socket", "auth_socket", "named_pipe"})
NO_LOGIN: Final = frozenset({"mysql_no_login"})
# Who knows the password is somebody else.
REMOTE_PLUGINS: Final = frozenset(
    ["pam", "auth_pam", "auth_pam_compat", "gssapi", "authentication_pam", "authentication_ldap_simple",
     "authentication_ldap_sasl", "authentication_kerberos", "authentication_windows",
     "authentication_webauthn", "authentication_openid_connect"]
)  # fmt: skip
# Accounts of the server itself, locked by their maker.
OWN: Final = frozenset({"mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys"})
_SUPER: Final = 1 << 15
_FILE: Final = 1 << 9
_GRANT: Final = 1 << 10
_CREATE_USER: Final = 1 << 25
# In every database: to change rows and tables; of the server: to stop it, to act as others, past its limits.
_WRITES: Final = ("insert", "update", "delete", "create", "drop", "alter", "shutdown")
_CHANGES: Final = 0b111110 | 1 << 7 | 1 << 13 | 1 << 30 | 1 << 31 | 1 << 32 | 1 << 33


@dataclass(frozen=True, slots=True)
class Way:
    """One way to log in to an account. `form` of its password: none, hash, invalid (nothing fits)."""

    plugin: str
    form: str
    guessed: bool

    @property
    def by_password(self) -> bool:
        """A password (perhaps an empty one) that this server keeps."""
        return (
            self.plugin not in LOCAL_PLUGINS | NO_LOGIN | REMOTE_PLUGINS and self.form != "invalid"
        )


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `lifetime` in days, None for the server's, 0 never; `changed` in days.

    `remote`: it may be used from other machines; `changes`, `reads`: in every database;
    `certificate`: it must show one of its own.
    """

    user: str
    host: str
    ways: tuple[Way, ...]
    locked: bool
    lifetime: int | None
    changed: int
    remote: bool
    tls: bool
    super: bool | None
    file: bool | None
    grants: bool | None
    tries: int
    lock_days: int
    certificate: bool = False
    changes: bool | None = None
    reads: bool | None = None

    @property
    def name(self) -> str:
        """As the server writes it."""
        return f"{self.user}@{self.host}"

    @property
    def empty(self) -> bool:
        """Anybody who knows its name is let in."""
        return any(way.by_password and way.form == "none" for way in self.ways)

    @property
    def guessed(self) -> bool:
        """Its password is a known word."""
        return any(way.guessed and way.by_password for way in self.ways)

    @property
    def by_password(self) -> bool:
        """It has a password that this server keeps."""
        return any(way.by_password for way in self.ways)


def ask_accounts(ask: Questions, maria: bool) -> Rows | None:
    """Accounts as the server keeps them, without hashes."""
    if maria:
        ways = ["'$'"] + [f"'$.auth_or[{index}]'" for index in range(_WAYS)]
        columns: list[str] = []
        for number, root in enumerate(ways):
            secret = f"json_value(priv, concat({root}, '.authentication_string'))"
            columns.append(f"json_value(priv, concat({root}, '.plugin')) as plugin{number}")
            columns.append(f"{_kind(secret)} as kind{number}")
            columns.append(f"{_guess(secret)} as guess{number}")
        return ask("accounts", _GLOBAL.format(ways=", ".join(columns)))
    made = _USER.format(
        kind=_kind("authentication_string"), guess=_guess("authentication_string"), more="{more}"
    )
    return ask("accounts", made.format(more=_TRIES), made.format(more=""))


def _kind(secret: str) -> str:
    return (
        f"case when coalesce({secret}, '') = '' then 'none' when {secret} = 'invalid'"
        " then 'invalid' else 'hash' end"
    )


def _guess(secret: str) -> str:
    """Whether the hash is the one of a known word (mysql_native_password: SHA-1 of SHA-1)."""
    made = ", ".join(
        f"concat('*', upper(sha1(unhex(sha1({word.format(user='convert(user using utf8mb4)')})))))"
        for word in _WORDS
    )
    return f"case when {secret} like '*%' and length({secret}) = 41 then {secret} in ({made}) else 0 end"


def ask_roles(ask: Questions, maria: bool) -> Rows:
    """Whom which roles of MariaDB were given to (a role has no host)."""
    asked = "select user, host, role from mysql.roles_mapping order by 1, 2, 3"
    return (ask("role_grants", asked, needed=False) or ()) if maria else ()


def made_accounts(rows: Rows, given: Rows, maria: bool, here: str) -> tuple[Account, ...]:
    """Accounts that are no roles, with the powers of roles they were given. `here`: the server's own name."""
    powers = {str(row["user"]): _whole(row.get("access")) or 0 for row in rows if _is_role(row)}
    for _ in powers:  # a role may be given to a role
        for row in given:
            if not row["host"] and str(row["user"]) in powers:
                powers[str(row["user"])] |= powers.get(str(row["role"]), 0)
    more: dict[tuple[str, str], int] = {}
    for row in given:
        key = (str(row["user"]), str(row["host"]))
        more[key] = more.get(key, 0) | powers.get(str(row["role"]), 0)
    found: list[Account] = []
    for row in rows:
        if not _is_role(row):
            extra = more.get((str(row["user"]), str(row["host"])), 0)
            access = (_whole(row.get("access")) or 0) | extra
            found.append(_account({**row, "access": access}, maria, here.lower()))
    return tuple(found)


def _is_role(row: Mapping[str, Any]) -> bool:
    return row.get("role") in {"1", "true", 1}


def _account(row: Mapping[str, Any], maria: bool, here: str) -> Account:
    ways = _ways_of(row, maria)
    lifetime = _whole(row["lifetime"])
    access = _whole(row.get("access")) or 0
    return Account(
        str(row["user"]),
        str(row["host"]),
        ways,
        str(row["locked"]).lower() in {"1", "true", "y"},
        None if lifetime is None or lifetime < 0 else lifetime,
        (_whole(row["changed"]) or 0) // 86400,
        _remote(str(row["host"]), here),
        str(row["tls"] or "").lower() not in {"", "0", "none"},
        bool(access & _SUPER) if maria else _yes(row, "super_priv"),
        bool(access & _FILE) if maria else _yes(row, "file_priv"),
        bool(access & (_GRANT | _CREATE_USER)) if maria
        else _yes(row, "grant_priv") or _yes(row, "create_user_priv"),
        _whole(row.get("tries")) or 0,
        _whole(row.get("days")) or 0,
        str(row["tls"] or "").lower() in {"2", "3", "x509", "specified"},
        bool(access & _CHANGES) if maria
        else any(_yes(row, f"{word}_priv") for word in _WRITES),
        bool(access & 1) if maria else _yes(row, "select_priv"),
    )  # fmt: skip


def _ways_of(row: Mapping[str, Any], maria: bool) -> tuple[Way, ...]:
    first = _way(row, 0)
    if not maria or not row["ways"]:
        return (first,)
    several = range(1, min(int(row["ways"]), _WAYS) + 1)
    return tuple(_way(row, n) if row.get(f"plugin{n}") else first for n in several)


def _way(row: Mapping[str, Any], number: int) -> Way:
    plugin = str(row.get(f"plugin{number}") or "mysql_native_password").lower()
    return Way(plugin, str(row[f"kind{number}"]), bool(row[f"guess{number}"]))


def _remote(host: str, here: str) -> bool:
    if host.lower() in {"localhost", here}:
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return re.match(r"127\.(\d|%)", host) is None


def _yes(row: Mapping[str, Any], name: str) -> bool | None:
    value = row.get(name)
    return None if value is None else str(value).upper() == "Y"


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"-?\d{1,20}", text) else None
