"""Matcher: which of many conditions an event meets.

Events fall into buckets by dataset and by the values of a few routing fields (direction; channel
and event number for Windows). In a bucket the leaves on routing fields are already decided, which
leaves few rules; one scan of the event's JSON bytes for their required literals leaves fewer, and
those are confirmed by their predicates. Buckets are built when their first event comes and choose
their literals again once enough of their events are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from types import EllipsisType

import orjson

from detections.sigma.bucket import Bucket, Slot
from detections.sigma.conditions import (
    ALWAYS,
    ANY_FIELD,
    NEVER,
    All,
    Always,
    Condition,
    Never,
    Not,
    SameAs,
    Some,
    leaves,
    simplified,
)
from detections.sigma.costs import BUDGET, Costs, RuleCost
from detections.sigma.literals import Literals
from detections.sigma.oracle import holds
from detections.sigma.predicates import Predicate

_BUCKETS = 4096  # distinct routing values kept; beyond them the oldest is built again when needed
_PLAIN = frozenset({str, int})
_ABSENT = object()  # unlike null, which a field can hold

Routing = Mapping[str, tuple[str, ...]]  # dataset → routing fields
Key = tuple[object, ...]
_UNKNOWN: Key = ("", "", "")  # the key of events whose routing fields hold several values
OnRunaway = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One condition of one rule for events of one dataset."""

    rule: int
    dataset: str
    condition: Condition


class Later:
    """The same, made when the first event comes that it may hold for.

    Args:
        when: part of the condition that can be told before the rest is made.
        make: the whole condition.
        literals: what `literals.required` says of it, where that is known: then it is made only when
            an event has one of them. Not given: it is made with the first event that meets `when`.
    """

    __slots__ = ("_made", "dataset", "literals", "make", "rule", "when")

    def __init__(
        self,
        rule: int,
        dataset: str,
        when: Condition,
        make: Callable[[], Condition],
        literals: Literals | EllipsisType | None = ...,
    ) -> None:
        self.rule, self.dataset, self.when, self.make = rule, dataset, when, make
        self.literals = literals
        self._made: Condition | None = None

    @property
    def condition(self) -> Condition:
        """The whole condition."""
        if self._made is None:
            self._made = self.make()
        return self._made


