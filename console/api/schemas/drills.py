"""Drills, scenarios, replays."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from console.api.schemas.words import Given, Text, Time
from fengsui.drill import StepVerdict
from fengsui.store.state import ReplayKind


class StepScore(BaseModel):
    """One injected step and how it was answered."""

    name: str
    title: Text
    techniques: list[str]
    start: Time
    status: StepVerdict
    seconds: float | None
    alerts: list[str]
    incidents: list[str]
    rules: list[str]


class Scorecard(BaseModel):
    """A drill's result; `started` is null where the run itself is no longer known."""

    drill: str
    scenario: str
    seed: int
    name: Text
    started: Time | None
    steps: list[StepScore]
    detected: int
    late: int
    missed: int
    false_alerts: int
    false_incidents: int
    false_alert_ids: list[str]
    false_incident_ids: list[str]
    capture_seconds: float
    titles: dict[str, Text] = Field(description="Of the rules that saw a step, while known")


class Scorecards(BaseModel):
    """Newest first."""

    items: list[Scorecard]


class StartDrill(Given):
    """Run a scenario; the same seed gives the same traffic."""

    scenario: str = Field(max_length=128)
    seed: int = Field(default=1, ge=0, le=2**31 - 1)


class Scenario(BaseModel):
    """A scenario of the shelf."""

    id: str
    name: Text
    description: Text
    steps: int


class Scenarios(BaseModel):
    """The shelf."""

    items: list[Scenario]


class Replay(BaseModel):
    """A run of input through the pipeline; captures by file name."""

    id: str
    kind: ReplayKind
    name: str
    captures: list[str]
    started: Time
    finished: Time | None
    summary: dict[str, Any]


class Replays(BaseModel):
    """Newest first."""

    items: list[Replay]
