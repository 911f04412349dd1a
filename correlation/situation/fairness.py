"""Units side by side: rates by size, shrunk towards the mean of all so that small units are not
called good or bad by a single alert (empirical Bayes with a gamma prior of fixed strength).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from correlation.situation.weights import number

Trend = Literal["more", "less", "same", "few"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Events for each of a unit's `size`: as counted, and shrunk towards `mean` (that of all units).

    `raw` is None for a unit without size.
    """

    size: float
    raw: float | None
    shrunk: float
    mean: float


def fair_rates(counts: Sequence[float], sizes: Sequence[float]) -> list[Rate]:
    """The rate of each unit.

    (count + k·mean) / (size + k), where k is the prior, at most the average size: a unit of size 0
    reads the mean, a large one what it counted. The order of units stays for equal sizes.
    """
    whole = sum(sizes)
    if whole <= 0:
        return [Rate(0.0, None, 0.0, 0.0) for _ in counts]
    # Only what happened at units whose size is known makes the mean.
    mean = sum(count for count, size in zip(counts, sizes, strict=True) if size > 0) / whole
    prior = min(number("fairness.prior"), whole / len(sizes))
    return [
        Rate(
            size,
            count / size if size > 0 else None,
            (count + prior * mean) / (size + prior) if size > 0 else mean,
            mean,
        )
        for count, size in zip(counts, sizes, strict=True)
    ]


def trend(now: float, before: float) -> Trend:
    """This week against the last: told only where the difference is more than chance makes.

    Two Poisson counts differ noticeably when their difference passes twice the root of their sum.
    """
    if max(now, before) < number("fairness.least_alerts"):
        return "few"
    if abs(now - before) <= 2.0 * (now + before) ** 0.5:
        return "same"
    return "more" if now > before else "less"
