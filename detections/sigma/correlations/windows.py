"""Windows: the recent events of one group, and the condition over the timespan that ends with each.

A window is the closed interval [t - timespan, t]: it slides, and ends with an event. Entries are kept
one lateness longer than the timespan, so that a late event finds all windows that it belongs to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from detections.sigma.correlations.bounds import Number
from detections.sigma.correlations.measures import (
    DistinctValues,
    Entry,
    EventCount,
    Measure,
    RulesSeen,
)
from detections.sigma.correlations.sequences import InOrder, Pair
from detections.sigma.correlations.shapes import Form, Met
from fengsui.alert import EVENTS_KEPT

_BY_PLACE = EventCount | Pair | InOrder  # measures that need not hear of what goes out
_FIRST_TIDY = 64  # entries of a group before old ones are looked for
NEVER = -(2**63)  # before all times


class Window:
    """Entries of one group in order of (time, arrival), as columns: no object of its own for each.

    Attributes:
        times, events: of each entry.
        payloads, arrivals: the same where the form asks for them, else empty.
        arrival: of the entry that was pushed last.
        tail: place of the first entry that the measure holds; it may lag behind the window's edge.
        silent: a hit speaks for all windows that end up to then (ns).
        candidate: waits for its timespan to be over; see `Settling`.
    """

    __slots__ = (
        "arrival",
        "arrivals",
        "candidate",
        "events",
        "measure",
        "payloads",
        "shown",
        "silent",
        "tail",
        "tidy_at",
        "times",
    )

    def __init__(self, measure: Measure, shown: tuple[str, ...]) -> None:
        self.shown = shown
        self.times: list[int] = []
        self.events: list[object] = []
        self.payloads: list[object] = []
        self.arrivals: list[int] = []
        self.arrival = 0
        self.tail = 0
        self.measure: Any = measure  # the form's own kind, which its lane knows
        self.silent = NEVER
        self.candidate: Met | None = None
        self.tidy_at = _FIRST_TIDY

    @property
    def newest(self) -> int:
        """Time of the newest entry, ns."""
        return self.times[-1] if self.times else NEVER

    @property
    def entries(self) -> list[Entry]:
        """All entries; the number of arrival is 0 where the form does not keep it."""
        return [self._entry(place) for place in range(len(self.times))]

    def _entry(self, place: int) -> Entry:
        arrival = self.arrivals[place] if self.arrivals else 0
        payload = self.payloads[place] if self.payloads else 0
        return self.times[place], arrival, self.events[place], payload

    def over(self, keep: int) -> bool:
        """Whether nothing of it matters any more to events after `keep` (ns)."""
        return self.newest < keep and self.candidate is None

    def push(self, entry: Entry, form: Form) -> Number | None:
        """Take the newest entry; the value of the window that ends with it."""
        self._place(len(self.times), entry, form)
        self.arrival = entry[1]
        self.measure.push(entry)
        edge = entry[0] - form.timespan
        if len(self.times) >= self.tidy_at:
            self.tidy(edge - form.lateness, form)
        return self.value(edge)

    def _place(self, place: int, entry: Entry, form: Form) -> None:
        time, arrival, event, payload = entry
        self.times.insert(place, time)
        self.events.insert(place, event)
        if form.payloads:
            self.payloads.insert(place, payload)
        if form.arrivals:
            self.arrivals.insert(place, arrival)

    def value(self, edge: int) -> Number | None:
        """The measure of the window from `edge` (ns) to the newest entry."""
        if self.times[self.tail] < edge:
            self.slide(edge)
        measure: Measure = self.measure
        if isinstance(measure, EventCount):
            # Its lane does not tell it of each event.
            measure.events = len(self.times) - self.tail
        return measure.value(edge)

    def merge(self, entry: Entry, form: Form) -> Number | None:
        """The newest entry's event again, by another rule: one entry for both."""
        if form.masks and self.payloads:
            mask, more = self.payloads[-1], entry[3]
            if isinstance(mask, int) and isinstance(more, int):
                self.payloads[-1] = mask | more
        edge = entry[0] - form.timespan
        self._reckon(edge, form)
        return self.value(edge)

    def slide(self, edge: int) -> None:
        """Let entries before `edge` go out of the measure."""
        times, tail = self.times, self.tail
        if isinstance(self.measure, _BY_PLACE):
            self.tail = bisect_left(times, edge, tail)
            return
        while tail < len(times) and times[tail] < edge:
            self.measure.drop(self._entry(tail))
            tail += 1
        self.tail = tail

    def tidy(self, keep: int, form: Form) -> None:
        """Forget entries before `keep` (ns), and the oldest beyond the cap."""
        self.slide(self.newest - form.timespan)
        self._forget(min(bisect_left(self.times, keep), self.tail))
        if len(self.times) > form.cap:
            form.losses.add("correlations.entries_given_up", self._compacted(form))
        self.tidy_at = min(max(_FIRST_TIDY, 2 * len(self.times)), form.cap + 1)

    def _forget(self, count: int) -> None:
        """The oldest so many entries go."""
        del self.times[:count], self.events[:count], self.payloads[:count], self.arrivals[:count]
        self.tail = max(self.tail - count, 0)

    def _compacted(self, form: Form) -> int:
        """Repeated values go first where only different ones count, then the older half.

        Returns:
            How many of them were in use.
        """
        before = len(self.times) - self.tail
        if isinstance(self.measure, DistinctValues | RulesSeen):
            kept = sorted({payload: place for place, payload in enumerate(self.payloads)}.values())
            self.times[:] = [self.times[place] for place in kept]
            self.events[:] = [self.events[place] for place in kept]
            self.payloads[:] = [self.payloads[place] for place in kept]
            if form.arrivals:
                self.arrivals[:] = [self.arrivals[place] for place in kept]
        if len(self.times) > form.cap // 2:
            self._forget(len(self.times) - form.cap // 2)
        self._reckon(self.newest - form.timespan, form)
        return before - (len(self.times) - self.tail)

    def _reckon(self, edge: int, form: Form) -> None:
        """Measure anew from `edge` on."""
        self.tail = bisect_left(self.times, edge)
        self.measure = form.measure()
        for place in range(self.tail, len(self.times)):
            self.measure.push(self._entry(place))

    def insert(
        self, entry: Entry, form: Form, *, silent_too: bool
    ) -> list[tuple[int, Number, int]]:
        """Place a late entry; the windows with it that meet the condition.

        Args:
            entry: the late one.
            form: of the window.
            silent_too: also those that a hit speaks for already.

        Returns:
            (end, value, place of the entry that ends it), in order.
        """
        edge = self.newest - form.timespan
        self.slide(edge)
        if len(self.times) >= self.tidy_at:
            self.tidy(edge - form.lateness, form)
        place = bisect_right(self.times, entry[0])
        while self.arrivals and place and self._entry(place - 1)[:2] > entry[:2]:
            place -= 1
        self._place(place, entry, form)
        if form.by_order:
            self._reckon(edge, form)
        elif entry[0] >= edge:
            self.measure.push(entry)
        else:
            self.tail += 1
        last = min(self.newest, entry[0] + form.timespan)  # end of the windows that hold it
        found = self._around(place, form) if last > self.silent or silent_too else []
        return found if silent_too else [one for one in found if one[0] > self.silent]

    def _around(self, place: int, form: Form) -> list[tuple[int, Number, int]]:
        """Windows that hold the entry at a place and meet the condition."""
        times, timespan = self.times, form.timespan
        low = bisect_left(times, times[place] - timespan)
        high = bisect_right(times, times[place] + timespan)
        found: list[tuple[int, Number, int]] = []
        measure = form.measure()
        if isinstance(measure, EventCount):
            for index in range(place, high):
                low = bisect_left(times, times[index] - timespan, low)
                if form.holds(index + 1 - low):
                    found.append((times[index], index + 1 - low, index))
            return found
        # An event with a list of values, or of several rules, counts more than once.
        if high - low < form.least and all(one.__class__ is str for one in self.payloads[low:high]):
            return found
        for index in range(low, high):
            measure.push(self._entry(index))
            edge = times[index] - timespan
            while times[low] < edge:
                measure.drop(self._entry(low))
                low += 1
            if index >= place:
                value = measure.value(edge)
                if value is not None and form.holds(value):
                    found.append((times[index], value, index))
        return found

    def evidence(self, edge: int, end: int) -> tuple[int, tuple[object, ...]]:
        """Time of the first event of the window that ends with an entry, and its newest events."""
        low, high = bisect_left(self.times, edge), end + 1
        measure: Measure = self.measure
        if isinstance(measure, InOrder | Pair) and high == len(self.times):
            events = measure.events() if measure.value(edge) else ()
            if events:
                first = (place for place in range(low, high) if self.events[place] == events[0])
                place = next(first, None)
                return edge if place is None else self.times[place], events
        return self.times[low], tuple(self.events[max(low, high - EVENTS_KEPT) : high])
