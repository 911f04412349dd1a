"""Weighing: what a case comes to, in parts that sum to its score."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from correlation.surprise.case import Case, Item, Key
from correlation.surprise.parameters import Parameters
from correlation.surprise.rarity import HOUR, Rarity

STAGES = "correlation.surprise.stages"
TRAIL = "correlation.surprise.trail"
_USUAL = 3.0  # host-hours elsewhere that halve what a tool said while nothing was known
_WHISPER = 0.5  # bits of severity that are none
_ASKED = 1_000  # items of one case
_WIDE = 6  # hosts of one kind that speaks of no attack, from which it is a change


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a case comes to.

    Attributes:
        score: bits in all; the sum of `parts` and `more`.
        parts: bits by kind, the most first.
        more: bits for what the kinds are together, by its key in the catalogue.
        narrow: the score without what a change of many hosts may have brought (`_by_change`).
        evidence: (host, kind) that count; the others of the case are its context.
    """

    score: float
    parts: tuple[tuple[int, float], ...]
    more: tuple[tuple[str, float], ...]
    narrow: float
    evidence: frozenset[Key]

    @property
    def kinds(self) -> float:
        """Bits of the kinds alone."""
        return round(sum(bits for _, bits in self.parts), 2)


def weigh(case: Case, parameters: Parameters, rarity: Rarity) -> Weighed:
    """Score of a case: the j-th host of a kind, most surprising first, adds its bits / j².

    A kind that fires somewhere in the fleet every few hours is context, unless it is new on its host
    or the host shows many rare kinds as well. What a tool says while nothing was known yet is worth less the
    more its kind has been shown elsewhere since.
    """
    elsewhere = shown_elsewhere(case, rarity)
    rare: defaultdict[int, float] = defaultdict(float)
    for (host, _), item in case.best.items():
        if item.fleet >= parameters.rare:
            rare[host] += item.bits
    by_kind: defaultdict[int, list[Item]] = defaultdict(list)
    evidence: list[Key] = []
    for key, item in case.best.items():
        if _counts(item, heard(item, elsewhere), rare, parameters):
            evidence.append(key)
            by_kind[key[1]].append(item)
    parts: list[tuple[int, float]] = []
    quiet: list[tuple[int, float, float]] = []
    for kind, items in by_kind.items():
        said = [heard(item, elsewhere) for item in items]
        bits = sorted((i.bits + more for i, more in zip(items, said, strict=True)), reverse=True)
        part = round(sum(b / j**parameters.many for j, b in enumerate(bits, 1)), 2)
        parts.append((kind, part))
        if not any(
            i.stage or more >= parameters.grave for i, more in zip(items, said, strict=True)
        ):
            quiet.append((len(items), part, bits[0]))
    parts.sort(key=lambda part: (-part[1], part[0]))
    stages = {item.stage for items in by_kind.values() for item in items if item.stage}
    together = (
        (STAGES, round(parameters.stage * max(0, len(stages) - 1), 2)),
        (TRAIL, round(case.trail, 2)),
    )
    more = tuple(part for part in together if part[1])
    score = round(sum(bits for _, bits in (*parts, *more)), 2)
    return Weighed(score, tuple(parts), more, score - _by_change(quiet), frozenset(evidence))


def _by_change(quiet: Sequence[tuple[int, float, float]]) -> float:
    """Bits that a change may have brought.

    A kind that speaks of no attack counts on one host alone, by half where it is the change itself; and of
    all the hosts that the change is on, one or another shows something rare by chance.

    Args:
        quiet: of each kind that speaks of no attack its hosts, its bits, and those of its first host.
    """
    most = max((hosts for hosts, _, _ in quiet), default=0)
    by_chance = math.log2(most) if most >= _WIDE else 0.0
    return sum(
        part - first + (first / 2 if hosts >= _WIDE else min(first, by_chance))
        for hosts, part, first in quiet
    )


def is_high(case: Case, weighed: Weighed, parameters: Parameters) -> bool:
    """Whether it is of high severity; what began while nothing was known is to have more."""
    return weighed.narrow >= (parameters.raise_at if is_learning(case) else parameters.high_at)


def is_learning(case: Case) -> bool:
    """Whether it began while nothing was known of its zone."""
    return bool(case.items) and case.items[0].cold > 0


def heard(item: Item, elsewhere: Mapping[int, float]) -> float:
    """Bits by its tool's severity, in the light of what was shown elsewhere since, where it was cold."""
    return item.severity / (1 + item.cold * elsewhere.get(item.kind, 0.0) / _USUAL)


def shown_elsewhere(case: Case, rarity: Rarity) -> dict[int, float]:
    """Host-hours outside the case in which its kinds that were judged while learning were active."""
    own: defaultdict[int, int] = defaultdict(int)
    cold = {item.kind for item in case.best.values() if item.cold > 0}
    for item in case.items[:_ASKED] if cold else ():
        if item.kind in cold:
            own[item.kind] += item.last // HOUR - item.first // HOUR + 1
    return {kind: max(0.0, rarity.hours(kind) - own[kind]) for kind in cold}


def _counts(item: Item, severity: float, rare: Mapping[int, float], parameters: Parameters) -> bool:
    return (
        severity >= parameters.grave
        or (item.cold > 0 and severity > _WHISPER)
        or item.fleet >= parameters.rare
        or item.bits >= parameters.own
        or rare.get(item.host, 0.0) >= parameters.corroborated
    )
