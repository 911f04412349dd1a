"""Neighbours: which hosts belong together, learned from what starts on both at once.

When the same kind of alert begins on two hosts within a few seconds, again and again, and more often
than chance would have it, they are run by the same people or served by the same server. Kinds that
come by the clock say nothing, one kind is credited a pair and hour, and an occasion counts only after
it has ripened, so that an attack cannot teach the map that it is judged by. Hosts that are linked
firmly, or stand in one subnet, make a *site*; two known sites are never joined in one incident.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from correlation.surprise.parameters import Parameters
from correlation.surprise.zones import Zone

Pair = tuple[int, int]
_SCALE = 6.0  # evidence at which affinity reaches 1 − 1/e
_ONE_OCCASION, _MANY = 4.0, 8.0  # most evidence of one kind after one and after more occasions
_MOST_ONSETS = 100_000  # waiting to ripen
_MOST_AT_ONCE = 64  # hosts that one kind starts on within the longest lag
_LONGEST_LAG = 120  # s
_WIDEST = 30  # s; wider windows join what only happens at the same time
_MEASURED = 12  # lags of one kind, so that a busy one does not set the window for all
_ENOUGH = 40.0  # onsets beyond chance before the window is measured


@dataclass(slots=True)
class _Rhythm:
    """Mean and spread of the logarithm of the gaps (Welford)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, gap: float) -> None:
        value = math.log(gap)
        self.count += 1
        away = value - self.mean
        self.mean += away / self.count
        self.squares += away * (value - self.mean)

    def is_periodic(self, spread: float) -> bool:
        return self.count >= 4 and math.sqrt(self.squares / self.count) < spread


