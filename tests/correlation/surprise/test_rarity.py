"""Bits of surprise: what is usual surprises less, what nobody has seen most."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.surprise.parameters import Parameters
from correlation.surprise.rarity import Rarity

WEIGHTS = Parameters()


def taught(hours: int, active: dict[int, list[tuple[int, int]]], hosts: int = 4) -> Rarity:
    rarity = Rarity(WEIGHTS)
    for hour in range(hours):
        rarity.pass_hours(1, range(hosts), active.get(hour, []))
    return rarity


def test_new_in_the_fleet_surprises_more_than_new_on_the_host() -> None:
    rarity = taught(48, {hour: [(0, 7)] for hour in range(48)})
    usual, new_here, new_anywhere = (
        rarity.surprise(host, kind).bits for host, kind in ((0, 7), (1, 7), (1, 8))
    )
    assert usual < 1 < new_here < new_anywhere <= WEIGHTS.cap


@given(st.integers(0, 200), st.integers(0, 200))
def test_more_often_never_surprises_more(one: int, other: int) -> None:
    seldom, often = sorted((one, other))
    bits = [
        taught(200, {hour: [(0, 1)] for hour in range(count)}).surprise(0, 1).bits
        for count in (seldom, often)
    ]
    assert bits[0] >= bits[1]


@given(st.integers(1, 500))
def test_silent_hours_at_once_are_as_silent_hours_one_by_one(hours: int) -> None:
    at_once, one_by_one = taught(1, {0: [(0, 1)]}), taught(1, {0: [(0, 1)]})
    at_once.pass_hours(hours, (), ())
    for _ in range(hours):
        one_by_one.pass_hours(1, (), ())
    a, b = at_once.surprise(0, 1), one_by_one.surprise(0, 1)
    assert abs(a.bits - b.bits) < 1e-6
    assert abs(a.fleet - b.fleet) < 1e-6
