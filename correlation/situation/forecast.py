"""What the next hours will bring: the median of the same hour before, a band from past errors.

A seasonal-naive forecast with robust quantiles: no model to train, nothing to drift, and the error
that it would have made is measured on the last days and shown beside it. Where "as much as a day
before" did better in those days, as after a change of level, that is told instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from correlation.situation.weights import number, steps
from fengsui.clock import DAY, HOUR

_DAY: Final = 24  # hours


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour to come (its start in ns): what is expected, and the band about it."""

    start: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """How the forecasts of the last days would have done.

    Attributes:
        hours: how many were compared.
        error: mean absolute error; `naive_error`: that of "as much as a day before".
        inside: share of hours that lay in the band (0.8 is meant); each day is held against the band
            that the other days make.
    """

    hours: int
    error: float
    naive_error: float
    inside: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`hours` is empty where there is not enough history: `have_days` of `need_days` whole days.

    `season` is the hours after which things are taken to repeat: a week, or a day with less history.
    `yesterday`: what is told is the day before, which did better lately.
    """

    hours: tuple[Hour, ...]
    backtest: Backtest | None
    season: int
    have_days: float
    need_days: float
    yesterday: bool = False


def forecast(series: Mapping[int, float], now: int, ahead: int = _DAY) -> Forecast:
    """The next `ahead` whole hours after `now` (ns).

    Args:
        series: amount by start of the hour (ns), hours without anything may be left out. History
            begins at the first hour given and ends with the last whole hour before `now`.
        now: ns.
        ahead: hours.
    """
    need = number("forecast.least_days")
    history = _history(series, now)
    have = len(history) / _DAY
    week = int(number("forecast.season_hours"))
    season = week if len(history) >= 2 * week else _DAY
    if have < need:
        return Forecast((), None, season, have, need)
    errors = _errors(history, season)
    error = sum(abs(done - told) for done, told, _ in errors) / len(errors)
    naive_error = sum(abs(done - naive) for done, _, naive in errors) / len(errors)
    yesterday = naive_error < error
    missed = [done - (naive if yesterday else told) for done, told, naive in errors]
    low, high = _band(missed)
    start = now // HOUR * HOUR + HOUR
    hours: list[Hour] = []
    for step in range(ahead):
        at = len(history) + step + 1
        told = _day_before(history, at) if yesterday else _told(history, at, season)
        hours.append(Hour(start + step * HOUR, told, max(0.0, told + low), told + high))
    return Forecast(
        tuple(hours),
        Backtest(
            len(errors),
            min(error, naive_error),
            naive_error,
            _inside(missed),
        ),
        season,
        have,
        need,
        yesterday,
    )


def _history(series: Mapping[int, float], now: int) -> list[float]:
    """One value for each whole hour from the first on; at most as many as the seasons look at."""
    known = [hour for hour in series if hour + HOUR <= now]
    if not known:
        return []
    end = now // HOUR * HOUR
    most = int(number("forecast.season_hours") * (number("forecast.seasons") + 1))
    start = max(min(known) // HOUR * HOUR, end - most * HOUR)
    return [float(series.get(hour, 0.0)) for hour in range(start, end, HOUR)]


def _told(history: Sequence[float], at: int, season: int) -> float:
    """The median of the same hour in earlier seasons; `at` counts hours from the history's start."""
    most = int(number("forecast.seasons"))
    earlier = [place for k in range(1, most + at // season + 1) if (place := at - k * season) >= 0]
    known = [history[place] for place in earlier if place < len(history)][:most]
    return float(median(known)) if known else 0.0


def _day_before(history: Sequence[float], at: int) -> float:
    """The same hour of the newest day that is known."""
    at -= _DAY
    while at >= len(history):
        at -= _DAY
    return history[at]


def _errors(history: Sequence[float], season: int) -> list[tuple[float, float, float]]:
    """(done, told a day before, done a day before) for the hours of the back-test.

    Each hour is told from what was known 24 hours before it.
    """
    days = min(number("forecast.backtest_days"), len(history) / _DAY / 2)
    first = max(len(history) - int(days * _DAY), _DAY)
    if season > _DAY:
        first = max(first, season)
    return [
        (history[at], _told(history[: at - _DAY + 1], at, season), history[at - _DAY])
        for at in range(first, len(history))
    ]


def _band(errors: Sequence[float]) -> tuple[float, float]:
    """What is added to a forecast for the ends of its band; it always holds the forecast itself."""
    low, high = (_quantile(errors, q) for q in steps("forecast.band"))
    return min(low, 0.0), max(high, 0.0)


def _inside(errors: Sequence[float]) -> float:
    """Share of errors within the band of the other days' errors."""
    days = max(2, round(len(errors) / _DAY))
    inside = 0
    for day in range(days):
        begin, end = len(errors) * day // days, len(errors) * (day + 1) // days
        low, high = _band([*errors[:begin], *errors[end:]])
        inside += sum(low <= error <= high for error in errors[begin:end])
    return inside / len(errors)


def _quantile(values: Sequence[float], q: float) -> float:
    """The q-quantile, between neighbours by line."""
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def whole_days(series: Mapping[int, float]) -> dict[int, float]:
    """The sum by day (its start in ns)."""
    found: dict[int, float] = {}
    for hour, amount in series.items():
        day = hour // DAY * DAY
        found[day] = found.get(day, 0.0) + amount
    return dict(sorted(found.items()))
