"""Playbooks and their runs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from console.api.schemas.words import Given, Text, Time
from fengsui.playbook import RunMode, RunStatus, StepStatus


class PlaybookStep(BaseModel):
    """One step of a playbook."""

    id: str
    name: Text
    kind: str
    action: str
    needs_approval: bool


class Playbook(BaseModel):
    """A playbook of the library."""

    id: str
    name: Text
    description: Text
    tactics: list[str]
    steps: list[PlaybookStep]


class Playbooks(BaseModel):
    """The library."""

    items: list[Playbook]


class PlaybookMatch(BaseModel):
    """A playbook that fits an incident, and why."""

    id: str
    name: Text
    description: Text
    tactics: list[str]
    why: Text


class PlaybookMatches(BaseModel):
    """Best first."""

    items: list[PlaybookMatch]


class StepResult(BaseModel):
    """What a step did, or would do. `expires` is empty where it does not."""

    step: str
    name: Text
    status: StepStatus
    effect: Text
    undo: Text
    expires: str
    at: Time
    by: str


class PendingStep(BaseModel):
    """The step that waits for a second person."""

    step: str
    name: Text
    effect: Text


class Run(BaseModel):
    """One execution of a playbook."""

    id: str
    playbook: str
    name: Text
    incident: str
    mode: RunMode
    status: RunStatus
    started: Time
    next_step: str
    by: str
    results: list[StepResult]
    pending: PendingStep | None


class Runs(BaseModel):
    """Newest first."""

    items: list[Run]


class StartRun(Given):
    """Start a playbook for an incident; only rehearsals for now."""

    playbook: str = Field(max_length=128)
    mode: Literal["rehearsal"] = "rehearsal"


class Decision(Given):
    """The second person's answer on a step."""

    step: str = Field(max_length=128)
    approve: bool
    reason: str = Field(min_length=1, max_length=4000)
