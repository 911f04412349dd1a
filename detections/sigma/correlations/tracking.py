"""Tracking: the windows of one correlation, and when it fires.

A condition that more events cannot undo (`gt`, `gte`) fires with the event that meets it. Any other
(`lt`, `lte`, `eq`, `neq`, ranges, `not`) is judged when the timespan after that event has passed and
no event has undone it (`settling`). After that a group is silent until a timespan has passed since the
window that fired: one hit a timespan and group, at most.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from detections.sigma.correlations.bounds import Number
from detections.sigma.correlations.fields import LONGEST, Fields, Key
from detections.sigma.correlations.measures import Entry
from detections.sigma.correlations.shapes import Feed, Form, Met, Origin
from detections.sigma.correlations.windows import NEVER, Window

if TYPE_CHECKING:
    from detections.sigma.correlations.columns import Columns

_SPARE = 1024  # spellings remembered besides one a group


class Tracker:
    """The groups of one correlation whose condition is judged with every event.

    Attributes:
        form: what its windows have in common.
        windows: by key.
        spelled: windows by their one group-by value as events write it, as far as remembered.
        tells_all: windows that meet the condition are told even while the group is silent.
        columns: entries of batches that are in no window; None before the first batch.
    """

    def __init__(self, form: Form, *, tells_all: bool = False) -> None:
        self.form = form
        self.windows: dict[Key, Window] = {}
        self.spelled: dict[object, Window] = {}
        self.tells_all = tells_all
        self.columns: Columns | None = None

    def find(self, key: Key) -> Window | None:
        """The window of a group, with all its entries."""
        return self.windows.get(key) if self.columns is None else self.columns.find(key)

    def unload(self) -> None:
        """Have all entries in `windows`."""
        if self.columns is not None:
            self.columns.unload()

    def spelling(self, text: object) -> Window | None:
        """The window of a group by its one value as an event writes it, remembered in `spelled`."""
        if not isinstance(text, str) or len(text) > LONGEST:
            return None
        window = self.find(text.lower())
        if window is not None:
            if len(self.spelled) >= 2 * len(self.windows) + _SPARE:
                self.spelled.clear()
            self.spelled[text] = window
        return window

    def add(self, key: Key, entry: Entry, fields: Fields, feed: Feed) -> Met | None:
        """Take an entry; the window that meets the condition with it, if one does.

        Args:
            key: of the group.
            entry: the event.
            fields: of the event.
            feed: what gave the entry.
        """
        form = self.form
        window = self.find(key)
        if window is None:
            window = self.windows[key] = Window(form.measure(), feed.spell(fields, key))
        elif (times := window.times) and entry[0] <= times[-1]:
            return self._beside(window, key, entry, fields, feed)
        value = window.push(entry, form)
        if value is None or value < form.least or not form.holds(value):
            return None
        return self.newest(window, key, value, entry, fields, feed)

    def _beside(
        self, window: Window, key: Key, entry: Entry, fields: Fields, feed: Feed
    ) -> Met | None:
        """An entry that is no newer than the newest."""
        if entry[0] < window.newest:
            return self._late(window, key, entry, fields, feed)
        same = entry[1] == window.arrival
        value = window.merge(entry, self.form) if same else window.push(entry, self.form)
        if value is None or not self.form.holds(value):
            return None
        return self.newest(window, key, value, entry, fields, feed)

    def newest(
        self, window: Window, key: Key, value: Number, entry: Entry, fields: Fields, feed: Feed
    ) -> Met | None:
        """A window that ends with its newest entry meets the condition."""
        if entry[0] <= window.silent and not self.tells_all:
            return None
        place = len(window.times) - 1
        return self._met(window, key, (entry[0], value, place), entry, feed.origin(fields))

    def release(self, limit: int) -> list[Met]:
        """Nothing waits here; see `Settling`."""
        return []

    def finish(self) -> list[Met]:
        """Nothing waits here; see `Settling`."""
        return []

    def sweep(self, now: int, *, all_old: bool = False) -> int:
        """Forget groups whose windows are over; how many entries the others hold.

        Args:
            now: ns.
            all_old: old entries of the others go in any case, not only where they are half of them.
        """
        keep = now - self.form.timespan - self.form.lateness
        kept = 0
        if self.columns is not None:
            if all_old:
                self.columns.unload()
            else:
                self.columns.sweep(keep)
            kept = self.columns.staged
        over = [key for key, window in self.windows.items() if window.over(keep)]
        for key in over:
            del self.windows[key]
        if over:
            self.spelled.clear()
        for window in self.windows.values():
            times = window.times
            if times and (all_old or times[len(times) // 2] < keep):
                window.tidy(keep, self.form)
            kept += len(times)
        return kept

    def evict(self, keys: int, entries: int) -> None:
        """Give up the groups that were seen least recently, down to so many keys and entries."""
        held = sum(len(window.times) for window in self.windows.values())
        if (columns := self.columns) is not None:
            staged = columns.staged
            if len(self.windows) + len(columns) <= keys and held + staged <= entries:
                return
            held += staged
            columns.unload()
        if len(self.windows) <= keys and held <= entries:
            return
        order = sorted(self.windows, key=lambda key: (self.windows[key].newest, key))
        for key in order:
            if len(self.windows) <= keys and held <= entries:
                return
            self.spelled.clear()
            held -= len(self.windows.pop(key).times)
            self.form.losses.add("correlations.groups_evicted")

    def _late(
        self, window: Window, key: Key, entry: Entry, fields: Fields, feed: Feed
    ) -> Met | None:
        form = self.form
        behind = window.newest - entry[0]
        if behind > form.lateness + form.timespan:
            self.form.losses.add("correlations.too_late")
            return None
        if behind > form.lateness:
            self.form.losses.add("correlations.late")
        found = window.insert(entry, form, silent_too=self.tells_all)
        if not found:
            return None
        first = next((one for one in found if one[0] > window.silent), found[0])
        return self._met(window, key, first, entry, feed.origin(fields))

    def _met(
        self,
        window: Window,
        key: Key,
        found: tuple[int, Number, int],
        entry: Entry,
        origin: Origin,
    ) -> Met:
        time, value, place = found
        fires = time > window.silent
        if fires:
            window.silent = time + self.form.timespan
        first, events = window.evidence(time - self.form.timespan, place)
        return Met(key, window.shown, value, first, time, entry, events, origin, fires)


class Waiting(NamedTuple):
    """An entry that waits for those that may come late before it."""

    entry: Entry
    key: Key
    shown: tuple[str, ...]
    origin: Origin


class Settling(Tracker):
    """The groups of a correlation whose condition more events can undo.

    Entries wait one lateness and are then taken in order of time. A window that meets the condition
    is kept as the window's candidate, and fires when the timespan after it is over; an event of the
    group in that time whose window does not meet the condition undoes it.

    Attributes:
        waiting: entries not yet taken.
    """

    def __init__(self, form: Form, *, most_waiting: int = 100_000) -> None:
        super().__init__(form)
        self.waiting: list[Waiting] = []
        self._deadlines: list[tuple[int, int, Key]] = []  # heap: time, arrival, key
        self._done = NEVER  # entries up to here have been taken
        self._most_waiting = most_waiting

    def add(self, key: Key, entry: Entry, fields: Fields, feed: Feed) -> Met | None:
        """Take an entry; nothing is judged before `release`."""
        if entry[0] < self._done:
            self.form.losses.add("correlations.too_late")
        else:
            shown = feed.spell(fields, key)
            self.waiting.append(Waiting(entry, key, shown, feed.origin(fields)))
        return None

    def release(self, limit: int) -> list[Met]:
        """Judge all entries up to a time (ns); what fires, in order of time."""
        if len(self.waiting) > self._most_waiting:
            times = sorted(one.entry[0] for one in self.waiting)
            limit = max(limit, times[len(times) // 2])
        if limit <= self._done:
            return []
        self.waiting.sort(key=_when)
        count = bisect_right(self.waiting, (limit, 2**63), key=_when)
        ready, self.waiting = self.waiting[:count], self.waiting[count:]
        self._done = limit
        found = [met for one in ready for met in self._taken(one)]
        while self._deadlines and self._deadlines[0][0] < limit:
            deadline, _, key = heappop(self._deadlines)
            window = self.windows.get(key)
            met = window.candidate if window is not None else None
            if window is not None and met is not None and met.time + self.form.timespan == deadline:
                found.append(self._fired(window, met))
        found.sort(key=lambda met: met.entry[:2])
        return found

    def finish(self) -> list[Met]:
        """The input has ended: judge everything as if nothing more came."""
        last = max((one.entry[0] for one in self.waiting), default=self._done)
        found = self.release(max(last, self._done) + 1)
        open_windows = [one for one in self.windows.values() if one.candidate is not None]
        found += [
            self._fired(window, window.candidate)
            for window in open_windows
            if window.candidate is not None
        ]
        self._deadlines.clear()
        found.sort(key=lambda met: met.entry[:2])
        return found

    def _taken(self, one: Waiting) -> Iterator[Met]:
        entry, key, shown, origin = one
        form = self.form
        window = self.windows.get(key)
        if window is None:
            window = self.windows[key] = Window(form.measure(), shown)
        before = window.candidate
        if before is not None and entry[0] > before.time + form.timespan:
            yield self._fired(window, before)
            before = None
        same = (window.newest, window.arrival) == entry[:2]
        value = window.merge(entry, form) if same else window.push(entry, form)
        if value is None:
            return
        if not form.holds(value):
            window.candidate = None
        elif before is not None:
            window.candidate = before._replace(value=value)
        elif entry[0] > window.silent:
            place = len(window.times) - 1
            first, events = window.evidence(entry[0] - form.timespan, place)
            met = Met(key, window.shown, value, first, entry[0], entry, events, origin, True)
            self.hold(window, met)

    def hold(self, window: Window, met: Met) -> None:
        """Keep a window as the candidate until its timespan is over."""
        window.candidate = met
        heappush(self._deadlines, (met.time + self.form.timespan, met.entry[1], met.key))

    def _fired(self, window: Window, met: Met) -> Met:
        window.silent = met.time + self.form.timespan
        window.candidate = None
        return met


def _when(one: Waiting) -> tuple[int, int]:
    return one.entry[0], one.entry[1]
