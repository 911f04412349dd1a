"""PostgreSQL with one fault each: named under its unit; sound but unusual servers are not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from fengsui.control import Conformity
from tests.detections.compliance.assets.database.conftest import HBA, PASSWORD, SETTINGS, Server


def valid(role: str, time: str) -> str:
    text = f"alter role {role} valid until %L"
    return f"do $$ begin execute format('{text}', now() + interval '{time}'); end $$"


def md5(role: str, word: str) -> str:
    made = hashlib.md5(f"{word}{role}".encode()).hexdigest()
    return f"alter role {role} password 'md5{made}'"


# Stock PostgreSQL locks nobody: that fault is there before any of ours.
ALWAYS = {("CES1-02", "lock")}
GRANTED = [
    "create table t (a int)",
    "create role wang login superuser",
    "grant select on t to wang",
]
BY_GROUP = ["grant pg_write_server_files to readers", "grant readers to app"]
# name: (unit, step, statements, rules before the others, rules instead of all)
FAULTS: dict[str, tuple[str, str, list[str], str, str]] = {
    "trust from a network": (
        "CES1-01",
        "authenticated",
        [],
        "host all all 10.1.0.0/24 trust\n",
        "",
    ),
    "trust on the socket": (
        "CES1-01",
        "authenticated",
        [],
        "",
        HBA.replace("peer map=own", "trust"),
    ),
    "trust for a group": (
        "CES1-01",
        "authenticated",
        ["grant readers to app"],
        "hostssl all +readers 10.9.0.1/32 trust\n",
        "",
    ),
    "trust after a rule for another user": (
        "CES1-01",
        "authenticated",
        [],
        "hostssl all postgres all scram-sha-256\nhostssl all all all trust\n",
        "",
    ),
    "trust with tabs and quotes": (
        "CES1-01",
        "authenticated",
        [],
        'host\t"all"\tall\tall\ttrust # gone\n',
        "",
    ),
    "ident over the network": (
        "CES1-01",
        "authenticated",
        [],
        "hostssl all all 10.1.0.0/24 ident\n",
        "",
    ),
    "password without end": (
        "CES1-01",
        "rotation",
        ["alter role app valid until 'infinity'"],
        "",
        "",
    ),
    "password for two years": ("CES1-01", "rotation", [valid("app", "2 years")], "", ""),
    "password of a known word": ("CES1-01", "guessable", [md5("app", "123456")], "", ""),
    "default password": ("CES1-06", "default_password", [md5("postgres", "password")], "", ""),
    "md5 kept": ("CES1-28", "password_form", [md5("app", "Longer-than-that-1")], "", ""),
    "md5 for new ones": (
        "CES1-28",
        "password_form",
        ["alter system set password_encryption = 'md5'"],
        "",
        "",
    ),
    "idle for ever": ("CES1-02", "idle", ["alter system set idle_session_timeout = 0"], "", ""),
    "idle too long": ("CES1-02", "idle", ["alter system set idle_session_timeout = '2h'"], "", ""),
    "idle for a role": ("CES1-02", "idle", ["alter role app set idle_session_timeout = 0"], "", ""),
    "idle in a database": (
        "CES1-02",
        "idle",
        ["alter database second set idle_session_timeout = '1d'"],
        "",
        "",
    ),
    "TLS off": ("CES1-03", "transport", ["alter system set ssl = off"], "", ""),
    "host for hostssl": (
        "CES1-03",
        "transport",
        [],
        "host all all 10.1.0.0/24 scram-sha-256\n",
        "",
    ),
    "hostnossl": ("CES1-03", "transport", [], "hostnossl all app 10.1.0.0/24 scram-sha-256\n", ""),
    "clear data": ("CES1-27", "transit", [], "host second app samenet scram-sha-256\n", ""),
    "old TLS": (
        "CES1-03",
        "transport",
        ["alter system set ssl_min_protocol_version = 'TLSv1'"],
        "",
        "",
    ),
    "everybody creates": (
        "CES1-05",
        "everybody",
        ["grant create on schema public to public"],
        "",
        "",
    ),
    "application is superuser": ("CES1-08", "ordinary_power", ["alter role app superuser"], "", ""),
    "granted one is superuser": ("CES1-08", "ordinary_power", GRANTED, "", ""),
    "runs programs": (
        "CES1-08",
        "ordinary_power",
        ["grant pg_execute_server_program to app"],
        "",
        "",
    ),
    "runs programs by a group": ("CES1-08", "ordinary_power", BY_GROUP, "", ""),
    "connections not logged": (
        "CES1-12",
        "audit_on",
        ["alter system set log_connections = off"],
        "",
        "",
    ),
    "disconnections not logged": (
        "CES1-12",
        "audit_on",
        ["alter system set log_disconnections = off"],
        "",
        "",
    ),
    "statements not logged": (
        "CES1-12",
        "audit_acts",
        ["alter system set log_statement = 'none'"],
        "",
        "",
    ),
    "a role not logged": (
        "CES1-12",
        "audit_whole",
        ["alter role app set log_statement = 'none'"],
        "",
        "",
    ),
    "level drops the log": (
        "CES1-12",
        "audit_on",
        ["alter system set log_min_messages = 'panic'"],
        "",
        "",
    ),
    "no user in records": (
        "CES1-13",
        "audit_fields",
        ["alter system set log_line_prefix = '%m [%p] '"],
        "",
        "",
    ),
    "no time in records": (
        "CES1-13",
        "audit_fields",
        ["alter system set log_line_prefix = '%u@%d '"],
        "",
        "",
    ),
    "logs for all": (
        "CES1-14",
        "logs_protected",
        ["alter system set log_file_mode = '0644'"],
        "",
        "",
    ),
    "superuser from everywhere": (
        "CES1-19",
        "terminals",
        [],
        "hostssl all all 0.0.0.0/0 scram-sha-256\n",
        "",
    ),
    "application from everywhere": (
        "CES1-19",
        "terminals",
        [],
        "hostssl second app 0.0.0.0/0 scram-sha-256\n",
        "",
    ),
    "application from a /16": (
        "CES1-19",
        "terminals",
        [],
        "hostssl all app 192.168.0.0/16 scram-sha-256\n",
        "",
    ),
    "directory in clear": (
        "CES1-03",
        "transport",
        [],
        'hostssl all all 10.7.0.0/24 ldap ldapserver=l ldapprefix="cn="\n',
        "",
    ),
    "application writes every table": (
        "CES1-08",
        "ordinary_power",
        ["grant pg_write_all_data to app"],
        "",
        "",
    ),
    "application sees hashes": (
        "CES1-08",
        "ordinary_power",
        ["grant select on pg_authid to app"],
        "",
        "",
    ),
    "everybody reads files": (
        "CES1-05",
        "everybody",
        ["grant execute on function pg_read_file(text) to public"],
        "",
        "",
    ),
    "everybody has what is made later": (
        "CES1-05",
        "everybody",
        ["alter default privileges grant all on tables to public"],
        "",
        "",
    ),
    "MD5 for one role": (
        "CES1-28",
        "password_form",
        ["alter role app set password_encryption = 'md5'"],
        "",
        "",
    ),
    "superuser from everywhere in IPv6": (
        "CES1-19",
        "terminals",
        [],
        "hostssl all postgres ::/0 scram-sha-256\n",
        "",
    ),
    "roles made by an application": (
        "CES1-08",
        "ordinary_power",
        ["alter role app createrole"],
        "",
        "",
    ),
    "rights of rows passed by": ("CES1-08", "ordinary_power", ["alter role app bypassrls"], "", ""),
    "files of the server": (
        "CES1-08",
        "ordinary_power",
        ["grant pg_read_server_files to app"],
        "",
        "",
    ),
    "all by another role": (
        "CES1-08",
        "ordinary_power",
        ["create role zhangsan superuser", "grant zhangsan to app"],
        "",
        "",
    ),
    "a table that all may change": (
        "CES1-05",
        "everybody",
        ["create table t (a int)", "grant insert on t to public"],
        "",
        "",
    ),
    "suites without secrecy": (
        "CES1-03",
        "transport",
        ["alter system set ssl_ciphers = 'ALL:eNULL'"],
        "",
        "",
    ),
    "a week of logs": (
        "CES1-14",
        "logs_protected",
        [
            "alter system set log_filename = 'pg-%a.log'",
            "alter system set log_truncate_on_rotation = on",
        ],
        "",
        "",
    ),
    "test account": (
        "CES1-07",
        "nobodys_accounts",
        [f"create role test login password '{PASSWORD}' valid until '2099-01-01'"],
        "",
        "",
    ),
}
SOUND: dict[str, tuple[list[str], str, str]] = {
    "reject before trust": (
        [],
        "host all all all reject\nhost all all 10.1.0.0/24 trust\n",
        HBA + "host all all all reject\nhost all all all trust\n",
    ),
    "trust for a role without login": ([], "host all readers 10.1.0.0/24 trust\n", ""),
    "trust for no database": ([], "host nowhere all 10.1.0.0/24 trust\n", ""),
    "trust in a comment": ([], "# host all all all trust\n", ""),
    "plain rejected before host": (
        [],
        "hostnossl all all 0.0.0.0/0 reject\nhost all all 10.1.0.0/24 scram-sha-256\n",
        "",
    ),
    "plain on loopback": ([], "", HBA + "host all all ::1/128 scram-sha-256\n"),
    "csv log with a bare prefix": (
        ["alter system set log_destination = 'csvlog'", "alter system set log_line_prefix = ''"],
        "",
        "",
    ),
    "all statements with their time": (
        [
            "alter system set log_statement = 'none'",
            "alter system set log_min_duration_statement = 0",
        ],
        "",
        "",
    ),
    "all statements": (["alter system set log_statement = 'all'"], "", ""),
    "a person who may do all": (["create role zhangsan login superuser"], "", ""),
    "everywhere with a certificate": (
        [],
        "hostssl second app 0.0.0.0/0 scram-sha-256 clientcert=verify-full\n",
        "",
    ),
    "roles of a group": ([], "hostssl all +readers 10.0.0.0/24 scram-sha-256\n", ""),
    "shorter for a role": (["alter role app set idle_session_timeout = '60s'"], "", ""),
    "no login, no end": (["create role batch nologin password 'Aa1-aaaaaaaa'"], "", ""),
    "a table that all may read": (
        ["create table t (a int)", "grant select on t to public"],
        "",
        "",
    ),
    "suites taken back": (["alter system set ssl_ciphers = 'ALL:!aNULL:!eNULL:!LOW'"], "", ""),
    "a year of logs": (
        [
            "alter system set log_filename = 'pg-%m-%d.log'",
            "alter system set log_truncate_on_rotation = on",
        ],
        "",
        "",
    ),
    "test account that ended": (
        [f"create role test login password '{PASSWORD}' valid until '2001-01-01'"],
        "",
        "",
    ),
    "certificates": ([], "hostssl all all 10.3.0.0/24 cert\n", ""),
}
CLEAN = [
    "alter role app nosuperuser nocreaterole nobypassrls",
    "revoke pg_read_server_files from app",
    "revoke readers from app",
    "alter role app reset all",
    "alter database second reset all",
    "revoke create on schema public from public",
    "revoke pg_execute_server_program from app",
    "revoke pg_write_server_files from readers",
    "revoke pg_write_all_data from app",
    "revoke select on pg_authid from app",
    "revoke execute on function pg_read_file(text) from public",
    "alter default privileges revoke all on tables from public",
    "drop table if exists t",
    "drop role if exists wang",
    "drop role if exists zhangsan",
    "drop role if exists test",
    "drop role if exists batch",
    valid("postgres", "60 days"),
    valid("app", "60 days"),
    f"alter role app password '{PASSWORD}'",
    f"alter role postgres password '{PASSWORD}'",
]


@pytest.fixture
def server(postgresql: Server) -> Iterator[Server]:
    yield postgresql
    # Settings first: a password must be kept as scram again when it is set anew.
    (postgresql.folder / "pg_hba.conf").write_text(HBA)
    postgresql.statements(["alter system reset all"])
    postgresql.reload()
    postgresql.statements(CLEAN)


def change(server: Server, statements: list[str], first: str, instead: str) -> None:
    server.statements(statements) if statements else None
    (server.folder / "pg_hba.conf").write_text(instead or first + HBA)
    server.reload()


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named(server: Server, name: str) -> None:
    unit, step, statements, first, instead = FAULTS[name]
    change(server, statements, first, instead)
    found = server.failing(server.socket_url)
    assert (unit, step) in found


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(server: Server, name: str) -> None:
    statements, first, instead = SOUND[name]
    change(server, statements, first, instead)
    assert server.failing(server.socket_url) == ALWAYS


def test_base_conforms_nowhere_and_fails_only_by_what_it_lacks(server: Server) -> None:
    findings = server.judged()
    assert len(findings) == 15
    assert Conformity.CONFORMS not in {finding.verdict for finding in findings}
    assert server.failing() == ALWAYS


def test_no_checker(server: Server) -> None:
    server.statements(["alter system set shared_preload_libraries = 'pg_stat_statements'"])
    server.restart("restart", "-m", "fast")
    assert ("CES1-01", "complexity") in server.failing()
    server.statements(["alter system reset all"])
    server.restart("restart", "-m", "fast")


def test_rules_of_a_broken_file_are_not_those_in_force(server: Server) -> None:
    (server.folder / "pg_hba.conf").write_text("host all all 10.1.0.0/24 trusty\n" + HBA)
    findings = {one.check.unit: one for one in server.judged()}
    steps = {step.name: step.state for step in findings["L3-CES1-01"].steps}
    assert steps["authenticated"] is None
    assert findings["L3-CES1-01"].asset.problems


def test_one_who_may_not_see_leaves_it_open(server: Server) -> None:
    url = server.url.replace("postgres:", "app:", 1)
    findings = server.judged(url)
    assert {("CES1-01", "authenticated"), ("CES1-01", "rotation")} & server.failing(url) == set()
    assert any("passwords" in problem for problem in findings[0].asset.problems)


def test_socket_only_has_no_remote_way(server: Server) -> None:
    server.statements(["alter system set listen_addresses = ''", "alter system set ssl = off"])
    (server.folder / "pg_hba.conf").write_text("local all all peer map=own\n")
    server.restart("restart", "-m", "fast")
    assert server.failing(server.socket_url) == set()
    server.statements(["alter system reset all"])
    (server.folder / "pg_hba.conf").write_text(HBA)
    server.restart("restart", "-m", "fast")


def test_hashes_and_passwords_stay_there(server: Server) -> None:
    text = str([finding.as_json() for finding in server.judged()]) + str(server.judged()[0].asset)
    assert PASSWORD not in text
    assert "SCRAM-SHA-256$" not in text
    assert SETTINGS["log_line_prefix"] in text
