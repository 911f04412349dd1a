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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from correlation.surprise.clocks import LONGEST_LAG, Clocks
from correlation.surprise.coincidences import Coincidences, Meeting
from correlation.surprise.namesakes import Namesakes
from correlation.surprise.offsets import Offsets
from correlation.surprise.parameters import Parameters
from correlation.surprise.sites import (
    Sites,
    clashing,
    clearly,
    contradiction,
    draw_sites,
    left_over,
    likeliest,
    rivals,
)
from correlation.surprise.zones import Zone

Pair = tuple[int, int]
HOUR = 3_600
_SCALE = 6.0  # evidence at which affinity reaches 1 − 1/e
_ONE_OCCASION, _MANY = (
    4.0,
    8.0,
)  # most evidence of one kind after one and after more occasions
_TRIED = 3.0  # evidence that goes for the many pairs of hosts that were tried where clocks agree
_MOST_ONSETS = 40_000  # waiting to ripen
_MOST_AT_ONCE = 64  # hosts that one kind starts on within the longest lag
_KINDS_KEPT = 50_000  # whose latest onsets are known
_PAIRS_KEPT = 30_000  # of hosts, with what is known of them
_CREDITED_FOR = 48  # hours
_CREDITED_KEPT = 60_000  # hours of pairs
_TOGETHER_KEPT = 256  # hosts that something began on at once with one, in an hour
_BINDS = 4.0  # nats from which a loose subnet is bound to a site
_BINDS_HIDDEN = (
    8.0  # the same while an attack goes on behind a hub, when much begins together by chance
)
_BINDS_OFFSET = 6.0  # the same where each host's clock is off by its own, and only some are set
_BINDS_PARTS = 6.0  # from which two parts of one site are, each more than a subnet
_BINDS_LAST = 1.0  # nats that will do when all others have found theirs
_FLEET_MOST = 256  # hosts of a site that is a fleet of its own; a larger one is as good as all


