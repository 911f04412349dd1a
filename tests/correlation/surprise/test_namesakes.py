"""Hosts of one name in two subnets: two machines, or one that moves or stands in both."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.surprise.namesakes import Namesakes
from correlation.surprise.parameters import Parameters
from correlation.surprise.sites import clashing, draw_sites, left_over
from correlation.surprise.zones import Zone, zone_of

WEIGHTS = Parameters()
NAMES = ("web", "mail", "vpn")
HOUR = 3_600
Said = Iterable[tuple[int, int]]


def zones(networks: tuple[str, ...], names: tuple[str, ...] = NAMES) -> list[Zone]:
    found: list[Zone] = []
    for network in networks:
        for number, name in enumerate(names):
            address = f"{network}{number + 5}"
            found.append(zone_of(address, address, name))
    return found


def told(places: list[Zone], said: Said) -> Namesakes:
    namesakes = Namesakes(places.__getitem__)
    for time, host in sorted(said):
        namesakes.speak(time, host)
    namesakes.compare(range(len(places)))
    return namesakes


def by_chance(seed: int, hosts: int, hours: int = 48, each: int = 40) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    return [(chance.randrange(hours * HOUR), host) for host in range(hosts) for _ in range(each)]


@given(st.integers(0, 1_000))
def test_machines_that_speak_as_chance_has_it_are_two(seed: int) -> None:
    places = zones(("10.1.0.", "10.9.0."))
    found = told(places, by_chance(seed, len(places)))
    assert found.clashes == {frozenset((places[0].narrow, places[3].narrow))}


@given(st.integers(0, 1_000))
def test_machines_that_move_are_one(seed: int) -> None:
    chance = random.Random(seed)
    places = zones(("10.1.0.", "10.9.0."))
    said: list[tuple[int, int]] = []
    for day in range(6):  # each machine stands half a day here and half a day there
        for host in range(3):
            for half in (0, 1):
                start = (2 * day + half) * 12 * HOUR
                said += [(start + chance.randrange(12 * HOUR), host + 3 * half) for _ in range(12)]
    assert not told(places, said).clashes


@pytest.mark.parametrize(
    ("networks", "names"),
    [
        (("10.1.0.", "2001:db8::"), NAMES),  # both stacks of the same machines
        (("10.1.0.", "10.9.0."), ("web",)),  # one name alone
        (("10.1.0.", "10.1.1."), NAMES),  # one subnet
    ],
)
def test_other_reasons_for_one_name_tell_nothing_apart(
    networks: tuple[str, ...], names: tuple[str, ...]
) -> None:
    places = zones(networks, names)
    assert not told(places, by_chance(1, len(places))).clashes


def test_what_is_known_survives_its_state() -> None:
    places = zones(("10.1.0.", "10.9.0."))
    said = sorted(by_chance(3, len(places)))
    whole, half = told(places, said), told(places, said[:100])
    resumed = Namesakes(places.__getitem__)
    resumed.restore(half.state())
    for time, host in said[100:]:
        resumed.speak(time, host)
    resumed.compare(range(len(places)))
    assert resumed.state() == whole.state()
    assert resumed.clashes == whole.clashes


def test_no_link_of_chance_makes_one_site_of_subnets_with_names_of_their_own() -> None:
    places = zones(("10.1.0.", "10.9.0."))
    clashes = frozenset([frozenset((places[0].narrow, places[3].narrow))])
    near = {0: {4: 0.9}, 4: {0: 0.9}}

    def drawn(apart: frozenset[frozenset[str]]) -> set[int | None]:
        sites = draw_sites(range(6), places.__getitem__, near, WEIGHTS, lambda _: {}, clashes=apart)
        return {sites.site.get(0), sites.site.get(4)}

    assert len(drawn(frozenset())) == 1
    assert len(drawn(clashes)) == 2


def test_a_device_linked_to_subnets_with_names_of_their_own_is_a_hub() -> None:
    places = zones(("10.1.0.", "10.9.0.", "172.16.0.", "172.30.0."))
    places.append(zone_of("192.0.2.1", "192.0.2.1", "gate"))
    gate = len(places) - 1
    near = {gate: dict.fromkeys((0, 3, 6, 9), 0.9)}
    near |= {host: {gate: 0.9} for host in (0, 3, 6, 9)}
    clashes = frozenset([frozenset((places[0].narrow, places[3].narrow))])
    hosts = range(gate + 1)
    assert not draw_sites(hosts, places.__getitem__, near, WEIGHTS, lambda _: {}).hubs
    found = draw_sites(hosts, places.__getitem__, near, WEIGHTS, lambda _: {}, clashes=clashes)
    assert set(found.hubs) == {gate}


def test_a_site_that_all_others_but_one_are_set_apart_from_may_be_a_part_of_that_one() -> None:
    assert left_over({1, 2, 3}, [(1, 2), (1, 3), (2, 3)]) == set()
    assert left_over({1, 2, 3}, [(1, 2), (1, 3)]) == {(2, 3)}
    assert left_over({1, 2, 3}, [(1, 2)]) == {(1, 3), (2, 3)}
    assert left_over({1, 2}, []) == set()


def test_clashing_groups_outweigh_all_evidence() -> None:
    places = zones(("10.1.0.", "10.9.0."))
    clash = frozenset([frozenset((places[0].narrow, places[3].narrow))])
    found = clashing({0: 7, 3: 2}, places.__getitem__, clash)
    assert found == {(2, 7): float("-inf")}
