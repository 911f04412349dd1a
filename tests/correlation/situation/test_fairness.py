"""Fair rates: small units are pulled to the mean, large ones read what they counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.situation.fairness import fair_rates, trend

units = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 1000)), min_size=1, max_size=20)


@given(units)
def test_a_shrunk_rate_lies_between_the_counted_rate_and_the_mean(
    rows: list[tuple[int, int]],
) -> None:
    for rate in fair_rates([count for count, _ in rows], [size for _, size in rows]):
        if rate.raw is None:
            assert rate.shrunk == pytest.approx(rate.mean)
        else:
            low, high = sorted((rate.raw, rate.mean))
            assert low - 1e-9 <= rate.shrunk <= high + 1e-9


@given(units, st.integers(1, 1000))
def test_units_of_one_size_keep_their_order(rows: list[tuple[int, int]], size: int) -> None:
    counts = [count for count, _ in rows]
    rates = fair_rates(counts, [size] * len(rows))
    by_count = sorted(range(len(rows)), key=lambda at: counts[at])
    shrunk = [rates[at].shrunk for at in by_count]
    assert shrunk == sorted(shrunk)


def test_one_alert_at_a_tiny_unit_is_no_scandal() -> None:
    tiny, large = fair_rates([1, 100], [1, 1000])
    assert tiny.raw == 1
    assert tiny.shrunk < 0.25
    assert large.shrunk == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [(3, 0, "few"), (100, 100, "same"), (60, 50, "same"), (90, 30, "more"), (30, 90, "less")],
)
def test_a_trend_is_told_only_past_chance(now: int, before: int, told: str) -> None:
    assert trend(now, before) == told
