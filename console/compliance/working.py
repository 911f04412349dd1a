"""Runs beside the worker: what people and evidence ask for, and each system once a day."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from console.compliance.assessing import Order, StoppedError, Tell, assess, found_system
from console.compliance.collecting import collect_all, due_now
from console.compliance.desk import KIND, Desk
from console.roles.beside import Beside
from console.wiring import open_stores
from fengsui.clock import DAY, WallClock
from fengsui.errors import FengsuiError
from fengsui.log import start_logging
from fengsui.settings import Settings, load_settings
from fengsui.store.state import Job, State
from fengsui.system import RunKind

_SCHEDULE_EVERY: Final = 60.0  # seconds between looks at what is due
_TELL: Final = 0.3  # seconds between reports


class Assessments(Beside):
    """Runs of filed systems; what was cut short by a crash is asked for again."""

    def __init__(self, settings: Settings, state: State) -> None:
        super().__init__(settings, state, KIND, "console.compliance.working")
        self._desk = Desk(settings, state, WallClock())
        self._looked = 0.0
        for job in state.jobs(500):
            if (job.kind, job.status) == (KIND, "running"):
                state.put_job(replace(job, status="queued", done=0, message=""))

    def look(self) -> None:
        """As all work beside; and ask for what is due."""
        if time.monotonic() - self._looked > _SCHEDULE_EVERY or not self._looked:
            self._looked = time.monotonic()
            ask_due(self._state, self._desk, WallClock().now())
        super().look()


def ask_due(state: State, desk: Desk, now: int) -> list[str]:
    """Ask for the daily run of each system whose newest is a day old; their ids."""
    due: list[str] = []
    for system in state.systems():
        runs = state.assessments(system.id, 1)
        age = now - runs[0].started if runs else 0
        # Targets with hours are waited for, a day at most.
        if system.daily and age >= DAY and (due_now(system, now) or age >= 2 * DAY):
            desk.ask_run(system.id, "daily", "fengsui")
            due.append(system.id)
    return due


def run_job(settings: Settings, id_: str) -> None:
    """Do one run and keep its result in the job."""
    with open_stores(settings, writable=False) as stores:
        state = stores.state
        job = state.job(id_)
        if job is None or job.status != "running":
            return
        kind: RunKind = job.arguments["kind"]
        order = Order(job.id, str(job.arguments["system"]), kind, job.by, WallClock().now())
        tell = teller(state, job)
        try:
            problems = fetched(settings, state, order, tell)
            run = assess(settings, stores, order, tell, problems)
        except StoppedError:
            return  # the job says so already
        except FengsuiError as error:
            state.put_job(job.failed(error))
            return
        result = {
            "system": run.system,
            "run": run.id,
            "counts": dict(run.counts),
            "drift": len(run.drift),
        }
        state.put_job(replace(job, status="done", done=1, total=1, result=result))


def fetched(settings: Settings, state: State, order: Order, tell: Tell) -> list[str]:
    """Fetch what the system names before a full or daily run; the problems."""
    if order.kind == "change":  # evidence or a word came: nothing else is asked
        return []
    return collect_all(settings, state, found_system(state, order.system), WallClock(), tell)


def teller(state: State, job: Job) -> Tell:
    """Tells a job's progress, most reports left out; raises StoppedError when it was cancelled."""
    told = [0.0]

    def tell(done: int, total: int, message: str) -> None:
        if time.monotonic() - told[0] < _TELL:
            return
        told[0] = time.monotonic()
        known = state.job(job.id)
        if known is None or known.status == "cancelled":
            raise StoppedError("The run was stopped", where=job.id)
        state.put_job(replace(job, done=done, total=total, message=message))

    return tell


if __name__ == "__main__":
    start_logging("assess", "warning")
    run_job(load_settings(home=Path(sys.argv[1])).settings, sys.argv[2])
