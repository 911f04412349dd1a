"""Engine: base hits in, correlation hits out; pure, its clock is the time of the events.

Each event that meets rules which correlations name is given to `observe` once, with all rules that it
meets. Memory is bounded: groups by least recent use, entries of a group and of all, all counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from detections.sigma.correlations.bounds import Bounds, Number
from detections.sigma.correlations.feeding import Feeding
from detections.sigma.correlations.fields import Fields, FieldsOf, as_they_are
from detections.sigma.correlations.forms import form_of, settles
from detections.sigma.correlations.lanes import UNGROUPED, WITHOUT_VALUE, Lane, each, lane_of
from detections.sigma.correlations.link import Linked
from detections.sigma.correlations.rule import TEMPORAL, LoadedCorrelation
from detections.sigma.correlations.shapes import Feed, Met
from detections.sigma.correlations.tracking import Settling, Tracker
from fengsui.alert import EVENTS_KEPT
from fengsui.clock import SECOND
from fengsui.loss import Losses

if TYPE_CHECKING:
    from detections.sigma.correlations.batches import Batcher
    from detections.sigma.correlations.entries import Batch, Part

LATENESS = 60 * SECOND
_SWEEP = 1 << 18  # arrivals between two looks for what can be forgotten
_SWEEP_AFTER = 600 * SECOND  # the same, of the run's clock
_MOST_ROUTES = 4096  # sets of rules met together that are remembered a dataset

_BATCH = 256  # events from which on columns pay

# What `observe` takes, a column each: rules met, fields, times, the events' names, datasets.
Columns = Sequence[Sequence[Any]]
_Places = dict[tuple[tuple[int, ...], str], "list[int] | None"]
# Number of a correlation and its lane, and those of all others that take the same events.
_Route = tuple[int, Lane, tuple[tuple[int, Lane], ...]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the windows may hold.

    Attributes:
        keys: groups of one correlation.
        window: entries of one group.
        entries: entries of all groups of all correlations.
    """

    keys: int = 100_000
    window: int = 10_000
    entries: int = 1_000_000


class CorrelationHit(NamedTuple):
    """A correlation's condition was met.

    Attributes:
        number: position in `Linked.correlations`.
        key: group-by field or alias, and its value.
        value: what was measured; `condition` what it had to be.
        first: time of the first event of the window, `time` of the one that completed it (ns).
        event: that one, as the caller names it; `events` the newest of the window, oldest first.
        fields: of the completing event, those that correlations read (or `keep` asked for).
        rule: number of a base rule that the completing event meets, `dataset` that event's.
    """

    correlation: LoadedCorrelation
    number: int
    key: tuple[tuple[str, str], ...]
    value: Number
    condition: str
    first: int
    time: int
    event: object
    events: tuple[object, ...]
    fields: Fields
    rule: int
    dataset: str

    @property
    def last(self) -> int:
        """Time of the last event, ns."""
        return self.time


class Several(tuple[object, ...]):
    """Events of a correlation's hit, as one entry of the correlation above it."""

    __slots__ = ()


