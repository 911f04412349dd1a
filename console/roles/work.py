"""The worker: takes batches from the spool through their pipelines, and acknowledges what is kept.

Each stream has a pipeline and a clock of its own. A batch is acknowledged after the stores have it.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

from console.checking import check_stores
from console.compliance.working import Assessments
from console.drilling import drill_plan, finish_drill
from console.pipeline import Pipeline, Run
from console.roles.back_tests import BackTests
from console.roles.judgement import Judgement
from console.roles.retro_hunts import RetroHunts
from console.roles.rules import WorkerRules
from console.roles.scheduled_detections import ScheduledDetections
from console.roles.windows import KeptWindows
from console.rules.loading import RuleLibrary
from console.situation.keeping import SituationKeeper
from console.wiring import Stores, make_pipeline, make_spool
from fengsui.clock import SECOND, WallClock, to_iso
from fengsui.errors import FengsuiError, InputError
from fengsui.loss import LatelyLost, Losses
from fengsui.settings import Settings
from fengsui.store.state import Job
from sensors.intake.spool import Spool, Spooled, read_batch

log = logging.getLogger(__name__)

_FLUSH = 0.5  # seconds of wall time between keeping what is pending
_IDLE = 0.1
_REPORT = 2.0  # seconds between reports of an idle worker
_LOOK = 0.5  # seconds between looks for jobs
_MAINTAIN = 20.0  # seconds of wall time between bounded housekeeping
LIVE = "live"
_JOBS = ("check", "purge")


class Worker:
    """Runs until told to stop. Only one per installation: it holds the event store's writer lock."""

    def __init__(self, settings: Settings, stores: Stores) -> None:
        self._settings = settings
        self._stores = stores
        self._clock = WallClock()
        self._spool: Spool = make_spool(settings)
        self._pipelines: dict[str, Pipeline] = {}
        self._kept: list[Spooled] = []
        self._ended: list[Spooled] = []
        self._flushed = 0.0
        self._events = 0
        self._looked = 0.0
        self._rules = WorkerRules(RuleLibrary(settings, stores.state), stores.state)
        self._back_tests = BackTests(settings, stores.state)
        self._retro_hunts = RetroHunts(settings, stores.state)
        self._scheduled = ScheduledDetections(settings, stores.state, self._clock)
        self._assessments = Assessments(settings, stores.state)
        self._windows = KeptWindows(settings.home)
        self._situation = SituationKeeper(stores.state, stores.events, self._clock)
        self._judgement = Judgement(stores.state)
        self._candidate = stores.state.leader("work")
        self._leads = False
        self.losses = Losses()
        self._lately = LatelyLost()

    def run(self, stop: Signal) -> None:
        """Work until `stop` is set, then keep everything that is pending."""
        upkeep = Thread(target=self._maintain, args=(stop,), name="upkeep", daemon=True)
        upkeep.start()
        while not stop.is_set():
            busy = self.turn()
            if not busy:
                stop.wait(_IDLE)
        self.flush()
        if LIVE in self._pipelines:
            self._windows.keep(self._pipelines[LIVE].detections, now=True)
        self._back_tests.stop()
        self._retro_hunts.stop()
        self._scheduled.stop()
        self._assessments.stop()
        upkeep.join()
        self._candidate.resign()

    def _maintain(self, stop: Signal) -> None:
        """Bounded housekeeping of the event store, beside the path of appends."""
        while not stop.wait(_MAINTAIN):
            if not self._leads:  # another worker of this state keeps house
                continue
            try:
                self._stores.events.maintain(self._clock.now())
            except FengsuiError as error:
                log.exception("Housekeeping has failed", extra={"problem": error.as_json()})
                self.losses.add("store.failed_upkeep")
            self._situation.look()

    def turn(self) -> bool:
        """Take some batches of each waiting stream; True when there was any."""
        busy = False
        for path in self._spool.take({batch.path for batch in self._kept}):
            self._take(path)
            busy = True
        self._jobs()
        if time.monotonic() - self._flushed > (_FLUSH if self._kept else _REPORT):
            self.flush()
        return busy

    def _take(self, path: Path) -> None:
        try:
            batch = read_batch(path)
        except InputError as error:
            log.exception("A spooled batch cannot be read", extra={"problem": error.as_json()})
            self.losses.add("spool.unreadable_batches")
            self._spool.set_aside(path)
            return
        self._kept.append(batch)
        if batch.kind == "start":
            self._pipelines[batch.stream] = self._start(batch.stream, batch.header)
        elif batch.kind == "end":
            self._ended.append(batch)
        else:
            if batch.stream not in self._pipelines:  # a restart: the start was acknowledged before
                known = self._stores.state.replay(batch.stream)
                summary = known.summary if known else {}
                self._pipelines[batch.stream] = self._start(batch.stream, summary)
                self._pipelines[batch.stream].resume()
            self._pipelines[batch.stream].process(batch.lines, batch.clock)
            self._events += batch.lines.count(b"\n")

    def _jobs(self) -> None:
        """One job that needs the writer of the event store or no sensor, if somebody asked for one."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        self._rules.follow(self._pipelines.values())
        self._judgement.follow(self._pipelines.values())
        if self._judgement.anew:
            self._begin_anew()
        self._back_tests.look()
        self._retro_hunts.look()
        self._assessments.look()
        self._leads = self._candidate.leads()
        self._scheduled.look(leads=self._leads)
        job = self._stores.state.take_job(_JOBS) if self._leads else None
        if job is None:
            return
        try:
            result = self._work(job)
            self._stores.state.put_job(replace(job, status="done", result=result))
        except FengsuiError as error:
            log.exception("A job has failed", extra={"job": job.id, "problem": error.as_json()})
            failed = job.failed(error)
            self._stores.state.put_job(failed)

    def _work(self, job: Job) -> dict[str, Any]:
        if job.kind == "purge":
            run = str(job.arguments["run"])
            self._stores.state.purge_run(run)
            shutil.rmtree(self._settings.captures_folder / Path(run).name, ignore_errors=True)
            return {"events": self._stores.events.purge_run(run)}
        return {"findings": len(check_stores(self._settings, self._stores))}

    def _begin_anew(self) -> None:
        """Live telemetry was correlated anew: go on from what stands now, as after a restart."""
        self._judgement.anew = False
        before = self._pipelines.get(LIVE)
        if before is None or not before.clock:
            return
        self._windows.keep(before.detections, now=True)
        self.losses.merge(before.all_losses())
        self._pipelines[LIVE] = self._start(LIVE, {})
        self._pipelines[LIVE].take_over(before)

    def _start(self, stream: str, header: Mapping[str, Any]) -> Pipeline:
        kind = header.get("kind", "live")
        extra = drill_plan(header) if kind == "drill" else None
        run = Run(stream if kind != "live" else "", kind)
        pipeline = make_pipeline(
            self._settings, run, self._stores, extra, self._rules.current(), self._judgement.trust
        )
        if kind == "live":
            self._windows.take_up(pipeline.detections)
        return pipeline

    def flush(self) -> None:
        """Keep what is pending, acknowledge it, close ended streams and report health."""
        for batch in self._ended:
            if batch.stream in self._pipelines:
                self._pipelines[batch.stream].finish()
        for pipeline in self._pipelines.values():
            pipeline.flush()
        for batch in self._ended:
            self._close(batch)
        for batch in self._kept:
            self._spool.done(batch)
        self._kept.clear()
        self._ended.clear()
        if LIVE in self._pipelines:
            self._windows.keep(self._pipelines[LIVE].detections)
        self._flushed = time.monotonic()
        self._report()

    def _close(self, batch: Spooled) -> None:
        pipeline = self._pipelines.pop(batch.stream, None)
        known = self._stores.state.replay(batch.stream)
        if pipeline is None or known is None:
            return
        losses = pipeline.all_losses()
        if known.kind == "drill":
            finish_drill(self._stores.state, pipeline, known.summary)
        summary = {
            **known.summary,
            **batch.header,
            "added": pipeline.counts.added,
            "duplicates": pipeline.counts.duplicates,
            "losses": losses.as_json(),
            "alerts": [alert.id for alert in pipeline.alerts()],
            "incidents": [incident.id for incident in pipeline.incidents()],
        }
        self._stores.state.put_replay(replace(known, finished=self._clock.now(), summary=summary))

    def _report(self) -> None:
        now = self._clock.now()
        live = self._pipelines.get(LIVE)
        losses = Losses(self.losses.as_json())
        losses.merge(self._windows.losses)
        losses.merge(self._situation.losses)
        for pipeline in self._pipelines.values():
            losses.merge(pipeline.all_losses())
        self._stores.state.put_health(
            "work",
            now,
            {
                "events": self._events,
                "streams": sorted(self._pipelines),
                "waiting": self._spool.waiting(),
                "spool_bytes": self._spool.size(),
                "lag_seconds": max(0.0, (now - live.clock) / SECOND)
                if live and live.clock
                else 0.0,
                "losses": losses.as_json(),
                "lost_lately": self._lately.tell(losses.as_json(), now),
                "clock": {name: to_iso(p.clock) for name, p in self._pipelines.items()},
            },
        )
