"""Drill: a scenario with its ground truth, and the score of what was seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fengsui.clock import to_iso
from fengsui.text import Text

StepVerdict = Literal["detected", "late", "missed"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be seen of a step: an alert with one of these techniques (or rules) that names one of
    these entities, no later than `within` ns after the step began.
    """

    techniques: tuple[str, ...]
    entities: tuple[str, ...]
    within: int
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Injection:
    """One step of a scenario: when it ran on the capture's clock (ns), and what it must cause."""

    name: str
    title: Text
    techniques: tuple[str, ...]
    start: int
    end: int
    expect: Expectation


@dataclass(frozen=True, slots=True)
class Drill:
    """A scenario made ready: its capture, its ground truth, its clock."""

    id: str
    scenario: str
    seed: int
    capture: str
    capture_sha256: str
    start: int
    end: int
    steps: tuple[Injection, ...]

    def as_json(self) -> dict[str, Any]:
        """The form kept beside the capture; times in ns. `drill_from_json` reads it back."""
        return asdict(self)


def drill_from_json(document: Mapping[str, Any]) -> Drill:
    """A drill from `Drill.as_json`.

    Raises:
        KeyError, TypeError: the document is not one.
    """
    steps = tuple(
        Injection(
            name=step["name"],
            title=Text(step["title"]["key"], step["title"]["values"]),
            techniques=tuple(step["techniques"]),
            start=step["start"],
            end=step["end"],
            expect=Expectation(
                techniques=tuple(step["expect"]["techniques"]),
                entities=tuple(step["expect"]["entities"]),
                within=step["expect"]["within"],
                rules=tuple(step["expect"]["rules"]),
            ),
        )
        for step in document["steps"]
    )
    whole: dict[str, Any] = {**document, "steps": steps}
    return Drill(**whole)


@dataclass(frozen=True, slots=True)
class StepScore:
    """How one step was answered. `seconds` from its start to the first alert; None when missed."""

    name: str
    title: Text
    techniques: tuple[str, ...]
    start: int
    status: StepVerdict
    seconds: float | None
    alerts: tuple[str, ...]
    incidents: tuple[str, ...]
    rules: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The published form of a row of the scorecard."""
        return {
            "name": self.name,
            "title": self.title.as_json(),
            "techniques": list(self.techniques),
            "start": to_iso(self.start),
            "status": self.status,
            "seconds": self.seconds,
            "alerts": list(self.alerts),
            "incidents": list(self.incidents),
            "rules": list(self.rules),
        }


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The drill's result. What was raised and belongs to no step is false."""

    drill: str
    scenario: str
    seed: int
    steps: tuple[StepScore, ...]
    false_alerts: tuple[str, ...]
    false_incidents: tuple[str, ...]
    capture_seconds: float

    @property
    def detected(self) -> int:
        """Steps answered in time."""
        return sum(step.status == "detected" for step in self.steps)

    def as_json(self) -> dict[str, object]:
        """The published form (`fengsui schema scorecard`)."""
        return {
            "drill": self.drill,
            "scenario": self.scenario,
            "seed": self.seed,
            "steps": [step.as_json() for step in self.steps],
            "detected": self.detected,
            "late": sum(step.status == "late" for step in self.steps),
            "missed": sum(step.status == "missed" for step in self.steps),
            "false_alerts": len(self.false_alerts),
            "false_incidents": len(self.false_incidents),
            "false_alert_ids": list(self.false_alerts),
            "false_incident_ids": list(self.false_incidents),
            "capture_seconds": self.capture_seconds,
        }
