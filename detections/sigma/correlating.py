"""Correlating: correlation hits over our own events, as alerts that explain themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from detections.detector import Context
from detections.sigma.correlations.engine import CorrelationHit, Correlations
from detections.sigma.correlations.fields import fields_in
from detections.sigma.correlations.link import link
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.correlations.state import exported, restore
from detections.sigma.entities import DOMAIN_FIELDS, entities_of
from detections.sigma.fidelity import fidelity
from detections.sigma.loaded import LoadedRule
from fengsui.alert import Alert, Entity, Fact, alert_id
from fengsui.clock import DAY, HOUR, MINUTE, SECOND
from fengsui.event import Event, Value, make_event
from fengsui.loss import Losses
from fengsui.text import Text

_KEPT: Final = frozenset(
    {"source.ip", "destination.ip", "user.name", "fengsui.run", *DOMAIN_FIELDS}
)
_UNITS: Final = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"))


class Correlating:
    """All correlations of a rule set over our own events.

    Attributes:
        linked: what runs.
        refused: correlations whose references do not resolve.
        silent: numbers of the rules that raise nothing themselves.
    """

    def __init__(
        self,
        rules: Sequence[LoadedRule],
        correlations: Sequence[LoadedCorrelation],
        context: Context,
    ) -> None:
        self.linked, self.refused = link(rules, correlations)
        self.silent = self.linked.silent
        self._context = context
        self.correlations = Correlations(self.linked, fields_in(rules), keep=_KEPT)

    def observe(self, numbers: Sequence[int], event: Event, now: int) -> list[Alert]:
        """Alerts that an event completes; `numbers` are all rules that it meets."""
        if self.linked.bases.isdisjoint(numbers):
            return []
        hits = self.correlations.observe(numbers, event.fields, event.time, event.id, event.dataset)
        return [self._alert(hit, now) for hit in hits]

    def advance(self, now: int) -> list[Alert]:
        """Alerts of windows that had to close first."""
        return [self._alert(hit, now) for hit in self.correlations.advance(now)]

    def finish(self, now: int) -> list[Alert]:
        """Alerts of all windows still open, for an input that has ended."""
        return [self._alert(hit, now) for hit in self.correlations.finish()]

    def taken_losses(self) -> Losses:
        """What was lost since the last call."""
        losses = self.correlations.losses
        taken = Losses(losses.as_json())
        losses.clear()
        return taken

    def exported(self) -> dict[str, Any]:
        """The windows as JSON."""
        return exported(self.correlations)

    def restore(self, document: Mapping[str, Any]) -> int:
        """Go on with exported windows; how many correlations do."""
        return restore(self.correlations, document)

    def _alert(self, hit: CorrelationHit, now: int) -> Alert:
        rule = hit.correlation
        event = _event(hit)
        entities = _of_group(entities_of(event, rule.tactics, self._context.is_internal), hit)
        key = "|".join(
            [event.text(name) for name in rule.key_fields] or [value for _, value in hit.key]
        )
        run = event.text("fengsui.run")
        return Alert(
            id=alert_id(rule.id, key, run, hit.time),
            rule=rule.id,
            title=rule.title,
            kind="sigma",
            severity=rule.severity,
            fidelity=fidelity(rule),
            key=key,
            entities=entities,
            events=tuple(str(one) for one in hit.events),
            first=hit.first,
            last=hit.time,
            raised=max(now, hit.time),
            reason=_reason(hit),
            facts=_facts(hit),
            techniques=rule.techniques,
            tactics=rule.tactics,
            run=run,
            author=rule.author,
            licence=rule.licence,
        )


def timespan_text(timespan: int) -> str:
    """A timespan (ns) in its largest whole unit: `10 min`."""
    size, unit = next((one for one in _UNITS if timespan % one[0] == 0), _UNITS[-1])
    return f"{timespan // size} {unit}"


def _event(hit: CorrelationHit) -> Event:
    """The completing event as far as it was kept."""
    fields: dict[str, Value | None] = {
        name: value  # type: ignore[misc]  # an event's values
        for name, value in hit.fields.items()
        if name in _KEPT or name in hit.correlation.key_fields
    }
    return make_event(id=str(hit.event), time=hit.time, dataset=hit.dataset, fields=fields)


def _of_group(entities: Iterable[Entity], hit: CorrelationHit) -> tuple[Entity, ...]:
    """The entities that the group is about; all where it is about none of them."""
    found = tuple(entities)
    values = {value.lower() for _, value in hit.key}
    return tuple(one for one in found if one.value.lower() in values) or found


def _reason(hit: CorrelationHit) -> Text:
    rule = hit.correlation
    values: dict[str, str | int | float] = {
        "value": _whole(hit.value),
        "condition": hit.condition,
        "window": timespan_text(rule.timespan),
        "group": ", ".join(f"{name} = {value}" for name, value in hit.key) or "–",
        "field": ", ".join(rule.measured),
        "rules": len(rule.rules),
    }
    kind = rule.type if hit.condition else "temporal_condition"
    return Text(f"sigma.correlation.{kind}", values)


def _facts(hit: CorrelationHit) -> tuple[Fact, ...]:
    groups = [Fact(name, value) for name, value in hit.key]
    measured = Fact(hit.correlation.type, _whole(hit.value), hit.condition or None)
    return (*groups, measured, Fact("timespan", timespan_text(hit.correlation.timespan)))


def _whole(value: int | float) -> int | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value
