"""Back-tests beside the worker: one at a time, in a process of its own that reads the store.

So a rule that takes too long, or too much memory, never holds up what arrives; a cancel ends the process.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any, Final

from console.rules.backtest import BackTest, Bounds
from console.rules.desk import RuleDesk
from console.wiring import make_desk, open_stores
from fengsui.errors import BusyError, FengsuiError
from fengsui.settings import Settings
from fengsui.store.event_store import TimeRange
from fengsui.store.state import Job, JobStatus, State

log = logging.getLogger(__name__)

KIND: Final = "backtest"
_GRACE: Final = 5.0  # seconds to end by itself
_PATIENCE: Final = 10  # looks after a cancel until it is ended
_TELL: Final = 0.5  # seconds between reports


class BackTests:
    """Starts what is asked for, and ends what was cancelled."""

    def __init__(self, settings: Settings, state: State) -> None:
        self._settings = settings
        self._state = state
        self._job: Job | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = 0

    def look(self) -> None:
        """Start the oldest waiting one when none runs; end one that was cancelled."""
        if self._process is not None and self._job is not None:
            self._watch(self._process, self._job)
            return
        job = self._state.take_job((KIND,))
        if job is None:
            return
        home = str(self._settings.home)
        self._job = job
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "console.roles.back_tests", home, job.id]
        )

    def stop(self) -> None:
        """End what runs: it begins again with the next worker."""
        if self._process is None or self._job is None:
            return
        self._end(self._process)
        job = self._state.job(self._job.id)
        if job is not None and job.status == "running":
            self._state.put_job(replace(job, status="queued", message=""))

    def _watch(self, process: subprocess.Popen[bytes], started: Job) -> None:
        status = process.poll()
        job = self._state.job(started.id)
        if status is None:
            if job is not None and job.status == "cancelled":
                self._cancelled += 1
                if self._cancelled > _PATIENCE:  # one rule that takes forever with one event
                    self._end(process)
            return
        self._cancelled = 0
        if job is not None and job.status == "running":
            problem = BusyError(
                "The back-test ended without a result",
                where=f"exit status {status}",
                next="Try a shorter time",
                code="ended",
            )
            self._state.put_job(replace(job, status="failed", result={"error": problem.as_json()}))
        self._process = self._job = None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_job(settings: Settings, id_: str) -> None:
    """Do one back-test and keep its result, also what was found before a cancel."""
    with open_stores(settings, writable=False) as stores:
        state = stores.state
        job = state.job(id_)
        if job is None or job.status != "running":
            return
        try:
            result = _done(state, job, make_desk(settings, stores))
        except FengsuiError as error:
            state.put_job(replace(job, status="failed", result={"error": error.as_json()}))
            return
        known = state.job(id_)
        cancelled = known is not None and known.status == "cancelled"
        status: JobStatus = "cancelled" if cancelled else "done"
        done, total = int(result["events"]), max(int(result["events"]), job.total)
        state.put_job(replace(job, status=status, result=result, done=done, total=total))


def _done(state: State, job: Job, desk: RuleDesk) -> dict[str, Any]:
    given = job.arguments
    told = [0.0]

    def tell(found: BackTest) -> bool:
        if time.monotonic() - told[0] < _TELL:
            return True
        told[0] = time.monotonic()
        known = state.job(job.id)
        if known is None or known.status == "cancelled":
            return False
        limit = int(given["limit"])
        state.put_job(
            replace(
                job,
                done=found.events,
                total=min(found.total, limit),
                message=f"{found.hits} hits",
                result=found.as_json(),
            )
        )
        return True

    within = TimeRange(int(given["since"]), int(given["until"]))
    bounds = Bounds(int(given["limit"]), float(given["seconds"]))
    return desk.test(str(given["source"]), within, bounds, tell).as_json()


if __name__ == "__main__":
    from pathlib import Path

    from fengsui.log import start_logging
    from fengsui.settings import load_settings

    start_logging("backtest", "warning")
    run_job(load_settings(home=Path(sys.argv[1])).settings, sys.argv[2])
