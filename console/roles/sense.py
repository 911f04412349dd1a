"""The sensor role: captured interfaces, files that arrive in followed folders, and captures that
people ask to replay become batches in the spool.

A file is taken when its size has not changed for a second, and once. One that keeps growing is read
on: a capture by a follower of its own until it is quiet or rotated, a log piece by piece. Lines and
packets that cannot be read are counted, and an interface that cannot be captured is tried again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, BinaryIO, cast

from console.drilling import drill_header, make_drill
from console.replaying import Input, OnProgress, feed
from console.roles.arrivals import Arrival, Arrivals
from console.roles.keeping import SensorKeeping, kept_files, kept_packets
from console.spooling import SpoolSink
from console.wiring import make_spool
from fengsui.clock import WallClock
from fengsui.errors import BusyError, FengsuiError
from fengsui.loss import LatelyLost, Losses
from fengsui.settings import SensorSettings, Settings
from fengsui.store.state import Job, Replay, State
from sensors.intake.opening import kind_of, open_input
from sensors.live.capture import Capture, LiveCapture, OnProblem
from sensors.live.growing import GrowingFile, LogPiece
from sensors.live.interface import Interface
from sensors.logs.reader import LogReader
from sensors.packet.capture import CaptureSensor
from sensors.source import Source

log = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between looks at the folders
_REPORT = 2.0
_QUIET = 10.0  # seconds after which a growing capture is held to be finished
_QUIET_AGAIN = 300.0  # the same, of one that has grown after it was held to be finished
_MOST_FOLLOWED = 8  # growing captures read at once
LIVE = "live"
JOB_KINDS = ("replay", "drill")


def interfaces_of(settings: SensorSettings) -> list[Interface]:
    """The interfaces of the settings."""
    return [
        Interface(
            each.name,
            each.filter,
            each.plane,
            each.workers,
            each.ring_megabytes,
            each.snap_length,
            each.promiscuous,
            tuple(each.protocols),
            tuple(each.cores),
        )
        for each in settings.interfaces
    ]


class Sense:
    """Runs until told to stop; `on_problem` is told what is wrong with an interface."""

    def __init__(
        self, settings: Settings, state: State, on_problem: OnProblem | None = None
    ) -> None:
        self._settings = settings
        self._state = state
        self._spool = make_spool(settings)
        self._clock = WallClock()
        self._sink = SpoolSink(self._spool, LIVE)
        self._inbox = settings.home / "inbox"
        self._inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
        folders = (self._inbox, *(Path(folder) for folder in settings.sensor.follow))
        self._arrivals = Arrivals(folders, settings.home / "taken.json")
        self._followers: dict[Path, Thread] = {}
        self._lock = Lock()  # over what followers count
        self._events = 0
        self._reported = 0.0
        self.losses = Losses()
        self._lately = LatelyLost()
        self._keeping = SensorKeeping(settings)
        sensor = settings.sensor
        capture = Capture(
            sensor.name,
            sensor.max_flows,
            sensor.user,
            hashes=self._keeping.hashes,
            packets=kept_packets(settings),
            files=kept_files(settings),
        )
        self._live = LiveCapture(interfaces_of(sensor), capture, self._sink.offer, on_problem)

    def run(self, stop: Event) -> None:
        """Capture, look, take, report, until `stop` is set; the file at hand is finished first."""
        self._live.start()
        try:
            self._turns(stop)
        finally:
            stop.set()
            self._live.stop()
            for follower in self._followers.values():
                follower.join()
            self._keeping.close()
            self._report()

    def _turns(self, stop: Event) -> None:
        while not stop.is_set():
            if not self._live.alive:
                raise FengsuiError("Live capture has ended by an error", next="See the log above")
            for arrival in self._arrivals.due():
                self._sense(arrival, stop)
            job = self._state.take_job(JOB_KINDS)
            if job:
                self._work(job)
            self._report_when_due()
            stop.wait(_LOOK)

    def _sense(self, arrival: Arrival, stop: Event) -> None:
        """Take a file, or what is new of it; one that cannot be used is counted and left."""
        path = arrival.path
        try:
            taken = path.stat().st_size
        except FileNotFoundError:
            return  # it was rotated away between the look and now
        try:
            capture = kind_of(path) == "capture"
            if arrival.growing and capture:
                self._follow(arrival, stop)
                return
            if arrival.growing:
                taken = self._piece(arrival)
            else:
                self._feed(self._open(str(path)), lambda *_: self._report_when_due())
                if capture:
                    self._keeping.whole(path)
        except FengsuiError as error:
            self._unusable(error)
        self._arrivals.take(path, taken)

    def _open(self, path: str, drill: str = "") -> Source:
        """A file of this sensor, or of a drill, of which nothing is kept."""
        return open_input(
            path,
            sensor=drill or self._settings.sensor.name,
            max_flows=self._settings.sensor.max_flows,
            store=None if drill else self._keeping.files,
            hashes=self._keeping.hashes,
        )

    def _piece(self, arrival: Arrival) -> int:
        """The whole lines that a log has gained; where they end."""
        with LogPiece(arrival.path, arrival.taken) as piece:
            if piece.end > arrival.taken:
                self._feed(
                    LogReader(
                        None,
                        cast("BinaryIO", piece),
                        name=arrival.path.name,
                        sensor=self._settings.sensor.name,
                    )
                )
            return piece.end

    def _follow(self, arrival: Arrival, stop: Event) -> None:
        """Read a capture on as it grows, beside everything else; later when too many are."""
        self._followers = {
            path: thread for path, thread in self._followers.items() if thread.is_alive()
        }
        if len(self._followers) >= _MOST_FOLLOWED:
            return
        self._arrivals.hold(arrival.path)
        thread = Thread(target=self._followed, args=(arrival, stop), name="follower")
        self._followers[arrival.path] = thread
        thread.start()

    def _followed(self, arrival: Arrival, stop: Event) -> None:
        path, taken = arrival.path, 0
        quiet = _QUIET_AGAIN if arrival.taken else _QUIET
        try:
            with GrowingFile(path, quiet=quiet, stop=stop) as growing:
                sensor = self._settings.sensor
                self._feed(
                    CaptureSensor(
                        None,
                        self._keeping.beside(growing, path, arrival.taken),
                        name=path.name,
                        sensor=sensor.name,
                        max_flows=sensor.max_flows,
                        store=self._keeping.files,
                        hashes=self._keeping.hashes,
                    )
                )
                taken = growing.taken
        except (FengsuiError, OSError) as error:
            self._unusable(error)
        self._arrivals.take(path, taken)

    def _feed(self, source: Source, on_progress: OnProgress = lambda *_: None) -> None:
        feed([source], self._sink, on_progress)
        with self._lock:
            self._events += sum(source.summary.events.values())
            self.losses.merge(source.summary.losses)

    def _unusable(self, error: FengsuiError | OSError) -> None:
        problem = error.as_json() if isinstance(error, FengsuiError) else {"what": str(error)}
        code = error.code if isinstance(error, FengsuiError) else "unreadable"
        log.exception("A file cannot be used", extra={"problem": problem})
        with self._lock:
            self.losses.add(f"sensor.unusable_files.{code}")

    def _work(self, job: Job) -> None:
        try:
            result = self._drill(job) if job.kind == "drill" else self._replay(job)
            self._state.put_job(replace(job, status="done", result=result, message=""))
        except FengsuiError as error:
            if error.code == "cancelled":
                return
            log.exception("A job has failed", extra={"job": job.id, "problem": error.as_json()})
            self._state.put_job(job.failed(error))

    def _replay(self, job: Job) -> dict[str, Any]:
        paths = [str(path) for path in job.arguments["paths"]]
        sources = [self._open(path) for path in paths]
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
        self._send(job, run, header, [self._open(drill.capture, "drill")])
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
            self._report_when_due()

        return tell

    def _report_when_due(self) -> None:
        if time.monotonic() - self._reported > _REPORT:
            self._reported = time.monotonic()
            self._report()

    def _report(self) -> None:
        with self._lock:
            losses = Losses(self.losses.as_json())
            events = self._events + self._live.events
        losses.merge(self._arrivals.losses)
        losses.merge(self._live.losses())
        losses.merge(self._keeping.losses)
        now = self._clock.now()
        self._state.put_health(
            "sense",
            now,
            {
                "events": events,
                "follow": [str(self._inbox), *self._settings.sensor.follow],
                "growing": sorted(str(path) for path in self._arrivals.held()),
                "interfaces": self._live.report(),
                "losses": losses.as_json(),
                "lost_lately": self._lately.tell(losses.as_json(), now),
                **self._keeping.report(self._live.kept()),
            },
        )
