"""How far hosts' clocks are off, by what begins on several at once."""

from __future__ import annotations

import random

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.surprise.neighbours import Neighbours
from correlation.surprise.offsets import Lag, Offsets, Pair, concentrated, trees
from correlation.surprise.parameters import Parameters
from correlation.surprise.zones import zone_of

HOUR = 3_600
WEIGHTS = Parameters()
ZONES = [zone_of(f"10.{n}.0.1", f"10.{n}.0.1") for n in range(6)]


def shown(offsets: list[int], kinds: int, seed: int, occasions: int = 12) -> list[tuple[Pair, Lag]]:
    """What hosts whose clocks are off show at once, some seconds late, beside chance."""
    chance = random.Random(seed)
    found: list[tuple[Pair, Lag]] = []
    for one in range(len(offsets)):
        for other in range(one + 1, len(offsets)):
            apart = offsets[other] - offsets[one]
            for number in range(occasions):
                time = number * 2 * HOUR + 10 * number + chance.randrange(3) * 100
                lag = apart + chance.randrange(-1, 2)
                found.append(((one, other), (time, number % kinds, lag)))
                found.append(((one, other), (time, 90, chance.randrange(-120, 121))))
    return found


@given(
    st.lists(st.integers(-30, 30), min_size=2, max_size=5), st.integers(2, 4), st.integers(0, 99)
)
@settings(max_examples=60)
def test_offsets_of_hosts_that_share_kinds_are_found(
    offsets: list[int], kinds: int, seed: int
) -> None:
    ahead, tree = trees(shown(offsets, kinds, seed))
    assert len(set(tree.values())) == 1
    assert len(ahead) == len(offsets)
    moved = [ahead[host] - off for host, off in enumerate(offsets)]
    assert max(moved) - min(moved) <= 4
    assert 0 in ahead.values()


@given(st.integers(-60, 60), st.integers(4, 60))
def test_one_kind_alone_says_nothing(lag: int, count: int) -> None:
    assert concentrated([(number * 7_777, 1, lag) for number in range(count)]) is None


@given(st.integers(-60, 60), st.sampled_from([300, 900, 3_600]), st.integers(4, 60))
def test_jobs_that_come_by_the_clock_say_nothing(lag: int, every: int, count: int) -> None:
    turns = [(number * every, kind, lag) for number in range(count) for kind in (1, 2, 3)]
    assert concentrated(turns) is None


def test_an_attack_of_one_hour_says_nothing() -> None:
    assert concentrated([(number * 71, number, 20) for number in range(40)]) is None


def skewed(lag: int, hosts: int = 2, frozen: int = -1) -> Neighbours:
    """Hosts that begin some kinds at once, the clocks of all but the first `lag` s ahead.

    Args:
        lag: s.
        hosts: how many.
        frozen: the occasion before which all is frozen and taken up again.
    """
    near = Neighbours(WEIGHTS, ZONES.__getitem__)
    for number in range(60):
        time = 100_000 + 3_733 * number
        if number == frozen:
            kept = orjson.loads(orjson.dumps(near.state()))
            near = Neighbours(WEIGHTS, ZONES.__getitem__)
            near.restore(kept, range(hosts))
        near.pass_hour(range(hosts), time // HOUR)
        for host in range(hosts):
            near.onset(time + lag * (host > 0), host, number % 5)
        near.ripen(time + lag, {})
    near.pass_hour(range(hosts), (100_000 + 3_733 * 60) // HOUR)
    return near


@given(st.integers(-5, 5))
@settings(max_examples=10)
def test_right_clocks_change_nothing(lag: int) -> None:
    near = skewed(abs(lag))
    assert near.state()["offsets"]["ahead"] == []
    assert near.state()["clocks"]["windows"] == [5, 5]


def test_wrong_clocks_are_set_right_and_what_began_at_once_is_learned_anew() -> None:
    near = skewed(40, hosts=3)
    ahead = dict(near.state()["offsets"]["ahead"])
    assert ahead == {0: -40, 1: 0, 2: 0}
    assert near.affinity(0, 1) > 0.9
    assert near.affinity(0, 2) > 0.9


def test_what_attacked_hosts_show_teaches_nothing() -> None:
    offsets = Offsets()
    for number in range(60):
        offsets.meet(1_000 + 3_733 * number, 1, 0, number % 5, 20)
    offsets.ripen(10**6, {1: 10**6})
    assert not offsets.estimate(lambda _pair, _kind: False)


@given(st.integers(0, 59))
@settings(max_examples=10)
def test_frozen_and_taken_up_it_comes_to_the_same(number: int) -> None:
    near, again = skewed(40, hosts=3), skewed(40, hosts=3, frozen=number)
    assert again.state() == near.state()
    assert again.near(0) == near.near(0)
