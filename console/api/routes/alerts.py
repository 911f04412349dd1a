"""Alerts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from console.api.access import Reader
from console.api.parts import Parts
from console.api.routes.incidents import run_of
from console.api.schemas.alerts import Alert, Alerts
from console.api.shown import alert_shown
from fengsui.errors import NotFoundError

router = APIRouter(prefix="/alerts", tags=["alerts"])


@router.get("")
def list_alerts(
    visitor: Reader,
    parts: Parts,
    run: Annotated[str, Query(max_length=64, description="`live`, `any` or a run's id")] = "any",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Alerts:
    """The newest alerts."""
    alerts = parts.state.alerts(run=run_of(run), limit=limit)
    return Alerts(items=[alert_shown(alert) for alert in alerts])


@router.get("/{alert}")
def read_alert(visitor: Reader, alert: str, parts: Parts) -> Alert:
    """One alert."""
    found = parts.state.alerts([alert])
    if not found:
        raise NotFoundError("There is no such alert", where=alert, next="Go to the queue")
    return alert_shown(found[0])
