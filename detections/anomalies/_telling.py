"""From a detector's finding to an alert that explains itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from fengsui.alert import EVENTS_KEPT, Alert, Entity, EntityKind, EntityRole, Fact, alert_id
from fengsui.attack import in_order, tactic_of
from fengsui.clock import from_iso
from fengsui.event import Event
from fengsui.rule import Rule
from fengsui.severity import Severity
from fengsui.text import Text

AUTHOR = "Fengsui"
LICENCE = "Apache-2.0"


@lru_cache(maxsize=8192)
def _ns(stamp: str) -> int:
    return from_iso(stamp)


def time_of(event: Event) -> int:
    """`event.time`, remembered: a dozen detectors ask for the same one."""
    return _ns(str(event.fields["@timestamp"]))


def end_of(event: Event) -> int:
    """When a flow ended (ns): `event.end`, else start + duration, else its start."""
    end = event.get("event.end")
    if isinstance(end, str):
        return _ns(end)
    return time_of(event) + int(event.number("event.duration"))


@dataclass(slots=True)
class Evidence:
    """Events behind an alert to come: the first fifty ids, the span and the count."""

    events: list[str] = field(default_factory=list[str])
    first: int = 0
    last: int = 0
    count: int = 0
    run: str = ""

    def add(self, event: Event, time: int) -> None:
        """Take an event in."""
        if not self.count or time < self.first:
            self.first = time
        self.last = max(self.last, time)
        self.count += 1
        if len(self.events) < EVENTS_KEPT:
            self.events.append(event.id)
        if not self.run:
            self.run = event.text("fengsui.run")

    def clear(self) -> None:
        """Start anew after an alert: the next one tells of what came since."""
        self.events = []
        self.first = self.last = self.count = 0


def rule(
    name: str,
    severity: Severity,
    techniques: tuple[str, ...],
    *,
    logsource: str,
    maturity: str = "test",
) -> Rule:
    """Rule `anomaly.<name>`; its texts are `anomaly.<name>.title|description|reason`."""
    key = f"anomaly.{name}"
    tactics = in_order({tactic for t in techniques if (tactic := tactic_of(t))})
    return Rule(
        id=key,
        title=Text(f"{key}.title"),
        kind="anomaly",
        severity=severity,
        maturity=maturity,
        status="live",
        logsource=logsource,
        techniques=techniques,
        tactics=tactics,
        author=AUTHOR,
        licence=LICENCE,
        path="detections/anomalies",
        description=Text(f"{key}.description"),
    )


def host(address: str, role: EntityRole, *, internal: bool) -> Entity:
    """An address as an entity."""
    return Entity("host", address, role, internal)


def thing(kind: EntityKind, value: str, role: EntityRole) -> Entity:
    """Anything that is no host of ours: a domain, a URL, a user."""
    return Entity(kind, value, role)


def tell(  # noqa: PLR0913 - an alert has these parts, none of them optional by nature
    rule: Rule,
    key: str,
    evidence: Evidence,
    now: int,
    *,
    entities: tuple[Entity, ...],
    facts: tuple[Fact, ...],
    fidelity: float,
    severity: Severity | None = None,
    values: dict[str, str | int | float] | None = None,
    variant: str = "reason",
) -> Alert:
    """The alert, and a cleared evidence.

    The sentence `<rule>.<variant>` may name any fact; `values` adds what is no fact.
    """
    said: dict[str, str | int | float] = {fact.name: fact.value for fact in facts}
    alert = Alert(
        id=alert_id(rule.id, key, evidence.run, evidence.first),
        rule=rule.id,
        title=rule.title,
        kind=rule.kind,
        severity=rule.severity if severity is None else severity,
        fidelity=round(min(max(fidelity, 0.0), 1.0), 3),
        key=key,
        entities=entities,
        events=tuple(evidence.events),
        first=evidence.first,
        last=evidence.last,
        raised=max(now, evidence.last),
        reason=Text(f"{rule.id}.{variant}", {**said, **(values or {})}),
        facts=facts,
        techniques=rule.techniques,
        tactics=rule.tactics,
        count=1,
        run=evidence.run,
        author=rule.author,
        licence=rule.licence,
    )
    evidence.clear()
    return alert
