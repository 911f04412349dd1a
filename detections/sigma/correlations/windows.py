"""Windows: the recent events of one group, and the condition over the timespan that ends with each.

A window is the closed interval [t - timespan, t]: it slides, and ends with an event. Entries are kept
one lateness longer than the timespan, so that a late event finds all windows that it belongs to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from detections.sigma.correlations.bounds import Number
from detections.sigma.correlations.fields import Fields, Key, Read
from detections.sigma.correlations.measures import DistinctValues, Entry, Measure, RulesSeen
from detections.sigma.correlations.sequences import InOrder, Pair
from fengsui.alert import EVENTS_KEPT
from fengsui.loss import Losses

_FIRST_TIDY = 64  # entries of a group before old ones are looked for


@dataclass(frozen=True, slots=True)
class Form:
    """What all windows of one correlation have in common; times in ns.

    Attributes:
        measure: makes an empty measure.
        holds: whether a value meets the condition.
        least: fewer events than that never meet it; 0: not known.
        by_order: the measure depends on the order in which events are pushed.
        masks: payloads are bit masks of positions in the rule list.
        cap: entries kept of one group at most.
        losses: events that came too late, and what was given up to bound memory.
    """

    timespan: int
    lateness: int
    measure: Callable[[], Measure]
    holds: Callable[[Number], bool]
    least: int = 0
    by_order: bool = False
    masks: bool = False
    cap: int = 10_000
    losses: Losses = field(default_factory=Losses)


class Origin(NamedTuple):
    """Where an entry comes from, for the hit and for correlations of correlations.

    Attributes:
        fields: of the event, and the groups of the correlations below.
        rule: number of a rule that the event meets, and its dataset: they tell the fields' names.
    """

    fields: Fields
    rule: int
    dataset: str


@dataclass(frozen=True, slots=True)
class Feed:
    """How one correlation takes the events that meet certain rules, in one dataset.

    Attributes:
        number: of the correlation.
        key: the group or groups of an event; None where it is in none.
        payload: what its measure takes of the event; None where it takes nothing.
        spell: the values of a key in the event's own spelling.
        rule: number of a rule that the events meet, and their dataset.
        kept: names of the fields that are kept with an entry.
        mask: positions of the rules that the events meet.
        group, value: the one field that gives the key, and the payload, as it is; empty where it
            is not so simple.
    """

    number: int
    key: Callable[[Fields], Key | list[Key] | None]
    payload: Read
    spell: Callable[[Fields, Key], tuple[str, ...]]
    rule: int
    dataset: str
    kept: frozenset[str]
    mask: int
    group: str = ""
    value: str = ""

    def origin(self, fields: Fields) -> Origin:
        """What is kept of an event."""
        kept = {name: fields[name] for name in self.kept if name in fields}
        return Origin(kept, self.rule, self.dataset)


@dataclass(frozen=True, slots=True)
class Met:
    """A window that meets the condition.

    Attributes:
        fires: it is shown; else a hit of less than a timespan ago speaks for it.
        first: time of its first event, `time` of its last (ns).
    """

    key: Key
    shown: tuple[str, ...]
    value: Number
    first: int
    time: int
    entry: Entry
    events: tuple[object, ...]
    origin: Origin
    fires: bool


class Window:
    """Entries of one group in order of (time, arrival); `tail`: the first that the measure holds."""

    __slots__ = ("candidate", "entries", "fired", "measure", "shown", "tail", "tidy_at")

    def __init__(self, measure: Measure, shown: tuple[str, ...]) -> None:
        self.shown = shown
        self.entries: list[Entry] = []
        self.tail = 0
        self.measure = measure
        self.fired: int | None = None  # end of the window that was shown last
        self.candidate: Met | None = None  # waits for its timespan to be over; see `Settling`
        self.tidy_at = _FIRST_TIDY

    @property
    def newest(self) -> int:
        """Time of the newest entry, ns."""
        return self.entries[-1][0] if self.entries else -(2**63)

    def over(self, keep: int) -> bool:
        """Whether nothing of it matters any more to events after `keep` (ns)."""
        return self.newest < keep and self.candidate is None

    def silent_at(self, time: int, form: Form) -> bool:
        """Whether a hit of less than a timespan before speaks for a window that ends then."""
        return self.fired is not None and time <= self.fired + form.timespan

    def push(self, entry: Entry, form: Form) -> Number | None:
        """Take the newest entry; the value of the window that ends with it."""
        entries, measure = self.entries, self.measure
        entries.append(entry)
        measure.push(entry)
        edge = entry[0] - form.timespan
        if entries[self.tail][0] < edge:
            self.slide(edge)
        if len(entries) >= self.tidy_at:
            self.tidy(edge - form.lateness, form)
            measure = self.measure
        return measure.value(edge)

    def merge(self, entry: Entry, form: Form) -> Number | None:
        """The newest entry's event again, by another rule: one entry for both."""
        last = self.entries[-1]
        payload = last[3]
        if isinstance(payload, int) and isinstance(entry[3], int) and form.masks:
            payload |= entry[3]
        self.entries[-1] = (last[0], last[1], last[2], payload)
        edge = entry[0] - form.timespan
        self._reckon(edge, form)
        return self.measure.value(edge)

    def slide(self, edge: int) -> None:
        """Let entries before `edge` go out of the measure."""
        entries, tail, drop = self.entries, self.tail, self.measure.drop
        while tail < len(entries) and entries[tail][0] < edge:
            drop(entries[tail])
            tail += 1
        self.tail = tail

    def tidy(self, keep: int, form: Form) -> None:
        """Forget entries before `keep` (ns), and the oldest beyond the cap."""
        old = min(bisect_left(self.entries, (keep,)), self.tail)
        del self.entries[:old]
        self.tail -= old
        if len(self.entries) > form.cap:
            form.losses.add("correlations.entries_given_up", self._compacted(form))
        self.tidy_at = min(max(_FIRST_TIDY, 2 * len(self.entries)), form.cap + 1)

    def _compacted(self, form: Form) -> int:
        """Repeated values go first where only different ones count, then the older half.

        Returns:
            How many of them were in use.
        """
        before = len(self.entries) - self.tail
        if isinstance(self.measure, DistinctValues | RulesSeen):
            latest = {entry[3]: entry for entry in self.entries}
            self.entries = sorted(latest.values(), key=lambda entry: entry[:2])
        if len(self.entries) > form.cap // 2:
            del self.entries[: len(self.entries) - form.cap // 2]
        self._reckon(self.entries[-1][0] - form.timespan, form)
        return before - (len(self.entries) - self.tail)

    def _reckon(self, edge: int, form: Form) -> None:
        """Measure anew from `edge` on."""
        self.tail = bisect_left(self.entries, (edge,))
        self.measure = form.measure()
        for entry in self.entries[self.tail :]:
            self.measure.push(entry)

    def insert(self, entry: Entry, form: Form) -> list[tuple[int, Number, int]]:
        """Place a late entry; the windows with it that meet the condition.

        Returns:
            (end, value, place of the entry that ends it), in order.
        """
        entries = self.entries
        self.slide(entries[-1][0] - form.timespan)
        place = bisect_right(entries, (entry[0], entry[1]), key=_when)
        entries.insert(place, entry)
        edge = entries[-1][0] - form.timespan
        if form.by_order:
            self._reckon(edge, form)
        elif entry[0] >= edge:
            self.measure.push(entry)
        else:
            self.tail += 1
        if len(entries) >= self.tidy_at:
            found = self._around(place, form)
            self.tidy(edge - form.lateness, form)
            return found
        return self._around(place, form)

    def _around(self, place: int, form: Form) -> list[tuple[int, Number, int]]:
        """Windows that hold the entry at a place and meet the condition."""
        entries = self.entries
        time = entries[place][0]
        low = bisect_left(entries, (time - form.timespan,))
        high = bisect_right(entries, (time + form.timespan + 1,))
        found: list[tuple[int, Number, int]] = []
        if high - low < form.least:
            return found
        measure = form.measure()
        for index in range(low, high):
            measure.push(entries[index])
            end = entries[index][0]
            edge = end - form.timespan
            while entries[low][0] < edge:
                measure.drop(entries[low])
                low += 1
            if index >= place:
                value = measure.value(edge)
                if value is not None and form.holds(value):
                    found.append((end, value, index))
        return found

    def evidence(self, edge: int, end: int) -> tuple[int, tuple[object, ...]]:
        """Time of the first event of the window that ends with an entry, and its newest events."""
        low, high = bisect_left(self.entries, (edge,)), end + 1
        measure = self.measure
        if isinstance(measure, InOrder | Pair) and high == len(self.entries):
            events = measure.events() if measure.value(edge) else ()
            times = (entry[0] for entry in self.entries[low:] if entry[2] in events[:1])
            if events:
                return next(times, edge), events
        kept = self.entries[max(low, high - EVENTS_KEPT) : high]
        return self.entries[low][0], tuple(entry[2] for entry in kept)


def _when(entry: Entry) -> tuple[int, int]:
    return entry[0], entry[1]
