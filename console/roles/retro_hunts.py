"""Retro-hunts beside the worker."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from console.retro.asked import JOB
from console.retro.jobs import HERE, run
from console.roles.beside import Beside
from console.wiring import make_desk, open_stores
from fengsui.errors import FengsuiError
from fengsui.log import start_logging
from fengsui.settings import Settings, load_settings
from fengsui.store.state import State


class RetroHunts(Beside):
    """Retro-hunts that people ask for; what a crash cut short goes on where it was."""

    def __init__(self, settings: Settings, state: State) -> None:
        super().__init__(settings, state, JOB, "console.roles.retro_hunts")
        for job in state.jobs(500):
            if (job.kind, job.status) == (JOB, "running") and not job.arguments.get(HERE):
                state.put_job(replace(job, status="queued", message=""))


def run_job(settings: Settings, id_: str) -> None:
    """Do one hunt and keep its result in the job."""
    with open_stores(settings, writable=False) as stores:
        job = stores.state.job(id_)
        if job is None or job.status != "running":
            return
        with suppress(FengsuiError):  # the job tells it
            run(job, stores.state, stores.events, make_desk(settings, stores))


if __name__ == "__main__":
    start_logging("retro", "warning")
    run_job(load_settings(home=Path(sys.argv[1])).settings, sys.argv[2])