class Neighbours:
    """Affinity of hosts, and the sites that they make.

    Attributes:
        sites: as they were drawn last.
        drawn: how often they were drawn anew.
        parted: whether subnets of one site were ever seen as several.
    """

    def __init__(self, parameters: Parameters, zones: Callable[[int], Zone]) -> None:
        self._parameters = parameters
        self._zone = zones
        self._start: int | None = None
        self._now = 0
        self._clocks = Clocks(parameters)
        self._offsets = Offsets()
        self._onsets: Counter[Pair] = Counter()
        self._recent: dict[int, deque[tuple[int, int]]] = {}
        self._ripening: deque[tuple[int, Pair, int]] = deque()
        self._meeting: deque[tuple[int, Meeting]] = deque()
        self._credited: dict[tuple[Pair, int], int] = {}
        self._occasions: dict[tuple[Pair, int], tuple[int, int]] = {}  # how many, the last
        self._evidence: defaultdict[Pair, dict[int, float]] = defaultdict(dict)
        self._near: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._together: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._usual = Coincidences()
        self._namesakes = Namesakes(zones)
        self._ties: list[Pair] = []  # hosts whose sites are one
        self._lately: deque[tuple[int, Meeting]] = deque(maxlen=_MOST_ONSETS)
        self.sites = Sites()
        self.drawn = 0
        self.parted = False
        self._fleets: dict[int, list[int]] = {}  # hosts by site, where several are known
        self._dirty = True
        self._hosts = 0

    def affinity(self, one: int, other: int) -> float:
        """0…1: how surely two hosts belong together by what began on both at once."""
        return self._near.get(one, {}).get(other, 0.0)

    def near(self, host: int) -> list[int]:
        """Hosts with affinity enough to be asked."""
        least = self._parameters.affinity_least
        return [other for other, value in self._near.get(host, {}).items() if value > least]

    def around(self, host: int) -> Iterator[int]:
        """Hosts that are near by affinity, or that something began on at once with it."""
        yield from self._near.get(host, ())
        yield from self._together.get(host, ())

    def site(self, host: int) -> int | None:
        """The site of a host; None where it is not known."""
        return self.sites.site.get(host)

    def fleet(self, host: int) -> Sequence[int]:
        """The hosts of its site, where several sites are known and it is in one of them."""
        site = self.site(host)
        if site is None or site in self.sites.loose:
            return ()
        return self._fleets.get(site, ())

    def are_apart(self, one: int, other: int) -> bool:
        """Whether two hosts are known to stand in different sites."""
        site, elsewhere = self.site(one), self.site(other)
        return site is not None and elsewhere is not None and site != elsewhere

    def closeness(self, host: int, other: int, time: int) -> float | None:
        """Bits that the way between two hosts costs; None where there is none."""
        weights = self._parameters
        ways: list[float] = []
        affinity = self.affinity(host, other)
        if affinity > weights.affinity_least:
            ways.append(weights.affinity_weight * (1 - affinity))
        together = self._together.get(host, {}).get(other)
        if together is not None and time - together < weights.together_for:
            ways.append(weights.together)
        here, there = self._zone(host), self._zone(other)
        if here.narrow == there.narrow:
            ways.append(weights.same_zone)
        elif here.wide == there.wide:
            ways.append(weights.far_zone)
        if here.called and here.called == there.called and here.family != there.family:
            return 0.0  # both stacks of one machine
        bound = self.sites.hubs or self._ties
        if bound and self.site(host) == self.site(other) is not None:
            ways.append(weights.same_zone)  # what ties them together may be the hub alone
        return min(ways, default=None)

    def beat(self, host: int, kind: int, gap: int) -> None:
        """A kind was seen again after a gap (s); what comes by the clock is known by its gaps."""
        self._clocks.beat(host, kind, gap)

    def stir(self, time: int, host: int, kind: int) -> None:
        """A kind began on a host after a shorter silence than an item's."""
        self._namesakes.speak(time, host)
        for meeting in self._usual.begin(time, host, kind, self._clocks.window):
            if len(self._meeting) < _MOST_ONSETS:
                self._meeting.append((time, meeting))
            self._lately.append((time, meeting))

    def onset(self, time: int, host: int, kind: int) -> None:
        """An item began."""
        if self._start is None:
            self._start = time
        if len(self._onsets) < 4 * _PAIRS_KEPT:
            self._onsets[host, kind] += 1
        recent = self._recent.setdefault(kind, deque())
        while recent and time - recent[0][0] > LONGEST_LAG:
            recent.popleft()
        differ = self._clocks.differ
        for began, other in recent:
            if other == host:
                continue
            lag = time - began
            self._clocks.measure(kind, lag)
            self._offsets.meet(time, host, other, kind, lag)
            window = self._clocks.window
            if differ and self._offsets.are_set(other, host):
                lag, window = self._offsets.apart((other, host), lag), self._clocks.right
            if lag > window:
                continue
            self._see_together(time, host, other)
            if len(self._ripening) < _MOST_ONSETS:
                self._ripening.append((time, _pair(host, other), kind))
        if len(recent) < _MOST_AT_ONCE:
            recent.append((time, host))

    def _see_together(self, time: int, one: int, other: int) -> None:
        here, there = self._together[one], self._together[other]
        if other in here or max(len(here), len(there)) < _TOGETHER_KEPT:
            here[other] = there[one] = time

    def ripen(self, now: int, attacked: Mapping[int, int]) -> None:
        """Learn from occasions that are old enough.

        Args:
            now: s.
            attacked: hosts of raised incidents with the time that they were last active in one.
        """
        self._now = now
        ripe = now - self._parameters.ripening
        self._offsets.ripen(ripe, attacked)
        while self._ripening and self._ripening[0][0] < ripe:
            time, pair, kind = self._ripening.popleft()
            if any(attacked.get(host, -1) >= time for host in pair):
                continue
            self._learn(time, pair, kind, time)
        while self._meeting and self._meeting[0][0] < ripe:
            time, meeting = self._meeting.popleft()
            one, kind, two, theirs = meeting
            if attacked.get(one, -1) >= time or attacked.get(two, -1) >= time:
                continue
            if not (self._clocks.keeps(one, kind) and self._clocks.keeps(two, theirs)):
                self._usual.keep(time, meeting)

    def _learn(self, time: int, pair: Pair, kind: int, now: int) -> None:
        if self._clocks.know(pair, kind) or not self._has_room(pair):
            return
        hour = (pair, time // HOUR)
        if self._credited.setdefault(hour, kind) == kind:
            self._credit(time, pair, kind, now)

    def _set_clocks_right(self) -> None:
        """Find the hosts' offsets anew; where they are others, learn anew what begins at once."""
        offsets = self._offsets
        if not self._clocks.differ or not offsets.estimate(self._clocks.know):
            return
        lags = list(offsets.lags())
        self._clocks.set_right(
            (kind, lag) for _, (one, other), kind, lag in lags if offsets.are_set(one, other)
        )
        self._credited.clear()
        self._occasions.clear()
        self._evidence.clear()
        self._near.clear()
        for time, pair, kind, lag in lags:
            if lag <= self._window(pair):
                self._learn(time, pair, kind, self._now)
        self._dirty = True

    def _window(self, pair: Pair) -> int:
        """Seconds within which two hosts' beginnings are one occasion."""
        set_right = self._clocks.differ and self._offsets.are_set(*pair)
        return self._clocks.right if set_right else self._clocks.window

    def _has_room(self, pair: Pair) -> bool:
        """Whether a pair is known, or may still be."""
        known = pair in self._evidence or len(self._evidence) < _PAIRS_KEPT
        return known and len(self._credited) < _CREDITED_KEPT

    def _credit(self, time: int, pair: Pair, kind: int, now: int) -> None:
        one, other = pair
        count, last = self._occasions.get((pair, kind), (0, time))
        count += not count or not self._clocks.on_grid(time - last)
        self._occasions[pair, kind] = count, time
        span = max(HOUR, now - (self._start or 0))
        window = self._window(pair)
        by_chance = self._onsets[one, kind] * self._onsets[other, kind] * 2 * window / span
        gain = 0.0
        if count > by_chance:
            wider = window / self._parameters.onset_window
            tried = _TRIED + math.log(wider)  # a wider window tries so many times more occasions
            gain = count * math.log(count / max(by_chance, 1e-9)) - (count - by_chance) - tried
        most = _ONE_OCCASION if count == 1 else _MANY
        self._evidence[pair][kind] = min(most, max(0.0, gain))
        self._weigh(pair)

    def _weigh(self, pair: Pair) -> None:
        one, other = pair
        affinity = 1 - math.exp(-math.fsum(self._evidence[pair].values()) / _SCALE)
        self._near[one][other] = self._near[other][one] = affinity
        self._dirty = True

    def _forget_clocks(self) -> None:
        """Take back what was credited before a kind was known to come by the clock."""
        for pair, kinds in self._evidence.items():
            clocks = [kind for kind in kinds if self._clocks.know(pair, kind)]
            for kind in clocks:
                del kinds[kind]
            if clocks:
                self._weigh(pair)

    def pass_hour(self, hosts: Iterable[int], hour: int) -> None:
        """Draw the sites anew, and measure how far the clocks differ."""
        self._clocks.measured()
        self._set_clocks_right()
        self._take_stock(hosts, hour)

    def _take_stock(self, hosts: Iterable[int], hour: int) -> None:
        self._forget_clocks()
        for key in [key for key in self._credited if key[1] < hour - _CREDITED_FOR]:
            del self._credited[key]
        for host, others in list(self._together.items()):
            kept = {other: time for other, time in others.items() if hour - time // HOUR <= 1}
            if kept:
                self._together[host] = kept
            else:
                del self._together[host]
        self._recent = {
            kind: recent
            for kind, recent in self._recent.items()
            if hour - recent[-1][0] // HOUR <= 1
        }
        while self._lately and hour - self._lately[0][0] // HOUR > 24:
            self._lately.popleft()
        known = list(hosts)
        self._dirty = self._namesakes.compare(known) or self._dirty
        if not self._dirty and len(known) == self._hosts and not self.sites.hubs:
            return
        self._dirty, self._hosts = False, len(known)
        self._draw(known)

    def _draw(self, hosts: Iterable[int]) -> None:
        self.sites = draw_sites(
            hosts,
            self._zone,
            self._near,
            self._parameters,
            self._between,
            clashes=self._namesakes.clashes,
            ties=self._ties,
        )
        self.drawn += 1
        members: defaultdict[int, list[int]] = defaultdict(list)
        for host, site in self.sites.site.items():
            members[site].append(host)
        wide = {
            site: hosts
            for site, hosts in members.items()
            if site not in self.sites.loose and len(hosts) <= _FLEET_MOST
        }
        self._fleets = wide if len(members) > 1 else {}
        self.parted = self.parted or bool(self.sites.hubs or self.sites.loose)

    def bind(self, hosts: Iterable[int], among: frozenset[int] | None = None) -> bool:
        """Find where loose subnets belong, by all that began together until now, attacks included.

        Asked while an attack goes on that may have come from one to the other. A subnet is bound only
        where the site is clearly its likeliest, and it clearly the site's.

        Args:
            hosts: all that are known.
            among: the sites that still seek a partner when the attacks are over; what others have
                found is no rival then, and less evidence will do.

        Returns:
            whether any was bound; sites are drawn anew then.
        """
        sites = self.sites
        if not self.parted:
            return False
        nats = self._usual.between(self.site, self._now, self._clocks.window, self._lately)
        apart = self._clashing()
        nats |= apart
        known = set(sites.site.values()) - sites.loose
        left = left_over(known, apart) if self.agree else set[Pair]()
        parts = {
            pair
            for pair in left
            if nats.get(pair, 0.0) >= _BINDS_PARTS and self._named_apart(*pair)
        }
        if among is not None:
            nats = {pair: value for pair, value in nats.items() if among.issuperset(pair)}
        least = _BINDS_LAST
        if among is None:
            usual = _BINDS_OFFSET if self._offsets.tree and not self.agree else _BINDS
            least = _BINDS_HIDDEN if sites.hubs else usual
        pair = likeliest(
            nats,
            least,
            sites.loose.union(*parts),
            contradiction if self.agree else rivals,
        )
        if pair is None:
            return False
        self._tie(pair, hosts)
        return True

    def place(self, hosts: Iterable[int], loose: int, suits: Mapping[int, float]) -> bool:
        """Bind a loose subnet to the site whose incidents it would have joined, where one is clear.

        Args:
            hosts: all that are known.
            loose: the subnet.
            suits: bits by site; of several that are near, what began together decides.
        """
        if not self.agree:
            return False
        apart = self._clashing()
        suits = {one: bits for one, bits in suits.items() if _pair(one, loose) not in apart}
        site = clearly(suits)
        if site is None and suits:
            nats = self._usual.between(self.site, self._now, self._clocks.window, self._lately)
            site = clearly({one: nats.get(_pair(one, loose), 0.0) for one in suits}, _BINDS)
        if site is None:
            return False
        self._tie((loose, site), hosts)
        return True

    def _clashing(self) -> dict[Pair, float]:
        """Sites that have names of their own, as evidence that nothing outweighs."""
        return clashing(self.sites.site, self._zone, self._namesakes.clashes)

    def _named_apart(self, one: int, other: int) -> bool:
        """Whether no name of one site is a name of the other: parts of one have names of their own."""
        names: tuple[set[str], set[str]] = (set(), set())
        for host, site in self.sites.site.items():
            if site in (one, other):
                names[site == other].add(self._zone(host).called)
        return "" not in names[0] | names[1] and names[0].isdisjoint(names[1])

    @property
    def agree(self) -> bool:
        """Whether the hosts' clocks agree; where they do not, much begins together by chance."""
        return not self._clocks.differ

    def _tie(self, pair: Pair, hosts: Iterable[int]) -> None:
        """Two sites are one from now on."""
        first: dict[int, int] = {}
        for host, site in self.sites.site.items():
            if site in pair:
                first.setdefault(site, host)
        self._ties.append(_pair(first[pair[0]], first[pair[1]]))
        self._draw(hosts)

    def _between(self, group: Callable[[int], int | None]) -> dict[Pair, float]:
        return self._usual.between(group, self._now, self._clocks.window)

    def state(self) -> dict[str, Any]:
        """What is known, for JSON; sites are drawn from it anew."""
        return {
            "start": self._start,
            "now": self._now,
            "clocks": self._clocks.state(),
            "offsets": self._offsets.state(),
            "onsets": [[*key, count] for key, count in self._onsets.items()],
            "recent": [[kind, list(recent)] for kind, recent in self._recent.items()],
            "ripening": list(self._ripening),
            "meeting": list(self._meeting),
            "lately": list(self._lately),
            "credited": [[*pair, hour, kind] for (pair, hour), kind in self._credited.items()],
            "occasions": [[*pair, kind, *seen] for (pair, kind), seen in self._occasions.items()],
            "evidence": [[*pair, list(kinds.items())] for pair, kinds in self._evidence.items()],
            "together": [
                [one, other, time]
                for one, others in self._together.items()
                for other, time in others.items()
            ],
            "usual": self._usual.state(),
            "parted": self.parted,
            "ties": self._ties,
            "namesakes": self._namesakes.state(),
        }

    def restore(self, state: Mapping[str, Any], hosts: Iterable[int]) -> None:
        """Take up what `state` gave."""
        self._start, self._now = state["start"], int(state["now"])
        self._clocks.restore(state["clocks"])
        self._offsets.restore(state["offsets"])
        self._onsets = Counter({(h, k): n for h, k, n in state["onsets"]})
        self._recent = {
            kind: deque((time, host) for time, host in recent) for kind, recent in state["recent"]
        }
        self._ripening = deque((time, (a, b), kind) for time, (a, b), kind in state["ripening"])
        self._meeting = deque((time, (a, b, c, d)) for time, (a, b, c, d) in state["meeting"])
        self._lately.extend((time, (a, b, c, d)) for time, (a, b, c, d) in state["lately"])
        self._credited = {((a, b), hour): kind for a, b, hour, kind in state["credited"]}
        self._occasions = {((a, b), kind): (n, last) for a, b, kind, n, last in state["occasions"]}
        for one, other, kinds in state["evidence"]:
            self._evidence[one, other] = dict(kinds)
            self._weigh((one, other))
        for one, other, time in state["together"]:
            self._together[one][other] = time
        self._usual.restore(state["usual"])
        self.parted = bool(state["parted"])
        self._ties = [(one, other) for one, other in state["ties"]]
        self._namesakes.restore(state["namesakes"])
        self._take_stock(hosts, self._now // HOUR)


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
