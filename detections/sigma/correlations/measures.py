"""Measures: what a correlation reckons over the events inside one window.

Each measure takes events in (`push`) and out (`drop`) at the window's two ends, so that a window
slides at the cost of the events that pass its ends. What an event's payload is:

    EventCount, RulesSeen, InOrder   bit mask of the positions in the rule list that the event meets
    DistinctValues, Share            its value as text, or a tuple of values
    Total, Mean, Ranked              its number, or a tuple of numbers
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

from detections.sigma.correlations.bounds import Number

# Time (ns), number of arrival, the event as the caller names it, payload as the table above says.
Entry = tuple[int, int, object, object]

_EXPONENT = 1074  # every finite double is a whole number of 2**-1074


class Measure(Protocol):
    """A number over a window's events; None where there is nothing to reckon with."""

    def push(self, entry: Entry) -> None:
        """An event has come in."""
        ...

    def drop(self, entry: Entry) -> None:
        """An event that was pushed has gone out."""
        ...

    def value(self, edge: int) -> Number | None:
        """The number now; `edge` is the time (ns) at which the window begins."""
        ...


class EventCount:
    """Events, each counted once however many of the rules it meets."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events = 0

    def push(self, entry: Entry) -> None:  # noqa: D102 - see Measure
        self.events += 1

    def drop(self, entry: Entry) -> None:  # noqa: D102
        self.events -= 1

    def value(self, edge: int) -> Number | None:  # noqa: D102
        return self.events


class DistinctValues:
    """Different values, each with the time of its newest event: all of one time are dropped together."""

    __slots__ = ("last",)

    def __init__(self) -> None:
        self.last: dict[object, int] = {}

    def push(self, entry: Entry) -> None:  # noqa: D102
        last, time = self.last, entry[0]
        for value in _many(entry[3]):
            if last.get(value, time) <= time:
                last[value] = time

    def drop(self, entry: Entry) -> None:  # noqa: D102
        last, time = self.last, entry[0]
        for value in _many(entry[3]):
            if last.get(value) == time:
                del last[value]

    def value(self, edge: int) -> Number | None:  # noqa: D102
        return len(self.last)


class Share:
    """How much of all values the newest event's rarest value is, in percent."""

    __slots__ = ("_counts", "_newest", "_total")

    def __init__(self) -> None:
        self._counts: dict[object, int] = {}
        self._total = 0
        self._newest: tuple[object, ...] = ()

    def push(self, entry: Entry) -> None:  # noqa: D102
        self._newest = _many(entry[3])
        self._total += len(self._newest)
        for value in self._newest:
            self._counts[value] = self._counts.get(value, 0) + 1

    def drop(self, entry: Entry) -> None:  # noqa: D102
        for value in _many(entry[3]):
            self._total -= 1
            self._counts[value] -= 1
            if not self._counts[value]:
                del self._counts[value]

    def value(self, edge: int) -> Number | None:  # noqa: D102
        rarest = min((self._counts.get(value, 0) for value in self._newest), default=0)
        return 100 * rarest / self._total if self._total else None


class RulesSeen:
    """Different rules of the list that have been met, as a count or as a test over them."""

    __slots__ = ("_counts", "_test")

    def __init__(self, rules: int, test: Callable[[int], bool] | None = None) -> None:
        self._counts = [0] * rules
        self._test = test

    def push(self, entry: Entry) -> None:  # noqa: D102
        self._add(entry[3], 1)

    def drop(self, entry: Entry) -> None:  # noqa: D102
        self._add(entry[3], -1)

    def _add(self, payload: object, step: int) -> None:
        mask = payload if isinstance(payload, int) else 0
        position = 0
        while mask:
            if mask & 1:
                self._counts[position] += step
            mask >>= 1
            position += 1

    def value(self, edge: int) -> Number | None:  # noqa: D102
        if self._test is None:
            return sum(1 for count in self._counts if count)
        return int(self._test(sum(1 << place for place, count in enumerate(self._counts) if count)))


class Total:
    """Sum of the numbers, exact: what went in and out again leaves no rounding behind."""

    __slots__ = ("_count", "_fractions", "_whole")

    def __init__(self) -> None:
        self._whole = 0
        self._fractions = 0  # of 2**-1074
        self._count = 0

    def push(self, entry: Entry) -> None:  # noqa: D102
        self._add(entry[3], 1)

    def drop(self, entry: Entry) -> None:  # noqa: D102
        self._add(entry[3], -1)

    def _add(self, payload: object, sign: int) -> None:
        for number in _many(payload):
            self._count += sign
            if isinstance(number, int):
                self._whole += sign * number
            elif isinstance(number, float):
                above, below = number.as_integer_ratio()
                self._fractions += sign * (above << (_EXPONENT + 1 - below.bit_length()))

    def value(self, edge: int) -> Number | None:  # noqa: D102
        if not self._count:
            return None
        return self._rounded(1) if self._fractions else self._whole

    def _rounded(self, parts: int) -> Number:
        exact = Fraction((self._whole << _EXPONENT) + self._fractions, parts << _EXPONENT)
        try:
            return float(exact)
        except OverflowError:
            return int(exact)


class Mean(Total):
    """Arithmetic mean of the numbers."""

    __slots__ = ()

    def value(self, edge: int) -> Number | None:  # noqa: D102
        if not self._count:
            return None
        if self._fractions:
            return self._rounded(self._count)
        try:
            return self._whole / self._count
        except OverflowError:
            return self._whole // self._count


class Ranked:
    """Percentile of the numbers by linear interpolation at rank (n - 1) p / 100; 50: the median."""

    __slots__ = ("_numbers", "_percentile")

    def __init__(self, percentile: float) -> None:
        self._percentile = percentile
        self._numbers: list[Number] = []

    def push(self, entry: Entry) -> None:  # noqa: D102
        for number in _many(entry[3]):
            if isinstance(number, int | float):
                insort(self._numbers, number)

    def drop(self, entry: Entry) -> None:  # noqa: D102
        for number in _many(entry[3]):
            if isinstance(number, int | float):
                del self._numbers[bisect_left(self._numbers, number)]

    def value(self, edge: int) -> Number | None:  # noqa: D102
        if not self._numbers:
            return None
        rank = (len(self._numbers) - 1) * self._percentile / 100
        low = int(rank)
        part = rank - low
        if not part:
            return self._numbers[low]
        return self._numbers[low] * (1 - part) + self._numbers[low + 1] * part


def _many(payload: object) -> tuple[object, ...]:
    return payload if isinstance(payload, tuple) else (payload,)
