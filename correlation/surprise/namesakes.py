"""Namesakes: hosts of one name that are several, by which sites that no link tells apart are told apart.

Within one site a name stands for one machine. Where hosts of the same name, each with an address of its
own, speak by turns within hours, again and again, they are different machines; and where two
subnets share several names so, each has names of its own: they are not of one site. One name alone says
nothing, for a machine may stand in two subnets, and neither does a machine that moves between them: it
speaks here for a while and there for a while, where two machines take turns as chance has it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from correlation.surprise.zones import Zone

Clash = frozenset[str]  # two subnets

_WITHIN = 3 * 3_600  # s in which hosts that speak by turns are counted once
_TURNS = 3  # times that two spoke by turns, from which they are two
_MIXED = 0.5  # of the changes of turn that chance would have, from which they are two
_NAMES = 2  # shared by two subnets, from which each has names of its own
_SHARE = 0.5  # of the names of the smaller of them
_HOSTS_KEPT = 64  # of one name
_NAMES_KEPT = 20_000
_PAIRS_KEPT = 50_000


@dataclass(slots=True)
class _Pair:
    """Two hosts of one name: how often each spoke, and how often the turn went to the other and back.

    `turns`: that it came back within hours, counted once in each part of the day; `latest` of these.
    """

    spoke: list[int] = field(default_factory=lambda: [0, 0])
    changes: int = 0
    turns: int = 0
    latest: int = -1

    @property
    def are_two(self) -> bool:
        """Whether they are two machines."""
        one, other = self.spoke
        by_chance = 2 * one * other / max(1, one + other)
        return self.turns >= _TURNS and self.changes >= _MIXED * by_chance


class Namesakes:
    """Which hosts of one name were seen to be several."""

    def __init__(self, zone: Callable[[int], Zone]) -> None:
        self._zone = zone
        self._spoke: dict[str, dict[int, int]] = {}  # by name and host, when last
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self.clashes: frozenset[Clash] = frozenset()

    def speak(self, time: int, host: int) -> None:
        """A host showed something.

        Args:
            time: s, not earlier than those before.
            host: its number.
        """
        name = self._zone(host).called
        if not name or (name not in self._spoke and len(self._spoke) >= _NAMES_KEPT):
            return
        spoke = self._spoke.setdefault(name, {})
        before = spoke.get(host)
        if before is None and len(spoke) >= _HOSTS_KEPT:
            return
        for other, last in spoke.items():
            if other != host:
                self._turn(host, other, time, before is not None and last > before, before)
        spoke[host] = time

    def _turn(self, host: int, other: int, time: int, changed: bool, before: int | None) -> None:
        """One of two namesakes spoke; `changed`: the other spoke since it last did."""
        key = (host, other) if host < other else (other, host)
        pair = self._pairs.get(key)
        if pair is None:
            if len(self._pairs) >= _PAIRS_KEPT:
                return
            pair = self._pairs[key] = _Pair()
        pair.spoke[host > other] += 1
        if changed and before is not None:
            pair.changes += 1
            part = time // _WITHIN
            if time - before <= _WITHIN and part != pair.latest:
                pair.turns, pair.latest = pair.turns + 1, part

    def compare(self, hosts: Iterable[int]) -> bool:
        """Find the subnets that have names of their own; whether that is not what was known."""
        names: defaultdict[str, set[str]] = defaultdict(set)
        for host in hosts:
            zone = self._zone(host)
            if zone.called:
                names[zone.narrow].add(zone.called)
        shared: Counter[Clash] = Counter()
        for (one, other), pair in self._pairs.items():
            here, there = self._zone(one), self._zone(other)
            if pair.are_two and here.narrow != there.narrow and here.family == there.family:
                shared[frozenset((here.narrow, there.narrow))] += 1
        clashes = frozenset(
            pair
            for pair, count in shared.items()
            if count >= max(_NAMES, _SHARE * min(len(names[subnet]) for subnet in pair))
        )
        changed = clashes != self.clashes
        self.clashes = clashes
        return changed

    def state(self) -> dict[str, Any]:
        """What is known, for JSON."""
        return {
            "spoke": [[name, list(hosts.items())] for name, hosts in self._spoke.items()],
            "pairs": [
                [*key, *pair.spoke, pair.changes, pair.turns, pair.latest]
                for key, pair in self._pairs.items()
            ],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self._spoke = {name: dict(hosts) for name, hosts in state["spoke"]}
        for one, other, ours, theirs, *rest in state["pairs"]:
            self._pairs[one, other] = _Pair([ours, theirs], *rest)
