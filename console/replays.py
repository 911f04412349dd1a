"""A replay into an installation: directly where nobody works there, through the spool where a worker does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from console.pipeline import Pipeline, Run
from console.replaying import OnProgress, Outcome, feed
from console.spooling import SpoolSink
from console.wiring import Stores, make_file_store, make_pipeline, make_spool, open_stores
from fengsui.clock import WallClock
from fengsui.errors import BusyError
from fengsui.ids import random_id
from fengsui.loss import Losses
from fengsui.settings import Settings
from fengsui.store.state import Plan, Replay
from sensors.files.keeping import FileStore
from sensors.intake.opening import STANDARD_INPUT, open_input
from sensors.source import Source

_PATIENCE = 3600.0  # seconds to wait for a running worker
_MAINTAIN_EVERY = 400_000  # events of a long replay between rounds of bounded compaction


def replay_into(
    settings: Settings,
    paths: Sequence[str],
    name: str,
    on_progress: OnProgress,
) -> Outcome:
    """Replay captures and logs into the stores of `settings.home`.

    Raises:
        InputError, ForbiddenError: none of the inputs can be used.
    """
    run = f"replay-{random_id()[:8]}"
    captures = tuple(str(Path(path).resolve()) for path in paths if path != STANDARD_INPUT)
    record = Replay(run, "replay", name or ", ".join(Path(p).name for p in paths), captures, 0)
    losses = Losses()
    sources = open_all(settings, paths, make_file_store(settings, losses))
    outcome = run_into(settings, record, {"kind": "replay"}, sources, on_progress)
    outcome.losses.merge(losses)
    return outcome


def open_all(
    settings: Settings, paths: Sequence[str], store: FileStore | None = None
) -> list[Source]:
    """Sources of all paths; an unusable one stops the replay before it begins, with its name.

    Args:
        settings: of the installation.
        paths: of captures and logs.
        store: where carried files are kept when the policy wants them.
    """
    return [
        open_input(
            path,
            sensor=settings.sensor.name,
            max_flows=settings.sensor.max_flows,
            store=store,
            hashes=tuple(settings.files.hashes),
        )
        for path in paths
    ]


def run_into(
    settings: Settings,
    record: Replay,
    header: Mapping[str, Any],
    sources: Sequence[Source],
    on_progress: OnProgress,
    *,
    plan: Plan | None = None,
    on_end: Callable[[Stores, Pipeline | None], Mapping[str, Any]] = lambda _stores, _pipeline: {},
) -> Outcome:
    """One run of inputs, recorded in the state; `on_end` adds to its report (a drill's score).

    `on_end` is called with the pipeline where it ran in this process, and without where a worker ran it.
    """
    started = time.perf_counter()
    record = replace(record, started=WallClock().now(), summary=header)
    try:
        stores = open_stores(settings, writable=True)
    except BusyError:
        stores = open_stores(settings, writable=False)
        with stores:
            outcome = _through_spool(settings, stores, record, header, sources, on_progress)
            outcome.extra = on_end(stores, None)
    else:
        with stores:
            outcome = _directly(settings, stores, record, sources, on_progress, plan, on_end)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _directly(
    settings: Settings,
    stores: Stores,
    record: Replay,
    sources: Sequence[Source],
    on_progress: OnProgress,
    plan: Plan | None,
    on_end: Callable[[Stores, Pipeline | None], Mapping[str, Any]],
) -> Outcome:
    stores.state.put_replay(record)
    pipeline = make_pipeline(settings, Run(record.id, record.kind), stores, plan)
    sink = _Direct(pipeline, stores)
    inputs = feed(sources, sink, on_progress)
    pipeline.finish()
    losses = pipeline.all_losses()
    outcome = Outcome(
        inputs,
        0.0,
        pipeline.alerts(),
        pipeline.incidents(),
        pipeline.counts.added,
        pipeline.counts.duplicates,
        losses,
        on_end(stores, pipeline),
    )
    summary = {
        **record.summary,
        "inputs": [one.as_json() for one in inputs],
        "losses": losses.as_json(),
    }
    stores.state.put_replay(replace(record, finished=WallClock().now(), summary=summary))
    stores.events.maintain(WallClock().now())
    return outcome


class _Direct:
    """A pipeline as a sink, with bounded housekeeping of its store on long inputs."""

    def __init__(self, pipeline: Pipeline, stores: Stores) -> None:
        self._pipeline = pipeline
        self._stores = stores
        self._maintained = 0

    def put(self, lines: bytes, clock: int) -> None:
        self._pipeline.process(lines, clock)
        if self._pipeline.counts.added - self._maintained > _MAINTAIN_EVERY:
            self._maintained = self._pipeline.counts.added
            self._stores.events.maintain(WallClock().now())


def _through_spool(
    settings: Settings,
    stores: Stores,
    record: Replay,
    header: Mapping[str, Any],
    sources: Sequence[Source],
    on_progress: OnProgress,
) -> Outcome:
    stores.state.put_replay(record)
    sink = SpoolSink(make_spool(settings), record.id)
    sink.start(header)
    inputs = feed(sources, sink, on_progress)
    sink.end({"inputs": [one.as_json() for one in inputs]})
    finished = _wait(stores, record.id, on_progress)
    cases = [stores.state.case(incident) for incident in finished.get("incidents", ())]
    return Outcome(
        inputs,
        0.0,
        stores.state.alerts(list(finished.get("alerts", ()))),
        [case.incident for case in cases if case],
        int(finished.get("added", 0)),
        int(finished.get("duplicates", 0)),
        Losses(finished.get("losses", {})),
    )


def _wait(stores: Stores, run: str, on_progress: OnProgress) -> Mapping[str, Any]:
    """Summary of a run once the worker has finished it."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        record = stores.state.replay(run)
        if record and record.finished:
            return record.summary
        on_progress(0, 0, "the worker is at it")
        time.sleep(0.2)
    raise BusyError(
        "The worker has not finished this run within an hour",
        where=run,
        next="See `fengsui health`; the run goes on and its result will be in the console",
        code="still_running",
    )
