"""Bucket: the rules that events of one kind can meet, and the quick way to the few that they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter_ns

from detections.sigma.conditions import ANY_FIELD, Condition, Never, leaves
from detections.sigma.costs import SAMPLE, SLOW, Costs
from detections.sigma.literals import FOLDED_TO_ASCII, Frequency, required, static_frequency
from detections.sigma.predicates import Predicate, View, compiled
from detections.sigma.prefilter import Scan, make_scan

LEARN_AT = (16, 256, 4096, 65_536)  # events after which the literals are chosen (again)
_AT_ONCE = 128  # rules that make a scan worth its making before any event was seen
_KEPT = 48  # events in the sample that tells how frequent a literal is
_SCAN_FROM = 3  # rules with literals that make a scan worth its call, or one that has keywords
_NONE: list[int] = []


class Bucket:
    """Rules that events of one kind can meet.

    Args:
        rules: numbers and conditions, in order of number; a number may stand there more than once.
        predicates: compiled conditions, shared by all buckets.
        costs: counters of all buckets.
        parked: rules that are left out.
        portable: do without hyperscan.
    """

    def __init__(
        self,
        rules: Sequence[tuple[int, Condition]],
        predicates: dict[int, Predicate],
        costs: Costs,
        parked: frozenset[int] = frozenset(),
        *,
        portable: bool = False,
    ) -> None:
        self._numbers = [number for number, _ in rules]
        self._conditions = [condition for _, condition in rules]
        self._predicates = predicates
        self._costs = costs
        self._portable = portable
        self._seen = 0
        keywords = any(leaf.field == ANY_FIELD for one in self._conditions for leaf in leaves(one))
        self._scan_from = 1 if keywords else _SCAN_FROM
        self._stride = 1  # one event in so many is put into the sample
        self._sample: list[bytes] = []
        self._learn_at = iter(LEARN_AT)
        self._scan: Scan | None = None
        self._of_literal: list[tuple[int, ...]] = []
        self._unfiltered: tuple[int, ...] = ()
        self._tests: list[Predicate] = [self._lazy(index) for index in range(len(rules))]
        for number in parked:
            self.park(number)
        if len(rules) >= _AT_ONCE:
            next(self._learn_at)
            self._plan(static_frequency)
        self._next = next(self._learn_at)

    def park(self, rule: int) -> None:
        """Never look at a rule again."""
        for index, number in enumerate(self._numbers):
            if number == rule:
                self._tests[index] = _never

    def match(self, fields: Mapping[str, object], raw: bytes) -> list[int]:
        """Numbers of the rules that an event meets, each once, in order."""
        seen = self._seen = self._seen + 1
        if not self._numbers:
            return _NONE
        if seen % self._stride == 0:
            self._learn(raw)
        scan = self._scan
        if scan is None or (not raw.isascii() and any(one in raw for one in FOLDED_TO_ASCII)):
            candidates: Sequence[int] = range(len(self._numbers))
        elif found := scan(raw):
            candidates = self._candidates(found)
        else:
            candidates = self._unfiltered
        if not candidates:
            return _NONE
        view = View(fields)
        tests, numbers = self._tests, self._numbers
        started = perf_counter_ns()
        hits = [numbers[index] for index in candidates if tests[index](view)]
        slow = perf_counter_ns() - started > SLOW
        if slow or seen % SAMPLE == 0:
            self._look(candidates, fields, 1 if slow else SAMPLE)
        if not hits:
            return _NONE
        return self._counted(hits)

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
            condition = self._conditions[index]
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
            if len(self._numbers) >= self._scan_from:
                self._plan(_measured(sample))
            if self._next == _NEVER_AGAIN:
                self._stride, self._sample = _NEVER_AGAIN, []

    def _plan(self, frequency: Frequency) -> None:
        """Choose the literals of each rule and build the scanner for them."""
        wanted: dict[bytes, list[int]] = {}
        unfiltered: list[int] = []
        for index, condition in enumerate(self._conditions):
            literals = required(condition, frequency)
            if literals is None or isinstance(condition, Never):
                unfiltered.append(index)
                continue
            for literal in literals:
                wanted.setdefault(literal, []).append(index)
        self._unfiltered = tuple(unfiltered)
        if len(self._conditions) - len(unfiltered) < self._scan_from:
            self._scan = None
            return
        self._of_literal = [tuple(indexes) for indexes in wanted.values()]
        self._scan = make_scan(list(wanted), portable=self._portable)


_NEVER_AGAIN = 1 << 62
_SAMPLED = 16_384  # bytes of an event that the sample keeps


def _never(_view: View) -> bool:
    return False


def _measured(sample: Sequence[bytes]) -> Frequency:
    """Share of sampled events with a literal, the guess by its looks deciding between equals."""
    shares: dict[bytes, float] = {}
    joined = len(sample) or 1

    def frequency(literal: bytes) -> float:
        share = shares.get(literal)
        if share is None:
            share = sum([literal in raw for raw in sample]) / joined
            share = shares[literal] = share + 0.02 * static_frequency(literal)
        return share

    return frequency
