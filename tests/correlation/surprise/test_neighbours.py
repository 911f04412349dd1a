"""Who belongs together, and which sites that makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.surprise.clocks import onset_window
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.parameters import Parameters
from correlation.surprise.sites import contradiction, draw_sites, likeliest, rivals
from correlation.surprise.zones import zone_of

WEIGHTS = Parameters()
ADDRESSES = ["10.1.0.1", "10.1.0.2", "10.2.0.1", "10.2.0.2", "172.16.0.1", "172.16.0.2"]
ZONES = [zone_of(address, address) for address in ADDRESSES]
DAY = 86_400
HOUR = 3_600


def occasions(gaps: list[int], kinds: int = 3) -> Neighbours:
    near = Neighbours(WEIGHTS, ZONES.__getitem__)
    time = DAY
    for number, gap in enumerate(gaps):
        time += gap
        near.onset(time, 0, number % kinds)
        near.onset(time + 2, 2, number % kinds)
    near.ripen(time + 2 * WEIGHTS.ripening, {})
    return near


def test_starting_together_again_and_again_is_learned() -> None:
    near = occasions([7_000, 50_000, 20_000, 90_000, 33_000, 61_000])
    assert near.affinity(0, 2) == near.affinity(2, 0) > 0.7
    assert near.affinity(0, 1) == 0
    assert list(near.near(0)) == [2]


def test_what_comes_by_the_clock_says_nothing() -> None:
    near = occasions([3_600] * 3, kinds=1)  # before anybody can know that it comes by the clock
    assert near.affinity(0, 2) > 0
    for _ in range(4):
        for host in (0, 2):
            near.beat(host, 0, 3_600)
    near.pass_hour(range(3), 100)
    assert near.affinity(0, 2) == 0


@given(st.lists(st.integers(1, 400), min_size=2, max_size=8))
def test_two_jobs_that_speak_at_their_turns_are_not_linked(turns: list[int]) -> None:
    near = occasions([900 * turn for turn in turns], kinds=1)
    assert near.affinity(0, 2) < 0.5


def test_whoever_meets_at_any_minute_is_linked_by_one_kind() -> None:
    assert occasions([7_200, 18_000, 36_000], kinds=1).affinity(0, 2) < 0.5
    assert occasions([7_300, 18_100, 36_100], kinds=1).affinity(0, 2) > 0.7


def met_thrice(lag: int) -> float:
    """Affinity of two hosts that one kind began on thrice at once, where others begin `lag` s apart."""
    near = Neighbours(WEIGHTS, ZONES.__getitem__)
    for number in range(60):
        near.onset(DAY + 3_700 * number, 1, 10 + number % 5)
        near.onset(DAY + 3_700 * number + lag, 3, 10 + number % 5)
    time = DAY + 3_700 * 60
    near.pass_hour(range(4), time // HOUR)
    for number in range(12):
        near.onset(time + 7_300 * number, 0, 1)
        near.onset(time + 7_300 * number + (3 if number > 8 else 1_000), 2, 1)
    near.ripen(time + 2 * DAY, {})
    return near.affinity(0, 2)


def test_what_met_within_wide_clocks_is_believed_less() -> None:
    close, wide = met_thrice(1), met_thrice(20)
    assert close > WEIGHTS.site_affinity > wide > 0.2


def test_an_attack_does_not_teach_the_map_it_is_judged_by() -> None:
    near = Neighbours(WEIGHTS, ZONES.__getitem__)
    near.onset(DAY, 0, 1)
    near.onset(DAY + 1, 2, 1)
    near.ripen(DAY + WEIGHTS.ripening - 1, {})
    assert near.affinity(0, 2) == 0
    near.ripen(DAY + 2 * WEIGHTS.ripening, {0: DAY + 10})
    assert near.affinity(0, 2) == 0


def test_ways_between_hosts_cost_less_the_nearer_they_are() -> None:
    near = Neighbours(WEIGHTS, ZONES.__getitem__)
    near.onset(DAY, 0, 1)
    near.onset(DAY + 3, 4, 1)
    together, subnet = near.closeness(0, 4, DAY + 3), near.closeness(0, 1, DAY + 3)
    assert together is not None
    assert subnet is not None
    assert together < subnet
    assert near.closeness(0, 4, DAY + 3 + WEIGHTS.together_for) is None
    assert near.closeness(0, 2, DAY) is None


def test_sites_are_subnets_and_what_is_linked_to_them() -> None:
    near = {0: {2: 0.9}, 2: {0: 0.9}}
    sites = draw_sites([0, 1, 2, 3, 4, 5], ZONES.__getitem__, near, WEIGHTS, lambda _: {})
    assert not sites.hubs
    assert {sites.site[host] for host in (0, 1, 2, 3)} == {sites.site[0]}
    assert 4 not in sites.site  # two hosts are too few to be known as a site


def test_a_host_that_serves_many_networks_makes_no_site_of_them() -> None:
    addresses = [f"10.{net}.0.{host}" for net in range(1, 7) for host in (1, 2, 3)]
    zones = [zone_of(address, address) for address in addresses]
    firewall = len(addresses)
    zones.append(zone_of("192.0.2.1", "fw"))
    linked = dict.fromkeys(range(0, firewall, 3), 0.95)
    near = {firewall: linked, **{host: {firewall: 0.95} for host in linked}}
    sites = draw_sites(range(firewall + 1), zones.__getitem__, near, WEIGHTS, lambda _: {})
    assert sites.hubs == {firewall: frozenset(linked)}
    assert len({sites.site[host] for host in range(firewall)}) == len(sites.loose) == 6


def test_the_window_is_as_wide_as_the_clocks_differ() -> None:
    close, apart = [0] * 121, [0] * 121
    close[:5] = [60, 20, 10, 5, 5]
    apart[:60] = [4 - lag // 15 for lag in range(60)]
    chance = [1] * 121
    assert onset_window(close, 5) == onset_window(chance, 5) == 5
    assert 15 <= onset_window(apart, 5) <= 30
    assert onset_window([a + 3 for a in close], 5) == 5


def _two_sites() -> tuple[list[str], dict[int, dict[int, float]]]:
    """Two sites of two subnets each, linked firmly, and a subnet that nothing links."""
    addresses = [f"10.{net}.{half}.{host}" for net in (1, 2) for half in (0, 64) for host in (1, 2)]
    addresses += ["10.3.0.1", "10.3.0.2"]
    links = {0: {2: 0.9}, 2: {0: 0.9}, 4: {6: 0.9}, 6: {4: 0.9}}
    return addresses, links


def test_beside_several_sites_a_subnet_is_loose() -> None:
    addresses, links = _two_sites()
    zones = [zone_of(address, address) for address in addresses]
    sites = draw_sites(range(len(zones)), zones.__getitem__, links, WEIGHTS, lambda _: {})
    assert len(set(sites.site.values())) == 3
    assert sites.loose == {sites.site[8]}
    one = draw_sites([0, 1, 2, 3, 8, 9], zones.__getitem__, links, WEIGHTS, lambda _: {})
    assert not one.loose  # there is nothing else that it could be of


def test_a_known_site_is_no_rival_of_a_loose_subnet_for_another() -> None:
    """0 and 1 are known, 2 is alone: what ties 0 to 1 says nothing of where 2 belongs."""
    nats = {(0, 1): 9.0, (0, 2): 4.0}
    assert likeliest(nats, 1.0, {2}, contradiction) == (0, 2)
    assert likeliest(nats, 1.0, {2}, rivals) is None
    assert likeliest({**nats, (1, 2): 3.5}, 1.0, {2}, contradiction) is None


def test_two_loose_subnets_of_one_site_go_there_one_by_one() -> None:
    nats = {(1, 2): 11.0, (0, 1): 10.0, (0, 2): 7.0}
    assert likeliest(nats, 1.0, {1, 2}, contradiction) == (0, 1)
    assert likeliest({(1, 2): 11.0}, 1.0, {1, 2}, contradiction) == (1, 2)


def test_a_loose_subnet_is_bound_where_its_alerts_would_have_gone() -> None:
    zones = [zone_of(address, address) for address in _two_sites()[0]]
    near = Neighbours(WEIGHTS, zones.__getitem__)
    hosts = range(len(zones))
    begun = [
        (DAY * (1 + 4 * kind) + gap + 1_000 * first, first, second, kind)
        for first, second in ((0, 2), (4, 6))
        for kind in range(4)
        for gap in (7_000, 57_000, 77_000, 167_000)
    ]
    for time, first, second, kind in sorted(begun):
        near.onset(time, first, kind)
        near.onset(time + 1, second, kind)
    near.ripen(20 * DAY, {})
    near.pass_hour(hosts, 20 * 24)
    loose, here, there = (near.site(host) for host in (8, 0, 4))
    assert loose is not None
    assert here is not None
    assert there is not None
    assert near.are_apart(8, 0)
    assert not near.place(hosts, loose, {here: 20.0, there: 18.0})  # either may be
    assert near.place(hosts, loose, {here: 20.0, there: 3.0})
    assert near.site(8) == near.site(0) != near.site(4)
    assert near.fleet(0) == [0, 1, 2, 3, 8, 9]
