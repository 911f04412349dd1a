"""Least rights in a database (L3-CES1-08): an application's account may not do everything."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.access import inside
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.mysql_accounts import OWN
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import (
    database_check,
    database_of,
    for_work,
    listed,
    step,
)
from detections.compliance.assets.judging import AssetFact, Step

CHECK: Final = database_check("L3-CES1-08", "least_privilege")
# Groups whose members are the operating system's user of the server in effect.
# The server's own tables, by name or by a pattern that takes them in.
_OWN_BASE: Final = frozenset({"mysql", "%", "m%", "my%", "mysql%"})
_FILES: Final = "pg_read_server_files"
_DATA: Final = ("pg_write_all_data", "pg_read_all_data")
_READERS: Final = re.compile(r"backup|dump|repl|monitor|zabbix|grafana|exporter", re.IGNORECASE)
_SHELL: Final = ("pg_execute_server_program", "pg_write_server_files")


def judge(asset: AssetEvidence) -> list[Step]:
    """Power of ordinary accounts; who should have which is a person's."""
    base = database_of(asset)
    bad, shown = _roles(base) if isinstance(base, PostgreSQL) else _accounts(base)
    return [
        step("ordinary_power", False if bad else None, listed(bad), bad or shown),
        step("roles", None),
    ]


def _roles(base: PostgreSQL) -> tuple[list[AssetFact], list[AssetFact]]:
    bad: list[AssetFact] = []
    shown: list[AssetFact] = []
    above = [one.name for one in base.roles or () if one.super]
    for one in base.roles or ():
        if not one.login or one.first:
            continue
        work = for_work(one.name, granted=one.name in base.granted)
        if one.super:
            (bad if work else shown).append(base.role_fact("superuser", one.name))
        elif any(one.name in inside(base, group) for group in _SHELL):
            bad.append(base.role_fact("runs_programs", one.name))
        elif work and any(one.name in inside(base, group) for group in (*above, _FILES, *_DATA)):
            bad.append(base.role_fact("by_another_role", one.name))
        elif work and one.more:
            bad.append(base.role_fact(one.more[0], one.name))
    bad += [base.role_fact("reads_hashes", name) for name in base.powers.get("reads_hashes", ())]
    return bad, shown


def _accounts(base: MySQL) -> tuple[list[AssetFact], list[AssetFact]]:
    bad: list[AssetFact] = []
    shown: list[AssetFact] = []
    single = {user for user, _, _, _ in base.bases or ()}
    own = {user for user, _, name, writes in base.bases or () if name in _OWN_BASE and writes}
    for one in base.active:
        if not one.user or one.user in OWN | {"root", "debian-sys-maint", "mysql"}:
            continue
        work = for_work(one.user, granted=one.user in single)
        if one.super or one.grants:
            (bad if work else shown).append(base.account_fact("may_do_all", one))
        elif one.user in own or (one.file and work):
            bad.append(base.account_fact("mysql_tables" if one.user in own else "file", one))
        elif work and (one.changes or (one.reads and not _READERS.search(one.user))):
            bad.append(base.account_fact("every_database", one))
    for kind in ("acts_as", "account_tables"):
        bad += [AssetFact(kind, value, "mysql") for value in base.powers.get(kind, ())]
    return bad, shown
