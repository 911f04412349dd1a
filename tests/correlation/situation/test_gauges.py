"""Laws of the gauges: they are sums, they are monotone, one low alert is small, order does not matter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.situation.facts import (
    AlertFact,
    ExpectedFact,
    Facts,
    IncidentFact,
    WarningFact,
    WeaknessFact,
)
from correlation.situation.gauges import exposure, read_gauges, response, threat, visibility
from correlation.situation.reading import ITEMS_SHOWN, Reading, power_sum
from correlation.situation.weights import number
from fengsui.clock import DAY, HOUR, MINUTE
from fengsui.severity import Severity
from fengsui.text import literal

NOW = 400 * DAY
NAME = literal("名", "name")
ages = st.integers(0, 20 * DAY)
severities = st.sampled_from(list(Severity))


def _incident(id_: str, score: float, age: int, taken: int, closed: int) -> IncidentFact:
    at = NOW - age
    severity = Severity.of_score(score)
    return IncidentFact(
        id_, NAME, score, severity, at, at, taken and at + taken, closed and at + closed
    )


def _numbered(
    kind: str, many: st.SearchStrategy[tuple[object, ...]], make: object
) -> st.SearchStrategy:
    return st.lists(many, max_size=7).map(
        lambda rows: tuple(make(f"{kind}{at}", *row) for at, row in enumerate(rows))  # type: ignore[operator]
    )


incidents = _numbered(
    "i",
    st.tuples(st.floats(0, 100), ages, st.integers(0, 2 * DAY), st.sampled_from([0, 0, 3 * DAY])),
    _incident,
)
alerts = _numbered(
    "a",
    st.tuples(severities, ages),
    lambda id_, severity, age: AlertFact(id_, NAME, severity, NOW - age),
)
weaknesses = _numbered(
    "w",
    st.tuples(
        st.sampled_from(["control", "service", "practice", "unregistered", "unowned"]),
        st.integers(1, 4),
    ),
    lambda id_, part, degree: WeaknessFact(
        part, id_, NAME, "does_not" if part == "control" else "", degree
    ),
)
expected = _numbered(
    "e",
    st.tuples(
        st.sampled_from(["assets", "sources", "planes", "sensors"]),
        st.floats(1, 4),
        st.floats(0, 1),
    ),
    lambda id_, part, weight, share: ExpectedFact(part, id_, NAME, weight, share),
)
warnings = _numbered(
    "p",
    st.tuples(st.sampled_from(["red", "orange", "yellow", "blue"]), ages, st.integers(0, DAY)),
    lambda id_, colour, age, answer: WarningFact(
        id_, NAME, colour, NOW - age, answer and NOW - age + answer
    ),
)
everything = st.builds(
    Facts,
    now=st.just(NOW),
    wall=st.just(NOW),
    incidents=incidents,
    alerts=alerts,
    weaknesses=weaknesses,
    expected=expected,
    warnings=warnings,
)


@settings(max_examples=40)
@given(everything)
def test_every_gauge_is_the_sum_of_its_parts_and_every_part_of_its_items(facts: Facts) -> None:
    for reading in read_gauges(facts):
        assert sum(part.points for part in reading.parts) == pytest.approx(reading.seen, abs=1e-6)
        for part in reading.parts:
            assert sum(item.points for item in part.items) == pytest.approx(part.points, abs=1e-6)
            assert all(-1e-9 <= item.points <= item.most + 1e-6 for item in part.items)
        assert -1e-9 <= reading.seen <= 100 + 1e-6
        assert reading.value is None or reading.value == pytest.approx(reading.seen)


@settings(max_examples=40)
@given(everything, st.randoms(use_true_random=False))
def test_nothing_depends_on_order(facts: Facts, random: object) -> None:
    def mixed(rows: tuple[object, ...]) -> tuple[object, ...]:
        copy = list(rows)
        random.shuffle(copy)  # type: ignore[attr-defined]
        return tuple(copy)

    other = replace(
        facts,
        **{
            name: mixed(getattr(facts, name))
            for name in ("incidents", "alerts", "weaknesses", "expected")
        },
    )
    assert [_shape(each) for each in read_gauges(facts)] == [
        _shape(each) for each in read_gauges(other)
    ]


def _shape(reading: Reading) -> object:
    """What a reading says, without the last bits of sums."""
    return (
        reading.gauge,
        None if reading.value is None else round(reading.value, 9),
        round(reading.seen, 9),
        sorted((part.name, round(part.points, 9)) for part in reading.parts),
        sorted((i.kind, i.id, round(i.points, 9)) for part in reading.parts for i in part.items),
    )


@settings(max_examples=40)
@given(everything, ages)
def test_one_low_alert_moves_no_gauge_by_more_than_a_point(facts: Facts, age: int) -> None:
    low = AlertFact("one more", NAME, Severity.LOW, NOW - age)
    more = replace(facts, alerts=(*facts.alerts, low))
    for before, after in zip(read_gauges(facts), read_gauges(more), strict=True):
        assert abs(after.seen - before.seen) <= 1 + 1e-9
        assert (after.value is None) == (before.value is None)


@settings(max_examples=40)
@given(everything, severities, ages, st.floats(0, 100))
def test_a_true_alert_or_incident_never_lowers_threat(
    facts: Facts, severity: Severity, age: int, score: float
) -> None:
    before = threat(facts).seen
    alert = AlertFact("more", NAME, severity, NOW - age)
    assert threat(replace(facts, alerts=(*facts.alerts, alert))).seen >= before - 1e-9
    incident = _incident("more", score, age, 0, 0)
    assert threat(replace(facts, incidents=(*facts.incidents, incident))).seen >= before - 1e-9


@settings(max_examples=40)
@given(everything)
def test_unknown_below_the_share_that_must_be_seen(facts: Facts) -> None:
    danger, open_, seen, answered = read_gauges(facts)
    blind = seen.value is None or seen.value < number("visibility.unknown_below")
    for reading in (danger, open_, answered):
        assert (reading.value is None) >= blind
        assert (reading.value is None) == (reading.unknown is not None)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200), st.floats(1, 6))
def test_a_power_sum_lies_between_the_greatest_and_the_plain_sum(
    values: list[float], power: float
) -> None:
    total = power_sum(values, power)
    assert max(values) - 1e-6 <= total <= sum(values) + 1e-6


def test_one_incident_reads_its_score_and_many_small_ones_never_a_great_one() -> None:
    facts = Facts(NOW, NOW, incidents=(_incident("i", 80, 0, 0, 0),))
    assert threat(facts).seen == pytest.approx(80)
    many = Facts(NOW, NOW, incidents=tuple(_incident(f"i{n}", 10, 0, 0, 0) for n in range(100)))
    assert threat(many).seen < 40


def test_a_closed_incident_is_no_threat_and_an_old_one_fades() -> None:
    closed = Facts(NOW, NOW, incidents=(_incident("i", 80, HOUR, 0, HOUR),))
    assert threat(closed).seen == 0
    old = Facts(NOW, NOW, incidents=(_incident("i", 80, 7 * DAY, 0, 0),))
    assert threat(old).seen == pytest.approx(40)


def test_lists_are_bounded_and_still_sum() -> None:
    many = tuple(
        WeaknessFact("unregistered", f"10.0.{n // 256}.{n % 256}", NAME) for n in range(1000)
    )
    reading = exposure(Facts(NOW, NOW, weaknesses=many))
    (part,) = reading.parts
    assert len(part.items) == ITEMS_SHOWN
    assert part.items[-1].kind == "rest"
    assert sum(item.points for item in part.items) == pytest.approx(reading.seen)


def test_sensors_alone_make_nothing_visible() -> None:
    running = ExpectedFact("sensors", "sense", NAME, 1.0, 1.0)
    assert visibility(Facts(NOW, NOW, expected=(running,))).value is None


def test_an_incident_nobody_took_in_time_costs_its_weight() -> None:
    late = _incident("late", 95, HOUR, 0, 0)
    soon = _incident("soon", 95, MINUTE, 0, 0)
    reading = response(Facts(NOW, NOW, incidents=(late, soon)))
    taken = next(part for part in reading.parts if part.name == "taken")
    assert [item.id for item in taken.items if item.points < item.most] == ["late"]
    assert taken.points == pytest.approx(taken.most / 2)
    assert response(Facts(NOW, NOW)).value is None
