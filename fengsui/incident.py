"""Incident: alerts that belong together, with a score that is a sum of named parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fengsui.alert import Entity
from fengsui.clock import to_iso
from fengsui.severity import Severity
from fengsui.text import Text

IncidentStatus = Literal["new", "open", "waiting", "closed"]


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named summand of a score; the parts of an incident add up to its score exactly."""

    name: str
    points: float
    why: Text
    alerts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "name": self.name,
            "points": round(self.points, 2),
            "why": self.why.as_json(),
            "alerts": list(self.alerts),
        }


@dataclass(frozen=True, slots=True)
class Stage:
    """One ATT&CK tactic reached, when first, and by which alerts."""

    tactic: str
    techniques: tuple[str, ...]
    first: int
    alerts: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """All fields by name; `first` as ISO time."""
        return {
            "tactic": self.tactic,
            "techniques": list(self.techniques),
            "first": to_iso(self.first),
            "alerts": list(self.alerts),
        }


@dataclass(frozen=True, slots=True)
class Incident:
    """What an analyst answers. `score` in 0…100 is the sum of `parts`; stages are in ATT&CK order.

    `id` is a digest over the run and its oldest alert, so it stays when the incident grows.
    """

    id: str
    title: Text
    score: float
    severity: Severity
    parts: tuple[ScorePart, ...]
    entities: tuple[Entity, ...]
    stages: tuple[Stage, ...]
    alerts: tuple[str, ...]
    first: int
    last: int
    run: str = ""

    def as_json(self) -> dict[str, object]:
        """The published form (`fengsui schema incident`)."""
        return {
            "id": self.id,
            "title": self.title.as_json(),
            "score": round(self.score, 2),
            "severity": self.severity.word,
            "parts": [part.as_json() for part in self.parts],
            "entities": [entity.as_json() for entity in self.entities],
            "stages": [stage.as_json() for stage in self.stages],
            "alerts": list(self.alerts),
            "first": to_iso(self.first),
            "last": to_iso(self.last),
            "run": self.run,
        }
