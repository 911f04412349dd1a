"""Sites: hosts that stand in one subnet or are linked firmly; hubs are left out of them.

A host that is linked to several sites, such as a firewall which they share, is a *hub*: what remains
when it is taken away falls into two or more groups of several subnets each, or it is linked to more
subnets than one site has. Without it a site may fall into its subnets. They are put together again by
coincidences: two groups are one where each is the other's likeliest partner by a clear margin. A subnet
that stays alone is *loose*: it may belong to any site behind the hub, and joins none before it is known.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from correlation.surprise.namesakes import Clash
from correlation.surprise.parameters import Parameters
from correlation.surprise.zones import Zone

_LEAST_EVIDENCE = 5.0  # nats
MARGIN = 1.5  # times what the next likely partner has
_HUB_LINKS = 4  # subnets that a host must be linked to before it can be a hub
_SITE_SUBNETS = 4  # subnets that one site has at most, where a host is linked to them all

ZoneOf = Callable[[int], Zone]
Against = Callable[
    [tuple[int, int], Mapping[tuple[int, int], float], frozenset[int]], float
]  # of a pair, by the evidence and those that are alone
Evidence = Callable[[Callable[[int], int | None]], dict[tuple[int, int], float]]


@dataclass(frozen=True)
class Sites:
    """Which host stands where.

    Attributes:
        site: of each host that has one.
        loose: sites that are one subnet behind a hub.
        hubs: hosts that serve several sites, with the hosts that each is linked to.
    """

    site: dict[int, int] = field(default_factory=dict[int, int])
    loose: frozenset[int] = frozenset()
    hubs: Mapping[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])


def draw_sites(
    hosts: Iterable[int],
    zone: ZoneOf,
    near: Mapping[int, Mapping[int, float]],
    parameters: Parameters,
    evidence: Evidence,
    *,
    clashes: frozenset[Clash] = frozenset(),
    ties: Sequence[tuple[int, int]] = (),
) -> Sites:
    """The sites of all hosts.

    Args:
        hosts: their numbers.
        zone: of a host.
        near: affinity by host and host.
        parameters: the weights.
        evidence: nats between groups of hosts.
        clashes: pairs of subnets that are of different sites.
        ties: hosts whose subnets were found to be of one site.
    """
    known = list(hosts)
    firm = {
        host: frozenset(o for o, value in others.items() if value >= parameters.site_affinity)
        for host, others in near.items()
    }
    against: defaultdict[str, set[str]] = defaultdict(set)
    for here, there in clashes:
        against[here].add(there)
        against[there].add(here)
    tied = [*ties, *_both_stacks(known, zone)]
    ground = _Ground(known, zone, near, firm, tied, evidence, clashes, against)
    hubs = _hubs(ground, parameters)
    groups = _put_together(_components(ground, frozenset(hubs)), ground)
    if not hubs:
        return _placed(groups, zone, parameters)
    loose = (number for number, group in enumerate(groups) if _subnets(group, zone) == 1)
    site = {host: number for number, group in enumerate(groups) for host in group}
    return Sites(site, frozenset(loose), hubs)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What sites are drawn from."""

    hosts: list[int]
    zone: ZoneOf
    near: Mapping[int, Mapping[int, float]]
    firm: Mapping[int, frozenset[int]]
    ties: Sequence[tuple[int, int]]
    evidence: Evidence
    clashes: frozenset[Clash]
    against: Mapping[str, set[str]]  # the same, by subnet

    def surest(self, link: tuple[int, int]) -> tuple[float, tuple[int, int]]:
        """Order of links, the surest first."""
        return -self.near[link[0]][link[1]], link

    def apart(self, one: set[str], other: set[str]) -> bool:
        """Whether a subnet of the one and a subnet of the other have names of their own."""
        if not self.against:
            return False
        fewer, more = sorted((one, other), key=len)
        return any(not more.isdisjoint(self.against.get(subnet, ())) for subnet in fewer)


def _both_stacks(hosts: Iterable[int], zone: ZoneOf) -> list[tuple[int, int]]:
    """Hosts that are one machine by their names, with one address of IPv4 and one of IPv6."""
    named: defaultdict[str, list[int]] = defaultdict(list)
    for host in hosts:
        if zone(host).called:
            named[zone(host).called].append(host)
    pairs = ((group[0], group[1]) for group in named.values() if len(group) == 2)
    return [(one, two) for one, two in pairs if zone(one).family != zone(two).family]


def _hubs(ground: _Ground, parameters: Parameters) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    zone = ground.zone
    for host, others in ground.firm.items():
        subnets = {zone(other).narrow for other in others}
        if len({zone(other).narrow for other in others if zone(other).known}) > _SITE_SUBNETS:
            found[host] = others
        elif len(subnets) >= _HUB_LINKS:
            if any(pair <= subnets for pair in ground.clashes):
                found[host] = others
                continue
            groups = _put_together(_components(ground, frozenset([host])), ground)
            wide = [
                group
                for group in groups
                if _subnets(group, zone) > 1
                and len(group) >= parameters.site_least
                and not others.isdisjoint(group)
            ]
            if len(wide) > 1:
                found[host] = others
    return found


def _subnets(group: Iterable[int], zone: ZoneOf) -> int:
    return len({zone(host).narrow for host in group})


