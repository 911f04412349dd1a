"""Scheduled detections beside the worker that leads: a process for each run."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Final

from console.retro.scheduled import BY, run
from console.retro.scheduled_report import ROLE
from console.wiring import make_desk, open_stores
from fengsui.clock import MINUTE, Clock, WallClock, from_iso
from fengsui.errors import BusyError, FengsuiError
from fengsui.log import start_logging
from fengsui.settings import Settings, load_settings
from fengsui.store.state import State

log = logging.getLogger(__name__)
_GRACE: Final = 5.0  # seconds to end by itself


class ScheduledDetections:
    """Starts a run when its time has come; what a crash cut short goes on with the next."""

    def __init__(self, settings: Settings, state: State, clock: Clock) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._due: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def look(self, *, leads: bool) -> None:
        """Start one where this worker leads, one is due and none runs."""
        if self._process is not None:
            if (status := self._process.poll()) is None:
                return
            if status:
                log.error("Scheduled detections have ended early", extra={"exit_status": status})
            self._process = None
        if not leads or not self._settings.detection.scheduled:
            self._due = None  # another worker leads: it may run meanwhile
            return
        every = int(self._settings.detection.scheduled_minutes * MINUTE)
        now = self._clock.now()
        if self._due is None:
            last = self._state.health().get(ROLE, (0, {}))[1].get("began")
            self._due = min(now, from_iso(last)) + every if last else now
        if now < self._due:
            return
        self._due = now + every
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", __name__, str(self._settings.home)]
        )

    def stop(self) -> None:
        """End what runs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def run_once(settings: Settings) -> None:
    """Do one run; the report in the state tells how it went, the log why it could not begin."""
    with open_stores(settings, writable=False) as stores:
        desk = make_desk(settings, stores)
        try:
            run(settings, stores.events, stores.state, desk, WallClock(), by=BY)
        except BusyError:
            log.info("Scheduled detections are being run already")
        except FengsuiError as error:
            log.exception("Scheduled detections have failed", extra={"problem": error.as_json()})


if __name__ == "__main__":
    start_logging("scheduled", "warning")
    run_once(load_settings(home=Path(sys.argv[1])).settings)
