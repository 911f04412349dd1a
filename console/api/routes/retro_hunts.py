"""Retro-hunts: rules, indicators and queries over what is stored already."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request

from console.api.access import Analyst, Operator, Visitor
from console.api.asking import check_room
from console.api.pacing import keep_pace
from console.api.parts import ApiParts, Parts
from console.api.schemas.retro_hunts import (
    Estimate,
    JobError,
    RetroFound,
    RetroHunt,
    RetroHunts,
    StartRetroHunt,
)
from console.api.shown import job_shown
from console.api.times import time_range
from console.retro.asked import JOB, OWN, Asked, engine_of, is_place
from console.retro.hunting import estimate
from console.retro.jobs import new_job, resumed
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError
from fengsui.store.event_store import ALWAYS
from fengsui.store.state import Job

router = APIRouter(prefix="/retro-hunts", tags=["retro-hunts"])
_LISTED = 100


@router.get("")
def list_retro_hunts(visitor: Operator, parts: Parts) -> RetroHunts:
    """The newest hundred, without their hits."""
    jobs = [job for job in parts.state.jobs(500) if job.kind == JOB][:_LISTED]
    return RetroHunts(items=[_shown(job, brief=True) for job in jobs])


@router.get("/{job}")
def read_retro_hunt(visitor: Operator, job: str, parts: Parts) -> RetroHunt:
    """One, with what it has found so far."""
    found = parts.state.job(job)
    if found is None or found.kind != JOB:
        raise NotFoundError(
            "There is no such retro-hunt", where=job, next="See GET /api/retro-hunts"
        )
    return _shown(found)


@router.post("")
def start_retro_hunt(given: StartRetroHunt, visitor: Analyst, parts: Parts) -> RetroHunt:
    """Ask the worker for one; what cannot be looked for is refused at once."""
    asked = _asked(given)
    engine_of(asked, parts.desk)
    return _put(parts, visitor, new_job(asked, visitor.name, parts.clock.now(), here=False))


@router.post("/estimate")
def estimate_retro_hunt(
    given: StartRetroHunt, request: Request, visitor: Analyst, parts: Parts
) -> Estimate:
    """What it would cost: events counted, the engine tried on some of them."""
    keep_pace(request.app.state.tests, visitor.name)
    asked = _asked(given)
    found = estimate(engine_of(asked, parts.desk), parts.events, asked.within)
    return Estimate.model_validate(found.as_json())


@router.post("/{job}/resume")
def resume_retro_hunt(job: str, visitor: Analyst, parts: Parts) -> RetroHunt:
    """Go on where one that was cancelled, or failed, stopped."""
    made = resumed(parts.state, job, visitor.name, parts.clock.now(), here=False)
    return _put(parts, visitor, made)


def _put(parts: ApiParts, visitor: Visitor, job: Job) -> RetroHunt:
    check_room(parts)
    parts.state.put_job(job)
    asked = Asked.of(job.arguments)
    parts.state.audit(visitor.name, f"job.{JOB}", job.id, asked.described())
    return _shown(job)


def _asked(given: StartRetroHunt) -> Asked:
    """Rules are named by id: a path would be one of the server's."""
    within = time_range(given.since, given.until)
    for name in given.rules:
        if name != OWN and is_place(name):
            raise NotFoundError(
                "There is no such rule", where=name[:100], next="See GET /api/rules"
            )
    return Asked(
        rules=tuple(given.rules),
        source=given.source,
        query=given.query,
        indicators=given.indicators,
        since=within.since,
        until=within.until,
    )


def _shown(job: Job, *, brief: bool = False) -> RetroHunt:
    asked = Asked.of(job.arguments)
    result = {**job.result, "listed": []} if brief else job.result
    return RetroHunt(
        job=job_shown(replace(job, result={})),
        **asked.described(),
        rules=list(asked.rules),
        query=asked.query,
        indicators=asked.indicators,
        since=to_iso(asked.since) if asked.since != ALWAYS.since else None,
        until=to_iso(asked.until) if asked.until != ALWAYS.until else None,
        found=RetroFound.model_validate(result) if "hits" in result else None,
        error=JobError.model_validate(error) if (error := result.get("error")) else None,
    )
