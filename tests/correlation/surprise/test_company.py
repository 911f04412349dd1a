"""Grave alerts that hop between hosts with nothing in common, as tools that weigh their alerts tell them."""

from __future__ import annotations

import random

import pytest

from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.table import AlertTable
from fengsui.clock import SECOND
from fengsui.severity import Severity
from sensors.alerts.foreign import ForeignAlert

START = 1_760_000_000 // 86_400 * 86_400
ATTACK = START + 3 * 86_400 + 40_000
HOSTS = [f"10.40.{place * 8}.{10 + number}" for number in range(9) for place in (number % 3,)]
Seen = tuple[int, str, str, Severity]  # s, address, kind, severity


def usual(seed: int = 1, days: int = 5) -> list[Seen]:
    chance = random.Random(seed)
    return [
        (START + day * 86_400 + chance.randrange(86_400), host, kind, Severity.LOW)
        for host in HOSTS
        for kind in ("policy", "logon", "update")
        for day in range(days)
        for _ in range(chance.randrange(4))
    ]


def hops(hosts: list[str], begin: int = ATTACK, apart: int = 600) -> list[Seen]:
    steps = ("exploit", "shell", "dump", "service", "beacon", "driver")
    return [
        (begin + apart * n, hosts[n * len(hosts) // len(steps)], step, Severity.HIGH)
        for n, step in enumerate(steps)
    ]


def found(rows: list[Seen], names: dict[str, str] | None = None) -> Correlated:
    table = AlertTable()
    for number, (time, host, kind, severity) in enumerate(sorted(rows)):
        name = (names or {}).get(host, "")
        alert = ForeignAlert(time * SECOND, "edr", kind, kind, name, host, "", severity)
        table.add(0, number, alert)
    return correlate(table)


def test_hops_over_hosts_of_one_site_are_one_incident_raised_on_the_way() -> None:
    result = found(usual() + hops(HOSTS[:3]))
    high = [one for one in result.incidents if one.severity >= Severity.HIGH]
    assert len(high) == 1
    assert {str(one["value"]) for one in high[0].entities} >= set(HOSTS[:3])
    assert high[0].raised is not None
    assert high[0].raised <= ATTACK + 600 * 4


def test_two_attacks_on_two_days_are_two_incidents() -> None:
    rows = usual() + hops(HOSTS[:3]) + hops(HOSTS[6:], ATTACK + 86_400)
    high = [one for one in found(rows).incidents if one.severity >= Severity.HIGH]
    hosts = [{str(e["value"]) for e in one.entities} for one in high]
    assert sorted(map(sorted, hosts)) == sorted([sorted(HOSTS[:3]), sorted(HOSTS[6:])])


def test_where_grave_alerts_are_daily_bread_they_are_no_company() -> None:
    chance = random.Random(4)
    often = [
        (START + hour * 3_600 + chance.randrange(3_600), chance.choice(HOSTS), f"k{hour}", s)
        for hour in range(0, 110, 2)
        for s in (Severity.HIGH,)
    ]
    worst = max(len(one.alerts) for one in found(usual() + often).incidents)
    assert worst < len(often) // 4


def test_what_every_tool_calls_low_is_never_high() -> None:
    chance = random.Random(5)
    patch = [
        (ATTACK + chance.randrange(4_000), host, kind, Severity.LOW)
        for host in HOSTS
        for kind in (f"installed {n}" for n in range(8))
    ]
    assert max(one.severity for one in found(usual() + patch).incidents) is Severity.MEDIUM


def test_one_kind_on_many_hosts_is_heard_once() -> None:
    scan = [(START + 9_000 + n, host, "sweep", Severity.HIGH) for n, host in enumerate(HOSTS)]
    severities = [one.severity for one in found(usual() + scan).incidents]
    assert max(severities) is Severity.MEDIUM


@pytest.mark.parametrize("seed", range(3))
def test_both_stacks_of_named_hosts_are_one_machine(seed: int) -> None:
    chance = random.Random(seed)
    names = {host: f"h{number}" for number, host in enumerate(HOSTS)}
    six = {host: f"2001:db8:1::{number + 1:x}" for number, host in enumerate(HOSTS)}
    names |= {six[host]: names[host] for host in HOSTS}
    rows = [
        (time, six[host] if chance.random() < 0.4 else host, kind, severity)
        for time, host, kind, severity in usual() + hops(HOSTS[:3])
    ]
    high = [one for one in found(rows, names).incidents if one.severity >= Severity.HIGH]
    assert len(high) == 1
    assert high[0].last - high[0].first >= 600 * 5


def test_new_kinds_that_hop_are_one_incident_where_no_tool_weighs_its_alerts() -> None:
    table = AlertTable()
    steps = hops(HOSTS[:3]) + [
        (t + 90, host, f"{kind} again", s) for t, host, kind, s in hops(HOSTS[:3])
    ]
    for number, (time, host, kind, _) in enumerate(sorted(usual() + steps)):
        table.add(0, number, ForeignAlert(time * SECOND, "edr", kind, kind, "", host, "", None))
    (incident,) = [one for one in correlate(table).incidents if one.severity >= Severity.HIGH]
    assert len(incident.alerts) == len(steps)
    assert incident.raised is not None
