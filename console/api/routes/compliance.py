"""等保: the matrix, and runs of its checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from console.api.access import Assessor, Reader
from console.api.asking import ask
from console.api.parts import Parts
from console.api.schemas.compliance import (
    CheckRow,
    Compliance,
    ControlArea,
    ControlRow,
    VerdictAt,
    VerdictCounts,
)
from console.api.schemas.compliance import Finding as FindingShown
from console.api.schemas.jobs import Job
from console.api.shown import text_shown
from fengsui.clock import to_iso
from fengsui.control import Check, Conformity, Control, Finding

router = APIRouter(prefix="/compliance", tags=["compliance"])
HISTORY_SHOWN: Final = 30
_WORST_FIRST: Final = (
    Conformity.DOES_NOT,
    Conformity.PARTLY,
    Conformity.INSUFFICIENT,
    Conformity.CONFORMS,
    Conformity.NOT_APPLICABLE,
)


@router.get("")
def read_compliance(visitor: Reader, parts: Parts) -> Compliance:
    """All units that have a check, by area, with the newest verdict and its proof."""
    latest = parts.state.findings()
    history = parts.state.findings(latest=False)
    checks = parts.checks()
    areas: dict[str, ControlArea] = {}
    tally: Counter[str] = Counter()
    for control in parts.controls():
        row = _row(control, checks, latest, history)
        if row.verdict is not None:
            tally[row.verdict] += 1
        area = text_shown(control.area)
        areas.setdefault(area.zh, ControlArea(area=area, units=[])).units.append(row)
    return Compliance(
        areas=list(areas.values()),
        counts=VerdictCounts.model_validate(tally),
        catalogue_units=parts.catalogue_units,
    )


@router.post("/runs")
def run_checks(visitor: Assessor, parts: Parts) -> Job:
    """Ask for all checks to be run now."""
    return ask(parts, visitor, "check", {})


def _row(
    control: Control, checks: Sequence[Check], latest: Sequence[Finding], history: Sequence[Finding]
) -> ControlRow:
    mine = [finding for finding in latest if finding.unit == control.unit]
    worst = min(mine, key=lambda finding: _WORST_FIRST.index(finding.verdict), default=None)
    past = [finding for finding in history if finding.unit == control.unit][:HISTORY_SHOWN]
    return ControlRow(
        unit=control.unit,
        clause=control.clause,
        item=control.item,
        title=text_shown(control.title),
        control_point=text_shown(control.control_point),
        verdict=worst.verdict if worst else None,
        checks=[
            CheckRow.model_validate(
                {
                    "id": check.id,
                    "claim": check.claim.as_json(),
                    "limits": [limit.as_json() for limit in check.limits],
                }
            )
            for check in checks
            if check.unit == control.unit
        ],
        finding=FindingShown.model_validate(worst.as_json()) if worst else None,
        history=[VerdictAt(time=to_iso(each.time), verdict=each.verdict) for each in past],
    )
