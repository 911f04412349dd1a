"""Gathering: alerts of one incident, one after the other, as things, kinds and activities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from correlation.entities import CorrelationContext, is_ours, tactics_of
from correlation.story.activity import Activity, Key, activity_of, rule_of, sides
from correlation.story.plain import KEPT, plain, plain_text
from correlation.story.slots import Slots
from fengsui.alert import Alert, Entity
from fengsui.text import Text

ALIASES: Final = 16  # addresses kept of one thing


def _v4_first(value: str) -> tuple[bool, str]:
    return ":" in value, value


@dataclass(slots=True)
class Thing:
    """Who or what alerts are about; all addresses of one asset of ours are one thing.

    Attributes:
        values: as alerts name it, at most `ALIASES`.
        roles: every role that an alert gave it.
    """

    kind: str
    internal: bool
    values: set[str] = field(default_factory=set[str])
    roles: set[str] = field(default_factory=set[str])

    @property
    def ordered(self) -> list[str]:
        """Its values, the one by which people know it (IPv4) first."""
        return sorted(self.values, key=_v4_first)


@dataclass(slots=True)
class Kind:
    """One rule with what its alerts claim. `best` orders alerts: the worst, surest, oldest counts."""

    rule: str
    detection: str
    best: tuple[float, float, float, str] = (-1, 0, 0, "")
    title: Text = field(default_factory=lambda: Text(""))
    alert: str = ""
    severity: int = 0
    fidelity: float = 0.0
    alerts: int = 0
    repeats: int = 0
    first: int = 2**63 - 1
    last: int = 0
    tactics: set[str] = field(default_factory=set[str])
    techniques: set[str] = field(default_factory=set[str])

    def add(self, alert: Alert) -> None:
        """Count an alert in."""
        best = (int(alert.severity), alert.fidelity, -alert.first, alert.id)
        if best > self.best:
            self.best, self.title, self.alert = best, plain_text(alert.title, 160), alert.id
            self.detection = alert.kind
        self.severity = max(self.severity, int(alert.severity))
        self.fidelity = max(self.fidelity, alert.fidelity)
        self.alerts += 1
        self.repeats += max(alert.count, 1)
        self.first, self.last = min(self.first, alert.first), max(self.last, alert.last)
        self.tactics.update(tactics_of(alert))
        self.techniques.update(plain(technique, 20) for technique in alert.techniques)


class Gathering:
    """What is known of an incident so far. Memory grows with distinct activities, not with alerts."""

    def __init__(self, slots: Slots, context: CorrelationContext) -> None:
        self.slots = slots
        self.context = context
        self.things: dict[Key, Thing] = {}
        self.kinds: dict[str, Kind] = {}
        self.activities: dict[object, Activity] = {}
        self.tactics: dict[str, int] = {}  # alerts of each tactic; one alert may serve several
        self.alerts = 0

    def add(self, alert: Alert) -> None:
        """Count an alert."""
        self.alerts += 1
        actor, objects = sides(alert, self._key_of)
        one = activity_of(alert, actor, objects, self.slots.of(alert.first))
        known = self.activities.setdefault(one.key, one)
        if known is not one:
            known.take(one)
        if known.order == one.order:
            known.why = plain_text(alert.reason)
        rule = rule_of(alert)
        kind = self.kinds.get(rule)
        if kind is None:
            kind = self.kinds[rule] = Kind(rule, alert.kind)
        kind.add(alert)
        for tactic in tactics_of(alert):
            self.tactics[tactic] = self.tactics.get(tactic, 0) + 1

    def _key_of(self, entity: Entity) -> Key:
        value = entity.value[:KEPT]
        internal = is_ours(entity, self.context)
        key = (entity.kind, self.context.resolve(value) if internal else value)
        thing = self.things.get(key)
        if thing is None:
            thing = self.things[key] = Thing(entity.kind, internal)
        thing.internal = thing.internal or internal
        thing.roles.add(entity.role)
        thing.values.add(value)
        if len(thing.values) > ALIASES:
            thing.values = set(thing.ordered[:ALIASES])
        return key
