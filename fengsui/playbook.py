"""Playbook, Run, Action: what is done about an incident, first as a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fengsui.clock import to_iso
from fengsui.text import Text

RunMode = Literal["rehearsal", "live"]
StepStatus = Literal["pending", "waiting_approval", "rehearsed", "done", "skipped", "failed"]
RunStatus = Literal["running", "waiting_approval", "finished", "rejected", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One CACAO workflow step as we run it. `action` names an adapter; "" for start, end, decisions."""

    id: str
    name: Text
    kind: str
    action: str
    arguments: dict[str, Any]
    needs_approval: bool
    on_success: str
    on_failure: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Playbook:
    """A CACAO 2.0 playbook (OASIS, 2023): `document` is the JSON as stored, `steps` our reading of it."""

    id: str
    name: Text
    description: Text
    tactics: tuple[str, ...]
    start: str
    steps: dict[str, Step]
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step did, or would do: `effect` in words, `undo` how it is taken back, `expires` ns or 0."""

    step: str
    name: Text
    status: StepStatus
    effect: Text
    undo: Text
    expires: int
    at: int
    by: str = ""

    def as_json(self) -> dict[str, object]:
        """All fields by name; times as ISO, none as empty text."""
        return {
            "step": self.step,
            "name": self.name.as_json(),
            "status": self.status,
            "effect": self.effect.as_json(),
            "undo": self.undo.as_json(),
            "expires": to_iso(self.expires) if self.expires else "",
            "at": to_iso(self.at),
            "by": self.by,
        }


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a playbook for an incident; `next_step` is where it waits, "" when it ended."""

    id: str
    playbook: str
    incident: str
    mode: RunMode
    status: RunStatus
    started: int
    next_step: str
    results: tuple[StepResult, ...]
    by: str

    def as_json(self) -> dict[str, object]:
        """The published form."""
        return {
            "id": self.id,
            "playbook": self.playbook,
            "incident": self.incident,
            "mode": self.mode,
            "status": self.status,
            "started": to_iso(self.started),
            "next_step": self.next_step,
            "results": [result.as_json() for result in self.results],
            "by": self.by,
        }
