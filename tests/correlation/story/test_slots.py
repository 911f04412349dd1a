"""Slots cover any span with a bounded number of equal pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.story.slots import MOST, slots_of

_times = st.integers(0, 2**62)


@given(_times, _times, _times)
def test_every_time_has_its_slot(first: int, last: int, time: int) -> None:
    first, last = sorted((first, last))
    slots = slots_of(first, last)
    assert 1 <= slots.count <= MOST
    assert slots.start <= first
    assert slots.start + slots.width * slots.count > last
    assert slots.of(first) == 0 or slots.start + slots.width <= first
    assert slots.of(last) == slots.count - 1
    assert 0 <= slots.of(time) < slots.count
