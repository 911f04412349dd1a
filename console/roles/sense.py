"""The sensor role: files that arrive in followed folders, and captures that people ask to replay,
become batches in the spool.

A file is taken when its size has not changed for a second, and once: what was taken is remembered by
folder, name, size and time of change. Lines and packets that cannot be read are counted.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from console.drilling import drill_header, make_drill
from console.replaying import Input, OnProgress, feed
from console.spooling import SpoolSink
from console.wiring import make_spool
from fengsui.clock import WallClock
from fengsui.errors import BusyError, FengsuiError
from fengsui.loss import Losses
from fengsui.settings import Settings
from fengsui.store.state import Job, Replay, State
from sensors.intake.opening import open_input
from sensors.source import Source

log = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between looks at the folders
_STILL = 1.0  # seconds without change after which a file is whole
_REPORT = 2.0
LIVE = "live"
JOB_KINDS = ("replay", "drill")


class Sense:
    """Runs until told to stop."""

    def __init__(self, settings: Settings, state: State) -> None:
        self._settings = settings
        self._state = state
        self._spool = make_spool(settings)
        self._clock = WallClock()
        self._live = SpoolSink(self._spool, LIVE)
        self._inbox = settings.home / "inbox"
        self._inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._memory = settings.home / "taken.json"
        self._taken: dict[str, list[float]] = (
            json.loads(self._memory.read_text("utf-8")) if self._memory.exists() else {}
        )
        self._sizes: dict[Path, tuple[int, float]] = {}
        self._events = 0
        self.losses = Losses()

    def run(self, stop: Event) -> None:
        """Look, take, report, until `stop` is set; the file at hand is finished first."""
        reported = 0.0
        while not stop.is_set():
            for path in self._arrived():
                self._sense(path)
            job = self._state.take_job(JOB_KINDS)
            if job:
                self._work(job)
            if time.monotonic() - reported > _REPORT:
                reported = time.monotonic()
                self._report()
            stop.wait(_LOOK)

    def _arrived(self) -> list[Path]:
        """Files that are whole and not yet taken, oldest first."""
        found: list[Path] = []
        now = time.monotonic()
        for folder in (self._inbox, *(Path(f) for f in self._settings.sensor.follow)):
            if not folder.is_dir():
                self.losses.add("sensor.missing_folder_looks")
                continue
            for path in folder.iterdir():
                if not path.is_file() or path.name.startswith("."):
                    continue
                stat = path.stat()
                mark = [float(stat.st_size), stat.st_mtime]
                if self._taken.get(str(path)) == mark:
                    continue
                size, since = self._sizes.get(path, (-1, now))
                if size != stat.st_size:
                    self._sizes[path] = (stat.st_size, now)
                elif now - since >= _STILL:
                    found.append(path)
        return sorted(found, key=lambda path: path.stat().st_mtime)

    def _sense(self, path: Path) -> None:
        stat = path.stat()
        try:
            source = open_input(
                str(path),
                sensor=self._settings.sensor.name,
                max_flows=self._settings.sensor.max_flows,
            )
            feed([source], self._live, lambda *_: None)
            self._events += sum(source.summary.events.values())
            self.losses.merge(source.summary.losses)
        except FengsuiError as error:
            log.exception("A file cannot be used", extra={"problem": error.as_json()})
            self.losses.add(f"sensor.unusable_files.{error.code}")
        self._sizes.pop(path, None)
        self._taken[str(path)] = [float(stat.st_size), stat.st_mtime]
        temporary = self._memory.with_suffix(".writing")
        temporary.write_text(json.dumps(self._taken), "utf-8")
        temporary.rename(self._memory)

    def _work(self, job: Job) -> None:
        try:
            result = self._drill(job) if job.kind == "drill" else self._replay(job)
            self._state.put_job(replace(job, status="done", result=result, message=""))
        except FengsuiError as error:
            if error.code == "cancelled":
                return
            log.exception("A job has failed", extra={"job": job.id, "problem": error.as_json()})
            self._state.put_job(replace(job, status="failed", result={"error": error.as_json()}))

    def _replay(self, job: Job) -> dict[str, Any]:
        paths = [str(path) for path in job.arguments["paths"]]
        sources = [
            open_input(
                path, sensor=self._settings.sensor.name, max_flows=self._settings.sensor.max_flows
            )
            for path in paths
        ]
        run = str(job.arguments.get("run", f"replay-{job.id[:8]}"))
        replay = Replay(
            run, "replay", str(job.arguments.get("name", run)), tuple(paths), self._clock.now()
        )
        self._state.put_replay(replace(replay, summary={"kind": "replay"}))
        self._send(job, run, {"kind": "replay"}, sources)
        return {"run": run}

    def _drill(self, job: Job) -> dict[str, Any]:
        run = str(job.arguments.get("run", f"drill-{job.id[:8]}"))
        drill = make_drill(
            str(job.arguments["scenario"]),
            int(job.arguments["seed"]),
            self._settings.captures_folder / run,
            self._progress(job),
        )
        header = drill_header(drill)
        self._state.put_replay(
            Replay(run, "drill", drill.scenario, (drill.capture,), self._clock.now(), 0, header)
        )
        source = open_input(
            drill.capture, sensor="drill", max_flows=self._settings.sensor.max_flows
        )
        self._send(job, run, header, [source])
        return {"run": run}

    def _send(
        self, job: Job, run: str, header: Mapping[str, Any], sources: Sequence[Source]
    ) -> None:
        """Inputs into the spool; a cancelled job's stream is ended all the same, with what it has."""
        sink = SpoolSink(self._spool, run)
        sink.start(header)
        inputs: list[Input] = []
        try:
            inputs = feed(sources, sink, self._progress(job))
        finally:
            sink.end({"inputs": [one.as_json() for one in inputs]})

    def _progress(self, job: Job) -> OnProgress:
        def tell(done: int, total: int, message: str) -> None:
            known = self._state.job(job.id)
            if known is not None and known.status == "cancelled":
                raise BusyError("The job was cancelled", where=job.id, code="cancelled")
            self._state.put_job(
                replace(job, status="running", done=done, total=total, message=message)
            )

        return tell

    def _report(self) -> None:
        self._state.put_health(
            "sense",
            self._clock.now(),
            {
                "events": self._events,
                "follow": [str(self._inbox), *self._settings.sensor.follow],
                "losses": self.losses.as_json(),
            },
        )
