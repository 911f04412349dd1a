"""Following: the cases of a trail's steps become one, but for what was raised without a trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from correlation.surprise.case import Case, Item, survivor
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.open_cases import OpenCases, are_apart
from correlation.surprise.trails import Trail


class Followed(Protocol):
    """What is asked of the engine."""

    neighbours: Neighbours
    cases: OpenCases

    @property
    def closed(self) -> Mapping[int, Case]:
        """Cases that are closed, by number."""
        ...

    def merge(self, one: Case, other: Case) -> Case:
        """Two cases as one."""
        ...

    def rescore(self, case: Case, time: int) -> Case:
        """Score a case again."""
        ...


def follow(engine: Followed, item: Item, trail: Trail) -> None:
    """Join what the steps of a trail came to with the case of the item that it ends with."""
    for step in trail.steps:
        if item.case is None or step.case is None:
            continue
        case, other = survivor(item.case), survivor(step.case)
        held = other in engine.cases or other.number in engine.closed
        if not held or are_apart(case, other, engine.neighbours):
            continue
        raised = [one for one in (case, other) if one.raised is not None]
        if other is not case:
            if len(raised) == 2 or not all(one.slow or item.severity for one in raised):
                continue
            case = engine.merge(case, other)
            case.slow = True
        if trail.bits > case.trail:
            case.trail = trail.bits
            engine.rescore(case, item.first)
