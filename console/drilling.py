"""Drills between the floors: make the traffic, know its inventory, score what was seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from console.pipeline import Pipeline
from console.replaying import OnProgress
from fengsui.drill import Drill, Scorecard, drill_from_json
from fengsui.store.state import Plan, State
from playbooks.drills.scenario import find_scenario
from playbooks.drills.scoring import score


def make_drill(name: str, seed: int, folder: Path, on_progress: OnProgress) -> Drill:
    """Make a scenario's capture and its ground truth.

    Raises:
        NotFoundError: there is no such scenario.
    """
    scenario = find_scenario(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = f"making {name}"
    return scenario.make(seed, folder, lambda done, total: on_progress(done, total, making))


def drill_header(drill: Drill) -> dict[str, Any]:
    """What a worker must know of a drill to run and score it."""
    return {"kind": "drill", "drill": drill.as_json()}


def scenario_plan(name: str, seed: int) -> Plan:
    """The inventory of a scenario's hosts."""
    made = find_scenario(name).plan(seed)
    return Plan(made.units, made.systems, made.networks, made.assets)


def drill_plan(header: Mapping[str, Any]) -> Plan:
    """The inventory of a drill's own hosts."""
    drill = drill_from_json(header["drill"])
    return scenario_plan(drill.scenario, drill.seed)


def finish_drill(state: State, pipeline: Pipeline, header: Mapping[str, Any]) -> Scorecard:
    """Score a drill whose input has ended, and keep the scorecard."""
    drill = drill_from_json(header["drill"])
    card = score(drill, pipeline.alerts(), pipeline.incidents())
    state.put_scorecard(pipeline.run.id, {**card.as_json(), "drill": pipeline.run.id})
    return card
