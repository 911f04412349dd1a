"""Engine: Sigma rules as a detector; a hit becomes an alert that shows what was met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detections.detector import Context
from detections.sigma.conditions import ANY_FIELD, Condition, SameAs
from detections.sigma.correlating import Correlating
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.costs import RuleCost
from detections.sigma.coverage import Covered, correlated, plan, refusal
from detections.sigma.entities import direction_of, entities_of
from detections.sigma.fidelity import fidelity
from detections.sigma.loaded import LoadedRule
from detections.sigma.logsources import routing
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
PARKED = "fengsui.rule_parked"  # rule of the alert that says that a rule was stopped
_ORDINARY = frozenset(  # fields that narrow a rule and explain little: shown last
    {"network.direction", "network.transport", "zeek.connection.state", "http.response.status_code"}
)


class SigmaDetector:
    """All Sigma rules as one detector: one scan of an event serves every rule.

    Attributes:
        rules: one row a loaded rule, then one a correlation; `inert` where nothing feeds it.
        coverage: the same with the reason for what is not live, then correlations that do not link.
        correlating: the correlations.
        datasets: those that some rule looks at.
    """

    def __init__(
        self,
        rules: Sequence[LoadedRule],
        context: Context,
        *,
        correlations: Sequence[LoadedCorrelation] = (),
        portable: bool = False,
    ) -> None:
        self._context = context
        self._portable = portable
        self._before: dict[str, RuleCost] = {}  # counters of the rule sets that were loaded before
        self._runaways: list[tuple[int, str]] = []
        self._take(rules, correlations)

    def reload(
        self, rules: Sequence[LoadedRule], correlations: Sequence[LoadedCorrelation]
    ) -> None:
        """Go on with other rules: counters go on, and so do windows of what stays the same.

        A rule that was parked stays so unless its condition has changed.
        """
        windows, self._before = self.correlating.exported(), self.rule_costs()
        stopped = {
            (self._loaded[number].id, self._loaded[number].condition): reason
            for number, reason in self._matcher.parked.items()
        }
        self._take(rules, correlations)
        self.correlating.restore(windows)
        for number, rule in enumerate(rules):
            reason = stopped.get((rule.id, rule.condition))
            if reason is not None:
                self._matcher.park(number, reason)

    def rule_costs(self) -> dict[str, RuleCost]:
        """What each rule found and spent since the start, also the rules that are gone."""
        costs = dict(self._before)
        for number, rule in enumerate(self._loaded):
            costs[rule.id] = self._matcher.cost(number) + costs.get(rule.id, RuleCost())
        return costs

    @property
    def parked_rules(self) -> dict[str, str]:
        """Rules that were stopped for their cost, by id, and why."""
        return {self._loaded[number].id: why for number, why in self._matcher.parked.items()}

    def unpark(self, rule_id: str) -> bool:
        """Look at a rule again; whether it was parked."""
        for number in self._matcher.parked:
            if self._loaded[number].id == rule_id:
                self._matcher.unpark(number)
                return True
        return False

    def _take(self, rules: Sequence[LoadedRule], correlations: Sequence[LoadedCorrelation]) -> None:
        entries, rows = plan(rules)
        self.correlating = Correlating(rules, correlations, self._context)
        linked = self.correlating.linked
        self.coverage = [*rows, *correlated(linked, rules, rows)]
        self.coverage += map(refusal, self.correlating.refused)
        self._loaded = tuple(rules)
        self._matcher = Matcher(
            entries,
            routing(),
            portable=self._portable,
            budget=self._context.rule_budget,
            on_runaway=lambda number, why: self._runaways.append((number, why)),
        )
        self._conditions: dict[tuple[int, str], list[Condition]] = {}
        for entry in entries:
            key = (entry.rule, entry.dataset)
            self._conditions.setdefault(key, []).append(entry.condition)
        self._tests: dict[Condition, Predicate] = {}
        every: list[LoadedRule | LoadedCorrelation] = [*rules]
        every += [one.rule for one in linked.correlations]
        self.rules = tuple(map(_rule, every, self.coverage))
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
        if not hits and not self._runaways:
            return ()
        silent = self.correlating.silent
        alerts = [self._alert(number, event, now) for number in hits if number not in silent]
        while self._runaways:
            number, why = self._runaways.pop()
            alerts.append(parked_alert(self._loaded[number], why, event, now))
        return [*alerts, *self.correlating.observe(hits, event, now)]

    def advance(self, now: int) -> Iterable[Alert]:
        """Alerts of correlations whose window had to close first."""
        return self.correlating.advance(now)

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


def parked_alert(rule: LoadedRule, why: str, event: Event, now: int) -> Alert:
    """That a rule was stopped for its cost: what it would have found is not found any more.

    Args:
        rule: the rule.
        why: what it cost.
        event: the one at which it was stopped.
        now: clock of the run, ns.
    """
    run, time = event.text("fengsui.run"), event.time
    values = {"rule": rule.title.render("zh"), "rule_en": rule.title.render("en"), "why": why}
    return Alert(
        id=alert_id(PARKED, rule.id, run, time),
        rule=PARKED,
        title=Text("sigma.parked.title", values),
        kind="policy",
        severity=Severity.MEDIUM,
        fidelity=1.0,
        key=rule.id,
        entities=(),
        events=(event.id,),
        first=time,
        last=time,
        raised=max(now, time),
        reason=Text("sigma.parked.reason", {**values, "id": rule.id}),
        facts=(Fact("rule.id", rule.id),),
        run=run,
    )


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


def _rule(rule: LoadedRule | LoadedCorrelation, row: Covered) -> Rule:
    return Rule(
        id=rule.id,
        title=rule.title,
        kind="sigma",
        severity=rule.severity,
        maturity=rule.status,
        status="live" if row.state in ("live", "partial") else "inert",
        logsource=row.logsource,
        techniques=rule.techniques,
        tactics=rule.tactics,
        units=rule.units,
        author=rule.author,
        licence=rule.licence,
        path=str(rule.path),
        description=rule.description,
        gbt20986=rule.gbt20986,
        guidance=rule.guidance,
    )
