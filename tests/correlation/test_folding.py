"""Dedupe."""

from __future__ import annotations

import itertools

from correlation.folding import ENTITIES_KEPT, KEYS_KEPT, Folding, is_flood, merge
from fengsui.clock import HOUR
from fengsui.loss import Losses
from fengsui.severity import Severity


def folding(window: int = HOUR) -> Folding:
    return Folding(window, lambda alert: alert.entities[0].value, Losses())


def test_the_same_within_the_window_is_one(make_alert):
    folds = folding()
    alerts = [make_alert("r", "10.0.0.1", at=at) for at in (0, 1800, 5000)]
    (only,) = folds.add(alerts).changed.values()
    assert (only.id, only.count, only.last) == (alerts[0].id, 3, alerts[2].last)
    assert only.reason == alerts[2].reason


def test_a_gap_begins_a_new_one(make_alert):
    folds = folding()
    alerts = [make_alert("r", "10.0.0.1", at=at) for at in (0, 2 * 3600 + 1)]
    assert len(folds.add(alerts).changed) == 2


def test_what_lies_between_joins_two_and_says_so(make_alert):
    folds = folding()
    early, late = (make_alert("r", "10.0.0.1", at=at) for at in (0, 7000))
    folds.add([early, late])
    between = folds.add([make_alert("r", "10.0.0.1", at=3500)])
    assert list(between.changed) == [early.id]
    assert between.gone == {late.id: early.id}


def test_the_same_delivery_twice_counts_once(make_alert):
    folds = folding()
    alert = make_alert("r", "10.0.0.1")
    folds.add([alert])
    assert folds.add([alert]).changed == {}


def test_merging_does_not_depend_on_order_or_grouping(make_alert):
    alerts = [
        make_alert("r", "10.0.0.1", to=f"10.0.0.{n}", key="k", at=at, severity=Severity(n % 5))
        for n, at in enumerate((5, 0, 9, 9), 2)
    ]
    results = set()
    for order in itertools.permutations(alerts):
        one = merge(merge(merge(order[0], order[1]), order[2]), order[3])
        other = merge(merge(order[0], order[1]), merge(order[2], order[3]))
        results |= {repr(one), repr(other)}
    assert len(results) == 1


def test_entities_are_bounded_and_counted(make_alert):
    losses = Losses()
    folds = Folding(HOUR, lambda _: "s", losses)
    many = tuple(f"10.1.{n // 250}.{n % 250}" for n in range(1000))
    (alert,) = folds.add([make_alert("r", "10.0.0.1", to=many)]).changed.values()
    assert len(alert.entities) == ENTITIES_KEPT
    assert alert.entities[0].role == "source"
    assert losses.as_json()["correlation.entities_cut"] == 1001 - ENTITIES_KEPT


def test_too_many_keys_become_one(make_alert):
    folds = folding()
    alerts = [make_alert("r", "10.0.0.1", key=str(n), at=n) for n in range(KEYS_KEPT + 5)]
    folds.add(alerts[:KEYS_KEPT])
    flood = folds.add(alerts[KEYS_KEPT:])
    (alert,) = flood.changed.values()
    assert is_flood(alert)
    assert alert.count == KEYS_KEPT + 5
    assert set(flood.gone) == {a.id for a in alerts[1:KEYS_KEPT]}
    assert len(folds.add([make_alert("r", "10.0.0.2", key="other")]).changed) == 1


def test_what_is_dropped_is_forgotten(make_alert):
    folds = folding()
    alert = make_alert("r", "10.0.0.1")
    folds.drop(folds.add([alert]).changed.values())
    (fresh,) = folds.add([make_alert("r", "10.0.0.1", at=1)]).changed.values()
    assert fresh.count == 1
