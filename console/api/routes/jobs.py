"""Jobs, and captures uploaded to be replayed by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from console.api.access import Analyst, Operator, Visitor, needs
from console.api.asking import ask
from console.api.parts import ApiParts, Parts
from console.api.schemas.jobs import Job, Jobs
from console.api.shown import job_shown
from console.api.uploads import FILE_FORM, receive_file
from fengsui.errors import BusyError, NotFoundError
from fengsui.ids import random_id
from fengsui.store.state import Job as StoredJob

router = APIRouter(tags=["jobs"])


@router.get("/jobs")
def list_jobs(
    visitor: Operator, parts: Parts, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Jobs:
    """Long work, newest first."""
    return Jobs(items=[job_shown(job) for job in parts.state.jobs(limit)])


@router.get("/jobs/{job}")
def read_job(visitor: Operator, job: str, parts: Parts) -> Job:
    """One job and its progress."""
    return job_shown(_find(parts, job))


@router.post("/jobs/{job}/cancel")
def cancel_job(
    job: str,
    visitor: Annotated[Visitor, needs("analyst", "compliance", "system_admin")],
    parts: Parts,
) -> Job:
    """Cancel a job that waits or runs; a running one stops at its next step."""
    found = _find(parts, job)
    if found.status not in {"queued", "running"}:
        raise BusyError(
            "The job has ended already", where=job, next="There is nothing to cancel", code="ended"
        )
    parts.state.put_job(replace(found, status="cancelled"))
    parts.state.audit(visitor.name, "job.cancel", job)
    return job_shown(_find(parts, job))


@router.post("/captures", openapi_extra=FILE_FORM)
async def upload_capture(request: Request, visitor: Analyst, parts: Parts) -> Job:
    """A capture or log to be replayed. 413 when too large, 422 when it is neither."""
    settings = parts.settings.settings
    folder = settings.captures_folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    upload = random_id()
    target = folder / f"upload-{upload}.part"
    try:
        name = await receive_file(request, target, settings.console.upload_megabytes * 1_000_000)
        kind = await run_in_threadpool(parts.sniff_upload, target)
        kept = target.rename(folder / f"upload-{upload[:8]}-{name}")
    finally:
        target.unlink(missing_ok=True)
    arguments = {"paths": [str(kept)], "name": name, "kind": kind}
    return await run_in_threadpool(ask, parts, visitor, "replay", arguments)


def _find(parts: ApiParts, job: str) -> StoredJob:
    found = parts.state.job(job)
    if found is None:
        raise NotFoundError("There is no such job", where=job, next="See GET /api/jobs")
    return found
