"""Batches: many base hits at once, for the groups in which they cannot complete anything.

The usual forms (one plain group-by field, `gte` on a count of events or values) are reckoned for all
groups of a batch in columns: a group whose events are each newer than the one before, and of which no
window can meet the condition or a hit speaks for those that do, only has them put behind its others.
The rest goes event by event through the lane, which decides. So a batch finds what its events find.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.fields import LONGEST, Fields, Key
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.correlations.shapes import Feed
from detections.sigma.correlations.tracking import Settling, Tracker
from detections.sigma.correlations.windows import NEVER, Window

_MOST_COUNTED = 64  # a larger count has longer tails than it is worth

T = TypeVar("T")
Column = Any  # numpy array of int64


class Texts(NamedTuple):
    """Values of a field: of each event, and the different ones."""

    each: list[str]
    distinct: Collection[str]


_NO_TEXTS = Texts([], ())


class Fresh(NamedTuple):
    """Groups that were not known.

    Attributes:
        start: number of the first of their windows; the others follow in order.
        keys: and their numbers.
    """

    start: int
    keys: dict[str, int]


class Plan(NamedTuple):
    """What a batch does to one correlation.

    Attributes:
        order: places in the batch, group by group; `times` in the same order.
        runs: a window's events in that order: where they begin, the first that may complete
            something, and where they end.
        left: places of the events that go through the lane, in order.
        fresh: windows of groups that were not known, by key.
        payloads: of all events of the batch.
    """

    order: list[int]
    times: list[int]
    runs: list[tuple[Window, int, int, int]]
    left: list[int]
    fresh: dict[Key, Window]
    payloads: list[str]


class Batcher:
    """One correlation's way for batches.

    Args:
        tracker: its windows.
        feed: what gives its events.
    """

    def __init__(self, tracker: Tracker, feed: Feed) -> None:
        self._tracker = tracker
        self._feed = feed
        self._counts_values = bool(feed.value)

    def plan(self, fields: Sequence[Fields], times: Column) -> Plan | None:
        """What these events would do; None where they are not of the plain kind. Changes nothing."""
        values = _texts(fields, self._feed.group)
        payloads = _texts(fields, self._feed.value) if self._counts_values else _NO_TEXTS
        if values is None or payloads is None:
            return None
        numbers, windows, fresh = self._numbered(values, fields)
        kind = np.uint16 if len(windows) < 1 << 16 else np.int64  # short ones are sorted by radix
        group = np.fromiter(map(numbers.__getitem__, values.each), kind, len(values.each))
        order = np.argsort(group, kind="stable")
        group, sorted_times = group[order].astype(np.int64), times[order]
        counts = np.bincount(group, minlength=len(windows))
        starts = np.cumsum(counts) - counts
        ends = starts + counts
        first = self._first(windows, group, sorted_times, counts, starts)
        # Windows begin with an event that completes nothing; of others the lane makes them.
        late = (first < 0) | ((first == starts) & (np.arange(len(windows)) >= fresh.start))
        plain = np.flatnonzero((counts > 0) & ~late).tolist()
        first = np.minimum(first, ends)
        bounds = zip(
            [windows[number] for number in plain],
            starts[plain].tolist(),
            first[plain].tolist(),
            ends[plain].tolist(),
            strict=True,
        )
        lowered = {text: text.lower() for text in payloads.distinct}
        return Plan(
            order.tolist(),
            sorted_times.tolist(),
            list(bounds),
            np.sort(order[late[group]]).tolist(),
            {
                key: windows[fresh.start + place]
                for place, key in enumerate(fresh.keys)
                if not late[fresh.start + place]
            },
            [lowered[text] for text in payloads.each],
        )

    def _numbered(
        self, values: Texts, fields: Sequence[Fields]
    ) -> tuple[dict[str, int], list[Window], Fresh]:
        """Windows of a batch, and their numbers by spelling; those of unknown groups are made."""
        numbers: dict[str, int] = {}
        windows: list[Window] = []
        places: dict[int, int] = {}
        unknown: list[str] = []
        spelled, spelling = self._tracker.spelled, self._tracker.spelling
        for text in values.distinct:
            window = spelled.get(text) or spelling(text)
            if window is None:
                unknown.append(text)
                continue
            place = numbers[text] = places.setdefault(id(window), len(windows))
            if place == len(windows):
                windows.append(window)
        fresh = Fresh(len(windows), {})
        if unknown:
            many = len(values.each)
            firsts = dict(zip(reversed(values.each), range(many - 1, -1, -1), strict=True))
            for text in sorted(unknown, key=firsts.__getitem__):
                key = text.lower()
                number = numbers[text] = fresh.keys.setdefault(key, len(windows))
                if number == len(windows):
                    shown = self._feed.spell(fields[firsts[text]], key)
                    windows.append(Window(self._tracker.form.measure(), shown))
        return numbers, windows, fresh

    def _first(
        self,
        windows: Sequence[Window],
        group: Column,
        times: Column,
        counts: Column,
        starts: Column,
    ) -> Column:
        """The first event of each group that may complete something; -1 for groups with an event that
        is not newer than the last, which none of this is for.
        """
        form = self._tracker.form
        known = [window.times for window in windows]
        newest = np.array([one[-1] if one else NEVER for one in known])
        silent = np.array([window.silent for window in windows])
        held = np.fromiter(map(len, known), np.int64, len(known))
        late = held + counts >= form.cap
        late |= (counts > 0) & (times[np.minimum(starts, len(times) - 1)] <= newest)
        same = group[1:] == group[:-1]
        late[group[1:][same & (times[1:] <= times[:-1])]] = True
        back = max(form.least, 1) - 1  # so many entries before it, an entry's window must begin
        earlier = times
        if back:
            ends = chain.from_iterable([_tail(one, back) for one in known])
            tails = np.fromiter(ends, np.int64, len(known) * back).reshape(-1, back)
            rank = np.arange(len(times)) - starts[group]
            earlier = np.concatenate((np.full(min(back, len(times)), NEVER), times[:-back]))
            earlier = np.where(rank < back, tails[group, np.minimum(rank, back - 1)], earlier)
        may = np.flatnonzero((times > silent[group]) & (earlier >= times - form.timespan))[::-1]
        first = np.full(len(windows), len(times))
        first[group[may]] = may  # of several the last one stays, which is the first of the group
        first[late] = -1
        return first

    def take(
        self, plan: Plan, events: Sequence[object], arrival: int, lane: Callable[[int], None]
    ) -> None:
        """Put events behind the others of their groups.

        Args:
            plan: of the batch.
            events: of the batch.
            arrival: the number before the first.
            lane: takes the event at a place of the batch by itself.
        """
        times, order = plan.times, plan.order
        ordered = _at(events, order)
        payloads = _at(plan.payloads, order) if self._counts_values else []

        def put(window: Window, start: int, end: int) -> None:
            window.times += times[start:end]
            window.events += ordered[start:end]
            window.arrival = arrival + order[end - 1] + 1
            if payloads:
                window.payloads += payloads[start:end]
                window.measure.last.update(zip(payloads[start:end], times[start:end], strict=True))
            if len(window.times) >= window.tidy_at:
                window.tidy(times[end - 1] - keep, form)

        form = self._tracker.form
        self._tracker.windows.update(plan.fresh)
        keep = form.timespan + form.lateness
        for window, start, first, end in plan.runs:
            if start < first:
                put(window, start, first)
            at = first
            if payloads and at < end:
                # Values that have gone out of the window are in it still: there are no more.
                held: set[object] = window.measure.last.keys() | payloads[at:end]
                if len(held) < form.least:
                    put(window, at, end)
                    continue
            while at < end and times[end - 1] > window.silent:
                lane(order[at])
                at += 1
            if at < end:  # the hit speaks for all that is left
                put(window, at, end)
        for place in plan.left:
            lane(place)


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


def _texts(fields: Sequence[Fields], name: str) -> Texts | None:
    """A field's values; None where some are missing, no texts, or too long to be kept whole."""
    try:
        each = list(map(itemgetter(name), fields))
        distinct = dict.fromkeys(each)
    except (KeyError, TypeError):
        return None
    plain = all(isinstance(one, str) and len(one) <= LONGEST for one in distinct)
    return Texts(cast("list[str]", each), cast("Collection[str]", distinct)) if plain else None


def _at(many: Sequence[T], places: list[int]) -> Sequence[T]:
    """What stands at these places, without a step of Python's for each."""
    return itemgetter(*places)(many) if len(places) > 1 else [many[place] for place in places]


def _tail(times: list[int], count: int) -> list[int]:
    """The newest so many, from the oldest; the missing are before all times."""
    tail = times[-count:]
    return tail if len(tail) == count else [NEVER] * (count - len(tail)) + tail
