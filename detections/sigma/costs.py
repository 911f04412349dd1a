"""Costs: what each rule found and what it spent, and which one spends too much.

Hits are counted exactly. Time is measured for one event in `SAMPLE`, and for every event that took
long: then each rule is tried again by itself, in processor time, so that a pause of the machine is
not blamed on a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import thread_time_ns

SAMPLE = 64  # events of which one is timed
SLOW = 2_000_000  # ns that an event's rules may take together before each is looked at
WINDOW = 4096  # timed or slow rules' events between two looks at the budget
BUDGET = 200.0  # µs an event that a rule may take on average
LOOKS = 5  # evaluations that are timed before a rule is judged by their sum
LONGEST = 1_000_000_000  # ns of one evaluation that no rule survives

Predicate = Callable[..., object]


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What a rule did so far.

    Attributes:
        hits: events that it met.
        seconds: time spent on it, estimated.
        events: events of the datasets that it looks at.
    """

    hits: int = 0
    seconds: float = 0.0
    events: int = 0

    def __add__(self, other: RuleCost) -> RuleCost:
        """Both together."""
        return RuleCost(
            self.hits + other.hits, self.seconds + other.seconds, self.events + other.events
        )


class Costs:
    """Counters by number of rule.

    Args:
        budget: µs an event that a rule may take on average over `WINDOW` events; 0 for no limit.
        on_runaway: told once of each rule that takes more, with the reason.
    """

    def __init__(
        self, budget: float = BUDGET, on_runaway: Callable[[int, str], None] | None = None
    ) -> None:
        self.hits: dict[int, int] = {}
        self.ns: dict[int, int] = {}
        self._allowance = int(budget * 1000 * WINDOW)
        self._on_runaway = on_runaway
        self._window: dict[int, tuple[int, int]] = {}  # ns and evaluations of this window
        self._events = 0

    def passed(self, events: int) -> None:
        """So many events went by: begin a new window when this one is full."""
        self._events += events
        if self._events >= WINDOW:
            self._events = 0
            self._window.clear()

    def timed(self, tests: Sequence[tuple[int, Predicate]], view: object, weight: int) -> None:
        """Evaluate rules one by one and charge each `weight` times what it took."""
        for rule, test in tests:
            started = thread_time_ns()
            test(view)
            self._charge(rule, thread_time_ns() - started, weight)

    def _charge(self, rule: int, spent: int, weight: int) -> None:
        self.ns[rule] = self.ns.get(rule, 0) + spent * weight
        known, times = self._window.get(rule, (0, 0))
        self._window[rule] = known + spent * weight, times + 1
        if not self._allowance or self._on_runaway is None:
            return
        if spent > LONGEST:
            self._on_runaway(rule, f"one event took {spent / 1e9:.1f} s")
        elif known + spent * weight > self._allowance and times >= LOOKS:
            mean = self._allowance / 1000 / WINDOW
            self._on_runaway(rule, f"more than {mean:.0f} µs an event over {WINDOW} events")
