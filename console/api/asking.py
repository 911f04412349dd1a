"""Long work is asked of the worker: a job in the state, with its progress to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.api.access import Visitor
from console.api.parts import ApiParts
from console.api.schemas.jobs import Job as JobShown
from console.api.shown import job_shown
from fengsui.errors import BusyError
from fengsui.ids import random_id
from fengsui.store.state import Job

WAITING_MOST: Final = 100  # jobs not yet finished, of all people together


def ask(parts: ApiParts, visitor: Visitor, kind: str, arguments: Mapping[str, Any]) -> JobShown:
    """Queue a job of `kind` (`replay`, `drill`, `check`, `purge`) and record who asked.

    Raises:
        BusyError: too many jobs wait already (code `queue_full`).
    """
    check_room(parts)
    job = Job(random_id(), kind, arguments, "queued", visitor.name, parts.clock.now())
    parts.state.put_job(job)
    parts.state.audit(visitor.name, f"job.{kind}", job.id, arguments)
    return job_shown(job)


def check_room(parts: ApiParts) -> None:
    """Whether another job may wait.

    Raises:
        BusyError: too many do already (code `queue_full`).
    """
    waiting = [job for job in parts.state.jobs(500) if job.status in {"queued", "running"}]
    if len(waiting) >= WAITING_MOST:
        raise BusyError(
            f"{len(waiting)} jobs wait already", next="Wait, or cancel some", code="queue_full"
        )
