"""Long work beside the worker: one job of a kind at a time, in a process of its own that reads the stores.

So what takes long, or too much memory, never holds up what arrives; a cancel ends the process.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Final

from fengsui.errors import BusyError
from fengsui.settings import Settings
from fengsui.store.state import Job, State

_GRACE: Final = 5.0  # seconds to end by itself
_PATIENCE: Final = 10  # looks after a cancel until it is ended


class Beside:
    """Starts what is asked for, and ends what was cancelled.

    Args:
        settings: of the installation.
        state: where jobs are asked.
        kind: of the jobs.
        module: run as `python -m module HOME JOB`; it keeps the result itself.
    """

    def __init__(self, settings: Settings, state: State, kind: str, module: str) -> None:
        self._settings = settings
        self._state = state
        self._kind = kind
        self._module = module
        self._job: Job | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = 0

    def look(self) -> None:
        """Start the oldest waiting one when none runs; end one that was cancelled."""
        if self._process is not None and self._job is not None:
            self._watch(self._process, self._job)
            return
        job = self._state.take_job((self._kind,))
        if job is None:
            return
        home = str(self._settings.home)
        self._job = job
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", self._module, home, job.id]
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
                if self._cancelled > _PATIENCE:  # one step that takes forever
                    self._end(process)
            return
        self._cancelled = 0
        if job is not None and job.status == "running":
            problem = BusyError(
                f"The job {self._kind} ended without a result",
                where=f"exit status {status}",
                next="See the log; ask for it again with less",
                code="ended",
            )
            self._state.put_job(job.failed(problem))
        self._process = self._job = None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
