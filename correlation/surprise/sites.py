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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

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
) -> Sites:
    """The sites of all hosts.

    Args:
        hosts: their numbers.
        zone: of a host.
        near: affinity by host and host.
        parameters: the weights.
        evidence: nats between groups of hosts.
    """
    known = list(hosts)
    firm = {
        host: frozenset(o for o, value in others.items() if value >= parameters.site_affinity)
        for host, others in near.items()
    }
    hubs = _hubs(known, zone, firm, parameters, evidence)
    groups = _components(known, zone, firm, frozenset(hubs))
    groups = _put_together(groups, zone, evidence)
    if not hubs:
        return _placed(groups, zone, parameters)
    loose = (number for number, group in enumerate(groups) if _subnets(group, zone) == 1)
    site = {host: number for number, group in enumerate(groups) for host in group}
    return Sites(site, frozenset(loose), hubs)


def _hubs(
    hosts: list[int],
    zone: ZoneOf,
    firm: Mapping[int, frozenset[int]],
    parameters: Parameters,
    evidence: Evidence,
) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for host, others in firm.items():
        if len({zone(other).narrow for other in others if zone(other).known}) > _SITE_SUBNETS:
            found[host] = others
        elif len({zone(other).narrow for other in others}) >= _HUB_LINKS:
            groups = _components(hosts, zone, firm, frozenset([host]))
            groups = _put_together(groups, zone, evidence)
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


def _components(
    hosts: list[int], zone: ZoneOf, firm: Mapping[int, frozenset[int]], without: frozenset[int]
) -> list[list[int]]:
    """Hosts that share a subnet or are linked firmly, in groups."""
    root = {host: host for host in hosts if host not in without}

    def find(host: int) -> int:
        while root[host] != host:
            root[host] = root[root[host]]
            host = root[host]
        return host

    first: dict[str, int] = {}
    for host in root:
        root[find(host)] = find(first.setdefault(zone(host).narrow, host))
    for host, others in firm.items():
        for other in others:
            if host in root and other in root:
                root[find(host)] = find(other)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for host in root:
        members[find(host)].append(host)
    return list(members.values())


def _put_together(groups: list[list[int]], zone: ZoneOf, evidence: Evidence) -> list[list[int]]:
    """A subnet that stands alone goes to its likeliest partner, the surest first."""
    members = dict(enumerate(groups))
    alone = {number for number, group in members.items() if _subnets(group, zone) == 1}
    if not alone or len(groups) == 1:
        return groups
    group_of = {host: number for number, group in members.items() for host in group}
    nats = evidence(group_of.get)
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


def likeliest(
    nats: Mapping[tuple[int, int], float], least: float, alone: Iterable[int], against: Against
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
        (min(v, w) for n, v in ties[0].items() for m, w in ties[1].items() if n != m), default=0.0
    )


def clearly(values: Mapping[int, float], least: float = 0.0) -> int | None:
    """What has most, more than the least and by a clear margin; None where nothing has."""
    best, *rest = sorted(values.items(), key=lambda one: (-one[1], one[0])) or [(0, 0.0)]
    clear = best[1] > least and best[1] >= MARGIN * (rest[0][1] if rest else 0.0)
    return best[0] if clear else None


def _placed(groups: list[list[int]], zone: ZoneOf, parameters: Parameters) -> Sites:
    """Where no hub hides anything: of several wide sites the subnets beside them are loose.

    Beside one wide site a subnet that shares its wide network is part of it.
    """
    large = [len(group) >= parameters.site_least for group in groups]
    wide = [n for n, group in enumerate(groups) if large[n] and _subnets(group, zone) > 1]
    if len(wide) > 1:
        site = {host: number for number, group in enumerate(groups) for host in group}
        return Sites(site, frozenset(range(len(groups))).difference(wide))
    networks = {zone(host).wide for number in wide for host in groups[number]}
    sites: dict[int, int] = {}
    for number, group in enumerate(groups):
        if large[number]:
            near = not networks.isdisjoint(zone(host).wide for host in group)
            sites |= dict.fromkeys(group, wide[0] if near else number)
    return Sites(sites)
