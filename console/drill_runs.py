"""One drill from its making to its score, for the command line and the demo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.drilling import drill_header, drill_plan, finish_drill, make_drill
from console.pipeline import Pipeline
from console.replaying import OnProgress
from console.replays import open_all, run_into
from console.wiring import Stores, make_home
from fengsui.ids import random_id
from fengsui.settings import Settings
from fengsui.store.state import Replay


def run_drill(settings: Settings, name: str, seed: int, on_progress: OnProgress) -> dict[str, Any]:
    """Make, replay and score a scenario; the document of `fengsui drill run --json`."""
    run = f"drill-{random_id()[:8]}"
    make_home(settings)
    drill = make_drill(name, seed, settings.captures_folder / run, on_progress)
    header = drill_header(drill)

    def scored(stores: Stores, pipeline: Pipeline | None) -> Mapping[str, Any]:
        if pipeline is not None:
            card: Mapping[str, Any] = {
                **finish_drill(stores.state, pipeline, header).as_json(),
                "drill": run,
            }
        else:  # a running worker scored it
            card = next(c for c in stores.state.scorecards() if c["drill"] == run)
        return {**card, "capture_sha256": drill.capture_sha256}

    record = Replay(run, "drill", drill.scenario, (drill.capture,), 0)
    outcome = run_into(
        settings,
        record,
        header,
        open_all(settings, [drill.capture]),
        on_progress,
        plan=drill_plan(header),
        on_end=scored,
    )
    return outcome.as_json()
