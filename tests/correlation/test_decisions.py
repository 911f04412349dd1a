"""Merge, split and undo in the correlator: kept through all that comes later, and through a restart."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from correlation.correlator import Correlator
from correlation.entities import CorrelationContext
from correlation.joins import hanging_on, oriented
from correlation.trust import Trust
from fengsui.alert import Alert
from fengsui.clock import DAY
from fengsui.incident import Decision
from fengsui.severity import Severity
from fengsui.store.decision_states import Judged

Make = Callable[..., Alert]
MakeCorrelator = Callable[..., Correlator]


def _decision(
    kind: str, together: list[str], apart: list[str] | None = None, at: int = 1
) -> Decision:
    return Decision(f"{kind}{at}", kind, "", "li", at, "", tuple(together), tuple(apart or ()))  # type: ignore[arg-type]


def _alerts(make_alert: Make) -> list[Alert]:
    return [
        make_alert(f"r{n}", host, at=n * 60, severity=Severity.HIGH)
        for n, host in enumerate(["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.1"])
    ]


def _groups(correlator: Correlator) -> set[frozenset[str]]:
    return {frozenset(incident.alerts) for incident in correlator.incidents()}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 999), merge=st.booleans(), late=st.integers(0, 4))
@example(seed=0, merge=True, late=4)  # the alert that comes late is one that the decision names
def test_a_decision_holds_in_any_order_and_after_a_restart(
    seed: int, merge: bool, late: int, make_alert: Make, context: CorrelationContext
) -> None:
    alerts = _alerts(make_alert)
    ids = [alert.id for alert in alerts]
    made = _decision("merge", ids[:3]) if merge else _decision("split", [ids[1]], [ids[0], ids[4]])
    mixed = random.Random(seed).sample(alerts, len(alerts))
    live = Correlator(context, 0, 24)
    live.add(mixed[:late], 0)
    live.decide("", [made])
    live.add(mixed[late:], 0)
    again = Correlator(context, 0, 24)
    again.take_up("", live.alerts(), 0)
    again.decide("", [made])
    assert again.incidents() == live.incidents()
    if merge:
        assert _groups(live) == {frozenset(ids)}
    else:
        assert _groups(live) == {
            frozenset({ids[1]}),
            frozenset({ids[0], ids[4]}),
            frozenset(ids[2:4]),
        }
    undone = replace(made, undone_by="li", undone_at=2)
    live.decide("", [undone])
    plain = Correlator(context, 0, 24)
    plain.add(alerts, 0)
    assert live.incidents() == plain.incidents()


def test_changes_tell_what_went_where(make_alert: Make, make_correlator: MakeCorrelator) -> None:
    correlator = make_correlator(0)
    correlator.add(_alerts(make_alert), 0)
    one, two = sorted(correlator.incidents(), key=lambda incident: incident.first)
    merged = correlator.decide("", [_decision("merge", [one.alerts[0], two.alerts[0]])])
    assert merged.absorbed == {two.id: one.id}
    assert [incident.id for incident in merged.incidents] == [one.id]
    assert any(join.kind == "analyst" and join.value == "li" for join in merged.incidents[0].joins)
    parted = correlator.decide("", [])
    assert {incident.id for incident in parted.incidents} == {one.id, two.id}


def test_every_alert_but_the_first_says_why_it_is_there(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    correlator = make_correlator(0)
    alerts = [
        make_alert("move", "10.0.0.1", to="10.0.0.2", technique="T1021"),
        make_alert("beacon", "10.0.0.2", at=60, domain="evil.example"),
        make_alert("beacon", "10.0.0.3", at=90, domain="evil.example"),
    ]
    correlator.add(alerts, 0)
    (incident,) = correlator.incidents()
    assert {join.alert for join in incident.joins} == set(incident.alerts[1:])
    assert [join.kind for join in incident.joins] == ["moved", "domain"]
    assert all(
        "{" not in join.why.render(tongue) for join in incident.joins for tongue in ("zh", "en")
    )
    links = correlator.links_of(incident.id)
    assert [alert for alert, _ in oriented(alerts[0].id, links)] == [a.id for a in alerts[1:]]
    assert hanging_on(alerts[1].id, alerts[0].id, links) == {a.id for a in alerts[1:]}


def test_what_is_delivered_again_after_a_restart_counts_once(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    alerts = [make_alert("guess", "10.0.0.1", at=n, key="k") for n in range(20)]
    before = make_correlator(0)
    before.add(alerts, 0)
    after = make_correlator(0)
    after.take_up("", before.alerts(), 0)
    after.add(alerts[5:], 0)
    assert after.alerts() == before.alerts()
    after.add([make_alert("guess", "10.0.0.1", at=99, key="k")], 0)
    assert [alert.count for alert in after.alerts()] == [21]


def test_verdicts_lower_a_rule_and_only_that_rule(
    make_alert: Make, context: CorrelationContext
) -> None:
    trust = Trust()
    correlator = Correlator(replace(context, trusted=trust), 0, 24)
    correlator.add([make_alert("noisy", "10.0.0.1"), make_alert("good", "10.0.0.2")], 0)
    before = {one.entities[0].value: one.score for one in correlator.incidents()}
    rules = trust.learn({"noisy": Judged(false=10)})
    assert rules == {"noisy"}
    correlator.reweigh(rules)
    after = {one.entities[0].value: one.score for one in correlator.incidents()}
    assert after["10.0.0.1"] < before["10.0.0.1"]
    assert after["10.0.0.2"] == before["10.0.0.2"]
    assert (
        Judged(false=10).fidelity(0.8) == 0.4
    )  # ten verdicts weigh as much as the rule's own word
    assert Judged(true=10).fidelity(0.8) == 0.9
    assert Judged(true=1, false=3).false_share == 0.75


def test_what_a_host_shows_on_many_days_is_usual_there(
    make_alert: Make, make_correlator: MakeCorrelator
) -> None:
    fresh, used = make_correlator(0), make_correlator(0)
    days = DAY // 10**9
    past = [make_alert("odd", "10.0.0.1", at=2 * n * days, key=f"k{n}") for n in range(12)]
    last = make_alert("odd", "10.0.0.1", at=40 * days, key="last")
    fresh.add([last], 0)
    used.add([*past, last], 0)
    new = next(one for one in used.incidents() if last.id in one.alerts)
    assert new.score < fresh.incidents()[0].score


def test_cold_start_is_said(make_alert: Make, make_correlator: MakeCorrelator) -> None:
    correlator = make_correlator(0)
    alerts = [make_alert("a", "10.0.0.1"), make_alert("b", "10.0.0.2", at=2 * DAY // 10**9)]
    correlator.known_since("", alerts[0].first - 1)
    correlator.add(alerts, 0)
    learning = {one.entities[0].value: one.learning for one in correlator.incidents()}
    assert learning == {"10.0.0.1": True, "10.0.0.2": False}
