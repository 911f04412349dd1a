"""What the next day will bring: alerts, and traffic of each plane against its capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.situation.period import Period
from correlation.situation.forecast import Forecast, forecast, whole_days
from correlation.situation.weights import number
from fengsui.clock import DAY, HOUR
from fengsui.store.state import State

_LOOK_BACK: Final = 60 * DAY
_HISTORY_SHOWN: Final = 7 * DAY


@dataclass(frozen=True, slots=True)
class Outlook:
    """One series with its forecast.

    Attributes:
        name: `alerts`, or a plane ("" is all traffic).
        unit: `alerts` an hour, or `mbit` (Mbit/s, mean of the hour).
        history: the last week by hour (ns); `days` by day.
        capacity: Mbit/s, 0 where it is not set; `tight`: the first hour whose band passes its limit.
    """

    name: str
    unit: str
    history: Mapping[int, float]
    days: Mapping[int, float]
    forecast: Forecast
    capacity: float = 0.0
    tight: int = 0


def alert_outlook(state: State, period: Period) -> Outlook:
    """Alerts an hour."""
    counts = state.alert_hours(period.scope, period.now - _LOOK_BACK, period.now + 1)
    return _outlook("alerts", "alerts", {at: float(n) for at, n in counts.items()}, period)


def link_outlooks(state: State, period: Period, capacity: Mapping[str, float]) -> list[Outlook]:
    """Traffic of all and of each plane; a plane with a capacity is listed also where none was seen."""
    since, until = period.now - _LOOK_BACK, period.now + 1
    series: dict[str, dict[int, float]] = {
        name: {} for name in ("", *sorted(capacity.keys() - {"all"}))
    }
    for kind in ("whole", "plane"):
        for row in state.traffic(period.scope, kind, since, until):
            series.setdefault(row.name, {})[row.hour] = row.bytes * 8 / 1e6 / (HOUR / 1e9)
    return [
        _outlook(name, "mbit", rows, period, capacity.get(name or "all", 0.0))
        for name, rows in sorted(series.items())
    ]


def _outlook(
    name: str, unit: str, series: Mapping[int, float], period: Period, capacity: float = 0.0
) -> Outlook:
    made = forecast(series, period.now)
    limit = capacity * number("forecast.full_at")
    tight = next((hour.start for hour in made.hours if limit and hour.high > limit), 0)
    shown = {at: value for at, value in series.items() if at >= period.now - _HISTORY_SHOWN}
    return Outlook(
        name, unit, shown, whole_days(series) if unit == "alerts" else {}, made, capacity, tight
    )
