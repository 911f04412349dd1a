"""Batches: many base hits at once, for the groups in which they cannot complete anything.

The usual forms (one plain group-by field, `gte` on a count of events or values) are reckoned for all
groups of a batch in columns: a group whose events are each newer than the one before, and of which no
window can meet the condition or a hit speaks for those that do, only has them put into the backlog.
Counts of events are told from there too; of other groups each event goes through the lane, which
decides. So a batch finds what its events find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from detections.sigma.correlations.backlog import Backlog, Chunk
from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.fields import LONGEST, Fields
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.correlations.shapes import Feed, Met
from detections.sigma.correlations.tracking import Settling, Tracker
from detections.sigma.correlations.windows import NEVER

_MOST_COUNTED = 64  # a larger count has longer tails than it is worth
_SPREAD = 8  # groups for each event of a batch from which on columns of groups do not pay
_MOST_LOWERED = 1 << 15  # values whose text without case is remembered

Column = Any  # numpy array of int64
Alone = Callable[[int], "Met | list[Met] | None"]  # what the event at a place completes


class Plan(NamedTuple):
    """What a batch does to one correlation.

    Attributes:
        starts, ends: where each group's events stand in `order`, those for the backlog.
        order: places in the batch, group by group; `times` in the same order.
        near: events, in that order, with enough before them in their timespan.
        firsts: groups, and their first event that may complete something.
        left: places of the events that go through the lane, in order.
        payloads: of all events of the batch.
    """

    starts: Column
    ends: Column
    order: Column
    times: Column
    near: Column
    firsts: list[tuple[int, int]]
    left: list[int]
    payloads: list[str]


class _Lowered(dict[object, str]):
    """Texts without case; one text for all entries with the value.

    Raises:
        KeyError: looked up with what is no text, or too long a one.
    """

    def __missing__(self, text: object) -> str:
        if not isinstance(text, str) or len(text) > LONGEST:
            raise KeyError(text)
        if len(self) >= _MOST_LOWERED:
            self.clear()
        self[text] = lowered = text.lower()
        return lowered


class Batcher:
    """One correlation's way for batches.

    Args:
        tracker: its windows.
        feed: what gives its events.
    """

    def __init__(self, tracker: Tracker, feed: Feed) -> None:
        if tracker.backlog is None:
            tracker.backlog = Backlog(tracker.form, tracker.windows, tracker.spelled)
        self._tracker = tracker
        self._backlog = tracker.backlog
        self._feed = feed
        self._group = itemgetter(feed.group)
        self._value = itemgetter(feed.value) if feed.value else None
        self._lowered = _Lowered()

    def plan(self, fields: Sequence[Fields], times: Column) -> Plan | None:
        """What these events would do; None where they are not of the plain kind."""
        log, many = self._backlog, len(times)
        if many * _SPREAD < len(log):
            return None
        try:
            groups = map(log.numbers.__getitem__, map(self._group, fields))
            group = np.fromiter(groups, np.int64, many)
            payloads: list[str] = []
            if self._value:
                payloads = list(map(self._lowered.__getitem__, map(self._value, fields)))
        except (KeyError, TypeError):
            return None
        log.closed()
        if len(log) < 1 << 16:
            group = group.astype(np.uint16)  # short ones are sorted by radix
        order = np.argsort(group, kind="stable")
        group, times = group[order].astype(np.int64), times[order]
        counts = np.bincount(group, minlength=len(log))
        ends = np.cumsum(counts)
        starts = ends - counts
        late = self._late(group, times, counts, starts)
        near = self._near(group, times, starts)
        may = np.flatnonzero(near & (times > log.silent[group]))
        found, firsts = np.unique(group[may], return_index=True)
        plain = ~late[found]
        left = np.sort(order[late[group]]).tolist() if late.any() else []
        starts[late] = ends[late]
        pairs = zip(found[plain].tolist(), may[firsts[plain]].tolist(), strict=True)
        return Plan(starts, ends, order, times, near, list(pairs), left, payloads)

    def _late(self, group: Column, times: Column, counts: Column, starts: Column) -> Column:
        """Groups with an event that is not newer than the last, or with too many."""
        log = self._backlog
        late: Column = log.held + counts >= self._tracker.form.cap
        late |= (counts > 0) & (times[np.minimum(starts, len(times) - 1)] <= log.newest)
        back = (group[1:] == group[:-1]) & (times[1:] <= times[:-1])
        late[group[1:][back]] = True
        return late

    def _near(self, group: Column, times: Column, starts: Column) -> Column:
        """Events whose timespan holds as many before them as the condition needs."""
        back, log = self._backlog.back, self._backlog
        if not back:
            return np.ones(len(times), bool)
        rank = np.arange(len(times)) - starts[group]
        earlier = np.concatenate((np.full(min(back, len(times)), NEVER), times[:-back]))
        first = np.flatnonzero(rank < back)
        earlier[first] = log.tails[group[first], rank[first]]
        return np.asarray(earlier >= times - self._tracker.form.timespan)

    def take(
        self,
        plan: Plan,
        fields: Sequence[Fields],
        events: Sequence[object],
        arrival: int,
        lane: Alone,
    ) -> Iterator[tuple[int, Met | list[Met] | None]]:
        """Put events behind the others of their groups.

        Args:
            plan: of the batch.
            fields: of the batch.
            events: of the batch.
            arrival: the number before the first.
            lane: takes the event at a place of the batch by itself.

        Yields:
            Places of events, and what they complete, if anything.
        """
        newest = int(plan.times.max())
        chunk = Chunk(
            plan.starts,
            plan.ends,
            plan.times,
            plan.order,
            events,
            plan.payloads,
            arrival,
            newest,
        )
        self._backlog.put(chunk)
        for number, first in plan.firsts:
            if self._value:
                yield from self._by_lane(plan, chunk, number, first, lane)
            else:
                yield from self._counted(plan, number, first, fields)
        for place in plan.left:
            yield place, lane(place)

    def _by_lane(
        self, plan: Plan, chunk: Chunk, number: int, first: int, lane: Alone
    ) -> Iterator[tuple[int, Met | list[Met] | None]]:
        """A group's events from the first that may complete something, where values suffice."""
        window, end = self._backlog.moved(number, first), int(plan.ends[number])
        places = plan.order[first:end].tolist()
        # Values that have gone out of the window are in it still: there are no more.
        known = window.measure.last.keys() | {plan.payloads[place] for place in places}
        if not window.times:  # the lane makes it
            del self._tracker.windows[self._backlog.key(number)]
        if len(known) < self._tracker.form.least:
            return
        chunk.starts[number] = end
        for place in places:
            yield place, lane(place)

    def _counted(
        self, plan: Plan, number: int, at: int, fields: Sequence[Fields]
    ) -> Iterator[tuple[int, Met]]:
        """The windows of a group that fire, from the first event that may complete one."""
        log, tracker, feed = self._backlog, self._tracker, self._feed
        form, end = tracker.form, int(plan.ends[number])
        while True:
            window = log.moved(number, at + 1)
            place, time = int(plan.order[at]), window.times[-1]
            value = window.value(time - form.timespan) or 0
            if value >= form.least:
                entry = (time, window.arrival, window.events[-1], feed.mask)
                met = tracker.newest(window, log.key(number), value, entry, fields[place], feed)
                if met is not None:
                    yield place, met
            log.silent[number] = window.silent
            if plan.times[end - 1] <= window.silent:
                return
            rest = slice(at + 1, end)
            more = np.flatnonzero(plan.near[rest] & (plan.times[rest] > window.silent))
            if not len(more):
                return
            at += 1 + int(more[0])


def batcher_of(rule: LoadedCorrelation, tracker: Tracker, feed: Feed) -> Batcher | None:
    """The way for batches of a feed; None where its correlation has none."""
    form = tracker.form
    rising = isinstance(rule.condition, Bounds) and rule.condition.rising
    if not rising or not feed.group or form.arrivals or isinstance(tracker, Settling):
        return None
    if tracker.tells_all or form.least > _MOST_COUNTED:
        return None
    plain = rule.type == "event_count" or (rule.type == "value_count" and feed.value != "")
    return Batcher(tracker, feed) if plain else None