def _components(ground: _Ground, without: frozenset[int]) -> list[list[int]]:
    """Hosts that share a subnet or are linked firmly, in groups."""
    root = {host: host for host in ground.hosts if host not in without}

    def find(host: int) -> int:
        while root[host] != host:
            root[host] = root[root[host]]
            host = root[host]
        return host

    first: dict[str, int] = {}
    subnets: defaultdict[int, set[str]] = defaultdict(set)
    for host in root:
        narrow = ground.zone(host).narrow
        root[find(host)] = find(first.setdefault(narrow, host))
        subnets[find(host)].add(narrow)
    links = ((host, other) for host, others in ground.firm.items() for other in others)
    for one, other in chain(ground.ties, sorted(links, key=ground.surest)):
        if one not in root or other not in root:
            continue
        here, there = find(one), find(other)
        if here != there and not ground.apart(subnets[here], subnets[there]):
            root[here] = there
            subnets[there] |= subnets.pop(here)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for host in root:
        members[find(host)].append(host)
    return list(members.values())


def _put_together(groups: list[list[int]], ground: _Ground) -> list[list[int]]:
    """A subnet that stands alone goes to its likeliest partner, the surest first."""
    members = dict(enumerate(groups))
    alone = {number for number, group in members.items() if _subnets(group, ground.zone) == 1}
    if not alone or len(groups) == 1:
        return groups
    group_of = {host: number for number, group in members.items() for host in group}
    nats = ground.evidence(group_of.get) | clashing(group_of, ground.zone, ground.clashes)
    while True:
        pair = likeliest(nats, _LEAST_EVIDENCE, alone, rivals)
        if pair is None:
            return list(members.values())
        one, other = pair
        members[one] = members[one] + members.pop(other)
        alone -= {one, other}
        merged: defaultdict[tuple[int, int], float] = defaultdict(float)
        for (a, b), value in nats.items():
            here, there = (one if a == other else a), (one if b == other else b)
            if here != there:
                merged[min(here, there), max(here, there)] += value
        nats = dict(merged)


def clashing(
    group_of: Mapping[int, int], zone: ZoneOf, clashes: frozenset[Clash]
) -> dict[tuple[int, int], float]:
    """Groups that have names of their own, as evidence that no other outweighs."""
    groups: defaultdict[str, set[int]] = defaultdict(set)
    if clashes:
        for host, group in group_of.items():
            groups[zone(host).narrow].add(group)
    return {
        (min(one, other), max(one, other)): -math.inf
        for here, there in clashes
        for one in groups.get(here, ())
        for other in groups.get(there, ())
        if one != other
    }


def left_over(known: set[int], apart: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Pairs of known sites of which one is set apart from all others: they may be one site in parts."""
    left = {site: known - {site} for site in known}
    for one, other in apart:
        if one in left and other in left:
            left[one].discard(other)
            left[other].discard(one)
    if len(known) < 3:
        return set()
    pairs = ((site, *others) for site, others in left.items() if len(others) == 1)
    return {(min(pair), max(pair)) for pair in pairs}


def likeliest(
    nats: Mapping[tuple[int, int], float],
    least: float,
    alone: Iterable[int],
    against: Against,
) -> tuple[int, int] | None:
    """The pair with most evidence, one of it alone, that clearly outweighs what is against it."""
    seekers = frozenset(alone)
    for pair, value in sorted(nats.items(), key=lambda one: (-one[1], one[0])):
        if value < least:
            return None
        if not seekers.isdisjoint(pair) and value >= MARGIN * against(pair, nats, seekers):
            return pair
    return None


def rivals(
    pair: tuple[int, int], nats: Mapping[tuple[int, int], float], _alone: frozenset[int]
) -> float:
    """What ties one of a pair to another: each is to be the other's likeliest partner."""
    return max(
        (v for other, v in nats.items() if other != pair and not set(pair).isdisjoint(other)),
        default=0.0,
    )


def contradiction(
    pair: tuple[int, int], nats: Mapping[tuple[int, int], float], alone: frozenset[int]
) -> float:
    """What ties the two of a pair to different sites that are known.

    What ties one of them to another that is alone does not: all three may be one site. Two that are
    alone and that the same known site is likeliest for each go there one by one.
    """
    ties: list[dict[int, float]] = []
    for member in pair:
        if member not in alone:
            ties.append({member: math.inf})
            continue
        others = ((set(other) - {member}, v) for other, v in nats.items() if member in other)
        ties.append({n: v for (n,), v in others if n not in alone})
    if alone.issuperset(pair):
        likely = [clearly(found, _LEAST_EVIDENCE) for found in ties]
        if likely[0] is not None and likely[0] == likely[1]:
            return math.inf
    return max(
        (min(v, w) for n, v in ties[0].items() for m, w in ties[1].items() if n != m),
        default=0.0,
    )


def clearly(values: Mapping[int, float], least: float = 0.0) -> int | None:
    """What has most, more than the least and by a clear margin; None where nothing has."""
    best, *rest = sorted(values.items(), key=lambda one: (-one[1], one[0])) or [(0, 0.0)]
    clear = best[1] > least and best[1] >= MARGIN * (rest[0][1] if rest else 0.0)
    return best[0] if clear else None


def _placed(groups: list[list[int]], zone: ZoneOf, parameters: Parameters) -> Sites:
    """Where no hub hides anything: of several wide sites the subnets beside them are loose.

    Beside one wide site, or none, subnets that share a wide network are one site: that no link was seen
    between them yet does not set them apart.
    """
    large = [len(group) >= parameters.site_least for group in groups]
    wide = [n for n, group in enumerate(groups) if large[n] and _subnets(group, zone) > 1]
    if len(wide) > 1:
        site = {host: number for number, group in enumerate(groups) for host in group}
        return Sites(site, frozenset(range(len(groups))).difference(wide))
    first: dict[str, int] = {zone(host).wide: wide[0] for n in wide for host in groups[n]}
    sites: dict[int, int] = {}
    for number, group in enumerate(groups):
        if large[number]:
            networks = sorted({zone(host).wide for host in group})
            here = next((first[network] for network in networks if network in first), number)
            first |= {network: first.get(network, here) for network in networks}
            sites |= dict.fromkeys(group, here)
    return Sites(sites)
