"""Foreign alerts into incidents."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.table import AlertTable
from fengsui.severity import Severity
from tests.correlation.surprise.streams import (
    ATTACK,
    DAY,
    FIREWALL,
    START,
    Raw,
    attack,
    foreign,
    noise,
    site_mix,
    table_of,
)

NET, OTHER = "10.1.0", "10.77.0"


def high(found: Correlated) -> list[Any]:
    return [one for one in found.incidents if one.severity >= Severity.HIGH]


def worst(found: Correlated) -> tuple[float, Severity]:
    """Score and severity of the worst incident."""
    one = max(found.incidents, key=lambda i: (i.score, i.severity), default=None)
    return (one.score, one.severity) if one is not None else (0.0, Severity.INFO)


def told(found: Correlated, alerts: list[Raw]) -> list[tuple[object, ...]]:
    """Incidents by what is in them, whatever the order of the alerts was."""
    return [
        (one.id, one.score, one.first, one.last, sorted(map(repr, (alerts[n] for n in one.alerts))))
        for one in found.incidents
    ]


def test_an_attack_is_one_incident_and_noise_is_none() -> None:
    alerts = noise(NET) + attack(NET)
    found = correlate(table_of(alerts))
    (incident,) = high(found)
    assert {alerts[number].kind.split()[0] for number in incident.alerts} <= {"scan", "new"}
    kinds = {alerts[number].kind for number in incident.alerts}
    assert len(kinds) == 18
    assert incident.raised is not None
    assert ATTACK <= incident.raised < ATTACK + 600
    assert incident.entities[0]["value"] == f"{NET}.2"
    assert not high(correlate(table_of(noise(NET))))


def test_two_attacks_at_once_in_two_networks_are_two_incidents() -> None:
    alerts = [*noise(NET), *noise(OTHER), *attack(NET), *attack(OTHER, ATTACK + 2)]
    incidents = high(correlate(table_of(alerts)))
    assert len(incidents) == 2
    for incident in incidents:
        nets = {alerts[number].address.rpartition(".")[0] for number in incident.alerts}
        assert len(nets) == 1


SMALL = noise(NET, hosts=3, days=4) + attack(NET)
SMALL_TOLD = told(correlate(table_of(SMALL)), SMALL)


@settings(max_examples=8)
@given(st.randoms(use_true_random=False))
def test_order_of_arrival_changes_nothing(chance: random.Random) -> None:
    shuffled = list(SMALL)
    chance.shuffle(shuffled)
    assert told(correlate(table_of(shuffled)), shuffled) == SMALL_TOLD


def test_nothing_depends_on_hashes() -> None:
    script = "from tests.correlation.surprise.test_correlating import SMALL_TOLD; print(SMALL_TOLD)"
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


@settings(max_examples=12)
@given(
    st.integers(0, 3_600),
    st.sampled_from([1, 2, 3]),
    st.one_of(st.none(), st.sampled_from(list(Severity))),
)
def test_a_true_alert_more_never_lowers_risk(
    after: int, host: int, severity: Severity | None
) -> None:
    more = [*SMALL, Raw(ATTACK + after, f"{NET}.{host}", "new and more", severity)]
    assert worst(correlate(table_of(more))) >= worst(correlate(table_of(SMALL)))


@settings(max_examples=12)
@given(st.lists(st.sampled_from(list(Severity)), min_size=2, max_size=2).map(sorted))
def test_a_graver_alert_is_never_less_of_an_incident(pair: list[Severity]) -> None:
    """What a tool says is graver comes to as much or more: in a short file and in a long one."""
    for usual in ([], noise(NET, hosts=2, days=3)):
        low, grave = (
            worst(
                correlate(
                    table_of(
                        usual + [Raw(ATTACK + 60 * n, f"{NET}.1", f"x {n}", s) for n in range(5)]
                    )
                )
            )
            for s in pair
        )
        assert low <= grave


def test_parts_sum_to_the_score_and_every_alert_is_accounted_for() -> None:
    alerts = noise(NET) + attack(NET)
    found = correlate(table_of(alerts))
    for incident in found.incidents:
        assert sum(bits for _, bits in incident.parts) == pytest.approx(incident.score)
    shown = [int(number) for incident in found.incidents for number in incident.alerts]
    assert len(shown) == len(set(shown))
    assert len(shown) + found.suppressed == len(alerts)


def test_a_baseline_teaches_and_raises_nothing() -> None:
    past = table_of([raw for raw in noise(NET) + attack(NET, START + DAY) if raw.time < ATTACK])
    present = [Raw(ATTACK + 60 * n, f"{NET}.2", f"new {n}") for n in range(1, 14)]
    assert not high(correlate(table_of(present), past))
    clean = table_of([raw for raw in noise(NET) if raw.time < ATTACK])
    found = correlate(table_of(present), clean)
    assert len(high(found)) == 1
    assert found.learned_until is None
    assert correlate(table_of(present)).learned_until == present[0].time + DAY


def test_a_short_file_of_one_attack_is_one_incident() -> None:
    steps = [Raw(START + 90 * n, f"{NET}.2", f"step {n % 4}", Severity.HIGH) for n in range(12)]
    (incident,) = correlate(table_of(steps)).incidents
    assert incident.severity == Severity.HIGH
    assert incident.learning
    assert len(incident.alerts) == 12
    (single,) = correlate(table_of(steps[:1])).incidents
    assert single.severity == Severity.MEDIUM  # one alert alone is worth a step less
    low = [Raw(START + 60 * n, f"10.{n}.0.{n}", f"noise {n % 20}", Severity.LOW) for n in range(50)]
    assert not high(correlate(table_of(low)))


def test_what_is_usual_is_not_grave_whatever_its_tool_says() -> None:
    usual = [
        Raw(START + 600 * n, f"{NET}.{n % 3}", f"cry {n % 2}", Severity.HIGH) for n in range(700)
    ]
    found = correlate(table_of(usual))
    late = [one for one in found.incidents if one.first > START + 2 * DAY]
    assert not late


def test_one_firewall_for_all_is_context_of_each_incident() -> None:
    nets = ["10.1", "10.2", "10.3"]
    alerts = site_mix(nets)
    found = correlate(table_of(alerts))
    incidents = high(found)
    assert len(incidents) == len(nets)
    for incident in incidents:
        hosts = {alerts[n].address for n in incident.alerts}
        assert len({host.rpartition(".")[0].rpartition(".")[0] for host in hosts}) == 1
        assert {alerts[n].address for n in incident.shared} == {FIREWALL}


def test_a_time_nobody_believes_neither_teaches_nor_raises() -> None:
    alerts = noise(NET) + attack(NET)
    stray = [Raw(1, f"{NET}.1", "usual 0"), Raw(2 * ATTACK, f"{NET}.1", "usual 1")]
    found = correlate(table_of(alerts + stray))
    assert found.strays == 2
    assert told(found, alerts + stray) == told(correlate(table_of(alerts)), alerts)


def test_the_tools_own_severity_counts_before_anything_is_learned() -> None:
    quiet = [Raw(START + n, f"{NET}.2", f"new {n}") for n in range(30)]
    loud = [Raw(START + n, f"{NET}.2", f"new {n}", Severity.CRITICAL) for n in range(30)]
    assert not high(correlate(table_of(quiet)))
    assert len(high(correlate(table_of(loud)))) == 1


def test_an_address_outside_joins_hosts_that_nothing_else_joins() -> None:
    alerts = noise(NET) + noise(OTHER)
    for net, kind in ((NET, "a"), (OTHER, "b")):
        alerts += [
            Raw(ATTACK + 5 * n, f"{net}.3", f"{kind}{n}", far="203.0.113.9") for n in range(12)
        ]
    incidents = high(correlate(table_of(alerts)))
    assert len(incidents) == 2  # two known sites stay two, whoever attacks them
    assert all(one.entities[-1]["value"] == "203.0.113.9" for one in incidents)


def test_nothing_is_nothing() -> None:
    found = correlate(AlertTable())
    assert (found.incidents, found.suppressed, found.learned_until) == ((), 0, None)


ODD = st.builds(
    Raw,
    time=st.integers(-(2**40), 2**40),
    address=st.sampled_from(["", "::1", "10.0.0.1", "not an address", "fe80::1", "10.0.0.2"]),
    kind=st.text(max_size=8),
    severity=st.one_of(st.none(), st.sampled_from(list(Severity))),
    far=st.sampled_from(["", "203.0.113.9", "x"]),
)


@given(st.lists(ODD, max_size=60))
def test_hostile_streams_end_well(alerts: list[Raw]) -> None:
    table = table_of(alerts)
    found = correlate(table)
    counted = sum(len(one.alerts) + sum(one.context.values()) for one in found.incidents)
    assert counted + found.suppressed == len(table)
    assert len(table) + table.without_host + table.without_time == len(alerts)


@settings(max_examples=3)
@given(st.integers(0, 999))
def test_names_and_repeats_are_the_same_in_any_order_of_files(seed: int) -> None:
    chance = random.Random(seed)
    seen = [(foreign(raw), chance.choice(("", "a", "b"))) for raw in SMALL for _ in range(2)]
    tables: list[list[dict[str, object]]] = []
    for _ in range(2):
        table = AlertTable()
        for number, (alert, name) in enumerate(seen):
            table.add(0, number, alert._replace(host=name))
        tables.append([one.as_json() for one in correlate(table).incidents])
        chance.shuffle(seen)
    assert tables[0] == tables[1]
