"""Forms: from a correlation rule to the measure and the test of its windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.expression import Expression, is_rising, met
from detections.sigma.correlations.measures import (
    DistinctValues,
    EventCount,
    Mean,
    Measure,
    Ranked,
    RulesSeen,
    Share,
    Total,
)
from detections.sigma.correlations.rule import COUNTED, TEMPORAL, LoadedCorrelation, is_share
from detections.sigma.correlations.sequences import (
    InOrder,
    Pair,
    arrangements_of,
    sequences_of,
)
from detections.sigma.correlations.shapes import Form
from fengsui.loss import Losses

_MEDIAN = 50.0


def form_of(
    rule: LoadedCorrelation, lateness: int, cap: int, losses: Losses, *, arrivals: bool = False
) -> Form:
    """What the windows of a correlation have in common.

    Args:
        rule: the correlation.
        lateness: how far behind the newest event of a group another may come (ns).
        cap: entries kept of one group; more where the condition counts further.
        losses: where to count what is given up.
        arrivals: a correlation below tells its hits later than their events arrive.
    """
    condition = rule.condition
    bounds = condition if isinstance(condition, Bounds) else None
    counted = bounds is not None and rule.type in COUNTED
    limits = [int(limit) for _, limit in bounds.comparisons] if bounds and counted else [0]
    return Form(
        timespan=rule.timespan,
        lateness=lateness,
        measure=_measure(rule),
        holds=bool if bounds is None else bounds.test(),
        least=int(bounds.least) if bounds and counted and bounds.rising else 0,
        by_order=rule.type == "temporal_ordered" or is_share(rule),
        masks=rule.type in TEMPORAL,
        payloads=rule.type != "event_count",
        arrivals=arrivals,
        # Half of them go at once when there are too many: the rest must still be beyond all limits.
        cap=max(cap, 4 * max(limits)),
        losses=losses,
    )


def settles(rule: LoadedCorrelation) -> bool:
    """Whether more events can undo the condition, so that it is judged when the timespan is over."""
    if isinstance(rule.condition, Bounds):
        return not rule.condition.rising and not is_share(rule)
    return not is_rising(rule.condition)


def _measure(rule: LoadedCorrelation) -> Callable[[], Measure]:
    percentile = rule.percentile
    match rule.type:
        case "event_count":
            return EventCount
        case "value_count":
            return DistinctValues
        case "value_sum":
            return Total
        case "value_avg":
            return Mean
        case "value_median":
            return lambda: Ranked(_MEDIAN)
        case "value_percentile":
            return Share if percentile is None else lambda: Ranked(percentile)
        case "temporal":
            return _seen(rule.condition, rule.rules)
        case "temporal_ordered":
            return _ordered(rule.condition, rule.rules)


def _seen(condition: Bounds | Expression, rules: Sequence[str]) -> Callable[[], Measure]:
    count = len(rules)
    if isinstance(condition, Bounds):
        return lambda: RulesSeen(count)
    known: dict[int, bool] = {}

    def test(mask: int) -> bool:
        if mask not in known:
            seen = frozenset(rule for place, rule in enumerate(rules) if mask >> place & 1)
            known[mask] = met(condition, seen)
        return known[mask]

    return lambda: RulesSeen(count, test)


def _ordered(condition: Bounds | Expression, rules: Sequence[str]) -> Callable[[], Measure]:
    rising = condition.rising if isinstance(condition, Bounds) else is_rising(condition)
    if not rising:
        return lambda: arrangements_of(condition, rules)
    ways = sequences_of(condition, rules)
    if ways == ((0, 1),):
        return Pair
    return lambda: InOrder(ways)
