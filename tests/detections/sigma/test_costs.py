from __future__ import annotations

import orjson

from detections.sigma import costs
from detections.sigma.conditions import Number, Text, Wild
from detections.sigma.costs import LOOKS, Costs, RuleCost
from detections.sigma.matcher import Entry, Matcher


def busy(_view: object) -> bool:
    return sum(range(20_000)) < 0


def test_a_rule_over_its_budget_is_named_and_a_quick_one_is_not() -> None:
    told: list[int] = []
    counted = Costs(0.0001, lambda rule, why: told.append(rule))
    for _ in range(3 * LOOKS):
        counted.timed([(1, busy)], None, 1)
    assert set(told) == {1}
    told.clear()
    patient = Costs(10_000, lambda rule, why: told.append(rule))
    for _ in range(3 * LOOKS):
        patient.timed([(1, busy)], None, 1)
    assert not told
    assert patient.ns[1] > 0


def test_no_budget_means_no_limit() -> None:
    told: list[int] = []
    counted = Costs(0, lambda rule, why: told.append(rule))
    for _ in range(3 * LOOKS):
        counted.timed([(1, busy)], None, costs.WINDOW)
    assert not told


def test_a_matcher_parks_a_runaway_and_goes_on_with_the_others() -> None:
    entries = [
        Entry(0, "x", Text("a", (Wild.MANY, "slow", Wild.MANY))),
        Entry(1, "x", Number("n", 1)),
    ]
    told: list[tuple[int, str]] = []
    matcher = Matcher(entries, {}, on_runaway=lambda rule, why: told.append((rule, why)))
    event = {"a": "slow", "n": 1}
    raw = orjson.dumps(event)
    assert matcher.match("x", event, raw) == [0, 1]
    matcher.park(0, "why")
    assert matcher.match("x", event, raw) == [1]
    assert matcher.parked == {0: "why"}
    matcher.unpark(0)
    assert matcher.match("x", event, raw) == [0, 1]
    assert matcher.cost(1).hits == 3
    assert matcher.cost(0).events == 3


def test_counters_add_up() -> None:
    assert RuleCost(1, 0.5, 2) + RuleCost(3, 0.25, 4) == RuleCost(4, 0.75, 6)
