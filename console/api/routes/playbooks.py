"""Playbooks, their runs, and the decisions that runs wait for."""

from __future__ import annotations

from fastapi import APIRouter

from console.api.access import Analyst, Reader, Responder
from console.api.parts import Parts
from console.api.routes.incidents import find_case
from console.api.schemas.playbooks import (
    Decision,
    Playbook,
    PlaybookMatch,
    PlaybookMatches,
    Playbooks,
    PlaybookStep,
    Run,
    Runs,
    StartRun,
)
from console.api.shown import run_shown, text_shown
from fengsui.errors import BusyError, ForbiddenError, NotFoundError

router = APIRouter(tags=["playbooks"])


@router.get("/playbooks")
def list_playbooks(visitor: Reader, parts: Parts) -> Playbooks:
    """The library."""
    return Playbooks(
        items=[
            Playbook(
                id=each.id,
                name=text_shown(each.name),
                description=text_shown(each.description),
                tactics=list(each.tactics),
                steps=[
                    PlaybookStep(
                        id=step.id,
                        name=text_shown(step.name),
                        kind=step.kind,
                        action=step.action,
                        needs_approval=step.needs_approval,
                    )
                    for step in each.steps.values()
                ],
            )
            for each in parts.playbooks
        ]
    )


@router.get("/incidents/{incident}/playbooks")
def match_playbooks(visitor: Reader, incident: str, parts: Parts) -> PlaybookMatches:
    """Playbooks that fit an incident, best first, with why."""
    case = find_case(parts, incident)
    return PlaybookMatches(
        items=[
            PlaybookMatch(
                id=playbook.id,
                name=text_shown(playbook.name),
                description=text_shown(playbook.description),
                tactics=list(playbook.tactics),
                why=text_shown(why),
            )
            for playbook, why in parts.match_playbooks(case.incident)
        ]
    )


@router.get("/incidents/{incident}/runs")
def list_runs(visitor: Reader, incident: str, parts: Parts) -> Runs:
    """Playbook runs of an incident, newest first."""
    case = find_case(parts, incident)
    runs = parts.state.runs(case.incident.id)
    return Runs(items=[run_shown(run, parts.playbooks) for run in runs])


@router.post("/incidents/{incident}/runs")
def start_run(given: StartRun, incident: str, visitor: Analyst, parts: Parts) -> Run:
    """Rehearse a playbook: it says what it would do, where, until when, and how it is undone."""
    case = find_case(parts, incident)
    playbook = next((each for each in parts.playbooks if each.id == given.playbook), None)
    if playbook is None:
        raise NotFoundError(
            "There is no such playbook", where=given.playbook, next="See GET /api/playbooks"
        )
    run = parts.start_run(playbook, case.incident, given.mode, visitor.name)
    parts.state.put_run(run)
    detail = {"playbook": playbook.id, "mode": run.mode, "incident": case.incident.id}
    parts.state.audit(visitor.name, "run.start", run.id, detail)
    return run_shown(run, parts.playbooks)


@router.post("/runs/{run}/decisions")
def decide_step(given: Decision, run: str, visitor: Responder, parts: Parts) -> Run:
    """Approve or refuse the step that waits. The second person is not the one who started the run."""
    found = parts.state.run(run)
    if found is None:
        raise NotFoundError("There is no such run", where=run, next="Look at the incident's runs")
    if found.status != "waiting_approval" or found.next_step != given.step:
        raise BusyError(
            "This step does not wait for a decision (any more)",
            where=given.step,
            next="Look at the run again",
            code="not_waiting",
        )
    if given.approve and found.mode == "live" and found.by == visitor.name:
        raise ForbiddenError(
            "Who starts a live run cannot approve its steps",
            next="Ask a second person",
            code="second_person_needed",
        )
    decided = parts.decide(found, given.step, given.approve, visitor.name, given.reason)
    parts.state.put_run(decided)
    parts.state.audit(visitor.name, "run.decide", run, given.model_dump())
    return run_shown(decided, parts.playbooks)
