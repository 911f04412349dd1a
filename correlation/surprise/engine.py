"""Engine: alerts in order of time become items, items become cases, cases are raised as incidents.

    surprise in bits → item → link by bits − distance → case → score → raised

An item joins a case when its bits and the case's heat on a host near it outweigh the distance in
time and place. Cases of two known sites never join. What is too weak to join by itself is drawn in
afterwards. What a hub shows joins no case of another host: it is told as context of each.
Memory is bounded by what is open: hosts cool off, cases close, items end.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict, deque
from collections.abc import Callable

from correlation.surprise.binding import bind
from correlation.surprise.case import OTHERS_KEPT, REFS_KEPT, Case, Item, Key, Others, survivor
from correlation.surprise.company import Company
from correlation.surprise.following import follow
from correlation.surprise.hops import Hops
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.open_cases import OpenCases, are_apart, is_apart
from correlation.surprise.parameters import Parameters
from correlation.surprise.rarity import HOUR, Rarity
from correlation.surprise.reaching import HOSTS_ASKED, reach
from correlation.surprise.seeking import seek
from correlation.surprise.suitors import pass_on, woo
from correlation.surprise.trails import Trails
from correlation.surprise.weighing import is_high, weigh
from correlation.surprise.zones import Zone

_GAP = 600  # s; shorter gaps belong to one burst
_PENDING = 64  # weak items of one host that wait for a case
_CLOSED_KEPT = 2_000  # cases; the weakest goes, and its alerts are in no incident
_CLOSED_ASKED = 64  # closed cases that a new one may continue
_RESCORED_ALWAYS = 128  # items; larger cases are scored at every sixteenth part more
_RUNS_OPEN = 50_000  # items that go on; beyond them an alert of a new kind or host is counted only
_ENDED_KEPT = 100_000
_HUB_ITEMS = 20_000
_LINKED = 5_000  # items of one hour that a case is sought for
_SILENCE = 6 * 3_600  # s; nobody is known to have watched in a longer silence of all hosts
_LEAST_SCORE = 12.0  # bits; a case below is one weak oddity


class SurpriseEngine:
    """Correlates one stream.

    Args:
        parameters: the weights.
        zones: zone of a host by its number.
        name: of a host and kind in words, by which cases are told apart for good.

    Attributes:
        hub_items: what hubs showed that was new to them.
        cases_closed_early, crowded: cases and alerts that there was no room for.
    """

    def __init__(
        self, parameters: Parameters, zones: Callable[[int], Zone], name: Callable[[Key], str]
    ) -> None:
        self.weights = parameters
        self._zones = zones
        self._name = name
        self.rarity = Rarity(parameters)
        self.neighbours = Neighbours(parameters, zones)
        self.companies = [Company(parameters, sort) for sort in ("grave", "new")]
        self.trails = Trails(parameters)
        self.hops = Hops(zones)
        self.hour: int | None = None
        self.known: dict[str, int] = {}  # zone → when it was first heard of, by the time watched
        self.hosts: dict[int, None] = {}
        self.open: dict[Key, Item] = {}
        self.ended: dict[Key, int] = {}  # when an item that is over was last seen
        self.active: dict[Key, Item] = {}
        self.cases = OpenCases(zones)
        self.closed: dict[int, Case] = {}
        self.pending: defaultdict[int, deque[Item]] = defaultdict(deque)
        self.attacked: dict[int, int] = {}
        self.hub_items: deque[Item] = deque(maxlen=_HUB_ITEMS)
        self.cases_begun = self.items_begun = 0
        self.linked = 0  # items of this hour that a case was sought for
        self.last = 0
        self.unwatched = 0  # s of silence that nobody is known to have watched in
        self.cases_closed_early = self.crowded = 0
        self.touched: dict[int, Case] = {}
        self.owners: array[int] | None = None  # case by item, where somebody asks for it
        self.became: dict[int, int] = {}  # number of the case that a case was merged into

    def see(  # noqa: PLR0913
        self,
        time: int,
        host: int,
        kind: int,
        *,
        severity: float,
        far: str,
        judged: bool,
        others: Others = (),
        ref: str = "",
        stage: int = 0,
    ) -> Item | None:
        """Take one alert in; the stream must come in order of time.

        Args:
            time: s.
            host: number of the host.
            kind: number of the kind of alert.
            severity: bits that the alert's own severity adds where it is not usual.
            far: an address outside that it names, or "".
            judged: false in a baseline, which teaches and raises nothing.
            others: kind and value of users, domains, files and the like that it names.
            ref: what the caller calls the alert.
            stage: of an attack that its kind speaks of (`Kind.stage`).

        Returns:
            its item; None where there is no room for another.
        """
        self._pass_time(time)
        watched = time - self.unwatched
        began = self.known.setdefault(self.zone(host).narrow, watched)
        self.hosts.setdefault(host)
        self.neighbours.ripen(time, self.attacked)
        key = (host, kind)
        item = self.open.get(key)
        before = item.last if item is not None else self.ended.pop(key, None)
        if before is None or time - before >= _GAP:
            self.neighbours.stir(time, host, kind)
            if before is not None:
                self.neighbours.beat(host, kind, time - before)
        if item is not None and time - item.last < self.weights.quiet:
            self._go_on(item, time, ref)
            if others and item.names_more(others):
                self._names_more(item)
            return item
        if len(self.open) >= _RUNS_OPEN and item is None:
            self.crowded += 1
            return None
        cold = max(0.0, 1 - (watched - began) / self.weights.learning)
        item = self._begun(time, key, cold, severity, far)
        item.others = others[:OTHERS_KEPT]
        item.stage = stage
        if ref:
            item.refs.append(ref)
        self.open[key] = self.active[key] = item
        self.hops.see(item)
        self.neighbours.onset(time, host, kind)
        for company in self.companies:
            company.see(item)
        trail = self.trails.see(item, watched, self.neighbours)
        if judged:
            self._link(item)
            follow(self, item, trail)
        return item

    def _names_more(self, item: Item) -> None:
        self.hops.see(item)
        if item.case is not None:
            case = survivor(item.case)
            case.see_addresses(item)
            self.cases.grew(case, item)

    def _begun(self, time: int, key: Key, cold: float, severity: float, far: str) -> Item:
        surprise = self.rarity.surprise(*key, self.neighbours.fleet(key[0]))
        usual = (1 - cold) * max(0.0, 1 - surprise.bits / self.weights.own)
        item = Item(
            number=self.items_begun,
            host=key[0],
            kind=key[1],
            first=time,
            last=time,
            bits=surprise.bits * (1 - cold),
            fleet=surprise.fleet,
            severity=severity * (1 - usual),
            cold=cold,
            far=far,
            fresh=self.rarity.is_new(key[1]),
        )
        self.items_begun += 1
        if self.owners is not None:
            self.owners.append(-1)
        return item

    def all_cases(self) -> list[Case]:
        """All cases, closed or open, each once."""
        return [*self.closed.values(), *self.cases]

    def zone(self, host: int, /) -> Zone:
        """Zone of a host."""
        return self._zones(host)

    def settle(self) -> None:
        """What waits for the end of the hour, or of the attacks, is done now."""
        bind(self, over=True)

    def _go_on(self, item: Item, time: int, ref: str) -> None:
        item.last = time
        item.count += 1
        if ref and len(item.refs) < REFS_KEPT:
            item.refs.append(ref)
        self.active[item.key] = item
        if item.case is None:
            return
        case = item.case = survivor(item.case)
        case.last = max(case.last, time)
        self.touched[case.number] = case
        heat = case.hosts.get(item.host)
        if heat is not None and time > heat.last:
            heat.value = heat.at(time, self.weights.heat_half_life)
            heat.last = time

    def _pass_time(self, time: int) -> None:
        if self.hour is not None and time - self.last > _SILENCE:
            self.unwatched += time - self.last - _SILENCE
        self.last = time
        hour = time // HOUR
        if hour != self.hour:
            self._pass_hours(hour, time)

    def _pass_hours(self, hour: int, time: int) -> None:
        if self.hour is not None:
            quiet = [
                key
                for key, item in self.active.items()
                if item.case is None or survivor(item.case).raised is None
            ]
            watched = min(hour - self.hour, _SILENCE // HOUR)
            self.rarity.pass_hours(watched, self.hosts, quiet)
            self.neighbours.pass_hour(self.hosts, hour)
            bind(self)
        self.hour = hour
        self.linked = 0
        self.active = {}
        for key in [k for k, i in self.open.items() if time - i.last >= self.weights.quiet]:
            self.ended[key] = self.open.pop(key).last
        while len(self.ended) > _ENDED_KEPT:
            del self.ended[next(iter(self.ended))]
        for host in [h for h, waiting in self.pending.items() if self._is_stale(waiting, time)]:
            del self.pending[host]
        for case in self.cases:
            cold = [h for h, heat in case.hosts.items() if time - heat.last > self.weights.cooled]
            for host in cold:
                del case.hosts[host]
            if not case.hosts:
                self._close(case)
        self.cases.index_anew()

    def _is_stale(self, waiting: deque[Item], time: int) -> bool:
        return not waiting or time - waiting[-1].first > self.weights.pull_back

    def _close(self, case: Case) -> None:
        self.cases.drop(case)
        if case.raised is None and weigh(case, self.weights, self.rarity).score < _LEAST_SCORE / 2:
            case.items, case.best = [], {}
            return
        self.closed[case.number] = case
        if len(self.closed) > _CLOSED_KEPT:
            weakest = min(self.closed.values(), key=lambda c: (c.score, c.last, c.number))
            del self.closed[weakest.number]

    def strength(self, item: Item, case: Case, most: int = HOSTS_ASKED) -> tuple[float, str]:
        """Bits that are left when the distance from a case is taken off, and by which way."""
        if is_apart(case, item.host, self.neighbours):
            return -math.inf, ""
        return reach(item, case, self.neighbours, self.weights, most)

    def _link(self, item: Item) -> None:
        weights = self.weights
        self._note_hub(item)
        if item.worth < weights.link_floor - item.cold * (weights.link_floor - 1):
            self._stand_aside(item)
            return
        self.linked += 1
        if self.linked > _LINKED:
            self.crowded += 1
            return
        seen = seek(self, item)
        if not seen.joinable:
            if item.worth >= weights.seed - item.cold * (weights.seed - weights.link_floor):
                self._begin(item)
                woo(survivor(_case(item)), seen.wooed)
            else:
                self._wait(item)
            return
        (_, number, case, item.joined), *others = seen.joinable
        case.crossed = case.crossed or number in seen.crossed
        case = self._add(case, item)
        for _, number, other, way in others:
            if other.merged is None and other is not case:
                same_host, hop = way == str(item.host), number in seen.crossed
                case = self._joined(case, other, same_host=same_host, hop=hop)
        self._pull(item)
        woo(survivor(_case(item)), seen.wooed)

    def _note_hub(self, item: Item) -> None:
        """What a hub shows that is new to it, or rare in the fleet: context of what goes on meanwhile."""
        notable = item.worth >= self.weights.link_floor or item.fleet >= self.weights.rare
        if notable and item.host in self.neighbours.sites.hubs:
            self.hub_items.append(item)

    def _begin(self, item: Item) -> None:
        case = Case(
            self.cases_begun, item.first, item.last, f"{item.first}\0{self._name(item.key)}"
        )
        self.cases_begun += 1
        for weakest in self.cases.overflowing():
            self._close(weakest)
            self.cases_closed_early += 1
        self.cases.put(case)
        self._add(case, item)
        self._pull(item)

    def _wait(self, item: Item) -> None:
        waiting = self.pending[item.host]
        waiting.append(item)
        while item.first - waiting[0].first > self.weights.pull_back or len(waiting) > _PENDING:
            waiting.popleft()

    def _stand_aside(self, item: Item) -> None:
        """A kind usual on this host but rare in the fleet, in the minutes of a raised incident."""
        weights = self.weights
        site = self.neighbours.site(item.host)
        if item.fleet < weights.rare or site is None:
            return
        best: tuple[int, int, Case] | None = None
        for case in self.cases:
            if case.raised is None or item.first - case.last > weights.aside_within:
                continue
            gaps = [
                max(0, item.first - case.hosts[host].last)
                for host in case.asked(item.host, self.neighbours.around(item.host))
                if self.neighbours.site(host) == site
            ]
            gap = min(gaps, default=weights.aside_within + 1)
            if gap <= weights.aside_within and (best is None or (gap, case.number) < best[:2]):
                best = (gap, case.number, case)
        if best is not None:
            item.joined = "site"
            self._add(best[2], item)

    def _add(self, case: Case, item: Item) -> Case:
        case.add(item, self.weights)
        if self.owners is not None:
            self.owners[item.number] = case.number
        site = self.neighbours.site(item.host)
        if site is not None:
            case.sites.add(site)
        self.cases.grew(case, item)
        self.touched[case.number] = case
        size = len(case.best)
        if size <= _RESCORED_ALWAYS or size % (size // 16) == 0:
            return self.rescore(case, item.first)
        return case

    def rescore(self, case: Case, time: int) -> Case:
        """Score a case again; it may turn out to continue an incident, which is then returned."""
        weights = self.weights
        weighed = weigh(case, weights, self.rarity)
        case.score = weighed.kinds
        if case.high is None and is_high(case, weighed, weights):
            case.high = time
        if case.raised is None:
            before = self._continued(case, time)
            if before is not None:
                return self.merge(before, case)
            if case.score >= weights.raise_at:
                case.raised = time
                case = self._with_beginnings(case)
        if case.raised is not None:
            for host in case.hosts:
                self.attacked[host] = time
        return case

    def _continued(self, case: Case, time: int) -> Case | None:
        """The raised incident of the last day whose core host shows much anew in this case."""
        weights = self.weights
        if case.score < weights.continues:
            return None
        own = [host for host, core in case.cores.items() if core >= weights.continues]
        lately: list[Case] = [*list(self.closed.values())[-_CLOSED_ASKED:], *self.cases]
        for other in lately:
            if other is case or other.raised is None or time - other.last > weights.cooled:
                continue
            if are_apart(case, other, self.neighbours):
                continue
            if any(other.cores.get(host, 0.0) >= weights.continues_on for host in own):
                return other
        return None

    def _with_beginnings(self, case: Case) -> Case:
        """A case that is raised, with the others of the day that show much on its core hosts."""
        weights = self.weights
        core = [host for host, heat in case.cores.items() if heat >= weights.continues_on]
        for other in self.cases:
            if other is case or other.raised is not None or other.score < weights.continues:
                continue
            if are_apart(case, other, self.neighbours):
                continue
            if any(other.cores.get(host, 0.0) >= weights.continues for host in core):
                case = self.merge(case, other)
        return case

    def _joined(self, one: Case, other: Case, *, same_host: bool, hop: bool) -> Case:
        """Two cases that one item links: joined at once when either is weak, else by two hosts."""
        if hop:
            one.crossed = True
            return self.merge(one, other)
        if are_apart(one, other, self.neighbours):
            return one
        weak = min(one.score, other.score) < self.weights.raise_at / 2
        hubs = self.neighbours.sites.hubs
        common = [h for h in other.hosts if h in one.hosts and h not in hubs]
        if weak or same_host or len(common) >= 2:
            return self.merge(one, other)
        return one

    def merge(self, one: Case, other: Case) -> Case:
        """Two cases as one: the older stays, or the one that is raised already."""
        if (other.raised is None, other.first, other.number) < (
            one.raised is None,
            one.first,
            one.number,
        ):
            one, other = other, one
        self.cases.drop(other)
        self.closed.pop(one.number, None)
        self.closed.pop(other.number, None)
        one.take(other, self.weights)
        pass_on(other, one, lambda number: self.cases.get(number) or self.closed.get(number))
        if self.owners is not None:
            self.became[other.number] = one.number
        self.cases.put(one)
        self.touched.pop(other.number, None)
        self.touched[one.number] = one
        return self.rescore(one, one.last)

    def _pull(self, item: Item) -> None:
        """Draw in what was too weak alone: waiting items and weak cases near this one."""
        weights = self.weights
        near = {item.host, *self.neighbours.near(item.host)}
        for host in sorted(near):
            waiting = self.pending.pop(host, None)
            if not waiting:
                continue
            left: deque[Item] = deque()
            for one in waiting:
                if item.first - one.first > weights.pull_back:
                    continue
                case = survivor(_case(item))
                value, how = self.strength(one, case)
                if value >= weights.theta:
                    one.joined = how
                    self._add(case, one)
                else:
                    left.append(one)
            if left:
                self.pending[host] = left
        for other in self.cases.near(near):
            case = survivor(_case(item))
            if other is case or other.merged is not None or other.score >= weights.weak:
                continue
            if near.isdisjoint(other.hosts):
                continue
            if any(self.strength(one, case)[0] >= weights.theta for one in other.items[-4:]):
                self.merge(case, other)


def _case(item: Item) -> Case:
    if item.case is None:
        raise AssertionError("an item that was added has a case")
    return item.case
