"""The situation put together: readings with levels for the whole and each scope, units, forecasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from console.situation.gathering import Gathered, gather
from console.situation.period import Period, period_of
from console.situation.places import WHOLE, Scope
from console.situation.telemetry import Telemetry, telemetry
from correlation.situation.gauges import read_gauges
from correlation.situation.levels import LEVELS, Level, LevelWord, level_of
from correlation.situation.reading import Reading
from fengsui.clock import DAY, Clock
from fengsui.store.event_store import EventStore
from fengsui.store.situation_states import GaugeDay, GaugeStand
from fengsui.store.state import State

_FRESH: Final = 30.0  # seconds that what the event store said is used again
_FRESH_RUN: Final = 600.0  # of a run, which has ended
_KEPT: Final = 4  # periods
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Gauge:
    """A reading with its level, and the value a week before (None: not known)."""

    reading: Reading
    level: Level | None
    week_ago: float | None


@dataclass(frozen=True, slots=True)
class ScopeGauges:
    """The gauges of one scope, with its name for people."""

    scope: Scope
    name: str
    gauges: tuple[Gauge, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The situation at one moment."""

    gathered: Gathered
    seen: Telemetry
    whole: ScopeGauges
    scopes: tuple[ScopeGauges, ...]

    @property
    def period(self) -> Period:
        """Of which telemetry, when."""
        return self.gathered.period


class SituationDesk:
    """Asks the stores; what the event store says is kept for half a minute."""

    def __init__(self, state: State, events: EventStore, clock: Clock) -> None:
        self._state = state
        self._events = events
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[str, tuple[float, Telemetry]] = {}

    def picture(self, run: str = "") -> Picture:
        """Everything but parts of scopes nobody asked for.

        Raises:
            NotFoundError: there is no such run.
        """
        gathered, seen = self.gathered(run)
        before = self._before(gathered.period)
        stood = self._week_ago(gathered.period)

        def shown(scope: Scope) -> ScopeGauges:
            readings = read_gauges(gathered.facts(scope))
            gauges = tuple(
                Gauge(
                    reading,
                    level_of(reading, gathered.period.wall, before((*scope, reading.gauge))),
                    stood((*scope, reading.gauge)),
                )
                for reading in readings
            )
            return ScopeGauges(scope, name_of(scope, gathered.period), gauges)

        scopes = tuple(shown(scope) for scope in gathered.scopes())
        return Picture(gathered, seen, shown(WHOLE), scopes)

    def gathered(self, run: str) -> tuple[Gathered, Telemetry]:
        """The facts of a period, with what telemetry showed.

        Raises:
            NotFoundError: there is no such run.
        """
        period = period_of(self._state, run, self._clock.now())
        seen = self._telemetry(period)
        return gather(self._state, period, seen), seen

    def _telemetry(self, period: Period) -> Telemetry:
        with self._lock:
            known = self._seen.get(period.run)
            fresh = _FRESH_RUN if period.run else _FRESH
            if known and time.monotonic() - known[0] < fresh:
                return known[1]
            found = telemetry(self._events, period)
            while len(self._seen) >= _KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[period.run] = (time.monotonic(), found)
            return found

    def _before(self, period: Period) -> Callable[[tuple[str, str, str]], Level | None]:
        """Levels that stood when the worker last read them; a run has none before it."""
        if period.run:
            return lambda _key: None
        known = {(each.kind, each.scope, each.gauge): each for each in self._state.gauges()}
        return lambda key: level_stood(known.get(key))

    def _week_ago(self, period: Period) -> Callable[[tuple[str, str, str]], float | None]:
        if period.run:
            return lambda _key: None
        day = period.wall // DAY - _WEEK
        found: dict[tuple[str, str], Mapping[str, GaugeDay]] = {}

        def value(key: tuple[str, str, str]) -> float | None:
            kind, scope, gauge = key
            if (kind, scope) not in found:
                days = self._state.gauge_days(kind, scope, day, day)
                found[kind, scope] = {each.gauge: each for each in days}
            known = found[kind, scope].get(gauge)
            return known.value if known else None

        return value


def level_stood(stand: GaugeStand | None) -> Level | None:
    """The level of a kept gauge; None where it was unknown."""
    word: LevelWord | None = next((each for each in LEVELS if stand and each == stand.level), None)
    return Level(word, stand.since) if stand and word else None


def name_of(scope: Scope, period: Period) -> str:
    """What people call a scope; empty for the whole and for what belongs to nobody."""
    kind, id_ = scope
    names: dict[str, str] = {}
    if kind == "unit":
        names = {each.id: each.name for each in period.plan.units}
    elif kind == "system":
        names = {each.id: each.name for each in period.plan.systems}
    return names.get(id_, id_)
