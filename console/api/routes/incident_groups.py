"""Merge and split: what analysts decide about which alerts belong together. Undone by the act `undo`."""

from __future__ import annotations

from fastapi import APIRouter

from console.api.access import Analyst, Reader, Visitor
from console.api.parts import ApiParts, Parts
from console.api.routes.incidents import find_case
from console.api.schemas.incident_groups import (
    Decided,
    Decisions,
    JoinRequest,
    MergeRequest,
    SplitDone,
    SplitRequest,
)
from console.api.schemas.incidents import CaseRow
from console.api.shown import case_name, case_row
from console.regrouping import Parted, Seen
from fengsui.clock import to_iso

router = APIRouter(prefix="/incidents", tags=["incidents"])


@router.post("/merge")
def merge_incidents(given: MergeRequest, visitor: Analyst, parts: Parts) -> CaseRow:
    """Make several incidents one; the oldest stays. 409 `version_conflict` when one was acted on."""
    seen = [Seen(one.id, one.version) for one in given.items]
    case = parts.regrouping.merge(seen, visitor.name, given.reason)
    told = {"incidents": [one.id for one in seen], "reason": given.reason}
    parts.state.audit(visitor.name, "incident.merge", case.incident.id, told)
    return case_row(case, parts.unit_of)


@router.post("/{incident}/split")
def split_incident(given: SplitRequest, incident: str, visitor: Analyst, parts: Parts) -> SplitDone:
    """Put some of its alerts into an incident of their own."""
    seen = Seen(incident, given.version)
    done = parts.regrouping.split(seen, given.alerts, visitor.name, given.reason)
    return _parted(parts, visitor, incident, done, given.reason)


@router.post("/{incident}/unjoin")
def unjoin_alert(given: JoinRequest, incident: str, visitor: Analyst, parts: Parts) -> SplitDone:
    """Undo the join of one alert: what stands in the incident only through it goes with it."""
    seen = Seen(incident, given.version)
    done = parts.regrouping.unjoin(seen, given.alert, visitor.name, given.reason)
    return _parted(parts, visitor, incident, done, given.reason)


@router.get("/{incident}/decisions")
def list_decisions(visitor: Reader, incident: str, parts: Parts) -> Decisions:
    """What analysts decided about alerts of this incident, the newest first."""
    case = find_case(parts, incident)
    alerts = set(parts.state.alert_ids(case.incident.id))
    return Decisions(
        items=[
            Decided(
                id=one.id,
                kind=one.kind,
                by=one.by,
                at=to_iso(one.at),
                reason=one.reason,
                together=len(one.together),
                apart=len(one.apart),
                undone_by=one.undone_by,
                undone_at=to_iso(one.undone_at) if one.undone_at else None,
            )
            for one in reversed(parts.state.decisions(case.incident.run))
            if not alerts.isdisjoint((*one.together, *one.apart))
        ]
    )


def _parted(
    parts: ApiParts, visitor: Visitor, incident: str, done: Parted, reason: str
) -> SplitDone:
    told = {"apart": done.apart.incident.id, "reason": reason}
    parts.state.audit(visitor.name, "incident.split", incident, told)
    return SplitDone(
        kept=case_name(done.kept), apart=case_name(done.apart), version=done.kept.version
    )
