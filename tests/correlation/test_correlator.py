"""What people see of the correlation, and the laws it must obey."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from correlation.correlator import Correlator
from correlation.entities import CorrelationContext
from fengsui.alert import Alert
from fengsui.clock import HOUR
from fengsui.severity import Severity

Make = Callable[..., Alert]
MakeCorrelator = Callable[..., Correlator]

HOSTS = [f"10.0.0.{n}" for n in range(1, 7)] + ["2001:db8::1"]
RULES = ["scan", "guess", "move", "beacon", "upload", "policy"]
TECHNIQUES = ["T1046", "T1110", "T1021.002", "T1071.001", "T1041", ""]


@st.composite
def attacks(draw: st.DrawFn) -> list[tuple[str, str, str, str, int, int, Severity, float, str]]:
    """Rows for `make_alert`: small worlds, so that things meet."""
    rows: list[tuple[str, str, str, str, int, int, Severity, float, str]] = []
    for _ in range(draw(st.integers(1, 14))):
        kind = draw(st.integers(0, len(RULES) - 1))
        source, target = draw(st.sampled_from(HOSTS)), draw(st.sampled_from([*HOSTS, ""]))
        rows.append(
            (
                RULES[kind],
                source,
                target if target != source else "",
                draw(st.sampled_from(["", "", "evil.example", "cdn.example"])),
                draw(st.integers(0, 60 * 3600)),
                draw(st.sampled_from([0, 30, 7200])),
                draw(st.sampled_from(list(Severity))),
                draw(st.sampled_from([0.3, 0.7, 0.95])),
                TECHNIQUES[kind],
            )
        )
    return rows


def built(rows: list[tuple[str, str, str, str, int, int, Severity, float, str]], make: Make):
    return [
        make(r, s, to=t, domain=d, at=at, lasts=n, severity=v, fidelity=f, technique=x)
        for r, s, t, d, at, n, v, f, x in rows
    ]


LAW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@LAW
@given(rows=attacks(), seed=st.integers(0, 9), size=st.integers(1, 5))
def test_order_and_batches_change_nothing(
    rows, seed: int, size: int, make_alert: Make, context: CorrelationContext
) -> None:
    alerts = built(rows, make_alert)
    whole = Correlator(context, 0.0, 24)
    whole.add(sorted(alerts, key=lambda a: a.first), 0)
    parted = Correlator(context, 0.0, 24)
    shuffled = alerts.copy()
    random.Random(seed).shuffle(shuffled)
    for start in range(0, len(shuffled), size):
        parted.add(shuffled[start : start + size], 0)
    assert parted.alerts() == whole.alerts()
    assert parted.incidents() == whole.incidents()


@LAW
@given(rows=attacks())
def test_parts_add_up_and_every_alert_is_in_one_group(
    rows, make_alert: Make, context: CorrelationContext
) -> None:
    correlator = Correlator(context, 0.0, 24)
    correlator.add(built(rows, make_alert), 0)
    ids: list[str] = []
    for incident in correlator.incidents():
        assert round(sum(part.points for part in incident.parts), 2) == incident.score
        assert 0 <= incident.score <= 100
        assert incident.severity is Severity.of_score(incident.score)
        ids += incident.alerts
    assert sorted(ids) == sorted(alert.id for alert in correlator.alerts())


@LAW
@given(rows=attacks(), more=attacks())
def test_a_further_alert_on_a_host_never_lowers_its_incident(
    rows, more, make_alert: Make, context: CorrelationContext
) -> None:
    alerts = built(rows, make_alert)
    before = Correlator(context, 0.0, 24)
    before.add(alerts, 0)
    for incident in before.incidents():
        ours = [e.value for e in incident.entities if e.internal and e.role == "source"]
        r, _, _, _, _, _, severity, fidelity, technique = more[0]
        further = make_alert(
            r,
            ours[0],
            at=(incident.last - make_alert("x", "10.0.0.1").first) / 1e9,
            severity=severity,
            fidelity=fidelity,
            technique=technique,
            key="further",
        )
        after = Correlator(context, 0.0, 24)
        after.add([*alerts, further], 0)
        holding = next(i for i in after.incidents() if further.id in i.alerts)
        if set(incident.alerts) <= set(holding.alerts):
            assert holding.score >= incident.score
        else:  # it only may be elsewhere when its host joins nothing
            assert context.is_shared(ours[0]) or len(incident.alerts) > 1


def test_a_critical_alert_is_an_incident_and_a_low_one_is_not(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator()
    low = make_alert("odd", "10.0.0.1", severity=Severity.LOW, fidelity=1.0)
    critical = make_alert("c2", "10.0.0.2", severity=Severity.CRITICAL, fidelity=0.9)
    changes = correlator.add([low, critical], 0)
    assert [i.alerts for i in changes.incidents] == [(critical.id,)]
    assert len(changes.alerts) == 2


def test_both_stacks_of_a_host_are_one(make_alert: Make, make_correlator: MakeCorrelator) -> None:
    correlator = make_correlator(0)
    correlator.add([make_alert("a", "10.0.0.1"), make_alert("b", "2001:db8::1", at=60)], 0)
    (incident,) = correlator.incidents()
    assert {e.value for e in incident.entities} == {"10.0.0.1", "2001:db8::1"}


def test_lateral_movement_joins_the_victim_that_acts_afterwards(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator(0)
    move = make_alert("move", "10.0.0.1", to="10.0.0.2", at=100, technique="T1021.002")
    earlier = make_alert("old", "10.0.0.2", at=1, key="old")
    correlator.add([earlier, move], 0)
    assert len(correlator.incidents()) == 2  # what the victim did before is not the attacker's
    correlator.add([make_alert("beacon", "10.0.0.2", at=200, c2="198.51.100.7")], 0)
    assert len(correlator.incidents()) == 1


def test_a_scan_joins_none_of_its_forty_targets(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator(0)
    targets = tuple(f"10.1.0.{n}" for n in range(40))
    scan = make_alert("scan", "10.0.0.1", to=targets, technique="T1046")
    correlator.add([scan, *(make_alert("odd", target, at=60) for target in targets)], 0)
    assert len(correlator.incidents()) == 41


def test_a_resolver_that_all_use_joins_nothing(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator(0)
    clients = [f"10.1.0.{n}" for n in range(12)]
    alerts = [make_alert("dns", client, to="10.0.0.53", at=n) for n, client in enumerate(clients)]
    alerts.append(make_alert("dns", "10.0.0.53", at=60, key="own"))
    correlator.add(alerts, 0)
    assert len(correlator.incidents()) == 13


def test_nat_joins_nothing(make_alert: Make, make_correlator: MakeCorrelator) -> None:
    correlator = make_correlator(0)
    correlator.add([make_alert("a", "10.0.0.254"), make_alert("b", "10.0.0.254", at=9)], 0)
    assert len(correlator.incidents()) == 2


def test_one_rule_on_many_hosts_is_not_one_attack(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator()
    correlator.add([make_alert("policy", f"10.2.0.{n}", at=n) for n in range(60)], 0)
    assert correlator.incidents() == []


def test_a_shared_c2_joins_hosts_and_a_content_network_does_not(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator(0)
    hosts = [f"10.2.0.{n}" for n in range(20)]
    correlator.add([make_alert("c2", host, domain="evil.example") for host in hosts[:3]], 0)
    assert len(correlator.incidents()) == 1
    changes = correlator.add([make_alert("c2", host, domain="evil.example") for host in hosts], 0)
    assert len(correlator.incidents()) == 20
    assert changes.absorbed == {}


def test_runs_never_mix(make_alert: Make, make_correlator: MakeCorrelator) -> None:
    correlator = make_correlator(0)
    correlator.add([make_alert("a", "10.0.0.1"), make_alert("b", "10.0.0.1", run="drill")], 0)
    assert sorted(i.run for i in correlator.incidents()) == ["", "drill"]
    correlator.forget_run("drill")
    assert [i.run for i in correlator.incidents()] == [""]


def test_two_attacks_at_once_on_different_hosts_stay_apart(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator()
    high = Severity.HIGH
    for n, source in enumerate(("10.1.0.1", "10.2.0.1")):
        c2 = f"198.51.100.{n}"
        correlator.add([make_alert("c2", source, c2=c2, severity=high, at=n)], 0)
        correlator.add(
            [make_alert("guess", source, to="10.9.0.9", technique="T1110", at=n + 60)], 0
        )
    assert len(correlator.incidents()) == 2


def test_a_merged_incident_keeps_the_oldest_id(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator()
    one = make_alert("c2", "10.0.0.1", severity=Severity.CRITICAL)
    other = make_alert("c2", "10.0.0.2", severity=Severity.CRITICAL, at=300)
    first = correlator.add([one, other], 0).incidents
    ids = {i.alerts[0]: i.id for i in first}
    move = make_alert("move", "10.0.0.1", to="10.0.0.2", at=200, technique="T1021")
    changes = correlator.add([move], 0)
    (incident,) = changes.incidents
    assert incident.id == ids[one.id]
    assert changes.absorbed == {ids[other.id]: ids[one.id]}


def test_memory_is_bounded_and_what_is_let_go_is_counted(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator(alerts_kept=100)
    alerts = [make_alert("odd", f"10.4.{n // 250}.{n % 250}", at=n) for n in range(1000)]
    correlator.add(alerts[:500], alerts[0].first)
    assert len(correlator.alerts()) <= 100
    correlator.add(alerts[500:], alerts[-1].first + 48 * HOUR)
    assert len(correlator.alerts()) <= 100
    counts = correlator.losses.as_json()
    assert counts["correlation.alerts_evicted"] + counts["correlation.alerts_closed"] >= 900


def test_tens_of_thousands_of_alerts_take_seconds(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    chance = random.Random(1)
    base = [
        make_alert(
            chance.choice(RULES),
            f"10.5.{chance.randrange(4)}.{chance.randrange(250)}",
            to=f"10.6.0.{chance.randrange(250)}" if chance.random() < 0.3 else "",
            at=n * 16,
        )
        for n in range(5_000)
    ]
    alerts = [
        replace(alert, id=f"{alert.id}{n}", last=alert.last + n) for n in range(5) for alert in base
    ]
    correlator = make_correlator()
    begin = time.process_time()
    for start in range(0, len(alerts), 5_000):
        correlator.add(alerts[start : start + 5_000], alerts[start].first)
    assert time.process_time() - begin < 30
    assert sum(alert.count for alert in correlator.alerts()) == 25_000


def test_a_flood_of_keys_becomes_one_alert_without_losing_score(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator(0)
    alerts = [make_alert("scan", "10.0.0.1", to=f"10.6.{n // 250}.{n % 250}") for n in range(3000)]
    correlator.add(alerts[:200], 0)
    before = correlator.incidents()[0]
    for start in range(200, len(alerts), 50):
        changes = correlator.add(alerts[start : start + 50], 0)
        (incident,) = correlator.incidents()
        assert incident.score >= before.score
        assert set(incident.alerts) == {alert.id for alert in correlator.alerts()}
        assert not set(changes.folded) & set(incident.alerts)
    (alert,) = correlator.alerts()
    assert alert.count == 3000
    assert alert.id == min(a.id for a in alerts)
