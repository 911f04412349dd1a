"""High-risk cases (高风险判例): which of them verdicts raise, and what people decided about them.

The program raises a case where an item that it hangs on fails and its scope fits; that the problem's
text is met, and whether a mitigation counts, a person decides, with reason and a second person. Some
cases accept no mitigation.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from detections.compliance.profile.attested import Attested
from detections.compliance.profile.items import Item
from fengsui.control import Conformity
from fengsui.errors import InputError
from fengsui.system import Attestation, FiledSystem

_FOLDER: Final = Path(__file__).parents[1] / "catalogue"
_FILES: Final[Mapping[str, str]] = {"guide-2025": "high_risk_2025.csv"}
CaseState = Literal["raised", "possible", "undecided", "mitigated"]


@dataclass(frozen=True, slots=True)
class HighRiskCase:
    """One case of a guide. `needs`: `continuity`, `key_industry` or ""; `who`: of a cloud, or ""."""

    id: str
    title: str
    part: str
    level_from: int
    level_to: int
    needs: str
    who: str
    mitigable: bool
    mark: str

    def applies(self, system: FiledSystem) -> bool:
        """Whether a system is in its scope."""
        part = self.part == "general" or self.part in system.extensions
        level = self.level_from <= system.level <= self.level_to
        needed = {"continuity": system.continuity, "key_industry": system.key_industry}
        return part and level and needed.get(self.needs, True)


@dataclass(frozen=True, slots=True)
class RaisedCase:
    """A case and the items that raise it.

    Attributes:
        state: `raised` an item does not conform; `possible` partly; `undecided` its evidence is
            insufficient; `mitigated` as a person decided.
        attested: id of that decision.
    """

    case: HighRiskCase
    state: CaseState
    units: tuple[str, ...]
    attested: str = ""

    @property
    def counts(self) -> bool:
        """Whether it stands as a high risk of the system."""
        return self.state == "raised"


@cache
def high_risk_cases(edition: str) -> tuple[HighRiskCase, ...]:
    """Cases of an edition, in its order.

    Raises:
        InputError: an edition whose cases are not shipped.
    """
    if edition not in _FILES:
        raise InputError(
            f"The cases of {edition[:40]} are not shipped",
            next=f"Choose {', '.join(_FILES)}",
            code="edition_not_carried",
        )
    with (_FOLDER / _FILES[edition]).open(encoding="utf-8", newline="") as file:
        return tuple(
            HighRiskCase(
                id=row["case"],
                title=row["title_zh"],
                part=row["part"],
                level_from=int(row["level_from"]),
                level_to=int(row["level_to"]),
                needs=row["needs"],
                who=row["who"],
                mitigable=row["mitigable"] == "yes",
                mark=row["mark"],
            )
            for row in csv.DictReader(file)
        )


def raised_cases(
    system: FiledSystem,
    items: Sequence[Item],
    verdicts: Mapping[str, Conformity],
    attested: Attested,
    edition: str,
) -> list[RaisedCase]:
    """Cases in scope that some item raises, leaves possible or undecided, in the guide's order."""
    by_case: dict[str, list[Item]] = {}
    for item in items:
        if item.high_risk_case:
            by_case.setdefault(item.high_risk_case, []).append(item)
    decided = {each.step: each for each in attested.fresh("high_risk")}
    found: list[RaisedCase] = []
    for case in high_risk_cases(edition):
        units = by_case.get(case.id, []) if case.applies(system) else []
        worst: list[tuple[str, CaseState | None]] = [
            (u.unit, _STATES.get(verdicts.get(u.unit, Conformity.INSUFFICIENT))) for u in units
        ]
        found += _first(case, worst, decided)
    return found


def _first(
    case: HighRiskCase,
    worst: Sequence[tuple[str, CaseState | None]],
    decided: Mapping[str, Attestation],
) -> list[RaisedCase]:
    for state in _ORDER:
        mine = tuple(unit for unit, each in worst if each == state)
        if mine:
            return [_decided(RaisedCase(case, state, mine), decided)]
    # A person may know of a high risk under an item that conforms.
    word = decided.get(case.id)
    own = word is not None and not word.holds
    return [_decided(RaisedCase(case, "raised", ()), decided)] if own else []


_ORDER: Final[tuple[CaseState, ...]] = ("raised", "possible", "undecided")
_STATES: Final[Mapping[Conformity, CaseState]] = {
    Conformity.DOES_NOT: "raised",
    Conformity.PARTLY: "possible",
    Conformity.INSUFFICIENT: "undecided",
}


def _decided(raised: RaisedCase, decided: Mapping[str, Attestation]) -> RaisedCase:
    word = decided.get(raised.case.id)
    if word is None or not word.approver or word.approver == word.by:
        return raised
    if not word.holds:  # a person says: this is a high risk
        return RaisedCase(raised.case, "raised", raised.units, word.id)
    state: CaseState = "mitigated" if raised.case.mitigable else raised.state
    return RaisedCase(raised.case, state, raised.units, word.id)
