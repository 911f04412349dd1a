"""Incident: alerts that belong together, with a score that is a sum of named parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from fengsui.alert import Entity
from fengsui.clock import to_iso
from fengsui.severity import Severity
from fengsui.text import Text

IncidentStatus = Literal["new", "open", "waiting", "closed"]
Origin = Literal["own", "foreign"]
JOINS_KEPT = 200
ALERTS_KEPT = 200  # ids in a stored incident, and in each of its parts and stages


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named summand of a score; the parts of an incident add up to its score exactly."""

    name: str
    points: float
    why: Text
    alerts: tuple[str, ...] = ()
    size: int = 0  # how many alerts, where `alerts` names only the first of them

    def kept(self) -> ScorePart:
        """As it is stored: its first alerts, and how many there are."""
        return replace(self, alerts=self.alerts[:ALERTS_KEPT], size=_size(self))

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
    size: int = 0  # how many alerts, where `alerts` names only the first of them

    def kept(self) -> Stage:
        """As it is stored: its first alerts, and how many there are."""
        return replace(self, alerts=self.alerts[:ALERTS_KEPT], size=_size(self))

    def as_json(self) -> dict[str, object]:
        """All fields by name; `first` as ISO time."""
        return {
            "tactic": self.tactic,
            "techniques": list(self.techniques),
            "first": to_iso(self.first),
            "alerts": list(self.alerts),
        }


@dataclass(frozen=True, slots=True)
class Join:
    """Why one alert stands in its incident: beside which other alert, by what they have in common.

    The joins of an incident are a tree over its alerts, rooted in the oldest one. `kind` is `host`,
    `moved`, `named`, `dns`, the kind of a shared entity, or `analyst`; `value` is the thing itself.
    """

    alert: str
    to: str
    kind: str
    value: str
    why: Text

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "alert": self.alert,
            "to": self.to,
            "kind": self.kind,
            "value": self.value,
            "why": self.why.as_json(),
        }


DecisionKind = Literal["merge", "split"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an analyst decided about which alerts belong together; correlation obeys the newest one.

    Attributes:
        together: alerts that are one incident, whatever correlation finds.
        apart: of a split, the alerts that stay one incident too, and never with `together`.
        undone_by: who took it back; "" while it stands.
    """

    id: str
    kind: DecisionKind
    run: str
    by: str
    at: int
    reason: str
    together: tuple[str, ...]
    apart: tuple[str, ...] = ()
    undone_by: str = ""
    undone_at: int = 0

    @property
    def stands(self) -> bool:
        """Whether it was not taken back."""
        return not self.undone_by


@dataclass(frozen=True, slots=True)
class Incident:
    """What an analyst answers. `score` in 0…100 is the sum of `parts`; stages are in ATT&CK order.

    `id` is a digest over the run and its oldest alert, so it stays when the incident grows.

    Attributes:
        origin: alerts of our own rules, or of other tools.
        learning: it was judged while too little of the site's past was known to tell what is usual.
        count: alerts with all their repeats.
        joins: at most `JOINS_KEPT`, the oldest alerts first.
        size: how many alerts, where `alerts` names only the first of them (see `kept`); else 0.
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
    origin: Origin = "own"
    learning: bool = False
    count: int = 0
    joins: tuple[Join, ...] = ()
    size: int = 0

    def kept(self) -> Incident:
        """As it is stored: bounded however many alerts it has."""
        return replace(
            self,
            alerts=self.alerts[:ALERTS_KEPT],
            size=_size(self),
            parts=tuple(part.kept() for part in self.parts),
            stages=tuple(stage.kept() for stage in self.stages),
        )

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
            "origin": self.origin,
            "learning": self.learning,
            "count": self.count,
            "joins": [join.as_json() for join in self.joins],
        }


def alert_count(of: Incident | ScorePart | Stage) -> int:
    """How many alerts stand in it, whether or not all are named."""
    return of.size or len(of.alerts)


def _size(of: Incident | ScorePart | Stage) -> int:
    return of.size or (len(of.alerts) if len(of.alerts) > ALERTS_KEPT else 0)
