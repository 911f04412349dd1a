"""Sequences: rules met one after the other, for `temporal_ordered`.

An event takes one place of a sequence only, and of two events with the same time the one that came
first counts as the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from detections.sigma.correlations.bounds import Bounds, Number
from detections.sigma.correlations.expression import (
    Expression,
    Joined,
    Seen,
    is_rising,
    met,
)
from detections.sigma.correlations.measures import Entry

_MOST_WAYS = 64  # sequences that one condition may be met by
_MOST_RULES = 8  # of a condition that asks for the absence or the number of rules in order


class TooManyWaysError(ValueError):
    """An ordered condition that would take more sequences than we try."""


@dataclass(slots=True)
class _Way:
    """One sequence of positions, and for each of its places the latest start that leads there."""

    places: tuple[int, ...]
    starts: list[int | None]
    events: list[tuple[object, ...]]

    def push(self, mask: int, time: int, event: object) -> None:
        """An event, in order of time; from the last place down, so that it takes one only."""
        for place in range(len(self.places) - 1, -1, -1):
            if not mask >> self.places[place] & 1:
                continue
            if place == 0:
                self.starts[0], self.events[0] = time, (event,)
            elif (start := self.starts[place - 1]) is not None:
                self.starts[place] = start
                self.events[place] = (*self.events[place - 1], event)


class Pair:
    """A then B: the usual sequence, at half the cost of the general one."""

    __slots__ = ("first", "second", "start")

    def __init__(self) -> None:
        self.first: Entry | None = None  # latest A
        self.start: Entry | None = None  # the latest A that a B has followed
        self.second: Entry | None = None  # that B

    def push(self, entry: Entry) -> None:  # noqa: D102 - see Measure
        mask = entry[3]
        if mask != 1 and self.first is not None:
            self.start, self.second = self.first, entry
        if mask != 2:
            self.first = entry

    def drop(self, entry: Entry) -> None:
        """Nothing: an old start is told by its time."""

    def value(self, edge: int) -> Number | None:  # noqa: D102
        return 2 if self.start is not None and self.start[0] >= edge else 0

    def events(self) -> tuple[object, ...]:
        """The events of the sequence found."""
        return () if self.start is None or self.second is None else (self.start[2], self.second[2])


class InOrder:
    """One of several sequences is complete: its length, else 0."""

    __slots__ = ("_found", "_ways")

    def __init__(self, ways: Sequence[tuple[int, ...]]) -> None:
        self._ways = [_Way(way, [None] * len(way), [()] * len(way)) for way in ways]
        self._found: tuple[object, ...] = ()

    def push(self, entry: Entry) -> None:  # noqa: D102
        mask = entry[3]
        assert isinstance(mask, int)
        for way in self._ways:
            way.push(mask, entry[0], entry[2])

    def drop(self, entry: Entry) -> None:
        """Nothing: an old start is told by its time."""

    def value(self, edge: int) -> Number | None:  # noqa: D102
        for way in self._ways:
            start = way.starts[-1]
            if start is not None and start >= edge:
                self._found = way.events[-1]
                return len(way.places)
        return 0

    def events(self) -> tuple[object, ...]:
        """The events of the sequence found."""
        return self._found


class Arrangements:
    """All subsets of the rules that stand in the window in their order, asked by a test.

    For conditions that more events can undo: reckoned anew over the window each time.
    """

    __slots__ = ("_entries", "_measure")

    def __init__(self, measure: Callable[[set[int], int], Number]) -> None:
        self._measure = measure
        self._entries: list[Entry] = []

    def push(self, entry: Entry) -> None:  # noqa: D102
        self._entries.append(entry)

    def drop(self, entry: Entry) -> None:  # noqa: D102
        del self._entries[0]

    def value(self, edge: int) -> Number | None:  # noqa: D102
        found, seen = {0}, 0
        for entry in self._entries:
            mask = entry[3]
            assert isinstance(mask, int)
            seen |= mask
            bits = [1 << place for place in range(mask.bit_length()) if mask >> place & 1]
            found |= {known | bit for bit in bits for known in found if known < bit}
        return self._measure(found, seen)


def check_order(condition: Bounds | Expression, rules: Sequence[str]) -> None:
    """Whether a condition of `temporal_ordered` can be run.

    Raises:
        TooManyWaysError: it would take more than we try.
    """
    rising = condition.rising if isinstance(condition, Bounds) else is_rising(condition)
    if rising:
        sequences_of(condition, rules)
    else:
        arrangements_of(condition, rules)


def sequences_of(
    condition: Bounds | Expression, rules: Sequence[str]
) -> tuple[tuple[int, ...], ...]:
    """The shortest sequences of positions that meet a rising condition.

    Raises:
        TooManyWaysError: more than we try.
    """
    count = len(rules)
    if isinstance(condition, Bounds):
        least = max(int(condition.least), 1)
        ways = list(combinations(range(count), least)) if _few(count, least) else []
    else:
        if count > _MOST_RULES:
            raise TooManyWaysError(f"an ordered condition over more than {_MOST_RULES} rules")
        ways = _minimal(condition, rules)
    if not ways or len(ways) > _MOST_WAYS:
        raise TooManyWaysError(f"an ordered condition that more than {_MOST_WAYS} sequences meet")
    return tuple(ways)


def arrangements_of(condition: Bounds | Expression, rules: Sequence[str]) -> Arrangements:
    """The measure of a condition that more events can undo.

    Raises:
        TooManyWaysError: more rules than we try.
    """
    if len(rules) > _MOST_RULES or len(set(rules)) != len(rules):
        raise TooManyWaysError(
            f"an ordered condition over more than {_MOST_RULES} rules, or one twice"
        )
    if isinstance(condition, Bounds):
        return Arrangements(lambda found, _: max(one.bit_count() for one in found))
    tree = _pushed_down(condition, positive=True)

    def measure(found: set[int], seen: int) -> Number:
        return int(any(_holds(tree, one, seen, rules) for one in found))

    return Arrangements(measure)


def _few(count: int, least: int) -> bool:
    """Whether the combinations are few enough to be listed."""
    ways = 1
    for step in range(min(least, count - least)):
        ways = ways * (count - step) // (step + 1)
        if ways > _MOST_WAYS:
            return False
    return least <= count


def _minimal(tree: Expression, rules: Sequence[str]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for size in range(1, len(rules) + 1):
        for way in combinations(range(len(rules)), size):
            if any(set(known) <= set(way) for known in found):
                continue
            if met(tree, frozenset(rules[place] for place in way)):
                found.append(way)
    return found


def _pushed_down(tree: Expression, *, positive: bool) -> Expression:
    """The same with `not` before single rules only."""
    if isinstance(tree, Seen):
        return tree if positive else Joined("not", (tree,))
    if tree.kind == "not":
        return _pushed_down(tree.parts[0], positive=not positive)
    kind = tree.kind if positive else ("or" if tree.kind == "and" else "and")
    return Joined(kind, tuple(_pushed_down(part, positive=positive) for part in tree.parts))


def _holds(tree: Expression, ordered: int, seen: int, rules: Sequence[str]) -> bool:
    """Rules asked for stand in the sequence; rules ruled out are not in the window at all."""
    if isinstance(tree, Seen):
        return bool(ordered >> rules.index(tree.rule) & 1)
    if tree.kind == "not":
        part = tree.parts[0]
        assert isinstance(part, Seen)
        return not seen >> rules.index(part.rule) & 1
    return (all if tree.kind == "and" else any)(
        _holds(part, ordered, seen, rules) for part in tree.parts
    )
