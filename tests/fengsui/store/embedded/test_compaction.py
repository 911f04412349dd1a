"""Compaction comes to an end: what is tidy is left alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import DAY, HOUR, MINUTE, EventClock
from fengsui.store.embedded import EmbeddedEventStore, upkeep
from fengsui.store.embedded.catalogue import Segment
from tests.fengsui.store.embedded.test_store import START, make

_DAY = DAY // 1000


def segment(first: int, length: int, rows: int) -> Segment:
    end = first + length
    return Segment(f"{first}", "dns", 1, first, end, rows, rows, 0, "{}", "[]", "", "")


SEGMENTS = st.lists(
    st.builds(
        segment,
        st.integers(0, 20 * _DAY),
        st.sampled_from([0, _DAY // 24, _DAY // 2, _DAY, 3 * _DAY]),
        st.sampled_from([1, 5_000, 90_000, 360_000, 499_999]),
    ),
    max_size=30,
    unique_by=lambda one: one.path,
)


@given(SEGMENTS)
def test_a_pack_becomes_one_segment(members: list[Segment]) -> None:
    pack = upkeep._pack(members)
    assert len(pack) != 1
    if pack:
        days = {one.first // _DAY for one in pack} | {one.last // _DAY for one in pack}
        whole = upkeep._span(pack) > _DAY and upkeep._quiet(pack)
        assert len(days) == 1 or whole, "it would be cut at midnight, and packed again"
        assert sum(one.rows for one in pack) <= 1_000_000


def test_days_that_are_full_are_not_merged_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two neighbouring days that fit into one segment, but are worth two."""
    monkeypatch.setattr(upkeep, "_MOST_ROWS", 700)
    monkeypatch.setattr(upkeep, "_FULL_ROWS", 350)
    monkeypatch.setattr(upkeep, "_LEAST_PIECE", 10)
    clock = EventClock(START)
    store = EmbeddedEventStore(tmp_path, writable=True, clock=clock)
    chance = random.Random(3)
    midnight = START - START % DAY
    for number in range(8):
        made = [
            make(100 * number + n, time=midnight + chance.randrange(3 * DAY // MINUTE) * MINUTE)
            for n in range(80)
        ]
        store.append(made)
    clock.advance(START + 30 * DAY)
    for _ in range(3):
        store.maintain(clock.now())
        clock.advance(clock.now() + 2 * HOUR)
    tidy = store._catalogue.segments()
    assert sum(one.rows for one in tidy) == 640
    assert len(tidy) == 3
    store.maintain(clock.now())
    assert store._catalogue.segments() == tidy
    store.close()
