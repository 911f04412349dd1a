"""Offsets: by how much each host's clock is wrong, told by what begins on two hosts at once.

What begins on two hosts at once begins again and again as many seconds apart as their clocks differ.
The densest eleven seconds of a pair's lags are believed where occasions of two kinds or more fall into
them, beyond chance: one kind alone may be a job that both run by the clock. The pairs that are surest
make trees; what two trees show at once is then taken together, and joins them where it says as much.
Along its tree each host has its offset; the middle host is taken for right, for only differences are
known. Hosts in no tree keep the wide window.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from statistics import median_low
from typing import Any

from correlation.surprise.clocks import LONGEST_LAG

Pair = tuple[int, int]
Lag = tuple[int, int, int]  # when (s), kind, s by which it began later on the second host

_HOUR = 3_600
_NEAR = 5  # s around the middle of the densest part
_OCCASIONS, _KINDS, _HOURS = 4, 2, 3  # the least that say anything
_GRID = 300  # s; jobs come every so often, or at a multiple of it
_TURN = 10  # s; what comes within so much comes at one turn
_TRIED = 3.0 + math.log((2 * LONGEST_LAG + 1) / (2 * _NEAR + 1))  # nats; so many parts were tried
_SAME = 2  # s by which an offset may move before it is another
_OF_PAIR = 200  # lags kept
_PAIRS_KEPT = 10_000
_KEPT = 100_000  # lags of all pairs; beyond them a new one takes the place of its pair's oldest
_WAITING_KEPT = 40_000


class Offsets:
    """Lags of pairs of hosts, and what they say of the hosts' clocks.

    Attributes:
        ahead: s by which a host's clock is ahead of its tree's; hosts in no tree are not in it.
        tree: the tree of a host, by one of its hosts.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Pair, int, int]] = deque()
        self._lags: dict[Pair, deque[Lag]] = {}
        self._held = 0
        self._fresh = 0  # lags since the offsets were found
        self.ahead: dict[int, int] = {}
        self.tree: dict[int, int] = {}

    def meet(self, time: int, host: int, earlier: int, kind: int, lag: int) -> None:
        """A kind began on a host `lag` s after it began on another; it ripens before it counts."""
        if len(self._waiting) < _WAITING_KEPT:
            pair, signed = ((earlier, host), lag) if earlier < host else ((host, earlier), -lag)
            self._waiting.append((time, pair, kind, signed))

    def apart(self, pair: Pair, lag: int) -> int:
        """Seconds between two beginnings, by right clocks; `lag`: of the second after the first."""
        one, other = pair
        return abs(lag - self.ahead.get(other, 0) + self.ahead.get(one, 0))

    def are_set(self, one: int, other: int) -> bool:
        """Whether two hosts are in one tree, so that their clocks can be compared."""
        return one in self.tree and self.tree[one] == self.tree.get(other)

    def ripen(self, ripe: int, attacked: Mapping[int, int]) -> None:
        """Learn from what began before a time (s), attacks left out as `Neighbours.ripen` does."""
        while self._waiting and self._waiting[0][0] < ripe:
            time, pair, kind, lag = self._waiting.popleft()
            if all(attacked.get(host, -1) < time for host in pair):
                self._keep(pair, (time, kind, lag))

    def _keep(self, pair: Pair, lag: Lag) -> None:
        kept = self._lags.get(pair)
        if kept is None:
            if len(self._lags) >= _PAIRS_KEPT or self._held >= _KEPT:
                return
            kept = self._lags[pair] = deque(maxlen=_OF_PAIR)
        if self._held >= _KEPT and kept:
            kept.popleft()
            self._held -= 1
        self._held += len(kept) < _OF_PAIR
        kept.append(lag)
        self._fresh += 1

    def estimate(self, by_the_clock: Callable[[Pair, int], bool]) -> bool:
        """Find the offsets anew; whether any is another now.

        Args:
            by_the_clock: whether a kind is periodic on both hosts of a pair, and so says nothing.
        """
        if 16 * self._fresh < self._held:
            return False
        self._fresh = 0
        told = [
            (pair, lag)
            for pair, lags in self._lags.items()
            for lag in lags
            if not by_the_clock(pair, lag[1])
        ]
        ahead, tree = trees(told)
        if all(abs(value) <= _NEAR for value in ahead.values()):
            ahead, tree = {}, {}  # clocks that agree as well as can be seen are left as they are
        same = tree == self.tree and all(
            abs(value - self.ahead[host]) <= _SAME for host, value in ahead.items()
        )
        if not same:
            self.ahead, self.tree = ahead, tree
        return not same

    def lags(self) -> Iterator[tuple[int, Pair, int, int]]:
        """When, of which hosts, of which kind and how far apart by right clocks (s), in order."""
        found = [
            (time, pair, kind, self.apart(pair, lag))
            for pair, lags in self._lags.items()
            for time, kind, lag in lags
        ]
        yield from sorted(found)

    def state(self) -> dict[str, Any]:
        """What is known, for JSON."""
        return {
            "waiting": list(self._waiting),
            "lags": [[*pair, list(lags)] for pair, lags in self._lags.items()],
            "fresh": self._fresh,
            "ahead": list(self.ahead.items()),
            "tree": list(self.tree.items()),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self._waiting = deque((time, (a, b), k, lag) for time, (a, b), k, lag in state["waiting"])
        self._lags = {
            (a, b): deque(((t, k, lag) for t, k, lag in lags), maxlen=_OF_PAIR)
            for a, b, lags in state["lags"]
        }
        self._held = sum(map(len, self._lags.values()))
        self._fresh = int(state["fresh"])
        self.ahead, self.tree = dict(state["ahead"]), dict(state["tree"])


def concentrated(lags: list[Lag], tried: float = 0.0) -> tuple[float, int] | None:
    """Nats beyond chance and the lag (s) at which lags are densest; None: nothing is said.

    Occasions of one kind in one hour count once, and so do those that lie whole times five minutes
    apart: two jobs meet at their turns as far apart as they were set.

    Args:
        lags: of one host, or tree, after another.
        tried: nats that are to be shown besides.
    """
    ordered = sorted(lags, key=lambda one: (one[2], one))
    hours, turns = Counter[Pair](), Counter[Pair]()  # of kinds, within the part looked at
    best, found = _OCCASIONS - 1, (0, 0)
    first = 0
    for last, (time, kind, lag) in enumerate(ordered):
        _count(time, kind, hours, turns, 1)
        while lag - ordered[first][2] > 2 * _NEAR:
            _count(ordered[first][0], ordered[first][1], hours, turns, -1)
            first += 1
        if min(len(hours), len(turns)) > best and _is_varied(hours):
            best, found = min(len(hours), len(turns)), (first, last + 1)
    by_chance = len(lags) * (2 * _NEAR + 1) / (2 * LONGEST_LAG + 1)
    if found == (0, 0) or best <= by_chance:
        return None
    nats = best * math.log(best / by_chance) - (best - by_chance) - _TRIED - tried
    middle = median_low([lag for _, _, lag in ordered[slice(*found)]])
    return (nats, middle) if nats > 0 else None


def _count(time: int, kind: int, hours: Counter[Pair], turns: Counter[Pair], by: int) -> None:
    """Take an occasion in or out."""
    for counter, part in ((hours, time // _HOUR), (turns, time % _GRID // _TURN)):
        counter[kind, part] += by
        if not counter[kind, part]:
            del counter[kind, part]


def _is_varied(hours: Iterable[Pair]) -> bool:
    """Whether there are kinds and hours enough: one kind may be a job, one hour an attack."""
    kinds, times = (set(part) for part in zip(*hours, strict=True))
    return len(kinds) >= _KINDS and len(times) >= _HOURS


def trees(told: Iterable[tuple[Pair, Lag]]) -> tuple[dict[int, int], dict[int, int]]:
    """Offset (s) and tree of each host: what two trees show at once is taken together, and joins them.

    Args:
        told: pairs of hosts, and what began on both.
    """
    ahead: dict[int, int] = {}
    tree: dict[int, int] = {}
    lags = [(pair, lag) for pair, lag in told]
    while True:
        shown: defaultdict[Pair, list[Lag]] = defaultdict(list)
        for (one, other), (time, kind, raw) in lags:
            here, there = tree.get(one, one), tree.get(other, other)
            lag = raw + ahead.get(one, 0) - ahead.get(other, 0)
            if here < there:
                shown[here, there].append((time, kind, lag))
            elif there < here:
                shown[there, here].append((time, kind, -lag))
        sizes = Counter(tree.values())
        edges: dict[Pair, tuple[float, int]] = {}
        for (one, other), some in shown.items():
            tried = max(1, sizes[one]) * max(1, sizes[other])
            edge = concentrated(some, math.log(tried))
            if edge is not None:
                edges[one, other] = edge
        if not edges:
            break
        _grow(edges, ahead, tree)
    return _centred(ahead, tree), tree


def _grow(
    edges: Mapping[Pair, tuple[float, int]], ahead: dict[int, int], tree: dict[int, int]
) -> None:
    """Join trees by the surest edges that make no circle."""
    members: defaultdict[int, list[int]] = defaultdict(list)
    for host, root in tree.items():
        members[root].append(host)
    moved: dict[int, int] = {}  # root of before → s that its hosts were moved by
    for (one, other), (_, lag) in sorted(edges.items(), key=lambda e: (-e[1][0], e[0])):
        for root in (one, other):
            if root not in tree:
                tree[root], ahead[root] = root, 0
                members[root].append(root)
        here, there = tree[one], tree[other]
        if here == there:
            continue
        move = moved.get(one, 0) + lag - moved.get(other, 0)
        for host in members.pop(there):
            tree[host] = here
            ahead[host] += move
            members[here].append(host)
            moved[host] = moved.get(host, 0) + move


def _centred(ahead: Mapping[int, int], tree: Mapping[int, int]) -> dict[int, int]:
    """Offsets by the middle host of each tree."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for host, root in tree.items():
        found[root].append(ahead[host])
    middle = {root: median_low(some) for root, some in found.items()}
    return {host: value - middle[tree[host]] for host, value in ahead.items()}
