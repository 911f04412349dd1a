"""Where events of a cluster belong."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fengsui.store.elastic.names import (
    BYTES_OF_A_SHARD,
    PERIODS,
    Period,
    chosen_index,
    index_name,
    period_for,
    read_name,
)

_DAY = 86_400_000_000  # µs
MOMENTS = st.integers(0, 4_000 * 365 * _DAY // 100)
PERIOD = st.sampled_from(PERIODS)


@given(moment=MOMENTS, period=PERIOD)
def test_an_index_covers_its_moment(moment: int, period: Period) -> None:
    name = index_name("fengsui", "dns", "ordinary", moment, period)
    parts = read_name("fengsui", name)
    assert parts is not None
    assert (parts.dataset, parts.retention, parts.period) == ("dns", "ordinary", period)
    assert parts.first <= moment <= parts.last
    assert index_name("fengsui", "dns", "ordinary", parts.first, period) == name
    assert index_name("fengsui", "dns", "ordinary", parts.last, period) == name
    assert index_name("fengsui", "dns", "ordinary", parts.last + 1, period) != name


@given(moments=st.lists(st.tuples(st.integers(0, 70), PERIOD), max_size=60))
def test_the_same_event_always_meets_the_same_index(
    moments: list[tuple[int, Period]],
) -> None:
    """Whatever periods the volume asked for in between."""
    known: set[str] = set()
    first: dict[int, str] = {}
    for day, fresh in moments:
        name = chosen_index("f", "dns", "ordinary", day * _DAY, known, fresh)
        known.add(name)
        assert first.setdefault(day, name) == name
    for day, name in first.items():
        assert chosen_index("f", "dns", "ordinary", day * _DAY, known, "day") == name


def test_names_of_others_are_none_of_ours() -> None:
    for name in [
        "fengsui-dead",
        "fengsui-ledger",
        "logs-dns-x-2026.11",
        "fengsui-a-b-2026.13",
        "fengsui-a-b-2026.02.30",
    ]:
        assert read_name("fengsui", name) is None


@given(size=st.integers(0, 10**13))
def test_an_index_stays_small_and_a_year_has_few(size: int) -> None:
    days = {"day": 1, "part": 7, "month": 31}
    period = period_for(size)
    assert period == "day" or size * days[period] <= BYTES_OF_A_SHARD


def test_a_year_of_an_office_has_few_shards() -> None:
    """Sixty datasets: three large (days), five middling (parts), the rest months; three nodes."""
    sizes = [8 * 1024**3] * 3 + [1024**3] * 5 + [10 * 1024**2] * 52
    a_year = {"day": 366, "part": 48, "month": 12}
    shards = sum(a_year[period_for(size)] for size in sizes)
    assert shards == 3 * 366 + 5 * 48 + 52 * 12
    assert (
        2 * shards / 3 < 1_400
    )  # a node, copies counted; three bureaus of that size need four nodes
    assert {period_for(size) for size in sizes} == set(PERIODS)