class Correlations:
    """All correlations of a rule set with their windows.

    Args:
        linked: the correlations.
        fields_of: where events hold the fields that rules name.
        lateness: events up to so far (ns) behind the newest of their group are placed exactly.
        limits: bounds of memory.
        keep: fields of events that hits carry besides those that correlations read.

    Attributes:
        losses: under `correlations.`: `ungrouped` (a group-by field is missing), `without_value`,
            `late`, `too_late`, `groups_evicted`, `entries_given_up`, `groups_left_out`.
    """

    def __init__(
        self,
        linked: Linked,
        fields_of: FieldsOf = as_they_are,
        *,
        lateness: int = LATENESS,
        limits: Limits | None = None,
        keep: Iterable[str] = (),
    ) -> None:
        self.linked = linked
        self.lateness = lateness
        self.losses = Losses()
        self._limits = limits or Limits()
        self._parents = _parents(linked)
        self._conditions = [
            str(one.rule.condition) if isinstance(one.rule.condition, Bounds) else ""
            for one in linked.correlations
        ]
        self.trackers = self._made()
        self._feeding = Feeding(linked, fields_of, keep)
        # By dataset, then by the rules met; one rule by its number alone.
        self._routes: dict[str, dict[int | tuple[int, ...], _Route | None]] = {}
        self._feeds: dict[tuple[str, tuple[int, ...]], list[Feed]] = {}
        self._batchers: list[Batcher | None] = []
        self._arrivals = 0
        self._sweep_at = _SWEEP
        self._clock: int | None = None  # of the run, where it has one
        self._swept = 0

    def _made(self) -> list[Tracker]:
        """One tracker each; a correlation above one that settles hears of it later."""
        made: list[Tracker] = []
        delays: list[int] = []
        for number, one in enumerate(self.linked.correlations):
            below = max((delays[it.number] for it in one.sources if it.chained), default=0)
            lateness, cap = self.lateness + below, self._limits.window
            form = form_of(one.rule, lateness, cap, self.losses, arrivals=below > 0)
            if settles(one.rule):
                delays.append(form.lateness + form.timespan)
                made.append(Settling(form))
                continue
            delays.append(below)
            above = [self.linked.correlations[parent].rule for parent, _ in self._parents[number]]
            made.append(Tracker(form, tells_all=any(rule.type in TEMPORAL for rule in above)))
        return made

    def observe(
        self, numbers: Sequence[int], fields: Fields, time: int, event: object, dataset: str = ""
    ) -> Sequence[CorrelationHit]:
        """Take one event.

        Args:
            numbers: all rules that it meets, those that no correlation names too.
            fields: its fields.
            time: event time, ns.
            event: what hits are to call it; a value that JSON has.
            dataset: its dataset, for the names of its fields.
        """
        try:
            route = self._routes[dataset][numbers[0] if len(numbers) == 1 else tuple(numbers)]
        except KeyError:
            route = self._routed(tuple(numbers), dataset)[1]
        if route is None:
            return ()
        self._arrivals = arrival = self._arrivals + 1
        if arrival >= self._sweep_at:
            self._sweep_before(arrival, time)
        number, lane, others = route
        met = lane(fields, time, arrival, event)
        if met is None and not others:
            return ()
        hits: list[CorrelationHit] = []
        self._all_told(number, met, hits)
        for number, lane in others:
            self._all_told(number, lane(fields, time, arrival, event), hits)
        return hits

    def observe_all(self, arrivals: Columns) -> list[CorrelationHit]:
        """Take many events, as `observe` takes them one by one, and find the same."""
        at, many = 0, len(arrivals[0])
        if many < _BATCH or not any(self._batched()):
            return [hit for one in zip(*arrivals, strict=True) for hit in self.observe(*one)]
        hits: list[CorrelationHit] = []
        while at < many:
            room = self._sweep_at - self._arrivals - 1
            if room > 0:
                end = min(at + room, many)
                piece = arrivals if end - at == many else [column[at:end] for column in arrivals]
                self._taken(piece, hits)
                at = end
            # Not by `observe`: an event by itself takes all that is held out of its columns.
            elif self._ways(tuple(arrivals[0][at]), arrivals[4][at])[1]:
                self._sweep_before(self._arrivals + 1, arrivals[2][at])
            else:
                at += 1  # no correlation takes it
        return hits

    def _sweep_before(self, arrival: int, time: int) -> None:
        self._sweep_at = arrival + _SWEEP
        # One event from the future must not end all windows.
        self.sweep(time if self._clock is None else min(time, self._clock))

    def _taken(self, piece: Columns, hits: list[CorrelationHit]) -> None:
        """Take events together: each correlation in columns those that it can take so."""
        # Imported here: numpy takes long, and single events do without.
        batches = import_module("detections.sigma.correlations.batches")
        places = _places(piece[0], piece[4])
        arrivals = self._numbered(places, len(piece[0]))
        batch: Batch = batches.Batch(*piece[1:4], arrivals)
        together, found = self._shared(places, len(arrivals))
        for number, parts in together.items():
            batcher = self._batchers[number]
            assert batcher is not None
            found += [(place, number, met) for place, _, met in batcher.take(parts, batch)]
        found.sort(key=itemgetter(0, 1))
        fields, times, events, _ = batch
        for place, number, one in found:
            met = one
            if not isinstance(one, Met):
                met = one(fields[place], times[place], arrivals[place], events[place])
            self._all_told(number, met, hits)

    def _batched(self) -> list[Batcher | None]:
        """For each correlation, its way for batches, if it has one."""
        if not self._batchers:
            batcher_of = import_module("detections.sigma.correlations.batches").batcher_of
            self._batchers = [
                None
                if any(source.chained for source in one.sources)
                else batcher_of(one.rule, tracker)
                for one, tracker in zip(self.linked.correlations, self.trackers, strict=True)
            ]
        return self._batchers

    def _shared(
        self, places: _Places, many: int
    ) -> tuple[dict[int, list[Part]], list[tuple[int, int, Any]]]:
        """What correlations take in columns, by number, and (place, number, lane) of the rest."""
        together: dict[int, list[Part]] = {}
        singly: list[tuple[int, Lane, Sequence[int]]] = []
        twice: set[int] = set()  # they take an event in two ways, as one entry
        for (numbers, dataset), mine in places.items():
            feeds, lanes = self._ways(numbers, dataset)
            seen: set[int] = set()
            for feed, (number, lane) in zip(feeds, lanes, strict=True):
                if number in seen or self._batchers[number] is None:
                    twice.add(number)
                seen.add(number)
                together.setdefault(number, []).append((feed, mine))
                singly.append((number, lane, range(many) if mine is None else mine))
        for number in twice:
            together.pop(number, None)
        return together, [
            (place, number, lane)
            for number, lane, mine in singly
            if number in twice
            for place in mine
        ]

    def _numbered(self, places: _Places, many: int) -> Sequence[int]:
        """Numbers of arrival; events that no correlation takes have the one before."""
        idle: set[int] = set()
        for (numbers, dataset), mine in places.items():
            if not self._ways(numbers, dataset)[1]:
                idle.update(range(many) if mine is None else mine)
        first = self._arrivals + 1
        self._arrivals += many - len(idle)
        if not idle:
            return range(first, first + many)
        steps = (place not in idle for place in range(many))
        return list(accumulate(steps, initial=first - 1))[1:]

    def _ways(
        self, numbers: tuple[int, ...], dataset: str
    ) -> tuple[list[Feed], list[tuple[int, Lane]]]:
        """Feeds and lanes of the events that meet these rules."""
        feeds = self._feeds.get((dataset, numbers))
        if feeds is None:
            feeds, route = self._routed(numbers, dataset)
        else:
            route = self._routes[dataset][numbers[0] if len(numbers) == 1 else numbers]
        return feeds, [] if route is None else [route[:2], *route[2]]

    def advance(self, now: int) -> list[CorrelationHit]:
        """Time has passed to `now` (ns): judge what has waited for its timespan to be over."""
        self._clock = now
        if now >= self._swept + _SWEEP_AFTER:
            self.sweep(now)
        hits: list[CorrelationHit] = []
        for number, tracker in enumerate(self.trackers):
            for met in tracker.release(now - tracker.form.lateness):
                self._told(number, met, hits)
        return hits

    def finish(self) -> list[CorrelationHit]:
        """The input has ended: judge everything as if nothing more came."""
        hits: list[CorrelationHit] = []
        for number, tracker in enumerate(self.trackers):
            for met in tracker.finish():
                self._told(number, met, hits)
        return hits

    def sweep(self, now: int) -> None:
        """Forget groups whose windows are over at `now` (ns), and the oldest beyond the limits."""
        self._swept = now
        held = [tracker.sweep(now) for tracker in self.trackers]
        room = self._limits.entries
        if sum(held) > room:
            held = [tracker.sweep(now, all_old=True) for tracker in self.trackers]
        for tracker, entries in zip(self.trackers, held, strict=True):
            # Beyond the whole, each gives up in proportion to what it holds.
            share = entries * room // sum(held) if sum(held) > room else entries
            tracker.evict(self._limits.keys, share)

    def reduced(self, numbers: Sequence[int], fields: Fields, dataset: str = "") -> Fields:
        """The fields of an event that correlations read, for one that is to wait."""
        feeds = self._feeds.get((dataset, tuple(numbers)))
        if feeds is None:
            feeds = self._routed(tuple(numbers), dataset)[0]
        names = frozenset[str]().union(*(feed.kept for feed in feeds))
        return {name: fields[name] for name in names if name in fields}

    def arrival(self) -> int:
        """The number of one more arrival, for entries that are put in from outside."""
        self._arrivals += 1
        return self._arrivals

    def _routed(self, numbers: tuple[int, ...], dataset: str) -> tuple[list[Feed], _Route | None]:
        known = self._routes.setdefault(dataset, {})
        if len(known) >= _MOST_ROUTES:
            known.clear()
            self._feeds.clear()
        feeds = self._feeding.feeds(numbers, dataset)
        rules = [one.rule for one in self.linked.correlations]
        lanes = [
            (feed.number, lane_of(rules[feed.number], self.trackers[feed.number], feed))
            for feed in feeds
        ]
        route = (*lanes[0], tuple(lanes[1:])) if lanes else None
        self._feeds[dataset, numbers] = feeds
        known[numbers[0] if len(numbers) == 1 else numbers] = route
        return feeds, route

    def _all_told(
        self, number: int, met: Met | list[Met] | None, hits: list[CorrelationHit]
    ) -> None:
        """`_told` for what a lane gives."""
        if met is not None:
            for one in met if isinstance(met, list) else (met,):
                self._told(number, one, hits)

    def _told(self, number: int, met: Met, hits: list[CorrelationHit]) -> None:
        """A window met the condition: a hit, and an event of the correlations above."""
        one = self.linked.correlations[number]
        if met.fires and one.speaks:
            hits.append(_hit(number, one.rule, self._conditions[number], met))
        for parent, place in self._parents[number]:
            if not met.fires and self.linked.correlations[parent].rule.type not in TEMPORAL:
                continue
            feed = self._feeding.above(parent, place, number, met.origin)
            fields = {**met.origin.fields, **dict(zip(one.rule.group_by, met.shown, strict=True))}
            key, payload = feed.key(fields), feed.payload(fields)
            if key is None or payload is None:
                self.losses.add(UNGROUPED if key is None else WITHOUT_VALUE)
                continue
            entry = (met.time, met.entry[1], Several((*met.events, met.entry[2])), payload)
            keys = key if isinstance(key, list) else [key]
            for one_met in each(self.trackers[parent], feed, keys, entry, fields):
                self._told(parent, one_met, hits)


