"""Items (测评项) under their control points, each with its GB/T 28448-2019 unit.

Unit ids of level 3 general are read or counted in the text; all others are numbered here in sequence
and marked so. Two traps are data here: there is no L3-CES1-16, and the IoT point 8.4.3.2 has four
items in GB/T 22239 and five units in GB/T 28448.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from detections.compliance.catalogue import UNITS_FILE, controls
from detections.compliance.profile.points import DIGITS, GENERAL, Point, points
from fengsui.control import Control
from fengsui.errors import NotFoundError
from fengsui.text import Text, literal

SEQUENCE: Final = "M: unit numbered in sequence, not read"
_MORE_UNITS: Final = {"8.4.3.2": ("a", "b", "c", "d", "d")}  # four items, five units [V]
_MISPRINT: Final = re.compile(r"L4-(ORS1-0[678])")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a level with its unit; `automation`: A software decides, S assists, M a person."""

    control: Control
    level: int
    extension: str
    sag: str
    automation: str
    high_risk_case: str
    major_risk: str
    mark: str

    @property
    def unit(self) -> str:
        """Id of the assessment unit."""
        return self.control.unit

    @property
    def prefix(self) -> str:
        """The class: `PES`, `CNS`, … of the unit id."""
        return self.unit.split("-")[1][:3]


@cache
def items(level: int, extension: str = GENERAL) -> tuple[Item, ...]:
    """Items of a level in the order of the standard; none where they are not carried."""
    if (level, extension) == (3, GENERAL):
        return tuple(_level_three())
    numbers: Counter[str] = Counter()
    return tuple(item for point in points(level, extension) for item in _sequenced(point, numbers))


@cache
def _all() -> dict[str, Item]:
    return {
        item.unit: item
        for level in (1, 2, 3, 4)
        for extension in DIGITS
        for item in items(level, extension)
    }


def item_of(unit: str) -> Item:
    """One item by its unit.

    Raises:
        NotFoundError: no such unit is carried.
    """
    found = _all().get(unit)
    if found is None:
        raise NotFoundError(
            f"{unit[:40]} is no assessment unit that is carried",
            where="GB/T 28448-2019",
            next="`fengsui check catalogue` lists all",
            code="unknown_unit",
        )
    return found


def canonical_unit(text: str, level: int = 3) -> str:
    """A unit id as written elsewhere; L4-ORS1-06…08 in a level-3 list is the text's misprint."""
    unit = text.strip().upper()
    misprint = _MISPRINT.fullmatch(unit)
    return f"L3-{misprint[1]}" if misprint and level == 3 else unit


def _level_three() -> Iterator[Item]:
    with UNITS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for control, row in zip(controls(), rows, strict=True):
        read = row["verified"] == "unit in text"
        yield Item(
            control=control,
            level=3,
            extension=GENERAL,
            sag=row["sag"],
            automation=row["automation"],
            high_risk_case=row["high_risk_case"],
            major_risk=row["major_risk"],
            mark="V" if read else SEQUENCE,
        )


def _sequenced(point: Point, numbers: Counter[str]) -> Iterator[Item]:
    for letter in _MORE_UNITS.get(point.clause, point.letters):
        numbers[point.prefix] += 1
        name = f"{point.prefix}{DIGITS[point.extension]}-{numbers[point.prefix]:02}"
        yield Item(
            control=Control(
                unit=f"L{point.level}-{name}",
                clause=point.clause,
                item=letter,
                area=point.area,
                control_point=point.title,
                title=_title(point, letter),
            ),
            level=point.level,
            extension=point.extension,
            sag=point.sag,
            automation="M",
            high_risk_case="",
            major_risk="",
            mark=SEQUENCE,
        )


def _title(point: Point, letter: str) -> Text:
    """The text of the item is licensed: its point's title and its letter stand for it."""
    mark = f" {letter})" if letter else ""
    return literal(point.title.render("zh") + mark, point.title.render("en") + mark)
