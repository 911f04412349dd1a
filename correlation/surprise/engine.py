"""Engine: alerts in order of time become items, items become cases, cases are raised as incidents.

    surprise in bits → item → link by bits − distance → case → score → raised

An item joins a case when its bits and the case's heat on a host near it outweigh the distance in
time and place. Cases of two known sites never join. What is too weak to join by itself is drawn in
afterwards. Memory is bounded by what is open: hosts cool off, cases close, items end.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable

from correlation.surprise.case import Case, Item, survivor, weigh
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.parameters import Parameters
from correlation.surprise.rarity import HOUR, Rarity
from correlation.surprise.zones import Zone

_OPEN_CASES = 1_024  # beyond them the weakest is closed, counted
_GAP = 600  # s; shorter gaps belong to one burst
_PENDING = 64  # weak items of one host that wait for a case
_CLOSED_ASKED = 64  # closed cases that a new one may continue
_RESCORED_ALWAYS = 128  # items; larger cases are scored at every sixteenth part more


class SurpriseEngine:
    """Correlates one stream.

    Args:
        parameters: the weights.
        zones: zone of a host by its number.

    Attributes:
        items: all items so far, in order of their beginning.
        cases_closed_early: cases closed for want of room.
    """

    def __init__(self, parameters: Parameters, zones: Callable[[int], Zone]) -> None:
        self._weights = parameters
        self._zone = zones
        self._rarity = Rarity(parameters)
        self._neighbours = Neighbours(parameters, zones)
        self._hour: int | None = None
        self._known: dict[str, int] = {}  # zone → its first alert
        self._hosts: dict[int, None] = {}
        self._open: dict[tuple[int, int], Item] = {}
        self._ended: dict[tuple[int, int], int] = {}  # when an item that is over was last seen
        self._active: dict[tuple[int, int], Item] = {}
        self._cases: dict[int, Case] = {}
        self._closed: deque[Case] = deque(maxlen=_CLOSED_ASKED)
        self._done: list[Case] = []
        self._pending: defaultdict[int, deque[Item]] = defaultdict(deque)
        self._attacked: dict[int, int] = {}
        self._numbers = 0
        self.items: list[Item] = []
        self.cases_closed_early = 0

    def see(
        self, time: int, host: int, kind: int, *, severity: float, far: str, judged: bool
    ) -> Item:
        """Take one alert in; the stream must come in order of time.

        Args:
            time: s.
            host: number of the host.
            kind: number of the kind of alert.
            severity: bits that the alert's own severity adds.
            far: an address outside that it names, or "".
            judged: false in a baseline, which teaches and raises nothing.
        """
        hour = time // HOUR
        if hour != self._hour:
            self._pass_hours(hour, time)
        zone = self._zone(host).narrow
        began = self._known.setdefault(zone, time)
        self._hosts.setdefault(host)
        self._neighbours.ripen(time, self._attacked)
        key = (host, kind)
        item = self._open.get(key)
        before = item.last if item is not None else self._ended.pop(key, time)
        if time - before >= _GAP:
            self._neighbours.beat(host, kind, time - before)
        if item is not None and time - item.last < self._weights.quiet:
            self._go_on(item, time)
            return item
        surprise = self._rarity.surprise(host, kind)
        learned = min(1.0, (time - began) / self._weights.learning)
        item = Item(
            number=len(self.items),
            host=host,
            kind=kind,
            first=time,
            last=time,
            bits=surprise.bits * learned,
            fleet=surprise.fleet,
            severity=severity,
            far=far,
        )
        self.items.append(item)
        self._open[key] = self._active[key] = item
        self._neighbours.onset(time, host, kind)
        if judged:
            self._link(item)
        return item

    def cases(self) -> list[Case]:
        """All cases, closed or open, each once."""
        return [case for case in (*self._done, *self._cases.values()) if case.merged is None]

    def _go_on(self, item: Item, time: int) -> None:
        item.last = time
        self._active[item.host, item.kind] = item
        if item.case is None:
            return
        case = item.case = survivor(item.case)
        case.last = max(case.last, time)
        heat = case.hosts.get(item.host)
        if heat is not None and time > heat.last:
            heat.value = heat.at(time, self._weights.heat_half_life)
            heat.last = time

    def _pass_hours(self, hour: int, time: int) -> None:
        if self._hour is not None:
            quiet = [
                key
                for key, item in self._active.items()
                if item.case is None or survivor(item.case).raised is None
            ]
            self._rarity.pass_hours(hour - self._hour, self._hosts, quiet)
            self._neighbours.pass_hour(self._hosts, hour)
        self._hour = hour
        self._active = {}
        for key in [k for k, i in self._open.items() if time - i.last >= self._weights.quiet]:
            self._ended[key] = self._open.pop(key).last
        for case in list(self._cases.values()):
            cold = [h for h, heat in case.hosts.items() if time - heat.last > self._weights.cooled]
            for host in cold:
                del case.hosts[host]
            if not case.hosts:
                self._close(case)

    def _close(self, case: Case) -> None:
        del self._cases[case.number]
        self._closed.append(case)
        self._done.append(case)

    def _strength(self, item: Item, case: Case) -> tuple[float, str]:
        """Bits that are left when the distance from a case is taken off, and by which way."""
        near = self._neighbours
        if any(near.are_apart(item.host, host) for host in case.hosts):
            return -math.inf, ""
        weights = self._weights
        bits = min(item.bits + item.severity, weights.link_cap)
        shared = item.far and item.far in case.addresses
        best, how = -math.inf, ""
        for host, heat in case.hosts.items():
            same = host == item.host
            way = 0.0 if same else near.closeness(item.host, host, item.first)
            if shared and not same:
                way = weights.same_address if way is None else min(way, weights.same_address)
            if way is None:
                continue
            warm = weights.heat_weight * math.log2(
                max(heat.at(item.first, weights.heat_half_life), 1e-6) / weights.heat_base
            )
            gap = max(0, item.first - heat.last, heat.first - item.first)
            if not same:
                warm = min(warm, weights.heat_elsewhere)
            scale = weights.time_same if same else weights.time_other
            value = bits + warm - weights.time_weight * math.log2(1 + gap / scale) - way
            if value > best:
                best, how = value, f"{host}"
        return best, how

    def _link(self, item: Item) -> None:
        weights = self._weights
        bits = item.bits + item.severity
        if bits < weights.link_floor:
            self._stand_aside(item)
            return
        found: list[tuple[float, int, Case, str]] = []
        for case in self._cases.values():
            value, how = self._strength(item, case)
            if value >= weights.theta:
                found.append((-value, case.number, case, how))
        if not found:
            if bits >= weights.seed:
                self._begin(item)
            else:
                self._wait(item)
            return
        found.sort(key=lambda one: one[:2])
        _, _, case, how = found[0]
        item.joined = how
        case = self._add(case, item)
        for _, _, other, way in found[1:]:
            if other.merged is None and other is not case:
                case = self._joined(case, other, same_host=way == str(item.host))
        self._pull(item)

    def _begin(self, item: Item) -> None:
        case = Case(self._numbers, item.first, item.last)
        self._numbers += 1
        if len(self._cases) >= _OPEN_CASES:
            weakest = min(self._cases.values(), key=lambda one: (one.score, one.last, one.number))
            self._close(weakest)
            self.cases_closed_early += 1
        self._cases[case.number] = case
        self._add(case, item)
        self._pull(item)

    def _wait(self, item: Item) -> None:
        waiting = self._pending[item.host]
        waiting.append(item)
        while item.first - waiting[0].first > self._weights.pull_back or len(waiting) > _PENDING:
            waiting.popleft()

    def _stand_aside(self, item: Item) -> None:
        """A kind usual on this host but rare in the fleet, in the minutes of a raised incident."""
        weights = self._weights
        if item.fleet < weights.rare:
            return
        site = self._neighbours.site(item.host)
        best: tuple[int, int, Case] | None = None
        for case in self._cases.values():
            if case.raised is None or site is None:
                continue
            gaps = [
                max(0, item.first - heat.last)
                for host, heat in case.hosts.items()
                if self._neighbours.site(host) == site
            ]
            gap = min(gaps, default=weights.aside_within + 1)
            if gap <= weights.aside_within and (best is None or (gap, case.number) < best[:2]):
                best = (gap, case.number, case)
        if best is not None:
            item.joined = "site"
            self._add(best[2], item)

    def _add(self, case: Case, item: Item) -> Case:
        case.add(item, self._weights)
        size = len(case.items)
        if size <= _RESCORED_ALWAYS or size % (size // 16) == 0:
            return self._rescore(case, item.first)
        return case

    def _rescore(self, case: Case, time: int) -> Case:
        """Score a case again; it may turn out to continue an incident, which is then returned."""
        weights = self._weights
        case.score = weigh(case, weights).score
        if case.raised is None:
            before = self._continued(case, time)
            if before is not None:
                return self._merge(before, case)
            if case.score >= weights.raise_at:
                case.raised = time
        if case.raised is not None:
            for host in case.hosts:
                self._attacked[host] = time
        return case

    def _continued(self, case: Case, time: int) -> Case | None:
        """The raised incident of the last day whose core host shows much anew in this case."""
        weights = self._weights
        if case.score < weights.continues:
            return None
        own = [host for host, core in case.cores.items() if core >= weights.continues]
        for other in (*self._closed, *self._cases.values()):
            if other is case or other.merged is not None or other.raised is None:
                continue
            if time - other.last > weights.cooled:
                continue
            if any(other.cores.get(host, 0.0) >= weights.continues_on for host in own):
                return other
        return None

    def _joined(self, one: Case, other: Case, *, same_host: bool) -> Case:
        """Two cases that one item links: joined at once when either is weak, else by two hosts."""
        weak = min(one.score, other.score) < self._weights.raise_at / 2
        common = [h for h in other.hosts if h in one.hosts and h not in self._neighbours.hubs]
        if weak or same_host or len(common) >= 2:
            return self._merge(one, other)
        return one

    def _merge(self, one: Case, other: Case) -> Case:
        """Two cases as one: the older stays, or the one that is raised already."""
        if (other.raised is None, other.first, other.number) < (
            one.raised is None,
            one.first,
            one.number,
        ):
            one, other = other, one
        self._cases.pop(other.number, None)
        if one.number not in self._cases:
            self._cases[one.number] = one
            self._closed.remove(one)
            self._done.remove(one)
        one.take(other, self._weights)
        return self._rescore(one, one.last)

    def _pull(self, item: Item) -> None:
        """Draw in what was too weak alone: waiting items and weak cases near this one."""
        weights = self._weights
        near = {item.host, *self._neighbours.near(item.host)}
        for host in sorted(near):
            waiting = self._pending.pop(host, None)
            if not waiting:
                continue
            left: deque[Item] = deque()
            for one in waiting:
                if item.first - one.first > weights.pull_back:
                    continue
                case = survivor(_case(item))
                value, how = self._strength(one, case)
                if value >= weights.theta:
                    one.joined = how
                    self._add(case, one)
                else:
                    left.append(one)
            if left:
                self._pending[host] = left
        for other in list(self._cases.values()):
            case = survivor(_case(item))
            if other is case or other.merged is not None or other.score >= weights.weak:
                continue
            if near.isdisjoint(other.hosts):
                continue
            if any(self._strength(one, case)[0] >= weights.theta for one in other.items[-4:]):
                self._merge(case, other)


def _case(item: Item) -> Case:
    if item.case is None:
        raise AssertionError("an item that was added has a case")
    return item.case