class _Kinds(dict[object, int]):
    """Numbers of what events have in common; a new one gets one."""

    def __missing__(self, kind: object) -> int:
        number = self[kind] = len(self)
        return number


def _places(numbers: Sequence[Sequence[int]], datasets: Sequence[str]) -> _Places:
    """Places of the events that meet the same rules in one dataset; None: all."""
    many, first = len(numbers), (tuple(numbers[0]), datasets[0])
    if datasets.count(first[1]) == many and numbers.count(numbers[0]) == many:
        return {first: None}
    numpy, kinds = import_module("numpy"), _Kinds()
    each = map(kinds.__getitem__, zip(map(tuple, numbers), datasets, strict=True))
    kind = numpy.fromiter(each, numpy.uint16 if many < 1 << 16 else numpy.int64, many)
    order = numpy.argsort(kind, kind="stable")
    ends = numpy.cumsum(numpy.bincount(kind))[:-1]
    parts = numpy.split(order, ends)
    return {one: part.tolist() for one, part in zip(kinds, parts, strict=True)}  # type: ignore[misc]


def _parents(linked: Linked) -> list[list[tuple[int, int]]]:
    """For each correlation, those that name it and at which place."""
    found: list[list[tuple[int, int]]] = [[] for _ in linked.correlations]
    for number, one in enumerate(linked.correlations):
        for place, source in enumerate(one.sources):
            if source.chained:
                found[source.number].append((number, place))
    return found


def _hit(number: int, rule: LoadedCorrelation, condition: str, met: Met) -> CorrelationHit:
    last = met.entry[2]
    events = list(dict.fromkeys(_flat((*met.events, last))))
    while isinstance(last, Several):  # of a chain: the event that completed the lowest one
        last = last[-1]
    return CorrelationHit(
        correlation=rule,
        number=number,
        key=tuple(zip(rule.group_by, met.shown, strict=True)),
        value=met.value,
        condition=condition,
        first=met.first,
        time=met.time,
        event=last,
        events=tuple(events[-EVENTS_KEPT:]),
        fields=met.origin.fields,
        rule=met.origin.rule,
        dataset=met.origin.dataset,
    )


def _flat(events: Sequence[object]) -> Sequence[object]:
    if Several not in map(type, events):
        return events
    return [
        one for event in events for one in (_flat(event) if type(event) is Several else (event,))
    ]
