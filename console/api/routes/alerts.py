"""Alerts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from console.api.access import Reader
from console.api.parts import ApiParts, Parts
from console.api.routes.incidents import run_of
from console.api.rule_parts import guidance_shown
from console.api.schemas.alerts import (
    Alert,
    Alerts,
    RuleTrust,
    RuleTrusts,
    WeakAlerts,
    WeakQuery,
)
from console.api.schemas.rules import AlertGuidance
from console.api.shown import alert_shown, text_shown
from console.api.times import Since, Until, time_range
from correlation.foreign_guidance import foreign_guidance
from detections.life import state_of
from fengsui.alert import Alert as StoredAlert
from fengsui.errors import NotFoundError
from fengsui.event import Fields
from fengsui.store.decision_states import PRIOR_VERDICTS, WeakFilter

router = APIRouter(prefix="/alerts", tags=["alerts"])
_EVENTS_TRIED: Final = 5


@router.get("")
def list_alerts(
    visitor: Reader,
    parts: Parts,
    run: Annotated[str, Query(max_length=64, description="`live`, `any` or a run's id")] = "any",
    rule: Annotated[str, Query(max_length=200, description="id of a rule; empty is any")] = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Alerts:
    """The newest alerts, by the time of their first event."""
    within = time_range(since, until)
    alerts = parts.state.alerts(
        run=run_of(run),
        rule=rule or None,
        since=within.since,
        until=within.until,
        limit=limit,
    )
    return Alerts(items=[alert_shown(alert) for alert in alerts])


@router.get("/weak")
def list_weak_alerts(
    visitor: Reader, parts: Parts, asked: Annotated[WeakQuery, Query()]
) -> WeakAlerts:
    """Alerts that stand in no incident: too weak alone, kept until something stronger draws them in."""
    within = time_range(asked.since, asked.until)
    which = WeakFilter(
        run_of(asked.run), asked.rule or None, asked.text, within.since, within.until
    )
    found, total = parts.state.weak_alerts(which, limit=asked.limit, offset=asked.offset)
    return WeakAlerts(total=total, items=[alert_shown(alert) for alert in found])


@router.get("/trust")
def list_trust(visitor: Reader, parts: Parts) -> RuleTrusts:
    """How far rules are trusted by what people decided: those that anybody has judged."""
    return RuleTrusts(
        prior=PRIOR_VERDICTS,
        items=[
            RuleTrust(
                rule=rule,
                true=judged.true,
                benign=judged.benign,
                false=judged.false,
                false_share=round(judged.false_share or 0.0, 3),
                factor=round(judged.fidelity(1.0), 3),
            )
            for rule, judged in sorted(parts.state.judged().items())
        ],
    )


@router.get("/{alert}")
def read_alert(visitor: Reader, alert: str, parts: Parts) -> Alert:
    """One alert."""
    return alert_shown(_find(parts, alert))


@router.get("/{alert}/guidance")
def read_guidance(visitor: Reader, alert: str, parts: Parts) -> AlertGuidance:
    """What its rule says about it, with queries filled from its event."""
    found = _find(parts, alert)
    known = parts.desk.known()
    rule = known.by_id.get(found.rule)
    file = known.rules.file(found.rule)
    other = next((each for each in parts.rules() if each.id == found.rule), None)
    told = rule or other
    event = _event(parts, found)
    foreign = found.kind == "foreign"
    guidance = told.guidance if told else foreign_guidance(event) if foreign else None
    return AlertGuidance(
        rule=found.rule,
        title=text_shown(told.title if told else found.title),
        guidance=guidance_shown(
            guidance, told.gbt20986 if told else (), told.units if told else (), event
        ),
        author=told.author if told else found.author,
        licence=told.licence if told else found.licence,
        state=state_of(rule.status, known.rules.lives.get(rule.id)) if rule else "",
        origin=file.origin.kind if file else "foreign" if foreign else "builtin",
        pack=file.origin.name if file and file.origin.pack else "",
    )


def _event(parts: ApiParts, alert: StoredAlert) -> Fields:
    """The alert's first event that is kept still; else its entities as fields."""
    for id_ in alert.events[:_EVENTS_TRIED]:
        event = parts.events.get(id_)
        if event is not None:
            return event.fields
    return {}


def _find(parts: ApiParts, alert: str) -> StoredAlert:
    found = parts.state.alerts([alert])
    if not found:
        raise NotFoundError("There is no such alert", where=alert, next="Go to the queue")
    return found[0]
