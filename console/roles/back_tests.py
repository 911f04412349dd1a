"""Back-tests of rules beside the worker."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import replace
from typing import Any, Final

from console.roles.beside import Beside
from console.rules.backtest import BackTest, Bounds
from console.rules.desk import RuleDesk
from console.wiring import make_desk, open_stores
from fengsui.errors import FengsuiError
from fengsui.settings import Settings
from fengsui.store.event_store import TimeRange
from fengsui.store.state import Job, JobStatus, State

log = logging.getLogger(__name__)

KIND: Final = "backtest"
_TELL: Final = 0.5  # seconds between reports


class BackTests(Beside):
    """Back-tests that people ask for."""

    def __init__(self, settings: Settings, state: State) -> None:
        super().__init__(settings, state, KIND, "console.roles.back_tests")


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
            state.put_job(job.failed(error))
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
