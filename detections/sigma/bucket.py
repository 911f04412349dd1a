"""Bucket: the rules that events of one kind can meet, and the quick way to the few that they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter_ns
from types import EllipsisType

import orjson

from detections.sigma.conditions import Condition
from detections.sigma.costs import SAMPLE, SLOW, Costs
from detections.sigma.literals import (
    FOLDED_TO_ASCII,
    Frequency,
    Literals,
    required,
    static_frequency,
)
from detections.sigma.predicates import Predicate, View, compiled
from detections.sigma.prefilter import Scan, Search, make_scan

LEARN_AT = tuple(32 * 4**step for step in range(7))  # events after which literals are chosen again
_WORTH = 2 << 10  # bytes from which on making a scanner may pay
_KEPT = 48  # events in the sample that tells how frequent a literal is
_OFTEN = 1 / 16  # share of the sample that makes a rule worth another choice
_TEST, _COMPILE = 3, 40  # µs that a rule takes of an event, and a literal of a new scanner
_AHEAD = 4  # times as many events are thought to come as came
_NONE: list[int] = []


class Slot:
    """One rule of a bucket: its condition is made when an event may meet it.

    Args:
        rule: its number.
        make: the condition.
        literals: what `required` says of it, where that is known without making it.
    """

    __slots__ = ("_condition", "_literals", "_make", "rule")

    def __init__(
        self,
        rule: int,
        make: Callable[[], Condition],
        literals: Literals | EllipsisType | None = ...,
    ) -> None:
        self.rule = rule
        self._make = make
        self._condition: Condition | None = None
        self._literals = literals

    @property
    def condition(self) -> Condition:
        """What is left of the rule's condition for events of the bucket."""
        if self._condition is None:
            self._condition = self._make()
        return self._condition

    @property
    def is_open(self) -> bool:
        """Whether its condition must be made to know anything of it."""
        return self._literals is ...

    @property
    def literals(self) -> Literals | None:
        """What an event must hold, as `required` says by the literals' looks."""
        return required(self.condition) if self._literals is ... else self._literals


