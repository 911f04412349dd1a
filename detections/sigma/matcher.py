"""Matcher: which of many conditions an event meets.

Events fall into buckets by dataset and by the values of a few routing fields (direction; channel
and event number for Windows). In a bucket the leaves on routing fields are already decided, which
leaves few rules; one scan of the event's JSON bytes for their required literals leaves fewer, and
those are confirmed by their predicates. Buckets are built when their first event comes and built
again once enough of their events are known to choose the rarest literals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detections.sigma.conditions import (
    ALWAYS,
    NEVER,
    All,
    Always,
    Condition,
    Leaf,
    Never,
    Not,
    SameAs,
    Some,
    simplified,
)
from detections.sigma.literals import FOLDED_TO_ASCII, Frequency, required, static_frequency
from detections.sigma.oracle import holds
from detections.sigma.predicates import Predicate, View, compiled
from detections.sigma.prefilter import Scan, make_scan

_BUCKETS = 4096  # distinct routing values kept; beyond them the oldest is built again when needed
_LEARN_AFTER = 256  # events of a bucket before its literals are chosen by how often they occur
_SAMPLE = 64
_SCAN_FROM = 3  # rules with literals in a bucket that make a scan worth its call

_PLAIN = (str, int)
_ABSENT = object()  # unlike null, which a field can hold

Routing = Mapping[str, tuple[str, ...]]  # dataset → routing fields


@dataclass(frozen=True, slots=True)
class Entry:
    """One condition of one rule for events of one dataset."""

    rule: int
    dataset: str
    condition: Condition


class Matcher:
    """Finds the rules that an event meets; `portable` does without hyperscan."""

    def __init__(
        self, entries: Iterable[Entry], routing: Routing, *, portable: bool = False
    ) -> None:
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self._entries.setdefault(entry.dataset, []).append(entry)
        self._routing = routing
        self._portable = portable
        self._buckets: dict[object, _Bucket] = {}
        self._predicates: dict[Condition, Predicate] = {}

    @property
    def datasets(self) -> frozenset[str]:
        """Datasets that some rule looks at."""
        return frozenset(self._entries)

    def match(self, dataset: str, fields: Mapping[str, object], raw: bytes) -> list[int]:
        """Numbers of the rules that the event meets, each once, in order.

        Args:
            dataset: the event's dataset.
            fields: the event's fields.
            raw: the same event as JSON bytes, as `orjson.dumps` writes them.
        """
        entries = self._entries.get(dataset)
        if entries is None:
            return []
        key: tuple[object, ...] = (dataset,)
        for name in self._routing.get(dataset, ()):
            value = fields.get(name, _ABSENT)
            if isinstance(value, list | dict):
                key = (dataset,)
                break
            # 1, 1.0 and True are one key to Python, but not one value to a rule.
            key += (value if value.__class__ in _PLAIN else (value.__class__, value),)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._build(key, entries, fields)
        return bucket.match(fields, raw)

    def _build(
        self, key: tuple[object, ...], entries: Sequence[Entry], fields: Mapping[str, object]
    ) -> _Bucket:
        if len(self._buckets) >= _BUCKETS:
            del self._buckets[next(iter(self._buckets))]
            self._predicates.clear()
        routing = self._routing.get(str(key[0]), ()) if len(key) > 1 else ()
        known = {name: fields[name] for name in routing if name in fields}
        memo: dict[Leaf, Condition] = {}
        kept = [
            (entry.rule, condition)
            for entry in entries
            if (condition := _decided(entry.condition, routing, known, memo)) is not NEVER
        ]
        bucket = self._buckets[key] = _Bucket(kept, self._predicates, self._portable)
        return bucket


def decided(condition: Condition, routing: Sequence[str], known: Mapping[str, object]) -> Condition:
    """The condition with its leaves on routing fields decided by their known values."""
    return _decided(condition, routing, known, {}) if routing else condition


def _decided(
    condition: Condition,
    routing: Sequence[str],
    known: Mapping[str, object],
    memo: dict[Leaf, Condition],
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
            return simplified(Not(_decided(child, routing, known, memo)))
        case Always() | Never() | SameAs():
            return condition
        case _:
            if condition.field not in routing:
                return condition
            if condition not in memo:
                memo[condition] = ALWAYS if holds(condition, known) else NEVER
            return memo[condition]
    kept: list[Condition] = []
    for child in children:
        one = _decided(child, routing, known, memo)
        if one is stop:
            return stop
        if one is not skip:
            kept.append(one)
    if not kept:
        return skip
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


class _Bucket:
    """Rules that events of one kind can meet."""

    def __init__(
        self,
        rules: Sequence[tuple[int, Condition]],
        predicates: dict[Condition, Predicate],
        portable: bool,
    ) -> None:
        self._rules = rules
        self._predicates = predicates
        self._portable = portable
        self._seen = 0
        self._sample: list[bytes] = []
        self._scan: Scan | None = None
        self._of_literal: list[tuple[int, ...]] = []
        self._unfiltered: list[int] = []
        self._tests: dict[int, Predicate] = {}
        self._plan(static_frequency)

    def match(self, fields: Mapping[str, object], raw: bytes) -> list[int]:
        if not self._rules:
            return []
        if self._seen < _LEARN_AFTER:
            self._learn(raw)
        if self._scan is None or (not raw.isascii() and any(one in raw for one in FOLDED_TO_ASCII)):
            candidates: Iterable[int] = range(len(self._rules))
        else:
            found = self._scan(raw)
            if not found:
                candidates = self._unfiltered
            else:
                chosen = set(self._unfiltered)
                for literal in found:
                    chosen.update(self._of_literal[literal])
                candidates = sorted(chosen)
        if not candidates:
            return []
        view = View(fields)
        hits = [self._rules[index][0] for index in candidates if self._test(index)(view)]
        return hits if len(hits) < 2 else list(dict.fromkeys(hits))

    def _test(self, index: int) -> Predicate:
        test = self._tests.get(index)
        if test is None:
            condition = self._rules[index][1]
            test = self._predicates.get(condition)
            if test is None:
                test = self._predicates[condition] = compiled(condition)
            self._tests[index] = test
        return test

    def _learn(self, raw: bytes) -> None:
        self._seen += 1
        if self._seen % (_LEARN_AFTER // _SAMPLE) == 0:
            self._sample.append(raw.lower())
        if self._seen == _LEARN_AFTER and self._scan is not None:
            self._plan(_measured(self._sample))
            self._sample = []

    def _plan(self, frequency: Frequency) -> None:
        """Choose the literals of each rule and build the scanner for them."""
        wanted: dict[bytes, list[int]] = {}
        self._unfiltered = []
        for index, (_, condition) in enumerate(self._rules):
            literals = required(condition, frequency)
            if literals is None or isinstance(condition, Never):
                self._unfiltered.append(index)
                continue
            for literal in literals:
                wanted.setdefault(literal, []).append(index)
        if len(self._rules) - len(self._unfiltered) < _SCAN_FROM:
            self._scan = None
            return
        self._of_literal = [tuple(indexes) for indexes in wanted.values()]
        self._scan = make_scan(list(wanted), portable=self._portable)


def _measured(sample: Sequence[bytes]) -> Frequency:
    """Share of sampled events with a literal, the guess by length deciding between equals."""
    shares: dict[bytes, float] = {}

    def frequency(literal: bytes) -> float:
        share = shares.get(literal)
        if share is None:
            share = sum(literal in raw for raw in sample) / max(len(sample), 1)
            share = shares[literal] = share + 0.02 * static_frequency(literal)
        return share

    return frequency
