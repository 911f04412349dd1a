"""Engine: Sigma rules as a detector; a hit becomes an alert that shows what was met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detections.detector import Context
from detections.sigma.conditions import ANY_FIELD, Condition, SameAs
from detections.sigma.coverage import Covered, plan
from detections.sigma.entities import direction_of, entities_of
from detections.sigma.loader import LoadedRule
from detections.sigma.mapping import routing
from detections.sigma.matcher import Matcher
from detections.sigma.oracle import matched
from detections.sigma.predicates import Predicate, View, compiled
from detections.sigma.values import as_text, scalars
from fengsui.alert import Alert, Entity, Fact, alert_id
from fengsui.event import Event
from fengsui.rule import Rule
from fengsui.severity import Severity
from fengsui.text import Text

_FACTS = 8  # matched fields that an alert shows
_SHOWN = 160  # characters of a value
_ORDINARY = frozenset(  # fields that narrow a rule and explain little: shown last
    {"network.direction", "network.transport", "zeek.connection.state", "http.response.status_code"}
)
_FIDELITY = {
    Severity.CRITICAL: 0.9,
    Severity.HIGH: 0.8,
    Severity.MEDIUM: 0.6,
    Severity.LOW: 0.35,
    Severity.INFO: 0.15,
}
_OF_STATUS = {
    "stable": 1.0,
    "test": 0.9,
    "experimental": 0.7,
    "deprecated": 0.5,
    "unsupported": 0.4,
}


class SigmaDetector:
    """All Sigma rules as one detector: one scan of an event serves every rule.

    Attributes:
        rules: one row a loaded rule; `inert` where nothing feeds it.
        coverage: the same rules with the reason for what is not live.
        datasets: those that some rule looks at.
    """

    def __init__(
        self, rules: Sequence[LoadedRule], context: Context, *, portable: bool = False
    ) -> None:
        entries, self.coverage = plan(rules)
        self._loaded = tuple(rules)
        self._context = context
        self._matcher = Matcher(entries, routing(), portable=portable)
        self._conditions: dict[tuple[int, str], list[Condition]] = {}
        for entry in entries:
            key = (entry.rule, entry.dataset)
            self._conditions.setdefault(key, []).append(entry.condition)
        self._tests: dict[Condition, Predicate] = {}
        self.rules = tuple(map(_rule, rules, self.coverage))
        self.datasets = self._matcher.datasets

    def observe(self, event: Event, now: int) -> Iterable[Alert]:
        """Alerts of the rules that the event meets."""
        fields, raw = event.fields, event.raw
        if "network.direction" not in fields:
            direction = direction_of(event, self._context.is_internal)
            if direction:
                event = event.adding({"network.direction": direction})
                fields, raw = event.fields, event.raw
        hits = self._matcher.match(str(fields["event.dataset"]), fields, raw)
        return [self._alert(number, event, now) for number in hits] if hits else ()

    def advance(self, now: int) -> Iterable[Alert]:
        """Nothing: plain rules keep no state."""
        return ()

    def _alert(self, number: int, event: Event, now: int) -> Alert:
        rule = self._loaded[number]
        facts = self._facts(number, event)
        entities = entities_of(event, rule.tactics, self._context.is_internal)
        key = _key(rule, event, entities)
        run = event.text("fengsui.run")
        time = event.time
        matched_text = " · ".join(f"{fact.name} = {fact.value}" for fact in facts)
        return Alert(
            id=alert_id(rule.id, key, run, time),
            rule=rule.id,
            title=rule.title,
            kind="sigma",
            severity=rule.severity,
            fidelity=fidelity(rule),
            key=key,
            entities=entities,
            events=(event.id,),
            first=time,
            last=time,
            raised=max(now, time),
            reason=Text("sigma.reason", {"matched": matched_text}),
            facts=facts,
            techniques=rule.techniques,
            tactics=rule.tactics,
            run=run,
            author=rule.author,
            licence=rule.licence,
        )

    def _facts(self, number: int, event: Event) -> tuple[Fact, ...]:
        """Fields of the leaves that the event met, with the event's own values."""
        names: dict[str, None] = {}
        view = View(event.fields)
        for condition in self._conditions[number, event.dataset]:
            for leaf in matched(condition, lambda one: self._test(one)(view)):
                found = _fields_of(event) if leaf.field == ANY_FIELD else [leaf.field]
                names |= dict.fromkeys(found)
                if isinstance(leaf, SameAs):
                    names[leaf.other] = None
        shown = sorted((name for name in names if name in event.fields), key=_ORDINARY.__contains__)
        return tuple(Fact(name, _shown(event.fields[name])) for name in shown[:_FACTS])

    def _test(self, condition: Condition) -> Predicate:
        test = self._tests.get(condition)
        if test is None:
            test = self._tests[condition] = compiled(condition)
        return test


def fidelity(rule: LoadedRule) -> float:
    """How often an alert of this rule is right: the author's figure, else by level and status."""
    if rule.fidelity is not None:
        return rule.fidelity
    return _FIDELITY[rule.severity] * _OF_STATUS.get(rule.status, 0.7)


def _fields_of(event: Event) -> list[str]:
    return [name for name in ("message", "event.original", "url.original") if name in event.fields]


def _key(rule: LoadedRule, event: Event, entities: Sequence[Entity]) -> str:
    if rule.key_fields:
        return "|".join(event.text(name) for name in rule.key_fields)
    return "|".join(entity.value for entity in entities)


def _shown(value: object) -> float | str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    texts = [text for text in map(as_text, scalars(value)) if text is not None]
    joined = ", ".join(texts)
    return joined if len(joined) <= _SHOWN else joined[: _SHOWN - 1] + "…"


def _rule(rule: LoadedRule, row: Covered) -> Rule:
    return Rule(
        id=rule.id,
        title=rule.title,
        kind="sigma",
        severity=rule.severity,
        maturity=rule.status,
        status="live" if row.state in ("live", "partial") else "inert",
        logsource=str(rule.logsource),
        techniques=rule.techniques,
        tactics=rule.tactics,
        units=rule.units,
        author=rule.author,
        licence=rule.licence,
        path=str(rule.path),
        description=rule.description,
    )
