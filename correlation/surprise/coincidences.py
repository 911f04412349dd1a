"""Coincidences: kinds, the same or not, that begin on two hosts within seconds of each other.

Weak evidence that two hosts belong together, asked only where a host that serves several sites hides
which subnets are one site. By chance n₁ and n₂ beginnings in a span T meet e = n₁·n₂·(2w+1)/T times
within w seconds; c meetings are worth c·ln(c/e) − (c − e) nats by Poisson's law, less what trying so
many pairs of kinds finds by chance. One meeting is counted once, whatever number of kinds met in it.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Meeting = tuple[int, int, int, int]  # host, kind, host, kind; the lower host first

_KEPT = 50_000  # pairs of kinds on pairs of hosts
_TIMES = 8  # of one of them
_STARTS_KEPT = 200_000
_AT_ONCE = 32  # beginnings within the window that are compared
_USUAL = 0.5  # meetings by chance from which two kinds say nothing
_TRIED = 5.0  # nats taken off for the pairs of kinds that were tried
_ONE = 600  # s within which meetings are one
_CLOCK = 60  # s; meetings that all fall into the same such part of the hour come by the clock
_LEAST_SPAN = 86_400


class Coincidences:
    """What met, and how often each kind begins on each host."""

    def __init__(self) -> None:
        self._start: int | None = None
        self._starts: dict[tuple[int, int], int] = {}
        self._recent: deque[tuple[int, int, int]] = deque()
        self.met: dict[Meeting, list[int]] = {}

    def begin(self, time: int, host: int, kind: int, window: int) -> list[Meeting]:
        """A kind began on a host; what it met there and then.

        Args:
            time: s, not earlier than those before.
            host: its number.
            kind: its number.
            window: s.
        """
        if self._start is None:
            self._start = time
        key = (host, kind)
        if key in self._starts or len(self._starts) < _STARTS_KEPT:
            self._starts[key] = self._starts.get(key, 0) + 1
        recent = self._recent
        while recent and time - recent[0][0] > window:
            recent.popleft()
        found: list[Meeting] = []
        span = max(_LEAST_SPAN, time - self._start)
        usual = _USUAL * span / (2 * window + 1) / self._starts.get(key, 1)
        for _, other, theirs in recent:
            if other != host and self._starts.get((other, theirs), 1) <= usual:
                pair = (other, theirs)
                found.append((*key, *pair) if host < other else (*pair, *key))
        if len(recent) < _AT_ONCE:
            recent.append((time, host, kind))
        return found

    def chance(
        self, host: int, kind: int, other: int, theirs: int, time: int, window: int
    ) -> float:
        """Meetings to be expected by chance until now."""
        span = max(_LEAST_SPAN, time - (self._start or 0))
        starts = self._starts
        return (
            starts.get((host, kind), 1) * starts.get((other, theirs), 1) * (2 * window + 1) / span
        )

    def keep(self, time: int, meeting: Meeting) -> None:
        """Remember a meeting."""
        times = self.met.get(meeting)
        if times is None:
            if len(self.met) >= _KEPT:
                self._forget()
            self.met[meeting] = [time]
        elif time - times[-1] > _ONE and len(times) < _TIMES:
            times.append(time)

    def _forget(self) -> None:
        """Single meetings go first, the oldest of them."""
        kept = sorted(self.met.items(), key=lambda one: (-len(one[1]), -one[1][-1], one[0]))
        self.met = dict(kept[: _KEPT // 2])

    def between(
        self,
        group: Callable[[int], int | None],
        time: int,
        window: int,
        lately: Iterable[tuple[int, Meeting]] = (),
    ) -> dict[tuple[int, int], float]:
        """Nats by which groups of hosts belong together, beyond chance.

        Args:
            group: of a host; None for one that is left out.
            time: s, now.
            window: s that the meetings were found with.
            lately: meetings that count as well, with their times.
        """
        worth: defaultdict[tuple[int, int], list[tuple[float, float, set[int]]]] = defaultdict(list)
        met = {meeting: list(times) for meeting, times in self.met.items()} if lately else self.met
        for at, meeting in lately:
            times = met.setdefault(meeting, [])
            if len(times) < 2 * _TIMES and all(abs(at - known) > _ONE for known in times):
                times.append(at)
        for (one, kind, two, theirs), times in met.items():
            here, there = group(one), group(two)
            if here is None or there is None or here == there:
                continue
            by_chance = self.chance(one, kind, two, theirs, time, window)
            nats = _nats(len(times), by_chance)
            if nats > 0 and not _by_the_clock(times):
                pair = (here, there) if here < there else (there, here)
                worth[pair].append((nats, by_chance, {at // _ONE for at in times}))
        return {pair: _together(found) for pair, found in worth.items()}

    def state(self) -> dict[str, Any]:
        """What is known, for JSON."""
        return {
            "start": self._start,
            "starts": [[*key, count] for key, count in self._starts.items()],
            "recent": list(self._recent),
            "met": [[*meeting, times] for meeting, times in self.met.items()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self._start = state["start"]
        self._starts = {(host, kind): count for host, kind, count in state["starts"]}
        self._recent = deque((a, b, c) for a, b, c in state["recent"])
        self.met = {(a, b, c, d): list(times) for a, b, c, d, times in state["met"]}


def _nats(count: int, by_chance: float) -> float:
    if count <= by_chance:
        return 0.0
    return count * math.log(count / by_chance) - (count - by_chance) - _TRIED


def _together(found: list[tuple[float, float, set[int]]]) -> float:
    """Sum over the best first, each meeting counted once."""
    used: set[int] = set()
    total = 0.0
    for _, by_chance, whens in sorted(found, key=lambda one: (-one[0], sorted(one[2]))):
        new = whens - used
        nats = _nats(len(new), by_chance) if new else 0.0
        if nats > 0:
            used |= new
            total += nats
    return total


def _by_the_clock(times: list[int]) -> bool:
    if len(times) < 3:
        return False
    first = times[0] % 3_600
    return all(abs((at % 3_600 - first + 1_800) % 3_600 - 1_800) <= _CLOCK for at in times)
