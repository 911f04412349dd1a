"""MariaDB with one fault each: named under its unit; sound but unusual servers are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.reader import read_database
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity
from tests.detections.compliance.assets.database.conftest import (
    MARIA_BASE,
    MARIA_VARIABLES,
    PASSWORD,
    Server,
)

# The least length last: each of the others raises it.
LAX = (
    "set global strict_password_validation=0; set global simple_password_check_digits=0;"
    " set global simple_password_check_letters_same_case=0;"
    " set global simple_password_check_other_characters=0;"
    " set global simple_password_check_minimal_length=0"
)
STRICT = MARIA_VARIABLES
WEB = "create user web@'10.0.0.6'"
WORD = "*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9"  # PASSWORD('123456')


def put(user: str, host: str, rest: str) -> str:
    """An account as the server keeps it: no checker lets one without a password be made by SQL."""
    row = f'{{"access":0,"plugin":"mysql_native_password","authentication_string":"",{rest}}}'
    return f"insert into mysql.global_priv values ('{host}', '{user}', '{row}'); flush privileges"


# name: (unit, step, statements); accounts are made while rules are lax, and judged when they are not
ACCOUNTS: dict[str, tuple[str, str, str]] = {
    "no password": (
        "CES1-01",
        "authenticated",
        put("web", "10.0.0.6", '"ssl_type":1'),
    ),
    "no password by the second way": (
        "CES1-01",
        "authenticated",
        put("web", "10.0.0.6", '"ssl_type":1,"auth_or":[{"plugin":"unix_socket"},{}]'),
    ),
    "anonymous": ("CES1-05", "everybody", f"create user ''@'localhost' identified by '{PASSWORD}'"),
    "known word": ("CES1-01", "guessable", f"{WEB} identified by password '{WORD}' require ssl"),
    "root with a known word": (
        "CES1-06",
        "default_password",
        f"create user root@'10.0.0.6' identified by password '{WORD}'",
    ),
    "root from everywhere": (
        "CES1-19",
        "terminals",
        f"create user root@'%' identified by '{PASSWORD}'",
    ),
    "application from everywhere": (
        "CES1-19",
        "terminals",
        f"create user shop@'%' identified by '{PASSWORD}' require ssl",
    ),
    "application from a /16": (
        "CES1-19",
        "terminals",
        f"create user shop@'192.168.%' identified by '{PASSWORD}' require ssl",
    ),
    "acts as root": (
        "CES1-08",
        "ordinary_power",
        "grant proxy on root@localhost to app@'10.0.0.5'",
    ),
    "every database": (
        "CES1-08",
        "ordinary_power",
        "grant update on *.* to app@'10.0.0.5'",
    ),
    "all rights from everywhere": (
        "CES1-19",
        "terminals",
        f"grant all on *.* to dba@'%' identified by '{PASSWORD}'",
    ),
    "all by a role": (
        "CES1-08",
        "ordinary_power",
        "grant super on *.* to readers; grant readers to app@'10.0.0.5'",
    ),
    "test account": (
        "CES1-07",
        "nobodys_accounts",
        f"create user test@'10.0.0.6' identified by '{PASSWORD}' require ssl",
    ),
    "never expires": ("CES1-01", "rotation", "alter user app@'10.0.0.5' password expire never"),
    "expires in a year": (
        "CES1-01",
        "rotation",
        "alter user app@'10.0.0.5' password expire interval 365 day",
    ),
    "all rights for an application": (
        "CES1-08",
        "ordinary_power",
        "grant all on *.* to app@'10.0.0.5'",
    ),
    "grants for an application": (
        "CES1-08",
        "ordinary_power",
        "grant select on *.* to app@'10.0.0.5' with grant option",
    ),
    "makes users": ("CES1-08", "ordinary_power", "grant create user on *.* to app@'10.0.0.5'"),
    "reads files": ("CES1-08", "ordinary_power", "grant file on *.* to app@'10.0.0.5'"),
    "writes the tables of accounts": (
        "CES1-08",
        "ordinary_power",
        "grant update on mysql.* to app@'10.0.0.5'",
    ),
    "everybody's test database": (
        "CES1-05",
        "everybody",
        "grant select, insert on test.* to public",
    ),
}
VARIABLES: dict[str, tuple[str, str, str]] = {
    "lifetime off": ("CES1-01", "rotation", "set global default_password_lifetime=0"),
    "lifetime long": ("CES1-01", "rotation", "set global default_password_lifetime=180"),
    "short passwords": (
        "CES1-01",
        "complexity",
        "set global simple_password_check_minimal_length=6",
    ),
    "one kind": (
        "CES1-01",
        "complexity",
        "set global simple_password_check_digits=1,"
        " global simple_password_check_letters_same_case=0, global simple_password_check_other_characters=0",
    ),
    "hashes past the check": ("CES1-01", "complexity", "set global strict_password_validation=0"),
    "no lock": ("CES1-02", "lock", "set global max_password_errors=4294967295"),
    "late lock": ("CES1-02", "lock", "set global max_password_errors=20"),
    "idle": ("CES1-02", "idle", "set global wait_timeout=28800"),
    "idle tools": ("CES1-02", "idle", "set global interactive_timeout=3600"),
    "audit off": ("CES1-12", "audit_on", "set global server_audit_logging=0"),
    "a user left out": ("CES1-12", "audit_whole", "set global server_audit_excl_users='app'"),
    "one user only": ("CES1-12", "audit_whole", "set global server_audit_incl_users='root'"),
    "logins only": ("CES1-12", "audit_acts", "set global server_audit_events='CONNECT'"),
    "little room for audit": (
        "CES1-14",
        "logs_protected",
        "set global server_audit_file_rotate_size=1000",
    ),
    "no logins": ("CES1-12", "audit_acts", "set global server_audit_events='QUERY'"),
    "only data": ("CES1-12", "audit_acts", "set global server_audit_events='CONNECT,QUERY_DML'"),
}
SOUND: dict[str, str] = {
    "locked without password": put("old", "%", '"account_locked":true'),
    "socket": "create user batch@localhost identified via unix_socket",
    "a person who may do all": f"grant all on *.* to zhangsan@'10.0.0.9' identified by '{PASSWORD}'"
    " require ssl",
    "backup": "grant select, reload, process, lock tables on *.* to backup@localhost"
    f" identified by '{PASSWORD}'",
    "loopback without TLS": f"create user local@'127.0.0.%' identified by '{PASSWORD}'",
    "everywhere for the application": f"create user shop@'%' identified by '{PASSWORD}' require x509",
    "earlier end": "alter user app@'10.0.0.5' password expire interval 30 day",
    "role with rights": "grant all on *.* to readers",
    "narrow audit": "set global server_audit_events='CONNECT,QUERY_DDL,QUERY_DCL'",
    "short idle": "set global wait_timeout=60",
}


@pytest.fixture
def server(mariadb: Server) -> Iterator[Server]:
    yield mariadb
    keep = "('auditor', 'app', 'root', 'mariadb.sys', 'readers', 'PUBLIC')"
    mariadb.statements(
        [
            *MARIA_VARIABLES,
            f"delete from mysql.global_priv where user not in {keep}",
            "delete from mysql.global_priv where user='root' and host<>'localhost'",
            "delete from mysql.db where user not in ('auditor')",
            "flush privileges",
            LAX,
            "drop user app@'10.0.0.5'",
            *STRICT,
            *[line for line in MARIA_BASE if "app@" in line],
            "revoke all on *.* from readers",
        ]
    )


@pytest.mark.parametrize("name", ACCOUNTS)
def test_account_is_named(server: Server, name: str) -> None:
    unit, step, statement = ACCOUNTS[name]
    server.statements([LAX, statement, *STRICT])
    assert (unit, step) in server.failing()


@pytest.mark.parametrize("name", VARIABLES)
def test_variable_is_named(server: Server, name: str) -> None:
    unit, step, statement = VARIABLES[name]
    server.statements([statement])
    assert (unit, step) in server.failing()


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(server: Server, name: str) -> None:
    server.statements([LAX, *STRICT, SOUND[name]])
    assert server.failing() == set()


def test_base_fails_nowhere_and_conforms_nowhere(server: Server) -> None:
    assert server.failing() == set()
    assert Conformity.CONFORMS not in {finding.verdict for finding in server.judged()}


def test_clear_ways(server: Server) -> None:
    server.statements(["set global require_secure_transport=0"])
    assert server.failing() == set()  # the only remote account demands TLS itself
    server.statements(["alter user app@'10.0.0.5' require none"])
    assert {("CES1-03", "transport"), ("CES1-27", "transit")} <= server.failing()


def test_one_who_may_not_see_leaves_it_open(server: Server) -> None:
    server.statements(
        [
            "create user nobody@localhost identified via unix_socket using 'root'",
            f"create user blind@'127.0.0.1' identified by '{PASSWORD}'",
        ]
    )
    url = server.url.replace("auditor:", "blind:", 1)
    findings = server.judged(url)
    assert "accounts" in str(findings[0].asset.problems)
    assert server.failing(url) == set()


def test_hashes_and_passwords_stay_there(server: Server) -> None:
    text = str([finding.as_json() for finding in server.judged()]) + str(server.judged()[0].asset)
    assert PASSWORD not in text
    assert WORD[1:10] not in text


def test_grants_skipped(server: Server) -> None:
    """A server of --skip-grant-tables calls everybody an account of no name."""
    asset = read_database(server.url)
    assert isinstance(asset.facts, MySQL)
    found = judge_asset(replace(asset, facts=replace(asset.facts, unchecked=True)))
    states = {step.name: step.state for one in found for step in one.steps}
    assert states["authenticated"] is False
