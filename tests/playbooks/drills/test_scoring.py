"""The score of a drill, by examples and by laws."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.alert import Alert, Entity, alert_id
from fengsui.clock import MINUTE, SECOND
from fengsui.drill import Drill, Expectation, Injection
from fengsui.incident import Incident
from fengsui.severity import Severity
from fengsui.text import literal
from playbooks.drills.scoring import score

START = 1_000_000 * SECOND
NOTHING = literal("", "")


def step(name: str, at: int, techniques: tuple[str, ...], *entities: str) -> Injection:
    begun = START + at * MINUTE
    return Injection(
        name,
        NOTHING,
        techniques,
        begun,
        begun + MINUTE,
        Expectation(techniques, entities, 5 * MINUTE, ("own-rule",)),
    )


DRILL = Drill(
    "d",
    "s",
    1,
    "x.pcap",
    "",
    START,
    START + 60 * MINUTE,
    (
        step("beacon", 10, ("T1071.001", "T1573.002"), "10.0.0.5", "C2.example"),
        step("tunnel", 30, ("T1071.004",), "10.0.0.5", "t.example"),
    ),
)


def alert(
    at: float,
    *,
    raised: float | None = None,
    techniques: tuple[str, ...] = ("T1071.001",),
    entity: str = "10.0.0.5",
    rule: str = "r",
    last: float | None = None,
) -> Alert:
    first = START + int(at * MINUTE)
    end = first if last is None else START + int(last * MINUTE)
    spoken = end if raised is None else START + int(raised * MINUTE)
    return Alert(
        id=alert_id(rule, f"{entity}{raised}{techniques}", "", first),
        rule=rule,
        title=NOTHING,
        kind="anomaly",
        severity=Severity.HIGH,
        fidelity=0.9,
        key=entity,
        entities=(Entity("host", entity, "source"),),
        events=(),
        first=first,
        last=end,
        raised=spoken,
        reason=NOTHING,
        techniques=techniques,
    )


def status(*alerts: Alert) -> list[str]:
    return [one.status for one in score(DRILL, alerts, ()).steps]


def test_detected_late_missed() -> None:
    assert status() == ["missed", "missed"]
    assert status(alert(10.5)) == ["detected", "missed"]
    assert status(alert(10, raised=16)) == ["late", "missed"]
    assert status(alert(10, raised=16), alert(10, raised=12)) == ["detected", "missed"]
    assert score(DRILL, [alert(10, raised=12)], ()).steps[0].seconds == 120


@pytest.mark.parametrize(
    ("techniques", "expected"),
    [
        (("T1071",), "detected"),
        (("t1071.001",), "detected"),
        (("T1573.002",), "detected"),
        (("T1573",), "detected"),
        (("T1071.004",), "missed"),
        (("T1071.0011",), "missed"),
        (("T107",), "missed"),
        ((), "missed"),
    ],
)
def test_techniques_match_themselves_and_their_parents(
    techniques: tuple[str, ...], expected: str
) -> None:
    assert status(alert(10.5, techniques=techniques))[0] == expected


def test_a_rule_that_was_named_needs_no_technique() -> None:
    assert status(alert(10.5, techniques=(), rule="own-rule")) == ["detected", "missed"]


def test_entities_ignore_case() -> None:
    assert status(alert(10.5, entity="c2.EXAMPLE")) == ["detected", "missed"]


def test_another_time_or_another_host_is_false() -> None:
    alerts = [alert(5), alert(10.5, entity="10.0.0.9"), alert(50)]
    card = score(DRILL, alerts, ())
    assert [one.status for one in card.steps] == ["missed", "missed"]
    assert set(card.false_alerts) == {one.id for one in alerts}


def test_another_technique_on_the_intruder_is_neither_false_nor_an_answer() -> None:
    card = score(DRILL, [alert(10.5, techniques=("T1486",))], ())
    assert card.steps[0].status == "missed"
    assert card.false_alerts == ()


def test_a_long_alert_counts_for_the_step_it_was_raised_in() -> None:
    long = alert(0, last=60, raised=10.5)
    assert status(long) == ["detected", "missed"]


def incident(name: str, *alerts: Alert) -> Incident:
    ids = tuple(one.id for one in alerts)
    return Incident(name, NOTHING, 50, Severity.HIGH, (), (), (), ids, START, START)


def test_incidents() -> None:
    right, wrong = alert(10.5), alert(5, entity="10.0.0.9")
    mixed, false = incident("mixed", right, wrong), incident("false", wrong)
    card = score(DRILL, [right, wrong], [false, mixed, incident("empty")])
    assert card.false_incidents == ("empty", "false")
    assert card.steps[0].incidents == ("mixed",)
    assert card.detected == 1


ALERTS = st.builds(
    alert,
    st.floats(0, 60),
    raised=st.floats(0, 70) | st.none(),
    techniques=st.lists(
        st.sampled_from(["T1071", "T1071.001", "T1071.004", "T1573", "T1486"]), max_size=2
    ).map(tuple),
    entity=st.sampled_from(["10.0.0.5", "t.example", "10.9.9.9"]),
    rule=st.sampled_from(["r", "own-rule"]),
)
ORDER = {"missed": 0, "late": 1, "detected": 2}


@settings(deadline=None)
@given(st.lists(ALERTS, max_size=12), st.randoms(use_true_random=False))
def test_order_does_not_matter(alerts: list[Alert], chance: random.Random) -> None:
    incidents = [incident(str(number), *alerts[number::3]) for number in range(3)]
    card = score(DRILL, alerts, incidents)
    chance.shuffle(alerts)
    chance.shuffle(incidents)
    assert score(DRILL, alerts, incidents) == card


@settings(deadline=None)
@given(st.lists(ALERTS, max_size=8), ALERTS)
def test_one_more_alert_never_makes_a_step_worse(alerts: list[Alert], more: Alert) -> None:
    before, after = score(DRILL, alerts, ()), score(DRILL, [*alerts, more], ())
    for old, new in zip(before.steps, after.steps, strict=True):
        assert ORDER[new.status] >= ORDER[old.status]
        assert old.seconds is None or (new.seconds is not None and new.seconds <= old.seconds)
    assert set(before.false_alerts) <= set(after.false_alerts)


@settings(deadline=None)
@given(st.lists(ALERTS, max_size=8))
def test_every_alert_is_false_or_touches_a_step(alerts: list[Alert]) -> None:
    card = score(DRILL, alerts, ())
    answering = {one for each in card.steps for one in each.alerts}
    assert not answering & set(card.false_alerts)
    assert answering | set(card.false_alerts) <= {one.id for one in alerts}
    assert card.detected <= len(card.steps)


@settings(deadline=None)
@given(st.lists(ALERTS, max_size=6), st.integers(1, 60))
def test_more_patience_never_makes_a_step_worse(alerts: list[Alert], minutes: int) -> None:
    patient = replace(
        DRILL,
        steps=tuple(
            replace(one, expect=replace(one.expect, within=one.expect.within + minutes * MINUTE))
            for one in DRILL.steps
        ),
    )
    for old, new in zip(
        score(DRILL, alerts, ()).steps, score(patient, alerts, ()).steps, strict=True
    ):
        assert ORDER[new.status] >= ORDER[old.status]
