"""Catalogue: the 211 level-3 assessment units of GB/T 28448-2019 under their GB/T 22239-2019 clauses.

The table is data (`catalogue/l3_units.csv`); titles are ours, the column `verified` says how far
each unit id was found in the text of the standard.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

from fengsui.control import Control
from fengsui.errors import NotFoundError
from fengsui.text import literal

UNITS_FILE: Final = Path(__file__).parent / "catalogue" / "l3_units.csv"


@cache
def controls() -> tuple[Control, ...]:
    """All units in the order of the standard."""
    with UNITS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Control(
                unit=row["unit"],
                clause=row["clause"],
                item=row["item"],
                area=literal(row["area_zh"], row["area_en"]),
                control_point=literal(row["control_point_zh"], row["control_point_en"]),
                title=literal(row["title_zh"], row["title_en"]),
            )
            for row in csv.DictReader(file)
        )


def control(unit: str) -> Control:
    """One unit, such as `L3-SMC1-10`.

    Raises:
        NotFoundError: no such unit at level 3.
    """
    for one in controls():
        if one.unit == unit:
            return one
    raise NotFoundError(
        f"{unit[:40]} is no assessment unit of level 3",
        where="GB/T 28448-2019",
        next="`fengsui check list` shows all",
    )
