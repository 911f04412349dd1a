"""Drills: scenarios, scorecards; and replays, which are runs like them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from console.api.access import Analyst, Reader
from console.api.asking import ask
from console.api.parts import ApiParts, Parts, ScenarioRow
from console.api.schemas.drills import (
    Replay,
    Replays,
    Scenario,
    Scenarios,
    Scorecard,
    Scorecards,
    StartDrill,
)
from console.api.schemas.jobs import Job
from console.api.shown import text_shown
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError
from fengsui.store.state import Replay as StoredReplay
from fengsui.text import literal

router = APIRouter(tags=["drills"])


@router.get("/scenarios")
def list_scenarios(visitor: Reader, parts: Parts) -> Scenarios:
    """The shelf of scenarios."""
    return Scenarios(
        items=[
            Scenario(
                id=each.id,
                name=text_shown(each.name),
                description=text_shown(each.description),
                steps=each.steps,
            )
            for each in parts.scenarios()
        ]
    )


@router.get("/drills")
def list_drills(visitor: Reader, parts: Parts) -> Scorecards:
    """Scorecards, newest first; their rules without titles."""
    return Scorecards(items=_scorecards(parts))


@router.get("/drills/{drill}")
def read_drill(visitor: Reader, drill: str, parts: Parts) -> Scorecard:
    """One scorecard."""
    found = next((card for card in _scorecards(parts) if card.drill == drill), None)
    if found is None:
        raise _no_drill(drill)
    seen = [alert for step in found.steps for alert in step.alerts]
    for alert in parts.state.alerts(seen):
        found.titles[alert.rule] = text_shown(alert.title)
    return found


@router.post("/drills")
def start_drill(given: StartDrill, visitor: Analyst, parts: Parts) -> Job:
    """Ask for a drill."""
    if given.scenario not in {each.id for each in parts.scenarios()}:
        raise NotFoundError(
            "There is no such scenario", where=given.scenario, next="See GET /api/scenarios"
        )
    return ask(parts, visitor, "drill", {"scenario": given.scenario, "seed": given.seed})


@router.delete("/drills/{drill}")
def purge_drill(drill: str, visitor: Analyst, parts: Parts) -> Job:
    """Remove a drill: its alerts, incidents and scorecard now, its events by the job returned."""
    replay = parts.state.replay(drill)
    if (replay is None or replay.kind != "drill") and not any(
        card["drill"] == drill for card in parts.state.scorecards()
    ):
        raise _no_drill(drill)
    parts.state.purge_run(drill)
    return ask(parts, visitor, "purge", {"run": drill})


@router.get("/replays")
def list_replays(visitor: Reader, parts: Parts) -> Replays:
    """Runs of input through the pipeline, newest first."""
    return Replays(items=[_replay(each) for each in parts.state.replays()])


def _replay(replay: StoredReplay) -> Replay:
    return Replay(
        id=replay.id,
        kind=replay.kind,
        name=replay.name,
        captures=[Path(capture).name for capture in replay.captures],
        started=to_iso(replay.started),
        finished=to_iso(replay.finished) if replay.finished else None,
        # A drill's own description names paths of this machine.
        summary={name: value for name, value in replay.summary.items() if name != "drill"},
    )


def _scorecards(parts: ApiParts) -> list[Scorecard]:
    shelf = parts.scenarios()
    started = {replay.id: replay.started for replay in parts.state.replays("drill")}
    return [_scorecard(card, shelf, started) for card in parts.state.scorecards()]


def _scorecard(
    card: Mapping[str, Any], shelf: Sequence[ScenarioRow], started: Mapping[str, int]
) -> Scorecard:
    names = {each.id: each.name for each in shelf}
    name = names.get(card["scenario"], literal(card["scenario"], card["scenario"]))
    at = started.get(card["drill"])
    return Scorecard.model_validate(
        {**card, "name": name.as_json(), "started": to_iso(at) if at else None, "titles": {}}
    )


def _no_drill(drill: str) -> NotFoundError:
    return NotFoundError("There is no such drill", where=drill, next="See GET /api/drills")
