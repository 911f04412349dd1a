"""MySQL 8 and what is no MySQL, by what such a server answers; laws of rules of access."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database import mysql, reader
from detections.compliance.assets.database.address import address_of
from detections.compliance.assets.database.hba import Rule, reached, rule_of
from detections.compliance.assets.database.session import Answer, answer_of
from detections.compliance.assets.judging import judge_asset
from fengsui.errors import InputError

ROOT = {
    "user": "root", "host": "localhost", "super_priv": "Y", "file_priv": "Y", "grant_priv": "Y",
    "create_user_priv": "Y", "locked": "N", "lifetime": None, "changed": 20_000 * 86_400, "tls": "",
    "plugin0": "auth_socket", "kind0": "none", "guess0": 0, "tries": None, "days": None,
}  # fmt: skip
SHOP = ROOT | {
    "user": "shop", "host": "10.0.0.5", "super_priv": "N", "file_priv": "N", "grant_priv": "N",
    "create_user_priv": "N", "plugin0": "caching_sha2_password", "kind0": "hash", "tries": "5", "days": "1",
}  # fmt: skip
VARIABLES = {
    "validate_password.policy": "MEDIUM", "validate_password.length": "10",
    "validate_password.mixed_case_count": "1", "validate_password.number_count": "1",
    "validate_password.special_char_count": "1", "default_password_lifetime": "90",
    "wait_timeout": "600", "interactive_timeout": "600", "require_secure_transport": "ON",
    "tls_version": "TLSv1.2,TLSv1.3", "general_log": "ON", "log_output": "FILE", "hostname": "db",
}  # fmt: skip


class Fake:
    """A session that answers as MySQL 8.0 does."""

    def __init__(self, accounts: list[dict[str, Any]], variables: dict[str, str]) -> None:
        self._accounts, self._variables = accounts, variables

    def ask(self, sql: str) -> Answer:
        if "version()" in sql:
            said = ("8.0.36", "MySQL Community Server - GPL", "auditor@%", 20_010 * 86_400)
            return answer_of(["version", "comment", "account", "now"], [said])
        if sql.startswith("show global"):
            return answer_of(["Variable_name", "Value"], list(self._variables.items()))
        if "from mysql.user" in sql:
            return answer_of(list(ROOT), [tuple(one.values()) for one in self._accounts])
        if "information_schema.plugins" in sql:
            return answer_of(["name"], [("caching_sha2_password",)])
        if "mysql.component" in sql or "mysql.db" in sql:
            return answer_of(["name"], [])
        return Answer(None, why="1109")


def failing(*accounts: dict[str, Any], **variables: str) -> set[str]:
    given = VARIABLES | {name.replace("__", "."): value for name, value in variables.items()}
    facts, _ = mysql.gather(Fake([ROOT, *(accounts or (SHOP,))], given))
    asset = AssetEvidence("db", "database", "mysql://db", "", 0, "E1", facts)
    return {
        f"{one.check.unit.removeprefix('L3-')} {step.name}"
        for one in judge_asset(asset)
        for step in one.steps
        if step.state is False
    }


FAULTS = [
    ("CES1-01 authenticated", {"kind0": "none"}, {}),
    ("CES1-01 guessable", {"plugin0": "mysql_native_password", "guess0": 1}, {}),
    ("CES1-01 rotation", {"lifetime": 0}, {}),
    ("CES1-01 rotation", {"changed": 19_000 * 86_400}, {}),
    ("CES1-01 rotation", {}, {"default_password_lifetime": "0"}),
    ("CES1-01 complexity", {}, {"validate_password__policy": "LOW"}),
    ("CES1-01 complexity", {}, {"validate_password__length": "6"}),
    ("CES1-02 lock", {"tries": "0"}, {}),
    ("CES1-02 lock", {"days": "0"}, {}),
    ("CES1-02 lock", {"tries": "50"}, {}),
    ("CES1-02 idle", {}, {"wait_timeout": "28800"}),
    ("CES1-03 transport", {}, {"require_secure_transport": "OFF"}),
    ("CES1-03 transport", {}, {"tls_version": "TLSv1,TLSv1.2"}),
    ("CES1-05 everybody", {"user": ""}, {}),
    ("CES1-08 ordinary_power", {"user": "shop_app", "super_priv": "Y"}, {}),
    ("CES1-12 audit_on", {}, {"general_log": "OFF"}),
    ("CES1-12 audit_on", {}, {"log_output": "NONE"}),
    ("CES1-19 terminals", {"user": "root", "host": "%"}, {}),
    ("CES1-28 password_form", {}, {"old_passwords": "1"}),
]  # fmt: skip
SOUND = [
    ({}, {}),
    ({"tls": "ANY"}, {"require_secure_transport": "OFF"}),
    ({"locked": "Y", "kind0": "none"}, {}),
    ({"plugin0": "mysql_no_login", "kind0": "none"}, {}),
    ({"plugin0": "authentication_ldap_simple", "kind0": "none"}, {}),
    ({"host": "db"}, {"require_secure_transport": "OFF"}),
    ({"tries": "0"}, {"connection_control_failed_connections_threshold": "3",
                      "connection_control_min_connection_delay": "60000"}),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "account", "variables"), FAULTS)
def test_fault_is_named(expected: str, account: dict[str, Any], variables: dict[str, str]) -> None:
    assert expected in failing(SHOP | account, **variables)


@pytest.mark.parametrize(("account", "variables"), SOUND)
def test_sound_is_not(account: dict[str, Any], variables: dict[str, str]) -> None:
    assert failing(SHOP | account, **variables) == set()


def test_no_checker() -> None:
    without = {name: value for name, value in VARIABLES.items() if "validate" not in name}
    facts, _ = mysql.gather(Fake([ROOT, SHOP], without))
    asset = AssetEvidence("db", "database", "mysql://db", "", 0, "E1", facts)
    steps = {step.name: step.state for one in judge_asset(asset) for step in one.steps}
    assert steps["complexity"] is False


@pytest.mark.parametrize(
    "said",
    [
        "PostgreSQL 9.2.4 (openGauss 5.0.0)",
        "KingbaseES V008R006",
        "8.0.11-TiDB-v7.5.0",
        "PostgreSQL 9.4 (Greenplum)",
    ],
)
def test_a_fork_is_refused(said: str) -> None:
    with pytest.raises(InputError):
        reader._refuse_forks(address_of("postgresql://h/"), {"version": said})


WORDS = st.sampled_from(["all", "app", "postgres", "second"])
RULES = st.builds(
    lambda kind, base, user, net, method: rule_of(
        {
            "line": 1, "type": kind, "bases": [base], "users": [user], "method": method, "options": None,
            "address": None if kind == "local" else str(net.network_address),
            "netmask": None if kind == "local" else str(net.netmask),
        }
    ),
    st.sampled_from(["local", "host", "hostssl", "hostnossl"]),
    WORDS,
    WORDS,
    st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "127.0.0.1/32"]).map(
        ipaddress.ip_network
    ),
    st.sampled_from(["trust", "reject", "scram-sha-256"]),
)  # fmt: skip


@given(st.lists(RULES, max_size=6), st.booleans())
def test_a_rule_that_takes_all_hides_what_follows(rules: list[Rule], tls: bool) -> None:
    everything = [
        rule_of({"line": 0, "type": kind, "bases": ["all"], "users": ["all"], "method": "reject",
                 "options": None, "address": None if kind == "local" else "all", "netmask": None})
        for kind in ("local", "host")
    ]  # fmt: skip
    found = reached([*everything, *rules], tls=tls)
    assert [one.rule for one in found] == everything
    # What stands after does not change what is reached before it.
    first = reached(rules, tls=tls)
    assert reached([*rules, *everything], tls=tls)[: len(first)] == first
