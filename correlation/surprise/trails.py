"""Trails: kinds new to the fleet that begin on one site faster than chance would bring them.

An attack without loudness leaves one new kind here and another there, hours apart and on hosts that share
nothing; no two of them are near enough to be joined. Together they are: with λ new kinds a second in the
later half of the time before, k of them within s seconds are by chance as likely as the tail of Poisson's
law with mean λ·s says (a scan statistic: J. I. Naus, The distribution of the size of the maximum cluster
of points on a line, 1965). A pause belongs to the trail while a step after it is likelier of a trail that
goes on at its mean pace, with a heavy tail (Lomax), than of chance.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from correlation.surprise.case import Item
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.parameters import Parameters

_EVENTS_KEPT = 512
_ASKED = 48  # events before that a trail may be made of
_FLOOD = 64  # new kinds within an hour, from which they are no trail
_WIDE = 3  # hosts; a kind that is new on more of them at once is a change, not a step
_LEAST_SPAN = 600  # s; several kinds of one act begin together
_MOMENT = 60  # s; kinds that begin within it are one step, seen in several ways
_LEAST_WATCHED = 43_200  # s before a trail begins; before, too little is known of what is new
_HOUR = 3_600
_EXPECTED = 1.0  # new kinds more than were seen, in half of the time watched
_EXPECTED_SPEAKING = 0.5  # the same of those whose title or tool names a stage of an attack


@dataclass(frozen=True, slots=True)
class _Event:
    """A kind that nobody in the fleet had shown began.

    Attributes:
        time: s, without the silences that nobody watched in.
        counts: whether it may be a step; what begins while a site is learned only shows how often.
    """

    time: int
    host: int
    kind: int
    counts: bool
    item: Item | None


@dataclass(frozen=True, slots=True)
class Trail:
    """The earlier steps of a trail, the latest first, and the bits by which it is no chance."""

    bits: float = 0.0
    steps: tuple[Item, ...] = ()


_NONE = Trail()


class Trails:
    """What was new, and the trails that it makes."""

    def __init__(self, parameters: Parameters) -> None:
        self._weights = parameters
        self._start: int | None = None
        self._events: deque[_Event] = deque(maxlen=_EVENTS_KEPT)
        self._shown: defaultdict[int, set[int]] = defaultdict(set)  # by kind, hosts

    def see(self, item: Item, watched: int, near: Neighbours) -> Trail:
        """An item began, in order of time.

        Args:
            item: that began.
            watched: s, its time without the silences that nobody watched in.
            near: which hosts are of one site.

        Returns:
            the trail that it goes on with; without steps where chance would do.
        """
        if self._start is None:
            self._start = watched
        if not item.fresh:
            return _NONE
        shown = self._shown[item.kind]
        new = not shown
        if len(shown) <= _WIDE:
            shown.add(item.host)
        if not new:
            return _NONE
        counts = item.bits >= self._weights.new
        event = _Event(
            watched, item.host, item.kind, counts, item if counts or item.stage else None
        )
        trail = self._likeliest(event, near) if counts and near.agree else _NONE
        if len(self._events) == _EVENTS_KEPT:
            self._shown.pop(self._events[0].kind, None)
        self._events.append(event)
        return trail

    def _likeliest(self, last: _Event, near: Neighbours) -> Trail:
        """The trail of all that is new, or of what speaks of an attack alone, which is seldomer."""
        events = list(self._before(last, near))
        if len(events) >= _FLOOD and last.time - events[_FLOOD - 1].time < _HOUR:
            return _NONE
        trail = self._trail(last, events, _EXPECTED)
        if last.item is None or not last.item.stage:
            return trail
        speaking = [one for one in events if one.item is not None and one.item.stage]
        return max(trail, self._trail(last, speaking, _EXPECTED_SPEAKING), key=lambda one: one.bits)

    def _trail(self, last: _Event, events: Sequence[_Event], unseen: float) -> Trail:
        """The likeliest trail that an event ends, its own item left out."""
        best, found = self._weights.trail * (1 + unseen) / 2, 0
        steps = [one for one in events if one.counts][:_ASKED]
        times = [one.time for one in reversed(events)]
        longest, latest, moments = 0, last.time, 0
        for count, one in enumerate(steps, 1):
            pause, latest = latest - one.time, one.time
            longest, moments = max(longest, pause), moments + (pause > _MOMENT)
            rate = self._rate(one.time, times, unseen)
            pace = (last.time - one.time) / max(1, moments)
            if rate is None or not _goes_on(longest, pace, rate * unseen**2):
                continue
            bits = by_chance(moments, rate * max(_LEAST_SPAN, last.time - one.time))
            if bits >= best:
                best, found = bits, count
        return Trail(best if found else 0.0, tuple(one.item for one in steps[:found] if one.item))

    def _before(self, last: _Event, near: Neighbours) -> Iterator[_Event]:
        """Events of the same place that are no change of many hosts, the latest first."""
        for one in reversed(self._events):
            if len(self._shown.get(one.kind, ())) <= _WIDE and _one_place(
                last.host, one.host, near
            ):
                yield one

    def items(self) -> list[Item]:
        """Items that a later trail may be made of."""
        return [one.item for one in self._events if one.item is not None]

    def state(self) -> dict[str, Any]:
        """What is known, for JSON; items by their numbers."""
        return {
            "start": self._start,
            "events": [
                [one.time, one.host, one.kind, one.counts, one.item and one.item.number]
                for one in self._events
            ],
            "shown": [[kind, sorted(hosts)] for kind, hosts in self._shown.items()],
        }

    def restore(self, state: Mapping[str, Any], items: Mapping[int, Item]) -> None:
        """Take up what `state` gave."""
        self._start = state["start"]
        for time, host, kind, counts, number in state["events"]:
            self._events.append(_Event(time, host, kind, counts, items.get(number)))
        self._shown.update((kind, set(hosts)) for kind, hosts in state["shown"])

    def _rate(self, begin: int, times: Sequence[int], unseen: float) -> float | None:
        """New kinds a second in the later half of the time before a trail began."""
        watched = begin - (self._start or 0)
        if watched < _LEAST_WATCHED:
            return None
        before = bisect_left(times, begin) - bisect_left(times, begin - watched / 2)
        return (before + unseen) / (watched / 2)


def _one_place(one: int, other: int, near: Neighbours) -> bool:
    """Whether two hosts may be of one site: they are of the same, or no two sites are known."""
    sites = near.sites
    if one in sites.hubs or other in sites.hubs:
        return False
    here, there = near.site(one), near.site(other)
    if here is not None and here == there:
        return True
    return not near.parted and not (here is not None and there is not None)


def _goes_on(pause: float, pace: float, rate: float) -> bool:
    """Whether the step after a pause (s) is likelier of a trail than of chance."""
    pace = max(1.0, pace)
    return 1 / pace / (1 + pause / pace) ** 2 >= rate


def by_chance(count: int, expected: float) -> float:
    """Bits of at least so many where so many are expected (Poisson): −log₂ of the tail."""
    term = count * math.log(expected) - expected - math.lgamma(count + 1)
    total = more = 1.0
    for further in range(1, 60):
        more *= expected / (count + further)
        total += more
    return max(0.0, -(term + math.log(total)) / math.log(2))
