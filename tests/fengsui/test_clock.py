from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import SECOND, EventClock, from_iso, to_iso

times = st.integers(0, 4_000_000_000 * SECOND)


@given(times)
def test_text_and_back_keeps_the_microsecond(ns: int) -> None:
    assert from_iso(to_iso(ns)) == ns // 1000 * 1000


@given(times, times)
def test_text_sorts_like_time(a: int, b: int) -> None:
    a, b = a // 1000, b // 1000
    assert (to_iso(a * 1000) < to_iso(b * 1000)) == (a < b)


@given(st.lists(times))
def test_an_event_clock_never_goes_back(moves: list[int]) -> None:
    clock = EventClock()
    shown = [clock.advance(to) for to in moves]
    assert shown == sorted(shown)
    assert clock.now() == max([0, *moves])


def test_other_zones_and_none() -> None:
    assert from_iso("1970-01-01T08:00:00+08:00") == 0
    assert from_iso("1970-01-01T00:00:01") == SECOND
    with pytest.raises(ValueError, match="x"):
        from_iso("x")