class Bucket:
    """Rules that events of one kind can meet.

    Args:
        slots: in order of number; a number may stand there more than once.
        predicates: compiled conditions, shared by all buckets.
        costs: counters of all buckets.
        parked: rules that are left out.
        portable: do without hyperscan.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        predicates: dict[int, Predicate],
        costs: Costs,
        parked: frozenset[int] = frozenset(),
        *,
        portable: bool = False,
    ) -> None:
        self._slots = slots
        self._numbers = [slot.rule for slot in slots]
        self._predicates = predicates
        self._costs = costs
        self._portable = portable
        self._seen = 0
        self._stride = 1  # one event in so many is put into the sample
        self._sample: list[bytes] = []
        self._learn_at = iter(LEARN_AT)
        self._next = next(self._learn_at)
        self._scan: Scan | None = None
        self._left = _WORTH  # bytes that are searched before a scanner is made
        self._literals = [slot.literals for slot in slots]
        self._of_literal: list[tuple[int, ...]] = []
        self._unfiltered: tuple[int, ...] = ()
        self._tests: list[Predicate] = [self._lazy(index) for index in range(len(slots))]
        for number in parked:
            self.park(number)
        self._build()

    def park(self, rule: int) -> None:
        """Never look at a rule again."""
        for index, number in enumerate(self._numbers):
            if number == rule:
                self._tests[index] = _never

    def match(self, fields: Mapping[str, object], raw: bytes) -> list[int]:
        """Numbers of the rules that an event meets, each once, in order."""
        if not self._numbers:
            return _NONE
        if self._left > 0:
            self._search(len(raw))
        self._seen = seen = self._seen + 1
        if seen % self._stride == 0:
            self._learn(raw)
        scan = self._scan
        if not raw.isascii() and _is_folded(raw):
            candidates: Sequence[int] = range(len(self._numbers))
        elif scan is not None and (found := scan(raw)):
            candidates = self._candidates(found)
        else:
            candidates = self._unfiltered
        return self._tested(candidates, fields, seen) if candidates else _NONE

    def match_all(
        self, events: Sequence[Mapping[str, object]] | None, raws: Sequence[bytes]
    ) -> Iterator[tuple[int, list[int]]]:
        """The same for many events: positions of those that meet rules, with these rules.

        Args:
            events: fields of each; None: they are read from `raws`, of the few that may meet a rule.
            raws: the same as JSON.
        """
        if not self._numbers:
            return
        if self._left > 0:
            self._search(sum(map(len, raws)))
        before, stride = self._seen, self._stride
        self._seen = before + len(raws)
        for place in range(-(before + 1) % stride, len(raws), stride):
            self._learn(raws[place])
        found = self._scan.each(raws) if self._scan is not None else {}
        unfiltered = self._unfiltered
        every = range(len(self._numbers))
        plain = not unfiltered and all(map(bytes.isascii, raws))
        for place in found if plain else range(len(raws)):
            raw = raws[place]
            if not raw.isascii() and _is_folded(raw):
                candidates: Sequence[int] = every
            elif place in found:
                candidates = self._candidates(found[place])
            else:
                candidates = unfiltered
            if not candidates:
                continue
            fields = orjson.loads(raw) if events is None else events[place]
            if hits := self._tested(candidates, fields, before + place):
                yield place, hits

    def _search(self, size: int) -> None:
        """So many bytes come: from enough on they are scanned."""
        self._left -= size
        if self._left <= 0:
            self._build()

    def _tested(
        self, candidates: Sequence[int], fields: Mapping[str, object], seen: int
    ) -> list[int]:
        """Numbers of the rules at these positions that the event meets."""
        view = View(fields)
        tests, numbers = self._tests, self._numbers
        started = perf_counter_ns()
        hits = [numbers[index] for index in candidates if tests[index](view)]
        slow = perf_counter_ns() - started > SLOW
        if slow or seen % SAMPLE == 0:
            self._look(candidates, fields, 1 if slow else SAMPLE)
        return self._counted(hits) if hits else _NONE

    def _counted(self, hits: list[int]) -> list[int]:
        found = hits if len(hits) == 1 else list(dict.fromkeys(hits))
        count = self._costs.hits
        for number in found:
            count[number] = count.get(number, 0) + 1
        return found

    def _candidates(self, found: list[int]) -> Sequence[int]:
        """Positions of the rules that have one of these literals, or none at all, in order."""
        if len(found) == 1 and not self._unfiltered:
            return self._of_literal[found[0]]
        chosen = set(self._unfiltered)
        for literal in found:
            chosen.update(self._of_literal[literal])
        return sorted(chosen)

    def _look(self, candidates: Sequence[int], fields: Mapping[str, object], weight: int) -> None:
        each = [(self._numbers[index], self._tests[index]) for index in candidates]
        self._costs.passed(weight)
        self._costs.timed(each, View(fields), weight)

    def _lazy(self, index: int) -> Predicate:
        """A predicate that is made when it is first asked."""

        def first(view: View) -> object:
            condition = self._slots[index].condition
            test = self._predicates.get(id(condition))
            if test is None:
                test = self._predicates[id(condition)] = compiled(condition)
            self._tests[index] = test
            return test(view)

        return first

    def _learn(self, raw: bytes) -> None:
        """Keep an event in the sample, spread evenly over all that came; learn when it is time."""
        sample = self._sample
        sample.append(raw[:_SAMPLED].lower())
        if len(sample) > _KEPT:
            del sample[::2]
            self._stride *= 2
        if self._seen >= self._next:
            self._next = next(self._learn_at, _NEVER_AGAIN)
            if self._scan is not None:
                self._choose_again(self._scan, sample)
            if self._next == _NEVER_AGAIN:
                self._stride, self._sample = _NEVER_AGAIN, []

    def _choose_again(self, scan: Scan, sample: Sequence[bytes]) -> None:
        """Other literals for the rules that too many of these events seem to meet."""
        shown = Counter(index for raw in sample for index in self._candidates(scan(raw)))
        often = [
            index
            for index, count in shown.items()
            if count >= _OFTEN * len(sample) and self._literals[index] is not None
        ]
        spent = sum(shown[index] for index in often) / len(sample) * self._seen * _TEST
        if spent * _AHEAD < len(self._of_literal) * _COMPILE:
            return
        frequency = _measured(sample)
        better = [required(self._slots[index].condition, frequency) for index in often]
        if better != [self._literals[index] for index in often]:
            for index, literals in zip(often, better, strict=True):
                self._literals[index] = literals
            self._build()

    def _build(self) -> None:
        """The scanner for the literals that are chosen."""
        wanted: dict[bytes, list[int]] = {}
        unfiltered: list[int] = []
        for index, literals in enumerate(self._literals):
            if literals is None:
                unfiltered.append(index)
                continue
            for literal in literals:
                wanted.setdefault(literal, []).append(index)
        self._unfiltered = tuple(unfiltered)
        self._of_literal = [tuple(indexes) for indexes in wanted.values()]
        if not wanted:
            self._scan = None
        elif self._left > 0:
            self._scan = Search(tuple(wanted))
        else:
            self._scan = make_scan(tuple(wanted), portable=self._portable)


_NEVER_AGAIN = 1 << 62
_SAMPLED = 16_384  # bytes of an event that the sample keeps


def _is_folded(raw: bytes) -> bool:
    """Whether a character stands there that is an ASCII letter without regard to case."""
    kelvin, dotted, dotless, long = FOLDED_TO_ASCII
    return kelvin in raw or dotted in raw or dotless in raw or long in raw


def _never(_view: View) -> bool:
    return False


def _measured(sample: Sequence[bytes]) -> Frequency:
    """How often a literal stands in a sampled event; the guess by its looks decides between equals."""
    shares: dict[bytes, float] = {}
    joined = len(sample) or 1

    def frequency(literal: bytes) -> float:
        share = shares.get(literal)
        if share is None:
            share = sum([raw.count(literal) for raw in sample]) / joined
            share = shares[literal] = share + 0.02 * static_frequency(literal)
        return share

    return frequency
