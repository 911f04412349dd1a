"""Columns: the entries of many groups in columns, until one group of them is looked at by itself.

Batches of base hits lie here as chunks, and a `Reckoner` tells what their windows measure. A group is
opened, that is its entries are moved into a `Window`, where its events come out of order or its numbers
are not of the kind that columns hold; the next batch takes it back. So a group's entries are either here or
there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from detections.sigma.correlations.fields import LONGEST, Key
from detections.sigma.correlations.reckoning import (
    Column,
    Ended,
    Reckoned,
    Reckoner,
    Rows,
    stably_sorted,
)
from detections.sigma.correlations.shapes import Form
from detections.sigma.correlations.windows import NEVER, Window
from fengsui.alert import EVENTS_KEPT

_MOST_CHUNKS = 64
_SPARE = 1024  # spellings remembered besides two a group


class Numbers(dict[object, int]):
    """Numbers of groups by their values as events write them; a new group gets one.

    Raises:
        KeyError: looked up with what is no text, or too long a one.
    """

    def __init__(self) -> None:
        self.by_key: dict[Key, int] = {}
        self.shown: list[tuple[str, ...]] = []

    def __missing__(self, value: object) -> int:
        several = isinstance(value, tuple)
        parts: list[str] = []
        for part in cast("tuple[object, ...]", value if several else (value,)):
            if not isinstance(part, str) or len(part) > LONGEST:
                raise KeyError(value)
            parts.append(part)
        key = tuple([part.lower() for part in parts])
        number = self.of(key if several else key[0], tuple(parts))
        if len(self) >= 2 * len(self.shown) + _SPARE:
            self.clear()
        self[value] = number
        return number

    def of(self, key: Key, shown: tuple[str, ...]) -> int:
        """The number of a group; `shown` is how its values are written."""
        number = self.by_key.get(key)
        if number is None:
            number = self.by_key[key] = len(self.shown)
            self.shown.append(shown)
        return number


class Chunk:
    """Entries of one batch.

    Attributes:
        rows: the entries; groups that were opened are -1, with no places in `order`.
        events: by place.
        weights: what they count, by place.
        sorted_times: in the order of `rows.order`.
        left: place of the first entry that all windows hold.
        arrival: number of arrival by place.
    """

    def __init__(
        self, rows: Rows, events: Sequence[object], weights: list[Column], arrivals: Sequence[int]
    ) -> None:
        self.rows = rows
        self.events = events
        self.weights = weights
        self.arrivals = arrivals
        self.sorted_times = rows.times[rows.order]
        self.left = 0

    def leaving(self, edge: int) -> slice:
        """Places of the entries that are older than `edge` (ns) now and were not before."""
        end = int(np.searchsorted(self.rows.times, edge, "left"))
        passed = slice(self.left, max(end, self.left))
        self.left = passed.stop
        return passed


class Columns:
    """The columns of one correlation's groups.

    Args:
        form: of its windows.
        windows: those of the groups that are opened, by key.
        spelled: to be emptied when windows are no longer there.
        reckoner: makes what reckons.

    Attributes:
        numbers: of the groups.
        newest, silent: by number: time of the newest entry, and until when a hit speaks (ns).
        reckoner: what the windows measure.
        clock: time of the newest entry of all, ns.
    """

    def __init__(
        self,
        form: Form,
        windows: dict[Key, Window],
        spelled: dict[object, Window],
        reckoner: Callable[[], Reckoner],
    ) -> None:
        self._form = form
        self._windows = windows
        self._spelled = spelled
        self._make = reckoner
        self._serial = 0
        self._begin()

    def _begin(self) -> None:
        self.numbers = Numbers()
        self.reckoner = self._make()
        self.newest: Column = np.empty(0, np.int64)
        self.silent: Column = self.newest.copy()
        self._held: Column = self.newest.copy()
        self._keys: list[Key] = []
        self._chunks: list[Chunk] = []
        self.clock = NEVER

    def __len__(self) -> int:
        """Groups that are known."""
        return len(self.numbers.shown)

    @property
    def staged(self) -> int:
        """Entries that are in no window."""
        return int(self._held.sum())

    def key(self, number: int) -> Key:
        """Of a group's number."""
        return self._keys[number]

    def find(self, key: Key) -> Window | None:
        """The window of a group with all its entries, which may change it then."""
        window = self._windows.get(key)
        if window is not None:
            return window
        number = self.numbers.by_key.get(key)
        if number is None or number >= len(self.newest) or self._is_empty(number):
            return None
        self.unload()  # one event by itself: more will come
        return self._windows.get(key)

    def _is_empty(self, number: int) -> bool:
        return not self._held[number] and bool(self.silent[number] == NEVER)

    def grow(self) -> None:
        """Have room for all groups that have a number."""
        more = len(self) - len(self.newest)
        if more:
            room = np.full(more, NEVER)
            self.newest = np.concatenate((self.newest, room))
            self.silent = np.concatenate((self.silent, room))
            self._held = np.concatenate((self._held, np.zeros(more, np.int64)))
            self._keys += list(self.numbers.by_key)[len(self._keys) :]
            self.reckoner.grow(len(self))

    def load(self) -> None:
        """Take the windows of the groups that have a number, as far as they fit."""
        self.grow()
        rows: list[tuple[int, int, object, object]] = []
        for key in self.opened():
            window, number = self._windows[key], self.numbers.by_key[key]
            codes = list(map(self.reckoner.code, window.payloads or [0] * len(window.times)))
            if len(codes) >= self._form.cap or self.reckoner.weights(codes) is None:
                continue
            del self._windows[key]
            self.numbers.shown[number] = window.shown
            self.silent[number] = window.silent
            rows += zip(window.times, [number] * len(codes), window.events, codes, strict=True)
        self._spelled.clear()
        if not rows:
            return
        rows.sort(key=_time)
        times, group, events, codes = map(list, zip(*rows, strict=True))
        payloads = self.reckoner.column(codes)
        made = self.rows(np.array(times, np.int64), np.array(group, np.int64), payloads)
        weights = self.reckoner.weights(payloads)
        assert weights is not None
        self.put(made, events, [0] * len(rows), weights)

    def opened(self) -> list[Key]:
        """Groups with a number whose entries are in windows."""
        return [key for key in self._windows if key in self.numbers.by_key]

    def late(self, group: Column, times: Column) -> Column:
        """Which groups, as a mask, cannot be taken here with these entries, by place."""
        late: Column = self._held + np.bincount(group, minlength=len(self)) >= self._form.cap
        late[[self.numbers.by_key[key] for key in self.opened()]] = True
        late[group[times < self.clock]] = True
        if (times[1:] < times[:-1]).any():
            sort = stably_sorted(group)
            group, times = group[sort], times[sort]
            late[group[1:][(group[1:] == group[:-1]) & (times[1:] < times[:-1])]] = True
        return late

    def rows(self, times: Column, group: Column, payloads: Sequence[Any]) -> Rows:
        """Rows of entries that are in order of time."""
        order = stably_sorted(group)
        counts = np.bincount(group, minlength=len(self))
        ends = np.cumsum(counts)
        return Rows(times, group, payloads, order, ends - counts, ends, self._serial)

    @property
    def full(self) -> bool:
        """Whether there are too many chunks, or values remembered: `unload` puts them together."""
        return len(self._chunks) >= _MOST_CHUNKS or self.reckoner.full

    def put(
        self,
        rows: Rows,
        events: Sequence[object],
        arrivals: Sequence[int],
        weights: list[Column],
    ) -> Reckoned:
        """Take entries; what the windows measure that end with them."""
        self._chunks.append(Chunk(rows, events, weights, arrivals))
        self._serial += len(events)
        last = int(rows.times[-1])
        self.clock = max(self.clock, last)
        here = np.flatnonzero(rows.ends > rows.starts)
        self.newest[here] = rows.times[rows.order[rows.ends[here] - 1]]
        self._held += rows.ends - rows.starts
        left = self._left(rows, last - self._form.timespan, len(weights)) if weights else []
        return self.reckoner.reckon(rows, weights, left)

    def _left(self, rows: Rows, edge: int, channels: int) -> list[Ended]:
        """Entries older than `edge` that leave windows while rows come."""
        span = self._form.timespan
        groups: list[Column] = []
        ends: list[Column] = []
        weights: list[list[Column]] = [[] for _ in range(channels)]
        for chunk in self._chunks:
            passed = chunk.leaving(edge)
            group = chunk.rows.group[passed]
            here = group >= 0
            groups.append(group[here])
            ends.append(chunk.rows.times[passed][here] + span)
            for found, one in zip(weights, chunk.weights, strict=True):
                found.append(one[passed][here])
        group, end = np.concatenate(groups), np.concatenate(ends)
        place = np.searchsorted(rows.times, end, "right")
        return [Ended(group, place, np.concatenate(one)) for one in weights]

    def evidence(self, number: int, at: int) -> tuple[int, tuple[object, ...]]:
        """Time of the first entry of the window that ends with the newest chunk's entry at a position
        of its order, and the newest events of the window.
        """
        newest = self._chunks[-1]
        edge = int(newest.sorted_times[at]) - self._form.timespan
        first, missing = edge, EVENTS_KEPT
        found: list[object] = []
        for chunk in reversed(self._chunks):
            rows, times = chunk.rows, chunk.sorted_times
            if number >= len(rows.starts):
                continue
            start = int(rows.starts[number])
            end = at + 1 if chunk is newest else int(rows.ends[number])
            if start >= end:
                continue
            low = start if times[start] >= edge else bisect_left(times, edge, start, end)
            if low < end:
                first = int(times[low])
                if missing:
                    places = rows.order[max(low, end - missing) : end].tolist()
                    found = [*[chunk.events[place] for place in places], *found]
                    missing -= len(places)
            if low > start:
                break
        return first, tuple(found)

    def told(self, serials: Sequence[int]) -> tuple[int, tuple[object, ...]]:
        """The same of entries that are named by their serial numbers."""
        begins = [chunk.rows.serial for chunk in self._chunks]
        chunks = [self._chunks[bisect_right(begins, serial) - 1] for serial in serials]
        places = [serial - chunk.rows.serial for serial, chunk in zip(serials, chunks, strict=True)]
        events = [chunk.events[place] for chunk, place in zip(chunks, places, strict=True)]
        return int(chunks[0].rows.times[places[0]]), tuple(events)

    def drop(self, groups: Column) -> None:
        """The newest chunk's entries of some groups (a mask) are not taken after all."""
        self._taken_out(self._chunks[-1], groups)

    def _taken_out(self, chunk: Chunk, groups: Column) -> None:
        rows = chunk.rows
        groups = groups[: len(rows.starts)]
        self._held[: len(groups)][groups] -= (rows.ends - rows.starts)[groups]
        rows.starts[groups] = rows.ends[groups]
        rows.group[(rows.group >= 0) & groups[rows.group]] = -1

    def open(self, groups: Column) -> None:
        """Move the entries of some groups (a mask) into windows."""
        for number in np.flatnonzero(groups).tolist():
            if not self._is_empty(number):
                self._moved(number)
        for chunk in self._chunks:
            self._taken_out(chunk, groups)
        self.reckoner.forget(groups)
        self.newest[groups] = self.silent[groups] = NEVER

    def _moved(self, number: int) -> None:
        form, key = self._form, self._keys[number]
        window = self._windows[key] = Window(form.measure(), self.numbers.shown[number])
        window.silent = int(self.silent[number])
        for chunk in self._chunks:
            rows = chunk.rows
            if number >= len(rows.starts):
                continue
            places = rows.order[rows.starts[number] : rows.ends[number]].tolist()
            if not places:
                continue
            times = rows.times[places].tolist()
            payloads = [self.reckoner.original(rows.payloads[place]) for place in places]
            for time, place, payload in zip(times, places, payloads, strict=True):
                window.measure.push((time, 0, chunk.events[place], payload))
            window.times += times
            window.events += [chunk.events[place] for place in places]
            if form.payloads:
                window.payloads += payloads
            window.arrival = chunk.arrivals[places[-1]]
        if len(window.times) >= window.tidy_at:
            window.tidy(window.newest - form.timespan - form.lateness, form)

    def unload(self) -> None:
        """Move everything into windows and begin anew."""
        self.grow()
        self.open(np.ones(len(self), bool))
        self._spelled.clear()
        self._begin()

    def sweep(self, keep: int) -> None:
        """Forget groups without an entry as new as `keep` (ns), and chunks that nothing needs."""
        self.grow()
        alive = self.newest >= keep
        needed = keep - self._form.timespan - self._form.lateness
        self._chunks = [one for one in self._chunks if one.rows.times[-1] >= needed]
        for chunk in self._chunks:
            self._renumbered(chunk, alive)
        self._chunks = [one for one in self._chunks if len(one.rows.starts)]
        self.reckoner.renumber(alive)
        self.newest, self.silent = self.newest[alive], self.silent[alive]
        self._held = np.zeros(len(self.newest), np.int64)
        for chunk in self._chunks:
            self._held[: len(chunk.rows.starts)] += chunk.rows.ends - chunk.rows.starts
        kept = np.flatnonzero(alive).tolist()
        old, numbers = self.numbers, Numbers()
        for number in kept:
            numbers.of(self._keys[number], old.shown[number])
        self._keys = list(numbers.by_key)
        self.numbers = numbers

    @staticmethod
    def _renumbered(chunk: Chunk, alive: Column) -> None:
        rows = chunk.rows
        here = alive[: len(rows.starts)]
        number = np.where(here, np.cumsum(here) - 1, -1)
        group = np.where(rows.group >= 0, number[rows.group], -1)
        chunk.rows = rows._replace(group=group, starts=rows.starts[here], ends=rows.ends[here])


def _time(row: tuple[int, int, object, object]) -> int:
    return row[0]
