"""Forecasts: exact where things repeat, honest where there is too little, and never negative."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.situation.forecast import forecast
from fengsui.clock import DAY, HOUR

NOW = 400 * DAY


def _weekly(days: int) -> dict[int, float]:
    start = NOW - days * DAY
    return {
        at: 10 + 8 * math.sin((at // HOUR % 168) / 168 * 6.28) + (at // HOUR % 24)
        for at in range(start, NOW, HOUR)
    }


def test_what_repeats_each_week_is_told_exactly() -> None:
    made = forecast(_weekly(28), NOW)
    assert made.season == 168
    assert made.backtest is not None
    assert made.backtest.error == pytest.approx(0, abs=1e-9)
    assert made.backtest.naive_error > 0.1
    assert made.backtest.inside == 1
    expected = _weekly(28)
    for hour in made.hours:
        assert hour.expected == pytest.approx(expected[hour.start - 7 * DAY])


@pytest.mark.parametrize("days", [0, 1, 2])
def test_too_little_history_is_said(days: int) -> None:
    made = forecast(_weekly(days), NOW)
    assert made.hours == ()
    assert made.backtest is None
    assert made.have_days == days < made.need_days


def test_a_few_days_repeat_by_the_day() -> None:
    made = forecast({at: float(at // HOUR % 24) for at in range(NOW - 4 * DAY, NOW, HOUR)}, NOW)
    assert made.season == 24
    assert [hour.expected for hour in made.hours] == [
        float(h.start // HOUR % 24) for h in made.hours
    ]


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1e6), min_size=72, max_size=24 * 8))
def test_the_band_holds_the_expected_value_and_nothing_is_negative(amounts: list[float]) -> None:
    series = {NOW - (at + 1) * HOUR: amount for at, amount in enumerate(amounts)}
    made = forecast(series, NOW)
    assert len(made.hours) == 24
    assert all(0 <= hour.low <= hour.expected <= hour.high for hour in made.hours)
    assert made.hours[0].start == NOW + HOUR
    assert made.backtest is not None
    assert 0 <= made.backtest.inside <= 1


def test_hours_without_anything_count_as_nothing() -> None:
    sparse = {NOW - 5 * DAY: 4.0, NOW - DAY: 2.0}
    made = forecast(sparse, NOW)
    assert made.have_days == 5
    assert max(hour.expected for hour in made.hours) <= 4


def test_after_a_change_of_level_the_day_before_is_told() -> None:
    begin = NOW - 12 * DAY
    series = {at: 5.0 if at < NOW - 4 * DAY else 500.0 for at in range(begin, NOW, HOUR)}
    made = forecast(series, NOW)
    assert made.yesterday
    assert all(hour.expected == 500 for hour in made.hours)
    assert made.backtest is not None
    assert made.backtest.error == made.backtest.naive_error
    assert not forecast(_weekly(28), NOW).yesterday
