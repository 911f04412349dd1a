"""Merge, split and undo by an analyst: the decision is kept, and the incidents it touches made anew.

Nothing here needs a running worker: alerts are read from the state, correlated under all decisions
that stand, and what becomes of the touched incidents is written. A worker that runs learns of the
decision from the state and comes to the same, for the same alerts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from console.restoring import past_of
from correlation.correlator import Correlator
from correlation.entities import CorrelationContext
from correlation.foreign import build_foreign, grouped
from correlation.joins import hanging_on
from fengsui.clock import Clock
from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.ids import random_id
from fengsui.incident import Decision, DecisionKind, Incident
from fengsui.store.state import Act, Case, State

MOST: Final = 10_000  # alerts that one decision may name


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as somebody saw it."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Parted:
    """What a split made: the incident that stays, and the one beside it."""

    kept: Case
    apart: Case


class Regrouping:
    """Decisions of analysts over one state.

    Args:
        state: where everything is kept.
        clock: stamps what is done.
        correlator: a fresh one for a run and a time range (ns), which knows its address plan, who had
            which address then, and what people said of rules.
        context: the address plan of a run.
        window: ns within which alerts may be joined by time.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        correlator: Callable[[str, int, int], Correlator],
        context: Callable[[str], CorrelationContext],
        window: int,
    ) -> None:
        self._state = state
        self._clock = clock
        self._correlator = correlator
        self._context = context
        self._window = window

    def merge(self, seen: Sequence[Seen], by: str, reason: str) -> Case:
        """Make several incidents one; it keeps the name of the oldest.

        Raises:
            InputError: fewer than two, or they cannot be one (codes `too_few`, `not_alike`, …).
            NotFoundError, BusyError: as `State.act`.
        """
        cases = list({case.incident.id: case for case in map(self._found, seen)}.values())
        if len(cases) < 2:
            raise InputError("A merge needs two incidents", next="Choose one more", code="too_few")
        if len({(case.incident.run, case.incident.origin) for case in cases}) > 1:
            raise InputError(
                "Incidents of different runs, or of our rules and of other tools, are not merged",
                next="Note in each what the other shows; they are weighed on different scales",
                code="not_alike",
            )
        alerts = [a for case in cases for a in self._state.alert_ids(case.incident.id)]
        decision = self._decision("merge", cases[0], by, reason, alerts)
        made = self._applied(decision, [case.incident for case in cases])
        stays = self._holding(made, alerts[0])
        values = {
            "decision": decision.id,
            "reason": reason,
            "merged": [case.incident.id for case in cases if case.incident.id != stays],
        }
        return self._act(stays, "merge", by, values)

    def split(self, seen: Seen, alerts: Collection[str], by: str, reason: str) -> Parted:
        """Put some alerts of an incident into one of their own.

        Raises:
            InputError: they are not some of its alerts, or all of them (code `bad_alerts`).
            NotFoundError, BusyError: as `State.act`.
        """
        case = self._found(seen)
        ours = self._state.alert_ids(case.incident.id)
        apart = [alert for alert in ours if alert in set(alerts)]
        kept = [alert for alert in ours if alert not in set(alerts)]
        if len(apart) != len(set(alerts)) or not apart or not kept:
            raise InputError(
                "A split takes some alerts of the incident, and leaves some",
                where=case.incident.id,
                next="Choose among its alerts",
                code="bad_alerts",
            )
        decision = self._decision("split", case, by, reason, apart, kept)
        made = self._applied(decision, [case.incident])
        values = {"decision": decision.id, "reason": reason, "alerts": len(apart)}
        stays, goes = self._holding(made, kept[0]), self._holding(made, apart[0])
        return Parted(
            self._act(stays, "split", by, {**values, "apart": goes}),
            self._act(goes, "split", by, {**values, "from": stays}),
        )

    def unjoin(self, seen: Seen, alert: str, by: str, reason: str) -> Parted:
        """Undo the join of an alert: it, and what stands in the incident only through it, goes apart.

        Raises:
            InputError: it is the incident's first alert, or none of it (code `bad_alerts`).
            NotFoundError, BusyError: as `State.act`.
        """
        case = self._found(seen)
        ours = self._state.alert_ids(case.incident.id)
        links = self._links(case.incident, ours)
        gone = hanging_on(alert, ours[0], links) & set(ours) if alert in ours else set[str]()
        return self.split(seen, gone, by, reason)

    def undo(self, case: Case, decision: str, by: str) -> None:
        """Take a decision back; correlation alone says again what belongs together."""
        known = self._state.decision(decision)
        if known is None or not known.stands:
            return
        taken = replace(known, undone_by=by, undone_at=self._clock.now())
        named = self._state.decisions(known.run)
        now = next(one for one in named if one.id == decision)
        touched = self._state.cases_with([*now.together, *now.apart])
        incidents = {c.incident.id: c.incident for c in (*touched, case)}
        self._applied(taken, list(incidents.values()))

    def _found(self, seen: Seen) -> Case:
        case = self._state.case(seen.id)
        if case is None:
            raise NotFoundError(
                "There is no such incident", where=seen.id, next="Go back to the queue"
            )
        if case.version != seen.version:
            raise BusyError(
                "Somebody else acted on this incident meanwhile",
                where=seen.id,
                next="Look at what they did, then decide again",
                code="version_conflict",
            )
        if case.status == "closed":
            raise InputError(
                "The incident is closed", where=seen.id, next="Reopen it first", code="case_closed"
            )
        return case

    def _decision(
        self,
        kind: DecisionKind,
        case: Case,
        by: str,
        reason: str,
        together: Sequence[str],
        apart: Sequence[str] = (),
    ) -> Decision:
        if len(together) + len(apart) > MOST:
            raise InputError(
                f"These incidents have more than {MOST:,} alerts together",
                next="Split off what does not belong there first",
                code="too_many_alerts",
            )
        now = self._clock.now()
        return Decision(
            random_id(), kind, case.incident.run, by, now, reason, tuple(together), tuple(apart)
        )

    def _applied(self, decision: Decision, touched: Sequence[Incident]) -> list[Incident]:
        """Keep a decision and write what becomes of the incidents that it touches."""
        alerts = [a for one in touched for a in self._state.alert_ids(one.id)]
        self._state.put_decision(decision)
        decisions = self._state.decisions(decision.run)
        foreign = any(one.origin == "foreign" for one in touched)
        remade = self._foreign if foreign else self._own
        made = remade(decision.run, touched, alerts, decisions)
        here = {one.id for one in made}
        absorbed = {
            one.id: self._holding(made, self._state.alert_ids(one.id)[0])
            for one in touched
            if one.id not in here
        }
        self._state.put_incidents(made, absorbed)
        return made

    def _own(
        self,
        run: str,
        touched: Sequence[Incident],
        alerts: Sequence[str],
        decisions: Sequence[Decision],
    ) -> list[Incident]:
        return self._correlated(run, touched, decisions).incidents_of(run, alerts)

    def _correlated(
        self, run: str, touched: Sequence[Incident], decisions: Sequence[Decision]
    ) -> Correlator:
        since = min(one.first for one in touched) - self._window
        until = max(one.last for one in touched) + self._window
        correlator = self._correlator(run, since, until)
        learning = [one.first for one in touched if one.learning]
        if learning:
            correlator.known_since(run, min(learning))
        correlator.take_up(run, past_of(self._state, run, since, until).alerts, until)
        correlator.decide(run, decisions)
        return correlator

    def _foreign(
        self,
        run: str,
        touched: Sequence[Incident],
        alerts: Sequence[str],
        decisions: Sequence[Decision],
    ) -> list[Incident]:
        learning = any(one.learning for one in touched)
        context = self._context(run)
        return [
            build_foreign(run, members, links, context, learning=learning)
            for members, links in grouped(self._state.alerts(list(alerts)), decisions)
        ]

    def _links(self, incident: Incident, alerts: Sequence[str]) -> Sequence[Any]:
        decisions = self._state.decisions(incident.run)
        if incident.origin == "foreign":
            groups = grouped(self._state.alerts(list(alerts)), decisions)
            return [link for _, links in groups for link in links]
        return self._correlated(incident.run, [incident], decisions).links_of(incident.id)

    def _holding(self, made: Sequence[Incident], alert: str) -> str:
        return next(one.id for one in made if alert in one.alerts)

    def _act(self, incident: str, kind: DecisionKind, by: str, values: dict[str, Any]) -> Case:
        case = self._state.case(incident)
        assert case is not None
        return self._state.act(
            case.incident.id, Act(kind, by, self._clock.now(), values), case.version
        )
