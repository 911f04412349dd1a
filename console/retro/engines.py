"""Engines of retro-hunts: each has a query that selects at least what it matches, and the last word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from detections.detector import Context
from detections.indicators import stored as stored_indicators
from detections.indicators.detector import IndicatorDetector
from detections.indicators.lists import Indicator
from detections.life import AnyRule
from detections.sigma.engine import SigmaDetector
from detections.sigma.loaded import Loaded
from detections.sigma.stored import stored_query
from fengsui.alert import Alert
from fengsui.errors import InputError
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.query.tree import Query
from fengsui.text import Text, literal

_SHOWN = 200  # characters of a value


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule met by a stored event; of a correlation, the event that completed it."""

    rule: str
    event: str
    time: int
    dataset: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Idle:
    """A rule that this hunt cannot hear of, and why: nothing feeds it, it does not load, it was stopped."""

    rule: str
    title: Text
    why: str


class Engine(Protocol):
    """Confirms hits."""

    query: Query
    titles: Mapping[str, Text]

    def observe(self, event: Event) -> Iterable[Hit]:
        """What an event meets; events come in order of time."""
        ...

    def finish(self, last: int) -> Iterable[Hit]:
        """The events have ended."""
        ...

    def idle(self) -> Sequence[Idle]:
        """Rules without a chance."""
        ...

    def exported(self) -> dict[str, Any]:
        """What it holds of past events, as JSON, to be taken up again."""
        ...

    def restore(self, document: Mapping[str, Any]) -> None:
        """Go on with that."""
        ...


class SigmaEngine:
    """Sigma rules.

    Args:
        loaded: the rules, and those that correlations among them name.
        wanted: those whose hits count.
        context: as the worker has it.
    """

    def __init__(self, loaded: Loaded, wanted: Sequence[AnyRule], context: Context) -> None:
        self.titles: Mapping[str, Text] = {one.id: one.title for one in wanted}
        self._loaded = loaded
        # Nothing waits for a hunt: no rule is stopped for what it costs.
        context = replace(context, rule_budget=0)
        self._detector = SigmaDetector(loaded.rules, context, correlations=loaded.correlations)
        self.query = stored_query(loaded.rules)

    def observe(self, event: Event) -> Iterable[Hit]:
        """See `Engine.observe`."""
        return [_hit(alert, event.dataset) for alert in self.alerts(event, event.time)]

    def alerts(self, event: Event, now: int) -> list[Alert]:
        """Alerts of the wanted rules that an event completes; `now` is the time they are raised at, ns."""
        try:
            return self._wanted(self._detector.observe(event, now))
        except (KeyError, ValueError, TypeError):  # an event without a usable head
            return []

    def advance(self, now: int) -> list[Alert]:
        """Time has passed to `now` (ns): alerts of windows that had to close first."""
        return self._wanted(self._detector.advance(now))

    def taken_losses(self) -> Losses:
        """What correlations lost since the last call."""
        return self._detector.correlating.taken_losses()

    def finish(self, last: int) -> Iterable[Hit]:
        """See `Engine.finish`."""
        return [_hit(alert, "") for alert in self._wanted(self._detector.correlating.finish(last))]

    def idle(self) -> Sequence[Idle]:
        """See `Engine.idle`."""
        rows = [row for row in self._detector.coverage if row.state in ("inert", "refused")]
        found = [
            Idle(row.id, self.titles.get(row.id) or literal(row.title, row.title), row.reason)
            for row in rows
            if row.id in self.titles or not row.id
        ]
        found += [
            Idle("", literal(one.title, one.title), f"{one.path}:{one.line}: {one.reason}")
            for one in self._loaded.refused
        ]
        return found

    def exported(self) -> dict[str, Any]:
        """See `Engine.exported`."""
        return self._detector.correlating.exported() if self._loaded.correlations else {}

    def restore(self, document: Mapping[str, Any]) -> None:
        """See `Engine.restore`."""
        if document:
            self._detector.correlating.restore(document)

    def _wanted(self, alerts: Iterable[Alert]) -> list[Alert]:
        return [alert for alert in alerts if alert.rule in self.titles]


class _Forgetful:
    """An engine that looks at each event by itself."""

    def finish(self, last: int) -> Iterable[Hit]:
        """See `Engine.finish`."""
        return ()

    def idle(self) -> Sequence[Idle]:
        """See `Engine.idle`."""
        return ()

    def exported(self) -> dict[str, Any]:
        """See `Engine.exported`."""
        return {}

    def restore(self, document: Mapping[str, Any]) -> None:
        """See `Engine.restore`."""


class IndicatorEngine(_Forgetful):
    """A list of indicators."""

    def __init__(self, indicators: Iterable[Indicator], context: Context) -> None:
        known = tuple(indicators)
        if not known:
            raise InputError(
                "The list holds no indicator", where="indicators", next="Write one value a line"
            )
        self._detector = IndicatorDetector(known, context)
        self.titles: Mapping[str, Text] = {rule.id: rule.title for rule in self._detector.rules}
        self.query = stored_indicators.stored_query(known)

    def observe(self, event: Event) -> Iterable[Hit]:
        """See `Engine.observe`."""
        return [_hit(alert, event.dataset) for alert in self._detector.observe(event, event.time)]


class QueryEngine(_Forgetful):
    """A query of the store; its answer is exact."""

    RULE = "query"

    def __init__(self, query: Query, text: str) -> None:
        self.query = query
        self.titles: Mapping[str, Text] = {self.RULE: literal(text, text)}

    def observe(self, event: Event) -> Iterable[Hit]:
        """See `Engine.observe`."""
        return [Hit(self.RULE, event.id, event.time, event.dataset, ())]


def _hit(alert: Alert, dataset: str) -> Hit:
    facts = tuple((fact.name, str(fact.value)[:_SHOWN]) for fact in alert.facts)
    return Hit(alert.rule, alert.events[-1], alert.last, dataset, facts)
