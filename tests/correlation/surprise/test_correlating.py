"""Foreign alerts into incidents."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.table import AlertTable
from fengsui.severity import Severity
from tests.correlation.surprise.streams import ATTACK, DAY, START, Raw, attack, noise, table_of

NET, OTHER = "10.1.0", "10.77.0"


def high(found: Correlated) -> list[Any]:
    return [one for one in found.incidents if one.severity >= Severity.HIGH]


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


@given(st.randoms(use_true_random=False))
def test_order_of_arrival_changes_nothing(chance: random.Random) -> None:
    alerts = noise(NET, hosts=4, days=4) + attack(NET)
    shuffled = list(alerts)
    chance.shuffle(shuffled)
    assert told(correlate(table_of(shuffled)), shuffled) == told(
        correlate(table_of(alerts)), alerts
    )


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
