"""`fengsui up`: the three roles of one machine as processes; what dies is started again.

A role that ends is restarted after a pause that doubles from one second to thirty, and falls back
once it has stayed up for a minute. Signals are passed on, and every role may finish what it holds.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event

from fengsui.clock import WallClock
from fengsui.store.state import State

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY = 1.0, 30.0, 60.0
_GRACE = 20.0  # seconds for a role to end by itself


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    pause: float = _FIRST_PAUSE
    due: float = 0.0


class Supervisor:
    """Keeps roles running until told to stop."""

    def __init__(self, roles: Mapping[str, Sequence[str]], state: State) -> None:
        """`roles`: name → arguments after `python -m console.cli.main`."""
        self._children = [
            _Child(name, [sys.executable, "-m", "console.cli.main", *arguments])
            for name, arguments in roles.items()
        ]
        self._state = state
        self._clock = WallClock()

    def run(self, stop: Event) -> None:
        """Start all, watch them each half second, and end them all when `stop` is set."""
        reported = 0.0
        while not stop.wait(0.5 if reported else 0):
            for child in self._children:
                self._look_after(child)
            if time.monotonic() - reported > 5:
                reported = time.monotonic()
                self._report()
        self._end_all()

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None:
            status = child.process.poll()
            if status is None:
                if now - child.started > _STEADY:
                    child.pause = _FIRST_PAUSE
                return
            log.error("A role has ended", extra={"child": child.name, "status": status})
            child.process = None
            child.restarts += 1
            child.due = now + child.pause
            child.pause = min(child.pause * 2, _LONGEST_PAUSE)
        if now >= child.due:
            child.process = subprocess.Popen(child.command)  # noqa: S603 - our own command line
            child.started = now

    def _report(self) -> None:
        document = {
            child.name: {
                "pid": child.process.pid if child.process else 0,
                "restarts": child.restarts,
            }
            for child in self._children
        }
        self._state.put_health("up", self._clock.now(), document)

    def _end_all(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
