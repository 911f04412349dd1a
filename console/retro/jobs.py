"""Retro-hunts as jobs of the state: their progress, their end, and the place to go on from."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import orjson

from console.retro.asked import JOB, Asked, engine_of
from console.retro.engines import Engine
from console.retro.hunting import Found, checkpoint, hunt, taken_up
from console.rules.desk import RuleDesk
from fengsui.errors import BusyError, FengsuiError, NotFoundError
from fengsui.hashes import sha256
from fengsui.ids import random_id
from fengsui.store.event_store import EventStore
from fengsui.store.state import Job, JobStatus, State

PLACE: Final = "checkpoint"  # of a result; not shown
HERE: Final = "here"  # argument of a job that no worker does
MOST_WINDOWS: Final = (
    1 << 20
)  # bytes of correlation windows in a job; the last place that fits is kept
OnJob = Callable[[Job], bool]
_TELL: Final = 0.5  # seconds between reports
_KEEP: Final = 5.0  # seconds between places to go on from


def new_job(asked: Asked, by: str, now: int, *, here: bool) -> Job:
    """A job for a worker; or one that whoever made it does `here`."""
    status: JobStatus = "running" if here else "queued"
    return Job(random_id(), JOB, {**asked.as_json(), HERE: here}, status, by, now)


def resumed(state: State, id_: str, by: str, now: int, *, here: bool) -> Job:
    """A job that goes on where another stopped before its end.

    Raises:
        NotFoundError: there is no such hunt.
        BusyError: it came to its end, or a worker is at it.
    """
    old = state.job(id_)
    if old is None or old.kind != JOB:
        raise NotFoundError(
            "There is no such retro-hunt", where=id_, next="`fengsui retro-hunt --list` shows all"
        )
    broken_off = old.status == "running" and here and old.arguments.get(HERE)
    if old.status not in ("cancelled", "failed") and not broken_off:
        raise BusyError(
            f"The retro-hunt is {old.status}", where=id_, next="Start another", code="ended"
        )
    made = new_job(Asked.of(old.arguments), by, now, here=here)
    result = {name: value for name, value in old.result.items() if name != "error"}
    return replace(made, done=old.done, total=old.total, result=result)


def run(
    job: Job,
    state: State,
    events: EventStore,
    desk: RuleDesk,
    on_progress: OnJob = lambda _job: True,
) -> Job:
    """Hunt until the end, or until the job is cancelled; what was found until then is kept.

    Args:
        job: running.
        state: where it is kept.
        events: the store.
        desk: for rules by id.
        on_progress: told of each report; when it returns False the hunt is cancelled.
    """
    try:
        asked = Asked.of(job.arguments)
        engine = engine_of(asked, desk)
        teller = _Teller(job, state, engine, on_progress)
        found = taken_up(engine, teller.place)
        hunt(engine, events, asked.within, found, asked.listed, teller.tell)
        return teller.ended(found)
    except FengsuiError as error:
        state.put_job((state.job(job.id) or job).failed(error))
        raise


class _Teller:
    """Reports of a hunt; a place is one of the same rules only, else the hunt begins again."""

    def __init__(self, job: Job, state: State, engine: Engine, on_progress: OnJob) -> None:
        self._job = job
        self._state = state
        self._engine = engine
        self._on_progress = on_progress
        self._told = self._kept = 0.0
        self._mark = sha256(repr((engine.query, sorted(engine.titles))).encode())
        place = job.result.get(PLACE, {})
        self.place: dict[str, Any] = place if place.get("of") == self._mark else {}

    def tell(self, found: Found) -> bool:
        """Report now and then; False when the job was cancelled."""
        now = time.monotonic()
        if now - self._told < _TELL:
            return True
        self._told = now
        known = self._state.job(self._job.id)
        if known is None or known.status == "cancelled":
            return False
        if now - self._kept > _KEEP:
            self._keep(found)
        return self._on_progress(self._put(found, "running"))

    def ended(self, found: Found) -> Job:
        """The last report."""
        if found.why_partial:
            self._keep(found)
            return self._put(found, "cancelled")
        self.place = {}
        return self._put(found, "done")

    def _keep(self, found: Found) -> None:
        place = {**checkpoint(self._engine, found), "of": self._mark}
        if len(orjson.dumps(place["engine"])) <= MOST_WINDOWS:
            self.place, self._kept = place, time.monotonic()

    def _put(self, found: Found, status: JobStatus) -> Job:
        job = replace(
            self._job,
            status=status,
            done=found.events,
            total=max(found.candidates, found.events),
            message=f"{found.hits} hits",
            result={**found.as_json(self._engine), PLACE: self.place},
        )
        self._state.put_job(job)
        return job
