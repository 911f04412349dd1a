"""What rules did since they were asked last: for the counts by day."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from detections.detections import Detections
from detections.sigma.costs import RuleCost
from fengsui.clock import DAY
from fengsui.store.rule_states import RuleDay

EVERY: Final = 10.0  # seconds
_NOTHING = RuleCost()


class RuleTally:
    """Remembers what it has told of one stream's rules."""

    def __init__(self) -> None:
        self._told: dict[str, RuleCost] = {}
        self._at = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it was not asked for a while."""
        return time.monotonic() - self._at > EVERY

    def growth(self, detections: Detections, clock: int) -> list[RuleDay]:
        """Growth of each rule's counters, on the day of `clock` (ns of event time)."""
        self._at = time.monotonic()
        costs = detections.rule_costs()
        others = {
            rule: RuleCost(hits) for rule, hits in detections.hits.items() if rule not in costs
        }
        return self.grown({**others, **costs}, clock // DAY)

    def grown(self, costs: Mapping[str, RuleCost], day: int) -> list[RuleDay]:
        """The same of counters; one that fell began anew (its rule was loaded again)."""
        found: list[RuleDay] = []
        for rule, now in costs.items():
            told = self._told.get(rule, _NOTHING)
            if now.hits < told.hits or now.events < told.events:
                told = _NOTHING
            hits, events = now.hits - told.hits, now.events - told.events
            if hits or events:
                seconds = max(0.0, now.seconds - told.seconds)
                found.append(RuleDay(rule, day, hits, events, seconds))
                self._told[rule] = now
        return found
