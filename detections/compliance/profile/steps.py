"""Steps of the assessment units, as numbers: GB/T 28448-2019 asks for all, but for four units.

How many steps a unit has was read for those that software decides or assists; for the others the
person who carries them out states them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from detections.compliance.verdict import Step, of_steps
from fengsui.control import Conformity

STEPS_FILE: Final = Path(__file__).parents[1] / "catalogue" / "l3_steps.csv"
WHOLE: Final = "whole"  # all steps of a unit whose number was not read


@dataclass(frozen=True, slots=True)
class UnitSteps:
    """Names of a unit's steps, and the sets of them that are enough (else all)."""

    names: tuple[str, ...]
    enough: tuple[tuple[str, ...], ...] = ()
    mark: str = ""


UNREAD: Final = UnitSteps((WHOLE,), (), "M")


def steps_of(unit: str) -> UnitSteps:
    """Steps of a unit; one `whole` step where they were not read."""
    return _steps().get(unit, UNREAD)


def by_hand(unit: str, states: Mapping[str, Step]) -> Conformity:
    """Verdict of a unit of which only people's records speak; what was not recorded is open."""
    known = steps_of(unit)
    found = [states.get(name) for name in known.names]
    if known.enough:
        branches = [[states.get(name) for name in branch] for branch in known.enough]
        if any(all(branch) for branch in branches):
            return Conformity.CONFORMS
        if any(None in branch and False not in branch for branch in branches):
            return Conformity.INSUFFICIENT
    return of_steps(found)


@cache
def _steps() -> dict[str, UnitSteps]:
    with STEPS_FILE.open(encoding="utf-8", newline="") as file:
        return {row["unit"]: _row(row) for row in csv.DictReader(file)}


def _row(row: Mapping[str, str]) -> UnitSteps:
    if not row["steps"]:
        return UnitSteps((WHOLE,), (), row["mark"])
    names = tuple(f"step_{number}" for number in range(1, int(row["steps"]) + 1))
    enough = tuple(
        tuple(f"step_{number}" for number in branch.split("+"))
        for branch in row["enough"].split("|")
        if branch
    )
    return UnitSteps(names, enough, row["mark"])
