"""What the worker does for the situation: keep gauges, propose warnings, escalate the unanswered.

Only live telemetry has a history. Warnings are also proposed for replays and drills that have ended,
so that they can be exercised; they bear the run and are shown as such.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from console.situation.desk import Picture, ScopeGauges, SituationDesk
from console.situation.gathering import MOST_CASES, Gathered
from correlation.situation.warnings import Threatened, due_at, propose
from correlation.situation.weights import number
from fengsui.asset import Asset
from fengsui.clock import DAY, Clock
from fengsui.errors import FengsuiError
from fengsui.ids import digest_id
from fengsui.loss import Losses
from fengsui.store.event_store import EventStore
from fengsui.store.situation_states import GaugeStand
from fengsui.store.state import Case, CaseFilter, State
from fengsui.warning import Warned
from sensors.enrich.address_plan import AddressPlan

log = logging.getLogger(__name__)

EVERY: Final = 300.0  # seconds of wall time between readings
_ACTIVE: Final = ("new", "open", "waiting")
_WORKER: Final = "worker"


class SituationKeeper:
    """Called often by the worker's housekeeping; does something each five minutes, in bounded time."""

    def __init__(self, state: State, events: EventStore, clock: Clock) -> None:
        self._desk = SituationDesk(state, events, clock)
        self._state = state
        self._clock = clock
        self._kept = -EVERY
        self._proposed: set[str] = set()
        self.losses = Losses()

    def look(self) -> None:
        """Escalate what is due now; read the gauges when it is time; never fails the worker."""
        try:
            self._escalate()
            self._ended_runs()
            if time.monotonic() - self._kept >= EVERY:
                self._kept = time.monotonic()
                self.keep()
        except FengsuiError as error:
            log.exception("The situation was not kept", extra={"problem": error.as_json()})
            self.losses.add("situation.not_kept")

    def keep(self) -> Picture:
        """Read and keep the gauges of live telemetry, and propose warnings of it."""
        picture = self._desk.picture()
        rows = [
            row for scope in (picture.whole, *picture.scopes) for row in _stands(scope, picture)
        ]
        self._state.put_gauges(rows)
        self._propose("", picture.gathered)
        return picture

    def _ended_runs(self) -> None:
        for record in self._state.replays()[:20]:
            if record.finished and record.kind != "live" and record.id not in self._proposed:
                self._proposed.add(record.id)
                gathered, _ = self._desk.gathered(record.id)
                self._propose(record.id, gathered)

    def _propose(self, run: str, gathered: Gathered) -> None:
        now = self._clock.now()
        plan = AddressPlan(gathered.period.plan)
        period = gathered.period
        recent = period.now - int(number("threat.alert_window_days") * DAY)
        which = CaseFilter(
            statuses=_ACTIVE,
            run=period.scope,
            since=max(period.lasts.since, recent),
            until=period.lasts.until,
        )
        cases, _ = self._state.cases(which, limit=MOST_CASES)
        proposals = propose([_threatened(case, gathered, plan) for case in cases])
        made = [
            Warned(
                id=digest_id("warning", each.incident, each.colour),
                incident=each.incident,
                run=run,
                title=each.title,
                colour=each.colour,
                proposed_colour=each.colour,
                reasons=each.reasons,
                units=each.units,
                status="proposed",
                proposed=now,
                due=due_at(each.colour, now),
            )
            for each in proposals
        ]
        for new in self._state.put_warnings(made):
            self._state.audit(_WORKER, "warning.propose", new.id, {"colour": new.colour})

    def _escalate(self) -> None:
        for each in self._state.escalate_warnings(self._clock.now()):
            self._state.audit(_WORKER, "warning.escalate", each.id, {"colour": each.colour})


def _stands(scope: ScopeGauges, picture: Picture) -> list[GaugeStand]:
    kind, id_ = scope.scope
    wall = picture.period.wall
    return [
        GaugeStand(
            kind,
            id_,
            gauge.reading.gauge,
            gauge.reading.value,
            gauge.level.word if gauge.level else None,
            gauge.level.since if gauge.level else wall,
            wall,
        )
        for gauge in scope.gauges
    ]


def _threatened(case: Case, gathered: Gathered, plan: AddressPlan) -> Threatened:
    incident = case.incident
    ours = [each.value for each in incident.entities if each.internal]
    places = [plan.at(address) for address in ours]
    levels = {each.id: each.level for each in gathered.period.plan.systems}
    assets = [place.asset for place in places if place.asset]
    most = max(assets, key=lambda asset: (_importance(asset, levels), asset.id), default=None)
    units = {plan.unit_name(address) for address in ours} - {""}
    return Threatened(
        incident.id,
        incident.title,
        incident.severity,
        _importance(most, levels) if most else 1,
        (most.name or most.id) if most else "",
        tuple(sorted(units)),
        len(incident.stages),
    )


def _importance(asset: Asset, levels: dict[str, int]) -> int:
    return min(4, max(1, asset.criticality, levels.get(asset.system, 1)))