class Neighbours:
    """Affinity of hosts, and the sites that they make."""

    def __init__(self, parameters: Parameters, zones: Callable[[int], Zone]) -> None:
        self._parameters = parameters
        self._zone = zones
        self._start: int | None = None
        self._rhythms: defaultdict[Pair, _Rhythm] = defaultdict(_Rhythm)
        self._onsets: Counter[Pair] = Counter()
        self._recent: defaultdict[int, deque[tuple[int, int]]] = defaultdict(deque)
        self._ripening: deque[tuple[int, Pair, int]] = deque()
        self._credited: dict[tuple[Pair, int], int] = {}
        self._occasions: Counter[tuple[Pair, int]] = Counter()
        self._evidence: defaultdict[Pair, dict[int, float]] = defaultdict(dict)
        self._near: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._together: dict[Pair, int] = {}
        self._lags = [0] * (_LONGEST_LAG + 1)
        self._measured: Counter[int] = Counter()
        self._window = parameters.onset_window
        self._sites: dict[int, int] = {}
        self.hubs: frozenset[int] = frozenset()

    def affinity(self, one: int, other: int) -> float:
        """0…1: how surely two hosts belong together by what began on both at once."""
        return self._near.get(one, {}).get(other, 0.0)

    def near(self, host: int) -> Iterable[int]:
        """Hosts with affinity enough to be asked."""
        least = self._parameters.affinity_least
        return [other for other, value in self._near.get(host, {}).items() if value > least]

    def site(self, host: int) -> int | None:
        """The site of a host; None where it is not known."""
        return self._sites.get(host)

    def are_apart(self, one: int, other: int) -> bool:
        """Whether two hosts are known to stand in different sites."""
        site, elsewhere = self._sites.get(one), self._sites.get(other)
        return site is not None and elsewhere is not None and site != elsewhere

    def closeness(self, host: int, other: int, time: int) -> float | None:
        """Bits that the way between two hosts costs; None where there is none."""
        weights = self._parameters
        ways: list[float] = []
        affinity = self.affinity(host, other)
        if affinity > weights.affinity_least:
            ways.append(weights.affinity_weight * (1 - affinity))
        together = self._together.get(_pair(host, other))
        if together is not None and time - together < weights.together_for:
            ways.append(weights.together)
        here, there = self._zone(host), self._zone(other)
        if here.narrow == there.narrow:
            ways.append(weights.same_zone)
        elif here.wide == there.wide:
            ways.append(weights.far_zone)
        return min(ways, default=None)

    def beat(self, host: int, kind: int, gap: int) -> None:
        """A kind was seen again after a gap (s); what comes by the clock is known by its gaps."""
        self._rhythms[host, kind].add(gap)

    def onset(self, time: int, host: int, kind: int) -> None:
        """An item began."""
        if self._start is None:
            self._start = time
        key = (host, kind)
        self._onsets[key] += 1
        recent = self._recent[kind]
        while recent and time - recent[0][0] > _LONGEST_LAG:
            recent.popleft()
        for began, other in recent:
            if other == host:
                continue
            if self._measured[kind] < _MEASURED:
                self._measured[kind] += 1
                self._lags[time - began] += 1
            if time - began > self._window:
                continue
            pair = _pair(host, other)
            self._together[pair] = time
            if len(self._ripening) < _MOST_ONSETS:
                self._ripening.append((time, pair, kind))
        if len(recent) < _MOST_AT_ONCE:
            recent.append((time, host))

    def ripen(self, now: int, attacked: Mapping[int, int]) -> None:
        """Learn from occasions that are old enough.

        Args:
            now: s.
            attacked: hosts of raised incidents with the time that they were last active in one.
        """
        while self._ripening and now - self._ripening[0][0] > self._parameters.ripening:
            time, pair, kind = self._ripening.popleft()
            if any(attacked.get(host, -1) >= time for host in pair):
                continue
            if self._by_the_clock(pair, kind):
                continue
            hour = (pair, time // 3_600)
            if self._credited.setdefault(hour, kind) != kind:
                continue
            self._credit(time, pair, kind)

    def _credit(self, time: int, pair: Pair, kind: int) -> None:
        one, other = pair
        self._occasions[pair, kind] += 1
        count = self._occasions[pair, kind]
        span = max(3_600, time - (self._start or 0))
        window = 2 * self._window
        by_chance = self._onsets[one, kind] * self._onsets[other, kind] * window / span
        gain = 0.0
        if count > by_chance:
            gain = count * math.log(count / by_chance) - (count - by_chance)
        self._evidence[pair][kind] = min(_ONE_OCCASION if count == 1 else _MANY, gain)
        self._weigh(pair)

    def _by_the_clock(self, pair: Pair, kind: int) -> bool:
        spread = self._parameters.periodic_spread
        return all(self._rhythms[host, kind].is_periodic(spread) for host in pair)

    def _weigh(self, pair: Pair) -> None:
        one, other = pair
        affinity = 1 - math.exp(-math.fsum(self._evidence[pair].values()) / _SCALE)
        self._near[one][other] = self._near[other][one] = affinity

    def _forget_clocks(self) -> None:
        """Take back what was credited before a kind was known to come by the clock."""
        for pair, kinds in self._evidence.items():
            clocks = [kind for kind in kinds if self._by_the_clock(pair, kind)]
            for kind in clocks:
                del kinds[kind]
            if clocks:
                self._weigh(pair)

    def pass_hour(self, hosts: Iterable[int], hour: int) -> None:
        """Draw the sites anew, and measure how far the clocks differ."""
        self._window = onset_window(self._lags, self._parameters.onset_window)
        self._forget_clocks()
        old = [key for key in self._credited if key[1] < hour - 48]
        for key in old:
            del self._credited[key]
        self._together = {
            pair: time for pair, time in self._together.items() if hour - time // 3_600 <= 1
        }
        self._sites, self.hubs = draw_sites(list(hosts), self._zone, self._near, self._parameters)


def onset_window(lags: Sequence[int], least: int) -> int:
    """Seconds that hold most of what began together: twice the median of the lags beyond chance.

    Lags beyond a minute are chance; what the shorter ones have more than that began together. Where
    the hosts' clocks agree, that stands within a few seconds.

    Args:
        lags: onsets of one kind on two hosts, by the seconds between them, to two minutes.
        least: the window to begin with.
    """
    half = len(lags) // 2
    chance = sum(lags[half + 1 :]) / half
    beyond = [count - chance for count in lags[: half + 1]]
    total = sum(beyond)
    if total < _ENOUGH:
        return least
    held = 0.0
    for lag, count in enumerate(beyond):
        held += count
        if held >= total / 2:
            return least if lag <= least else min(2 * lag, _WIDEST)
    return least


def draw_sites(
    hosts: list[int],
    zone: Callable[[int], Zone],
    near: Mapping[int, Mapping[int, float]],
    parameters: Parameters,
) -> tuple[dict[int, int], frozenset[int]]:
    """Site of each host that has one, and the hosts that serve too many zones to tell."""
    firm = {
        host: [o for o, value in others.items() if value >= parameters.site_affinity]
        for host, others in near.items()
    }
    hubs = frozenset(
        host
        for host, others in firm.items()
        if len({zone(other).narrow for other in others}) > parameters.hub_zones
    )
    root = {host: host for host in hosts if host not in hubs}

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
    known = [group for group in members.values() if len(group) >= parameters.site_least]
    return _with_islands(known, zone), hubs


def _with_islands(groups: list[list[int]], zone: Callable[[int], Zone]) -> dict[int, int]:
    """Site by host; a site of one subnet goes to the only wider site that shares its wide network."""
    wide = [{zone(host).wide for host in group} for group in groups]
    spans = [len({zone(host).narrow for host in group}) > 1 for group in groups]
    sites: dict[int, int] = {}
    for number, group in enumerate(groups):
        site = number
        if not spans[number]:
            around = [n for n in range(len(groups)) if spans[n] and wide[n] & wide[number]]
            site = around[0] if len(around) == 1 else number
        sites |= dict.fromkeys(group, site)
    return sites


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
