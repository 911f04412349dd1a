"""Parts of a score."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from correlation.entities import part_of
from correlation.joining import Node
from correlation.scoring import (
    COMMON_FULLY,
    KIND_POINTS,
    LEARNING_LEAST,
    novelty,
    score,
    stages_in_order,
)
from fengsui.clock import DAY
from fengsui.severity import Severity


def _seen(hosts_of_rule, days_of_rule=None):
    return SimpleNamespace(hosts_of_rule=hosts_of_rule, days_of_rule=days_of_rule or {})


@pytest.fixture
def scored(context):
    def run(*alerts, hosts_of_rule=None, learning=False):
        nodes = [Node(a, part_of(a, context)) for a in alerts]
        return score(nodes, _seen(hosts_of_rule or {}), learning=learning)

    return run


def test_a_second_kind_counts_half_and_a_second_host_less(make_alert, scored):
    one, _ = scored(make_alert("a", "10.0.0.1", fidelity=1.0))
    again, _ = scored(*(make_alert("a", "10.0.0.1", fidelity=1.0, key=k) for k in "xy"))
    twice, _ = scored(*(make_alert("a", f"10.0.0.{n}", fidelity=1.0) for n in (1, 2)))
    two, parts = scored(*(make_alert(r, "10.0.0.1", fidelity=1.0) for r in "ab"))
    assert (one, again, two) == (38.0, 38.0, 38 + 38 / 2 + KIND_POINTS)
    assert twice == pytest.approx(38 * (1 + 2**-1.5), abs=0.01)
    assert [part.name for part in parts] == ["rule:a", "rule:b", "kinds"]


def test_stages_criticality_spread_and_cap_are_named(make_alert, scored):
    alerts = [
        make_alert(f"r{n}", f"10.0.0.{n}", to="10.0.0.4", technique=t, at=n, severity=Severity(4))
        for n, t in enumerate(("T1046", "T1021", "T1041"))
    ]
    total, parts = scored(*alerts)
    assert total == 100.0
    named = [part.name for part in parts[-5:]]
    assert named == ["stages", "kinds", "criticality", "spread", "cap"]
    assert parts[-1].points < 0
    assert all(part.why.render("zh") != part.why.render("en") for part in parts)


def test_stages_count_in_order_only(make_alert, context):
    def chain(*rows):
        alerts = [make_alert(t, "10.0.0.1", technique=t, at=at) for t, at in rows]
        return stages_in_order([Node(a, part_of(a, context)) for a in alerts])

    assert chain(("T1046", 0), ("T1021", 10), ("T1041", 20)) == 3
    assert chain(("T1041", 0), ("T1021", 10), ("T1046", 20)) == 1
    assert chain(("T1046", 0), ("T1041", 5), ("T1021", 10)) == 2
    assert chain() == 0


def test_what_fires_everywhere_counts_less_unless_it_is_certain(make_alert, scored):
    everywhere = {"a": Counter({f"10.9.0.{n}": 1 for n in range(40)})}
    rare, _ = scored(make_alert("a", "10.9.0.1"))
    common, _ = scored(make_alert("a", "10.9.0.1"), hosts_of_rule=everywhere)
    assert common == pytest.approx(rare * novelty(COMMON_FULLY, 0.8), abs=0.01)
    certain, _ = scored(make_alert("a", "10.9.0.1", fidelity=0.95), hosts_of_rule=everywhere)
    assert certain == pytest.approx(38 * 0.95, abs=0.01)


def test_kinds_and_stages_bring_at_most_as_much_as_the_rules(make_alert, scored):
    weak = [
        make_alert(f"r{n}", "10.0.0.1", technique=t, at=n, severity=Severity.INFO, fidelity=0.3)
        for n, t in enumerate(("T1046", "T1021", "T1041", "T1110"))
    ]
    total, parts = scored(*weak)
    rules = sum(part.points for part in parts if part.alerts)
    assert total == pytest.approx(2 * rules, abs=0.02)


def test_a_new_medium_alert_is_a_medium_incident_while_the_site_is_learned(make_alert, scored):
    alone = make_alert("a", "10.0.0.1", fidelity=0.5)
    known, _ = scored(alone)
    new, parts = scored(alone, learning=True)
    assert known == pytest.approx(19.0)
    assert new == LEARNING_LEAST
    assert Severity.of_score(new) is Severity.MEDIUM
    assert [part.name for part in parts] == ["rule:a", "learning"]
    assert sum(part.points for part in parts) == pytest.approx(new)


def test_what_is_weak_doubtful_or_common_starts_as_before(make_alert, scored):
    everywhere = {"a": Counter({f"10.9.0.{n}": 1 for n in range(40)})}
    for alert, hosts in (
        (make_alert("a", "10.0.0.1", severity=Severity.LOW, fidelity=0.9), {}),
        (make_alert("a", "10.0.0.1", fidelity=0.3), {}),
        (make_alert("a", "10.9.0.1", fidelity=0.6), everywhere),
        (make_alert("a", "10.0.0.1", severity=Severity.HIGH, fidelity=0.9), {}),
    ):
        assert scored(alert, hosts_of_rule=hosts, learning=True) == scored(
            alert, hosts_of_rule=hosts
        )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.integers(1, 4),
            st.sampled_from(Severity),
            st.sampled_from((0.2, 0.4, 0.5, 0.9)),
        ),
        min_size=2,
        max_size=8,
        unique_by=lambda row: row[:2],
    )
)
def test_another_alert_never_lowers_what_is_being_learned(make_alert, scored, rows):
    alerts = [
        make_alert(rule, f"10.0.0.{host}", severity=severity, fidelity=fidelity)
        for rule, host, severity, fidelity in rows
    ]
    fewer, _ = scored(*alerts[:-1], learning=True)
    more, parts = scored(*alerts, learning=True)
    assert more >= fewer
    assert sum(part.points for part in parts) == pytest.approx(more)


def test_a_site_is_learned_for_a_day(make_alert, make_correlator):
    first, later = (
        make_alert("a", "10.0.0.1", fidelity=0.5),
        make_alert("a", "10.0.0.2", fidelity=0.5, at=2 * DAY / 1e9),
    )
    correlator = make_correlator()
    correlator.known_since("", first.first)
    correlator.add([first, later], later.last)
    (incident,) = correlator.incidents()
    assert incident.severity is Severity.MEDIUM
    assert incident.learning
    assert incident.alerts == (first.id,)
