"""The situation: gauges that open into what they sum, units, forecasts, attacks, warnings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from console.api.access import Reader, Responder
from console.api.parts import ApiParts, Parts
from console.api.schemas.situation import (
    Attacks,
    GaugeDays,
    Outlooks,
    ScopeKind,
    Situation,
    UnitRows,
    Warning,  # noqa: A004 - the field's word
    WarningDeedRequest,
    Warnings,
)
from console.situation.attacks import attacks
from console.situation.desk import Picture
from console.situation.outlook import alert_outlook, link_outlooks
from console.situation.shown import (
    alerts_of_week,
    attacks_shown,
    days_shown,
    outlooks_shown,
    situation_shown,
    units_shown,
    warning_shown,
)
from console.situation.units import unit_rows
from fengsui.clock import DAY, HOUR
from fengsui.errors import NotFoundError

router = APIRouter(prefix="/situation", tags=["situation"])
Run = Annotated[
    str, Query(max_length=64, description="`live` or empty, or the id of a replay or drill")
]
Kind = Annotated[ScopeKind, Query(description="of the scope whose gauges open into their parts")]
Id = Annotated[str, Query(max_length=200, description="of the scope")]


@router.get("")
def read_situation(
    visitor: Reader,
    parts: Parts,
    run: Run = "",
    kind: Kind = "whole",
    id: Id = "",  # noqa: A002
) -> Situation:
    """The four gauges of a scope with their parts, and those of every other scope in brief."""
    picture = _picture(parts, run)
    wanted = (kind, "" if kind == "whole" else id)
    scopes = (picture.whole, *picture.scopes)
    scope = next((each for each in scopes if each.scope == wanted), None)
    if scope is None:
        raise NotFoundError(f"There is no such {kind}", where=id, next="See GET /api/situation")
    alerts = alerts_of_week(parts.state, picture)
    return situation_shown(picture, scope, parts.state.replays(), alerts)


@router.get("/units")
def list_situation_units(visitor: Reader, parts: Parts, run: Run = "") -> UnitRows:
    """Units side by side, with rates by size that are fair to small ones."""
    picture = _picture(parts, run)
    return units_shown(picture, unit_rows(parts.state, picture))


@router.get("/forecasts")
def read_forecasts(visitor: Reader, parts: Parts, run: Run = "") -> Outlooks:
    """The next day of alerts, and of traffic against the capacity of each plane."""
    picture = _picture(parts, run)
    capacity = parts.settings.settings.situation.capacity_megabits
    links = link_outlooks(parts.state, picture.period, capacity)
    return outlooks_shown(picture, [alert_outlook(parts.state, picture.period), *links])


@router.get("/attacks")
def read_attacks(
    visitor: Reader,
    parts: Parts,
    run: Run = "",
    hours: Annotated[int, Query(ge=1, le=24 * 90)] = 24 * 7,
) -> Attacks:
    """Alerts of the last hours as flows between places of ours and outside."""
    picture = _picture(parts, run)
    since = max(0, picture.period.now - hours * HOUR)
    return attacks_shown(picture, attacks(parts.state, picture, since), since)


@router.get("/days")
def list_gauge_days(
    visitor: Reader,
    parts: Parts,
    kind: Kind = "whole",
    id: Id = "",  # noqa: A002
    days: Annotated[int, Query(ge=1, le=800)] = 30,
) -> GaugeDays:
    """How the gauges of a scope were, day by day; kept of live telemetry only."""
    today = parts.clock.now() // DAY
    found = parts.state.gauge_days(kind, id, today - days + 1, today)
    return days_shown(found)


@router.get("/warnings")
def list_warnings(visitor: Reader, parts: Parts, run: Run = "") -> Warnings:
    """Warnings of a run, or of live telemetry; the unanswered first."""
    found = parts.state.warnings(_run(run))
    return Warnings(items=[warning_shown(each) for each in found])


@router.post("/warnings/{warning}/acts")
def decide_warning(
    given: WarningDeedRequest, warning: str, visitor: Responder, parts: Parts
) -> Warning:
    """Confirm (perhaps in another colour), dismiss or lift; 409 when somebody decided meanwhile."""
    changed = parts.state.decide_warning(
        warning,
        given.deed,
        by=visitor.name,
        reason=given.reason,
        version=given.version,
        colour=given.colour,
    )
    detail = {"reason": given.reason, "colour": changed.colour, "run": changed.run}
    parts.state.audit(visitor.name, f"warning.{given.deed}", warning, detail)
    return warning_shown(changed)


def _run(word: str) -> str:
    return "" if word == "live" else word


def _picture(parts: ApiParts, run: str) -> Picture:
    return parts.situation.picture(_run(run))
