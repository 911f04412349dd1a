"""Back-test: what a rule would have raised over stored events of a time, before it goes live.

The same engine as in the worker looks at every event of the log sources that the rule reads, in order
of time. Bounded in events and seconds; what was not looked at is said.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from console.rules.checking import CheckedText, HealthRow
from detections.detector import Context
from detections.sigma.engine import SigmaDetector
from fengsui.alert import Alert
from fengsui.clock import SECOND, to_iso
from fengsui.event import Event
from fengsui.query.tree import Any as AnyOf
from fengsui.query.tree import Query, Term
from fengsui.store.event_store import EventStore, TimeRange

DAY: Final = 86_400 * SECOND
SAMPLES: Final = 20
_KEYS_MOST: Final = 100_000  # different keys counted; more are folded into the count
_LOOK: Final = 2_000  # events between looks at the clock and for a cancel

OnProgress = Callable[["BackTest"], bool]  # False ends it (cancelled)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a back-test may use. `newest`: where not all fits, the newest events are looked at."""

    events: int
    seconds: float
    newest: bool = False


@dataclass(slots=True)
class BackTest:
    """What was found so far; times in ns."""

    rules: tuple[str, ...]
    health: HealthRow
    total: int = 0
    events: int = 0
    hits: int = 0
    since: int = 0
    until: int = 0
    seconds: float = 0.0
    why_partial: str = ""
    days: Counter[int] = field(default_factory=Counter[int])
    keys: set[str] = field(default_factory=set[str])
    entities: Counter[str] = field(default_factory=Counter[str])
    sample: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def as_json(self) -> dict[str, Any]:
        """The published form."""
        span = max(self.until - self.since, 1) / DAY
        return {
            "rules": list(self.rules),
            "health": self.health.health,
            "why": self.health.why,
            "hits": self.hits,
            "events": self.events,
            "since": to_iso(self.since) if self.events else None,
            "until": to_iso(self.until) if self.events else None,
            "days": [
                {"day": day_word(day), "count": count} for day, count in sorted(self.days.items())
            ],
            # Less than a day is not stretched to one: five hits in an hour are not 120 a day for sure.
            "per_day": round(self.hits / max(span, 1.0), 3),
            "seconds": round(self.seconds, 3),
            "cost_us": round(1e6 * self.seconds / self.events, 3) if self.events else 0.0,
            "partial": bool(self.why_partial),
            "why_partial": self.why_partial,
            "keys": len(self.keys),
            "entities": [
                {"key": key, "count": count} for key, count in self.entities.most_common(10)
            ],
            "sample": self.sample,
        }


def back_test(
    checked: CheckedText,
    events: EventStore,
    within: TimeRange,
    bounds: Bounds,
    context: Context,
    on_progress: OnProgress = lambda _found: True,
) -> BackTest:
    """Look at stored events with the rules of a text.

    Args:
        checked: the text; it must be `ok`.
        events: the store.
        within: of event time.
        bounds: where to stop; the result says so.
        context: as the worker has it.
        on_progress: told now and then; when it returns False the test ends.

    Raises:
        StoreError: the store cannot be read.
    """
    rules = {one.id for one in checked.rules}
    health = _worst(checked)
    found = BackTest(tuple(rules), health)
    datasets = _datasets(checked)
    if not datasets:
        return found
    query = AnyOf(tuple(Term("event.dataset", each) for each in datasets))
    found.total = events.count(query, within)
    if bounds.newest:
        within = _newest(events, query, within, bounds.events, found)
    named = checked.with_named
    detector = SigmaDetector(named.rules, context, correlations=named.correlations)
    started = time.perf_counter()
    last = 0
    spent = 0.0  # in the engine alone
    for event in _bounded(events.scroll(query, within), bounds, started, found, on_progress):
        last = event.time
        at = time.perf_counter()
        alerts = list(detector.observe(event, last))
        spent += time.perf_counter() - at
        for alert in alerts:
            if alert.rule in rules:
                _note(found, alert, event)
    for alert in detector.correlating.finish(last) if last else ():
        if alert.rule in rules:
            _note(found, alert, None)
    found.seconds = spent
    return found


def day_word(day: int) -> str:
    """`2026-11-21` of days since 1970."""
    return to_iso(day * DAY)[:10]


def _datasets(checked: CheckedText) -> list[str]:
    return sorted({name for row in checked.health.values() for name in row.datasets})


def _worst(checked: CheckedText) -> HealthRow:
    rows = [checked.health[one.id] for one in checked.rules]
    order = ("live", "partial", "inert")
    return max(rows, key=lambda row: order.index(row.health))


def _newest(
    events: EventStore, query: Query, within: TimeRange, most: int, found: BackTest
) -> TimeRange:
    """The newest part of a time range that holds about as many events as may be looked at."""
    statistics = events.statistics()
    last = max((row.last for row in statistics), default=0)
    first = min((row.first for row in statistics), default=0)
    until = min(within.until, last + 1)
    if found.total <= most or until <= max(within.since, first):
        return within
    span = until - max(within.since, first)
    for _ in range(20):
        since = until - span
        if events.count(query, TimeRange(since, until)) <= most:
            break
        span //= 2
    found.why_partial = "events"
    return TimeRange(until - span, until)


def _bounded(
    stream: Iterator[Event],
    bounds: Bounds,
    started: float,
    found: BackTest,
    on_progress: OnProgress,
) -> Iterator[Event]:
    for event in stream:
        if found.events >= bounds.events:
            found.why_partial = "events"
            return
        if found.events % _LOOK == 0:
            found.seconds = time.perf_counter() - started
            if found.seconds > bounds.seconds:
                found.why_partial = "seconds"
                return
            if not on_progress(found):
                found.why_partial = "cancelled"
                return
        try:
            at = event.time
        except (KeyError, ValueError, TypeError):
            continue
        found.events += 1
        found.since = min(found.since or at, at)
        found.until = max(found.until, at)
        yield event


def _note(found: BackTest, alert: Alert, event: Event | None) -> None:
    found.hits += alert.count
    found.days[alert.last // DAY] += alert.count
    if len(found.keys) < _KEYS_MOST:
        found.keys.add(f"{alert.rule} {alert.key}")
    for entity in alert.entities:
        if len(found.entities) < _KEYS_MOST or entity.value in found.entities:
            found.entities[entity.value] += alert.count
    if len(found.sample) < SAMPLES:
        found.sample.append(
            {
                "time": to_iso(alert.last),
                "dataset": event.dataset if event else "",
                "rule": alert.rule,
                "key": alert.key,
                "event": _shown(event.fields) if event else {},
                "facts": [{"name": fact.name, "value": fact.value} for fact in alert.facts],
            }
        )


def _shown(fields: dict[str, Any]) -> dict[str, Any]:
    """An event with long values cut: a result is kept in the state."""
    return {
        name: f"{value[:500]}…" if isinstance(value, str) and len(value) > 500 else value
        for name, value in fields.items()
    }
