"""The facts of the gauges, gathered from the stores and told apart by unit, zone, plane and system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.situation.expecting import expected
from console.situation.period import Period
from console.situation.places import HOSTS, KINDS, WHOLE, Fact, Placed, Places, Scope
from console.situation.telemetry import Telemetry
from console.situation.weaknesses import weaknesses
from correlation.situation.facts import (
    AlertFact,
    ExpectedFact,
    Facts,
    IncidentFact,
    WarningFact,
    WeaknessFact,
)
from correlation.situation.weights import number
from fengsui.alert import Alert
from fengsui.clock import DAY
from fengsui.store.event_store import TimeRange
from fengsui.store.state import Case, CaseFilter, State
from fengsui.text import Text, literal
from fengsui.warning import Warned
from sensors.enrich.address_plan import AddressPlan

MOST_CASES: Final = 1000
MOST_ALERTS: Final = 2000
_TAKING: Final = frozenset({"take", "assign", "close", "escalate", "wait"})
_NAMED: Final = 3  # hosts of an alert that its line names


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything of a period; `cut`: more incidents or alerts than are looked at."""

    period: Period
    incidents: tuple[Placed[IncidentFact], ...]
    alerts: tuple[Placed[AlertFact], ...]
    weaknesses: tuple[Placed[WeaknessFact], ...]
    expected: tuple[Placed[ExpectedFact], ...]
    warnings: tuple[Placed[WarningFact], ...]
    cases: tuple[Case, ...]
    cut: bool

    def facts(self, scope: Scope = WHOLE) -> Facts:
        """Those of one scope."""
        period = self.period
        return Facts(
            period.now,
            period.wall,
            period.scope,
            _of(self.incidents, scope),
            _of(self.alerts, scope),
            _of(self.weaknesses, scope),
            _of(self.expected, scope),
            _of(self.warnings, scope),
        )

    def scopes(self) -> list[Scope]:
        """All scopes that the register knows or a fact names, by kind and id."""
        plan = self.period.plan
        known: set[Scope] = {("unit", each.id) for each in plan.units}
        known |= {("system", each.id) for each in plan.systems}
        known |= {("zone", each.zone) for each in plan.networks if each.zone}
        known |= {("plane", each.plane) for each in plan.networks if each.plane}
        for scopes in (
            *(each.scopes for each in self.incidents),
            *(each.scopes for each in self.alerts),
            *(each.scopes for each in self.weaknesses),
            *(each.scopes for each in self.expected),
        ):
            known |= scopes
        return sorted(known, key=lambda scope: (KINDS.index(scope[0]), scope[1]))


def _of(placed: Sequence[Placed[Fact]], scope: Scope) -> tuple[Fact, ...]:
    return tuple(each.fact for each in placed if each.within(scope))


def gather(state: State, period: Period, seen: Telemetry) -> Gathered:
    """Ask the state, and put what the telemetry showed beside it."""
    places = Places(AddressPlan(period.plan))
    lasts = period.lasts
    which = CaseFilter(run=period.scope, since=lasts.since, until=lasts.until)
    cases, total = state.cases(which, limit=MOST_CASES)
    since = period.now - int(number("threat.alert_window_days") * DAY)
    alerts = state.lone_alerts(period.scope, TimeRange(since, period.now + 1), MOST_ALERTS)
    spoke = _spoke(state, period, cases)
    warnings = state.warnings(period.run)
    return Gathered(
        period,
        tuple(
            Placed(_incident(case, period, spoke), places.of_entities(case.incident.entities))
            for case in cases
        ),
        tuple(
            Placed(
                AlertFact(each.id, each.title, each.severity, each.last, _hosts_of(each)),
                places.of_entities(each.entities),
            )
            for each in alerts
        ),
        tuple(weaknesses(state, period, seen, places)),
        tuple(expected(state, period, seen, places)),
        tuple(_warned(each, cases, places) for each in warnings if each.status != "overtaken"),
        tuple(cases),
        total > len(cases) or len(alerts) >= MOST_ALERTS,
    )


def _spoke(state: State, period: Period, cases: Sequence[Case]) -> dict[str, int]:
    """When a detection first spoke, by alert: the people's clock of live telemetry starts there."""
    if period.run:
        return {}
    ids = [alert for case in cases for alert in case.incident.alerts[:5]]
    return {each.id: each.raised for each in state.alerts(ids)}


def _incident(case: Case, period: Period, spoke: dict[str, int]) -> IncidentFact:
    incident = case.incident
    raised = [spoke[alert] for alert in incident.alerts[:5] if alert in spoke]
    noticed = period.ended or min(raised, default=incident.first)
    taken = [act.at for act in case.history if act.kind in _TAKING]
    closed = [act.at for act in case.history if act.kind == "close"]
    return IncidentFact(
        incident.id,
        incident.title,
        incident.score,
        incident.severity,
        incident.last,
        noticed,
        min(taken, default=0),
        max(closed, default=0) if case.status == "closed" else 0,
    )


def _warned(each: Warned, cases: Sequence[Case], places: Places) -> Placed[WarningFact]:
    case = next((case for case in cases if case.incident.id == each.incident), None)
    scopes = places.of_entities(case.incident.entities) if case else frozenset[Scope]()
    fact = WarningFact(each.id, each.title, each.proposed_colour, each.proposed, each.answered)
    return Placed(fact, scopes)


def _hosts_of(alert: Alert) -> Text | None:
    hosts = dict.fromkeys(each.value for each in alert.entities if each.kind in HOSTS)
    named = ", ".join([*hosts][:_NAMED])
    return literal(named, named) if named else None
