"""Major risks (重大风险隐患) A-01…A-32: proposed from failing items, set by a person.

Three principles decide: relevance, severity, frequency. The list has one unofficial source and is
shown so. What is counted on a report's cover is the number before repair, with the repaired noted.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from detections.compliance.profile.attested import Attested
from detections.compliance.profile.items import Item
from fengsui.control import Conformity

TRIGGERS_FILE: Final = Path(__file__).parents[1] / "catalogue" / "major_risks.csv"
_FAILING: Final = frozenset({Conformity.DOES_NOT, Conformity.PARTLY})


@dataclass(frozen=True, slots=True)
class MajorRisk:
    """One trigger: `set_by` a person's decision ("" only proposed), `repaired` its items hold now."""

    code: str
    title: str
    mark: str
    units: tuple[str, ...]
    set_by: str
    repaired: bool


@cache
def triggers() -> tuple[tuple[str, str, str], ...]:
    """Code, title and mark of each."""
    with TRIGGERS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple((row["code"], row["title_zh"], row["mark"]) for row in csv.DictReader(file))


def major_risks(
    items: Sequence[Item], verdicts: Mapping[str, Conformity], attested: Attested
) -> list[MajorRisk]:
    """Triggers that a failing item proposes or that a person set, by code."""
    by_code: dict[str, list[str]] = {}
    for item in items:
        if item.major_risk:
            by_code.setdefault(item.major_risk, []).append(item.unit)
    words = {each.step: each for each in attested.fresh("major_risk") if each.approver}
    found: list[MajorRisk] = []
    for code, title, mark in triggers():
        units = by_code.get(code, [])
        failing = tuple(unit for unit in units if verdicts.get(unit) in _FAILING)
        word = words.get(code)
        is_set = word is not None and not word.holds
        if failing or is_set:
            repaired = is_set and bool(units) and _mended(units, verdicts)
            found.append(
                MajorRisk(code, title, mark, failing, word.by if word and is_set else "", repaired)
            )
    return found


def _mended(units: Sequence[str], verdicts: Mapping[str, Conformity]) -> bool:
    return all(
        verdicts.get(unit) in {Conformity.CONFORMS, Conformity.NOT_APPLICABLE} for unit in units
    )
