"""Weighing: what a case comes to, in parts that sum to its score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from correlation.surprise.case import Case, Item, Key
from correlation.surprise.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a case comes to.

    Attributes:
        parts: bits by kind, the most first; they sum to the score.
        evidence: (host, kind) that count; the others of the case are its context.
    """

    score: float
    parts: tuple[tuple[int, float], ...]
    evidence: frozenset[Key]


def weigh(case: Case, parameters: Parameters) -> Weighed:
    """Score of a case: the j-th host of a kind, most surprising first, adds its bits / j².

    A kind that fires somewhere in the fleet every few hours is context, unless it is new on its host
    or the host shows many rare kinds as well.
    """
    rare: defaultdict[int, float] = defaultdict(float)
    for (host, _), item in case.best.items():
        if item.fleet >= parameters.rare:
            rare[host] += item.bits
    by_kind: defaultdict[int, list[float]] = defaultdict(list)
    evidence: list[Key] = []
    for key, item in case.best.items():
        if _counts(item, rare, parameters):
            evidence.append(key)
            by_kind[key[1]].append(item.worth)
    parts = [
        (
            kind,
            round(
                sum(b / j**parameters.many for j, b in enumerate(sorted(bits, reverse=True), 1)), 2
            ),
        )
        for kind, bits in by_kind.items()
    ]
    parts.sort(key=lambda part: (-part[1], part[0]))
    return Weighed(round(sum(bits for _, bits in parts), 2), tuple(parts), frozenset(evidence))


def is_high(case: Case, score: float, parameters: Parameters) -> bool:
    """Whether a score is of high severity; what began while nothing was known is to have more."""
    learning = bool(case.items) and case.items[0].cold > 0
    return score >= (parameters.raise_at if learning else parameters.high_at)


def _counts(item: Item, rare: Mapping[int, float], parameters: Parameters) -> bool:
    return (
        item.severity >= parameters.grave
        or (item.cold > 0 and item.severity > 0)
        or item.fleet >= parameters.rare
        or item.bits >= parameters.own
        or rare.get(item.host, 0.0) >= parameters.corroborated
    )
