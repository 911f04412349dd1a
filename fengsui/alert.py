"""Alert: a detection's claim about events, with its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from fengsui.clock import to_iso
from fengsui.ids import digest_id
from fengsui.severity import Severity
from fengsui.text import Text

EntityKind = Literal[
    "host",
    "address",
    "domain",
    "user",
    "url",
    "hash",
    "file",
    "ja4",
    "certificate",
    "service",
    "unit",
]
EntityRole = Literal["source", "target", "victim", "attacker", "c2", "peer"]
DetectionKind = Literal["sigma", "anomaly", "indicator", "policy", "foreign"]
Verdict = Literal["true", "benign", "false"]

EVENTS_KEPT = 50  # ids an alert keeps of the events behind it; the count goes on


@dataclass(frozen=True, slots=True)
class Entity:
    """Who or what an alert is about.

    `internal` tells whether it is one of ours: the correlation joins on our own hosts first.
    """

    kind: EntityKind
    value: str
    role: EntityRole
    internal: bool = False

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "kind": self.kind,
            "value": self.value,
            "role": self.role,
            "internal": self.internal,
        }


@dataclass(frozen=True, slots=True)
class Fact:
    """One measured value behind an alert: what it was, what would be normal, in which unit."""

    name: str
    value: float | str
    baseline: float | str | None = None
    unit: str = ""

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "name": self.name,
            "value": self.value,
            "baseline": self.baseline,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Alert:
    """What a rule or model saw.

    `id` is a digest of (rule, key, run, first) so that a second run of the same input adds nothing.
    `key` says what counts as the same: alerts of one rule with one key fold into one with a count.
    Times are ns of event time; `raised` is the clock of the run when the detection spoke, so that
    `raised - first` is its delay. `fidelity` in 0…1 tells how often such an alert is right.
    """

    id: str
    rule: str
    title: Text
    kind: DetectionKind
    severity: Severity
    fidelity: float
    key: str
    entities: tuple[Entity, ...]
    events: tuple[str, ...]
    first: int
    last: int
    raised: int
    reason: Text
    facts: tuple[Fact, ...] = ()
    techniques: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    count: int = 1
    run: str = ""
    author: str = ""
    licence: str = ""

    def folding(self, later: Alert) -> Alert:
        """This alert with a later one of the same rule and key counted in.

        The worse severity and the later reason win: the newest figures are the ones to show.
        """
        known = set(self.events)
        room = EVENTS_KEPT - len(self.events)
        fresh = tuple(event for event in later.events if event not in known)[: max(room, 0)]
        newer = later if later.last >= self.last else self
        return replace(
            self,
            severity=max(self.severity, later.severity),
            fidelity=max(self.fidelity, later.fidelity),
            entities=self.entities + tuple(e for e in later.entities if e not in self.entities),
            events=self.events + fresh,
            first=min(self.first, later.first),
            last=max(self.last, later.last),
            raised=min(self.raised, later.raised),
            reason=newer.reason,
            facts=newer.facts,
            count=self.count + later.count,
        )

    def as_json(self) -> dict[str, object]:
        """The published form (`fengsui schema alert`): times as ISO, texts in both languages."""
        return {
            "id": self.id,
            "rule": self.rule,
            "title": self.title.as_json(),
            "kind": self.kind,
            "severity": self.severity.word,
            "fidelity": round(self.fidelity, 3),
            "entities": [entity.as_json() for entity in self.entities],
            "events": list(self.events),
            "first": to_iso(self.first),
            "last": to_iso(self.last),
            "raised": to_iso(self.raised),
            "count": self.count,
            "reason": self.reason.as_json(),
            "facts": [fact.as_json() for fact in self.facts],
            "techniques": list(self.techniques),
            "tactics": list(self.tactics),
            "run": self.run,
            "author": self.author,
            "licence": self.licence,
        }


def alert_id(rule: str, key: str, run: str, first: int) -> str:
    """Deterministic id of an alert: the same detection of the same thing is the same alert."""
    return digest_id(rule, key, run, first)