class Matcher:
    """Finds the rules that an event meets.

    Args:
        entries: what to look for.
        routing: fields by which the events of a dataset fall into buckets.
        portable: do without hyperscan.
        budget: µs an event that a rule may take on average before it is parked; 0 for no limit.
        on_runaway: told of each rule that is parked, and why.

    Attributes:
        parked: rules that are not looked at any more, by number, and why.
    """

    def __init__(
        self,
        entries: Iterable[Entry | Later],
        routing: Routing,
        *,
        portable: bool = False,
        budget: float = BUDGET,
        on_runaway: OnRunaway | None = None,
    ) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._routing = routing
        self._portable = portable
        self._costs = Costs(budget, self._run_away)
        self._on_runaway = on_runaway
        self._predicates: dict[int, Predicate] = {}
        self.parked: dict[int, str] = {}
        self.add(entries)

    def add(self, entries: Iterable[Entry | Later]) -> None:
        """Look for these too; for datasets of which no event was seen yet."""
        for entry in entries:
            shelf = self._shelves.get(entry.dataset)
            if shelf is None:
                names = self._routing.get(entry.dataset, ())
                shelf = self._shelves[entry.dataset] = _Shelf(names)
            shelf.entries.append(entry)

    @property
    def datasets(self) -> frozenset[str]:
        """Datasets that some rule looks at."""
        return frozenset(self._shelves)

    def match(self, dataset: str, fields: Mapping[str, object], raw: bytes) -> list[int]:
        """Numbers of the rules that the event meets, each once, in order; not to be changed.

        Args:
            dataset: the event's dataset.
            fields: the event's fields.
            raw: the same event as JSON bytes; names and texts as `orjson.dumps` writes them.
        """
        shelf = self._shelves.get(dataset)
        if shelf is None:
            return []
        shelf.seen += 1
        key = shelf.key(fields)
        bucket = shelf.buckets.get(key)
        if bucket is None:
            bucket = self._build(shelf, key, fields)
        return bucket.match(fields, raw)

    def match_all(
        self, dataset: str, events: Sequence[Mapping[str, object]], raws: Sequence[bytes]
    ) -> list[tuple[int, list[int]]]:
        """The same for many events at once: positions of those that meet rules, in order."""
        shelf = self._shelves.get(dataset)
        return [] if shelf is None else self._matched(shelf, shelf.keys(events), raws, events)

    def match_unread(
        self, dataset: str, keys: Iterable[Key], raws: Sequence[bytes]
    ) -> list[tuple[int, list[int]]]:
        """The same for events of which only the routing fields were read.

        Args:
            dataset: of all of them.
            keys: values of the dataset's routing fields of each event, texts and whole numbers.
            raws: the events as flat JSON.
        """
        shelf = self._shelves.get(dataset)
        return [] if shelf is None else self._matched(shelf, keys, raws, None)

    def _matched(
        self,
        shelf: _Shelf,
        keys: Iterable[Key],
        raws: Sequence[bytes],
        events: Sequence[Mapping[str, object]] | None,
    ) -> list[tuple[int, list[int]]]:
        shelf.seen += len(raws)
        groups: dict[Key, list[int]] = {}
        for place, key in enumerate(keys):
            if key in groups:
                groups[key].append(place)
            else:
                groups[key] = [place]
        found: list[tuple[int, list[int]]] = []
        for key, places in groups.items():
            bucket = shelf.buckets.get(key)
            if bucket is None:
                first = places[0]
                fields = orjson.loads(raws[first]) if events is None else events[first]
                bucket = self._build(shelf, key, fields)
            some = None if events is None else [events[place] for place in places]
            rows = bucket.match_all(some, [raws[place] for place in places])
            found += [(places[one], rules) for one, rules in rows]
        found.sort(key=itemgetter(0))
        return found

    def park(self, rule: int, reason: str) -> None:
        """Do not look at a rule any more."""
        self.parked[rule] = reason
        for shelf in self._shelves.values():
            for bucket in shelf.buckets.values():
                bucket.park(rule)

    def unpark(self, rule: int) -> None:
        """Look at a rule again; buckets are built anew."""
        del self.parked[rule]
        for shelf in self._shelves.values():
            shelf.buckets.clear()
        self._predicates.clear()

    def cost(self, rule: int) -> RuleCost:
        """What a rule found and spent so far."""
        events = sum(shelf.seen for shelf in self._shelves.values() if rule in shelf.numbers())
        costs = self._costs
        return RuleCost(costs.hits.get(rule, 0), costs.ns.get(rule, 0) / 1e9, events)

    def _run_away(self, rule: int, reason: str) -> None:
        if rule not in self.parked:
            self.park(rule, reason)
            if self._on_runaway is not None:
                self._on_runaway(rule, reason)

    def _build(self, shelf: _Shelf, key: Key, fields: Mapping[str, object]) -> Bucket:
        if len(shelf.buckets) >= _BUCKETS:
            del shelf.buckets[next(iter(shelf.buckets))]
            self._predicates.clear()
        known = {name: fields[name] for name in shelf.names if name in fields}
        kept = shelf.kept(None if key is _UNKNOWN else known)
        bucket = shelf.buckets[key] = Bucket(
            kept,
            self._predicates,
            self._costs,
            frozenset(self.parked),
            portable=self._portable,
        )
        return bucket


