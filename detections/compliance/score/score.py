"""The conclusion by a template of the shelf, and which repairs lift it most for least work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, cast

import detections.compliance.score.templates
from detections.compliance.profile.items import Item
from detections.compliance.score.inputs import (
    Conclusion,
    Limits,
    Outcome,
    Risks,
    ScoredItem,
    Template,
    if_closed,
)
from fengsui.control import Conformity
from fengsui.errors import InputError
from fengsui.registry import parts

# Days of work [OURS]: what software decides is mostly a setting, the rest documents and purchases.
_DAYS: Final[Mapping[str, Fraction]] = {"A": Fraction(1), "S": Fraction(3), "M": Fraction(5)}
_DAYS_PER_ASSET: Final = Fraction(1, 4)
_OPEN: Final = frozenset({Conformity.PARTLY, Conformity.DOES_NOT, Conformity.INSUFFICIENT})


@dataclass(frozen=True, slots=True)
class Repair:
    """What one item's repair would bring: `lift` of the number, `days` of work (an estimate)."""

    unit: str
    verdict: Conformity
    lift: Fraction
    days: Fraction
    high_risk: str


def template_ids() -> tuple[str, ...]:
    """Templates of the shelf."""
    return tuple(template.ID for template in _templates())


def conclude(
    items: Sequence[ScoredItem], risks: Risks, template: str, limits: Limits
) -> Conclusion:
    """The conclusion, with how far open items may move it.

    Raises:
        InputError: no such template.
    """
    counted = list(items)
    worst = _outcome(counted, risks, template, limits)
    best = _outcome(if_closed(counted), risks, template, limits)
    opened = sum(item.verdict is Conformity.INSUFFICIENT for item in counted)
    return Conclusion(template, worst, best, opened)


def what_if(
    items: Sequence[Item],
    verdicts: Mapping[str, Conformity],
    failing: Mapping[str, int],
    template: str,
    limits: Limits,
) -> list[Repair]:
    """Each repair by lift per day of work, the best first; `failing`: assets of a unit that fail."""
    scored = [
        ScoredItem(item.unit, verdicts.get(item.unit, Conformity.INSUFFICIENT)) for item in items
    ]
    before = _outcome(scored, Risks(), template, limits).value
    # Items of one class with one verdict lift alike: each kind is summed up once.
    lifts: dict[tuple[bool, Conformity], Fraction] = {}
    found: list[Repair] = []
    for number, (item, one) in enumerate(zip(items, scored, strict=True)):
        if one.verdict not in _OPEN:
            continue
        key = (one.technical, one.verdict)
        if key not in lifts:
            mended = [*scored]
            mended[number] = replace(one, verdict=Conformity.CONFORMS)
            lifts[key] = _outcome(mended, Risks(), template, limits).value - before
        days = _DAYS[item.automation] + _DAYS_PER_ASSET * failing.get(item.unit, 0)
        found.append(Repair(item.unit, one.verdict, lifts[key], days, item.high_risk_case))
    return sorted(found, key=lambda each: (-each.lift / each.days, not each.high_risk, each.unit))


def _templates() -> Iterator[Template]:
    for module in parts(detections.compliance.score.templates):
        yield cast("Template", module)


def _outcome(items: Sequence[ScoredItem], risks: Risks, template: str, limits: Limits) -> Outcome:
    for known in _templates():
        if template == known.ID:
            return known.conclude(items, risks, limits)
    raise InputError(
        f"There is no score template {template[:20]}",
        next=f"Known: {', '.join(template_ids())}",
        code="unknown_template",
    )
