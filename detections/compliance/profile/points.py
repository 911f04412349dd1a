"""Control points of GB/T 22239-2019: levels 1–4 general, extensions of levels 2 and 3, as data.

Titles are ours. `mark` says how far a row was read in the text: V read, M from memory (the sums are
read for all rows that are carried). Extensions of levels 1 and 4 are not carried.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fengsui.text import Text, literal

POINTS_FILE: Final = Path(__file__).parents[1] / "catalogue" / "points.csv"
GENERAL: Final = "general"
# The digit of a unit id and of a chapter: L3-CNS2-01 is clause 8.2.2.1.
DIGITS: Final = {GENERAL: 1, "cloud": 2, "mobile": 3, "iot": 4, "ics": 5}
EXTENSIONS: Final = ("cloud", "mobile", "iot", "ics")
LEVELS: Final = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Point:
    """One control point: `items` below it, S, A or G, and how far it was read."""

    level: int
    extension: str
    clause: str
    prefix: str
    area: Text
    title: Text
    items: int
    sag: str
    mark: str

    @property
    def letters(self) -> tuple[str, ...]:
        """Items as the standard letters them; a single one has no letter."""
        return ("",) if self.items == 1 else tuple("abcdefghij"[: self.items])


@cache
def points(level: int, extension: str = GENERAL) -> tuple[Point, ...]:
    """Points of a level in the order of the standard; none where they are not carried."""
    return tuple(p for p in _points() if (p.level, p.extension) == (level, extension))


@cache
def _points() -> tuple[Point, ...]:
    with POINTS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Point(
                level=int(row["level"]),
                extension=row["extension"],
                clause=row["clause"],
                prefix=row["class"],
                area=literal(row["area_zh"], row["area_en"]),
                title=literal(row["title_zh"], row["title_en"]),
                items=int(row["items"]),
                sag=row["sag"],
                mark=row["mark"],
            )
            for row in csv.DictReader(file)
        )