class _Shelf:
    """The rules of one dataset, those with the same demand on routing fields together."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.entries: list[Entry | Later] = []
        self.buckets: dict[Key, Bucket] = {}
        self.seen = 0
        self._groups: dict[tuple[Condition, ...], list[tuple[int, Entry | Later]]] | None = None
        # What rules demand of routing fields, by the names of those; equal demands once.
        self._guards: dict[tuple[str, ...], dict[Condition, Condition]] = {}
        self._failed: dict[tuple[object, ...], tuple[int, ...]] = {}
        self._numbers: frozenset[int] | None = None

    def key(self, fields: Mapping[str, object]) -> Key:
        """What tells the bucket of an event: the values of its routing fields."""
        key: Key = ()
        for name in self.names:
            value = fields.get(name, _ABSENT)
            if value.__class__ not in _PLAIN:
                if isinstance(value, list | dict):
                    return _UNKNOWN
                # 1, 1.0 and True are one key to Python, but not one value to a rule.
                value = (value.__class__, value)
            key += (value,)
        return key

    def keys(self, events: Sequence[Mapping[str, object]]) -> Iterable[Key]:
        """The keys of many events; in columns where their values are simple."""
        columns = [[event.get(name, _ABSENT) for event in events] for name in self.names]
        if columns and all(_PLAIN.issuperset(map(type, column)) for column in columns):
            return zip(*columns, strict=True)
        return map(self.key, events)

    def numbers(self) -> frozenset[int]:
        """Rules of this dataset."""
        if self._numbers is None:
            self._numbers = frozenset(entry.rule for entry in self.entries)
        return self._numbers

    def kept(self, known: Mapping[str, object] | None) -> list[Slot]:
        """Rules that events with these routing values can meet, and what is left of their conditions.

        Args:
            known: values of the routing fields; None where they are not simple values.
        """
        if known is None:
            return [Slot(entry.rule, partial(_condition_of, entry)) for entry in self.entries]
        if self._groups is None:
            self._groups = self._grouped()
        memo: dict[int, Condition] = {}
        never = {one for names in self._guards for one in self._never(names, known)}
        found: list[tuple[int, Slot]] = []
        for guard, members in self._groups.items():
            if not never.isdisjoint(map(id, guard)):
                continue
            for place, entry in members:
                left = partial(_left_of, entry, self.names, known, memo)
                slot = Slot(entry.rule, left, entry.literals if isinstance(entry, Later) else ...)
                if not slot.is_open or slot.condition is not NEVER:
                    found.append((place, slot))
        found.sort(key=lambda one: one[0])
        return [slot for _, slot in found]

    def _shared(self, guard: Condition) -> Condition:
        """The one object for all equal guards."""
        names = tuple(sorted({leaf.field for leaf in leaves(guard)}))
        return self._guards.setdefault(names, {}).setdefault(guard, guard)

    def _never(self, names: tuple[str, ...], known: Mapping[str, object]) -> tuple[int, ...]:
        """Ids of the guards on these fields that fail; asked once for the same values."""
        values = [known.get(name, _ABSENT) for name in names]
        key = (names, *map(type, values), *values)
        failed = self._failed.get(key)
        if failed is None:
            if len(self._failed) >= _BUCKETS:
                self._failed.clear()
            guards = self._guards[names].values()
            failed = self._failed[key] = tuple(id(one) for one in guards if not holds(one, known))
        return failed

    def _grouped(self) -> dict[tuple[Condition, ...], list[tuple[int, Entry | Later]]]:
        groups: dict[tuple[Condition, ...], list[tuple[int, Entry | Later]]] = {}
        names = frozenset(self.names)
        # By the object: thousands of rules that come later have the same `when`.
        known: dict[int, list[tuple[int, Entry | Later]]] = {}
        for place, entry in enumerate(self.entries):
            whole = entry.when if isinstance(entry, Later) else entry.condition
            members = known.get(id(whole))
            if members is None:
                children = whole.children if isinstance(whole, All) else (whole,)
                guard = tuple(self._shared(one) for one in children if _only_of(one, names))
                members = known[id(whole)] = groups.setdefault(guard, [])
            members.append((place, entry))
        return groups


def _condition_of(entry: Entry | Later) -> Condition:
    return entry.condition


def _left_of(
    entry: Entry | Later,
    names: tuple[str, ...],
    known: Mapping[str, object],
    memo: dict[int, Condition],
) -> Condition:
    return _decided(entry.condition, names, known, memo)


def _only_of(condition: Condition, names: frozenset[str]) -> bool:
    """Whether the routing fields alone decide a condition."""
    if isinstance(condition, Always | Never):
        return False
    return all(
        leaf.field in names and leaf.field != ANY_FIELD and not isinstance(leaf, SameAs)
        for leaf in leaves(condition)
    )


def decided(condition: Condition, routing: Sequence[str], known: Mapping[str, object]) -> Condition:
    """The condition with its leaves on routing fields decided by their known values."""
    return _decided(condition, routing, known, {}) if routing else condition


def _decided(
    condition: Condition,
    routing: Sequence[str],
    known: Mapping[str, object],
    memo: dict[int, Condition],
) -> Condition:
    """`memo` holds leaves decided before: thousands of rules share a few (`EventID: 1`)."""
    kind: type[All] | type[Some]
    stop: Condition
    skip: Condition
    match condition:
        case All(children):
            kind, stop, skip = All, NEVER, ALWAYS
        case Some(children):
            kind, stop, skip = Some, ALWAYS, NEVER
        case Not(child):
            inner = _decided(child, routing, known, memo)
            return condition if inner is child else simplified(Not(inner))
        case Always() | Never() | SameAs():
            return condition
        case _:
            if condition.field not in routing:
                return condition
            answer = memo.get(id(condition))
            if answer is None:
                answer = memo[id(condition)] = ALWAYS if holds(condition, known) else NEVER
            return answer
    kept: list[Condition] = []
    same = True
    for child in children:
        one = _decided(child, routing, known, memo)
        if one is stop:
            return stop
        same = same and one is child
        if one is not skip:
            kept.append(one)
    if same:
        return condition
    if not kept:
        return skip
    return kept[0] if len(kept) == 1 else kind(tuple(kept))
