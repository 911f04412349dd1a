"""Levels: worse at once, better only past a margin and a day later; never more than a few changes a day."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.situation.levels import LEVELS, Level, changes, level
from correlation.situation.weights import number, steps
from fengsui.clock import DAY, HOUR

NOW = 400 * DAY
values = st.floats(0, 100)


@given(values)
def test_without_a_past_the_thresholds_decide(value: float) -> None:
    found = level("threat", value, NOW)
    assert found.rank == sum(value >= each for each in steps("threat.levels"))


@given(values)
def test_high_visibility_is_good_and_low_is_critical(value: float) -> None:
    found = level("visibility", value, NOW)
    assert (found.word == "critical") == (100 - value >= steps("visibility.levels")[-1])


@given(st.sampled_from(LEVELS), values, st.integers(0, 23))
def test_a_level_never_falls_within_a_day(word: str, value: float, hours: int) -> None:
    before = Level(word, NOW - hours * HOUR)  # type: ignore[arg-type]
    assert level("threat", value, NOW, before).rank >= before.rank


@given(st.lists(values, min_size=2, max_size=24 * 5))
def test_a_series_by_the_hour_changes_at_most_three_times_a_day(series: list[float]) -> None:
    found = changes("threat", [(NOW + at * HOUR, value) for at, value in enumerate(series)])
    for at, first in enumerate(found[1:], 1):
        day = [each for each in found[at:] if each.since < first.since + DAY]
        # At most one fall, then at worst every step up again.
        assert len(day) <= len(LEVELS)


@given(st.floats(20, 30))
def test_trembling_about_a_threshold_is_one_change_at_most(middle: float) -> None:
    margin = min(number("level.rise"), number("level.fall")) - 0.01
    series = [middle + (margin if at % 2 else -margin) / 2 for at in range(100)]
    found = changes("threat", [(NOW + at * HOUR, value) for at, value in enumerate(series)])
    assert len(found) <= 2
