"""Bounds: the condition of a correlation as comparisons of one number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne

from detections.sigma.values import as_number

Number = int | float

OPERATORS: dict[str, Callable[[Number, Number], bool]] = {
    "gt": gt,
    "gte": ge,
    "lt": lt,
    "lte": le,
    "eq": eq,
    "neq": ne,
}
_SIGNS = {"gt": ">", "gte": "≥", "lt": "<", "lte": "≤", "eq": "=", "neq": "≠"}
_RISING = frozenset({"gt", "gte"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """`operator limit` pairs that a number must meet, all of them; at least one."""

    comparisons: tuple[tuple[str, Number], ...]

    @property
    def rising(self) -> bool:
        """Whether a larger number never undoes it: `gt` and `gte` alone."""
        return all(name in _RISING for name, _ in self.comparisons)

    @property
    def least(self) -> Number:
        """The smallest limit of a rising condition, as `gte` for whole numbers."""
        return max(
            limit if name == "gte" else math.floor(limit) + 1 for name, limit in self.comparisons
        )

    def holds(self, value: Number) -> bool:
        """Whether a number meets all comparisons."""
        return all(OPERATORS[name](value, limit) for name, limit in self.comparisons)

    def test(self) -> Callable[[Number], bool]:
        """`holds` as fast as it can be."""
        tests = [(OPERATORS[name], limit) for name, limit in self.comparisons]
        if len(tests) > 1:
            return self.holds
        compare, limit = tests[0]
        return lambda value: compare(value, limit)

    def __str__(self) -> str:
        return ", ".join(f"{_SIGNS[name]} {limit:g}" for name, limit in self.comparisons)


def bounds_of(condition: Mapping[str, object]) -> Bounds:
    """The comparisons of a condition's map.

    Raises:
        ValueError: none, a limit that is no number, or limits that nothing can meet.
    """
    found: list[tuple[str, Number]] = []
    for name in OPERATORS:
        if name in condition:
            limit = as_number(condition[name])
            if limit is None or not math.isfinite(limit):
                raise ValueError(f"{condition[name]!r} is not a number to compare with ({name})")
            found.append((name, limit))
    if not found:
        raise ValueError("the condition compares nothing (gt, gte, lt, lte, eq, neq)")
    bounds = Bounds(tuple(found))
    if not _possible(bounds):
        raise ValueError(f"no number meets the condition ({bounds})")
    return bounds


def _possible(bounds: Bounds) -> bool:
    """Whether some number meets all comparisons: one of the limits, or one just beside or between."""
    limits = sorted({float(limit) for _, limit in bounds.comparisons})
    between = [(a + b) / 2 for a, b in pairwise(limits)]
    return any(map(bounds.holds, [limits[0] - 1, *limits, *between, limits[-1] + 1]))
