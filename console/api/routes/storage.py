"""The event store: which one it is, how it fares, and when it was backed up last."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from console.api.access import Operator
from console.api.parts import ApiParts, Parts
from console.api.schemas.storage import LastBackup, StoreAbout, StoreFinding
from console.storage import BACKUP, findings
from fengsui.clock import to_iso
from fengsui.errors import FengsuiError
from fengsui.store.event_store import Description

router = APIRouter(tags=["health"])


@router.get("/store")
def read_store(visitor: Operator, parts: Parts) -> StoreAbout:
    """Also when it is down: then that is what it says."""
    reports = parts.state.health()
    about, events, size = _asked(parts)
    looked = list(findings(parts.settings.settings, parts.events, thorough=False))
    worst = {"warning": "degraded", "bad": "bad"}
    states = [about.status, *(worst.get(one.status, "good") for one in looked)]
    work = reports.get("work")
    return StoreAbout(
        kind=about.kind,
        version=about.version,
        where=about.where,
        status=max(states, key=("good", "degraded", "bad").index),  # type: ignore[arg-type]
        facts=about.facts,
        events=events,
        bytes=size,
        # Where nothing waits the newest event is old, not late: a replayed capture, a quiet night.
        lag_seconds=(work[1].get("lag_seconds") if work[1].get("waiting") else 0.0)
        if work
        else None,
        findings=[
            StoreFinding(what=one.what, status=one.status, found=one.found, next=one.next)
            for one in looked
        ],
        backup=_backup(reports.get(BACKUP)),
    )


def _asked(parts: ApiParts) -> tuple[Description, int, int]:
    try:
        held = parts.events.statistics()
        return (
            parts.events.describe(),
            sum(one.events for one in held),
            sum(one.bytes for one in held),
        )
    except FengsuiError:  # the findings say why
        chosen = parts.settings.settings.store
        where = " ".join(chosen.elastic_urls) if chosen.kind == "elastic" else ""
        return Description(chosen.kind, "", where, "bad", {}), 0, 0


def _backup(report: tuple[int, Any] | None) -> LastBackup | None:
    if report is None:
        return None
    at, document = report
    return LastBackup.model_validate({**document, "at": to_iso(at)})
