"""Likeness: by what incidents are alike, and which of the past are most like one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from correlation.story.cast import Cast
from correlation.story.gathering import Kind
from correlation.story.plain import plain

Mark = tuple[str, str]
WEIGHTS: Final = {"rule": 3.0, "technique": 2.0, "entity": 2.0, "role": 1.0}
MOST: Final = {"rule": 20, "technique": 20, "entity": 10, "role": 9}
LEAST: Final = 0.25
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """Another incident with what it shares. `likeness` in 0…1: shared weight of all weight."""

    incident: str
    likeness: float
    shared: tuple[Mark, ...]


def marks_of(cast: Cast, kinds: Mapping[str, Kind]) -> set[Mark]:
    """Rules, techniques, roles, and the things that most is about."""
    ordered = sorted(kinds.values(), key=lambda kind: (-kind.severity, -kind.alerts, kind.rule))
    weights: dict[tuple[str, str], int] = {}
    for activity in cast.activities:
        for key in (activity.actor, *activity.objects[:1]):
            weights[key] = weights.get(key, 0) + activity.alerts * (1 + activity.severity)
    things = sorted(weights, key=lambda key: (-weights[key], key))
    found = {
        "rule": [kind.rule for kind in ordered],
        "technique": sorted({t for kind in ordered for t in kind.techniques}),
        "entity": [f"{key[0]}:{plain(key[1])}" for key in things if cast.players[key].values],
        "role": sorted({player.role for player in cast.players.values()}),
    }
    return {(name, value) for name, values in found.items() for value in values[: MOST[name]]}


def alike(own: Collection[Mark], others: Mapping[str, Collection[Mark]]) -> list[Alike]:
    """The most alike first; those that share too little are left out."""
    found: list[Alike] = []
    for incident, marks in others.items():
        shared = set(own) & set(marks)
        every = set(own) | set(marks)
        whole = sum(WEIGHTS.get(name, 0.0) for name, _ in every)
        likeness = sum(WEIGHTS.get(name, 0.0) for name, _ in shared) / whole if whole else 0.0
        if likeness >= LEAST and any(name != "role" for name, _ in shared):
            found.append(Alike(incident, likeness, tuple(sorted(shared))))
    return sorted(found, key=lambda one: (-one.likeness, one.incident))[:SHOWN]
