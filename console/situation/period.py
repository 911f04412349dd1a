"""Which telemetry the situation is of, and when is now: live by the wall clock, a run by its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from console.drilling import drill_plan
from console.inventory import joined
from correlation.situation.weights import number
from fengsui.clock import HOUR, from_iso
from fengsui.errors import NotFoundError
from fengsui.query.tree import All, Exists, Not, Query, Term
from fengsui.store.event_store import ALWAYS, TimeRange
from fengsui.store.state import Plan, Replay, State

RUN_FIELD: Final = "fengsui.run"


@dataclass(frozen=True, slots=True)
class Period:
    """A scope in time.

    Attributes:
        run: "" for live telemetry.
        kind: `live`, `replay` or `drill`; `name`: of the run, for people.
        now: the clock of the events; `wall`: that of the people, ns.
        window: the time in which what is expected must have been seen.
        first: the oldest telemetry of it, 0 where there is none.
        ended: when the run was finished by the people's clock, 0 for live.
    """

    run: str
    kind: str
    name: str
    now: int
    wall: int
    window: TimeRange
    plan: Plan
    first: int = 0
    ended: int = 0

    @property
    def scope(self) -> str:
        """The run that alerts and traffic bear: only a drill's are kept apart from live ones."""
        return self.run if self.kind == "drill" else ""

    @property
    def lasts(self) -> TimeRange:
        """All of its time: a replay is told from live telemetry by nothing else."""
        return TimeRange(self.first, self.now + 1) if self.kind == "replay" else ALWAYS

    @property
    def events(self) -> Query:
        """Events of this scope: only drills are marked in each of their events."""
        if self.kind == "drill":
            return Term(RUN_FIELD, self.run)
        return Not(Exists(RUN_FIELD))

    def having(self, *clauses: Query) -> Query:
        """Events of this scope that meet all clauses."""
        return All((self.events, *clauses))


def period_of(state: State, run: str, wall: int) -> Period:
    """The period of live telemetry (`run` empty), or of a run until its last event.

    Raises:
        NotFoundError: there is no such run.
    """
    length = int(number("visibility.window_hours") * HOUR)
    if not run:
        within = TimeRange(wall - length, wall + 1)
        first = min((each.first for each in state.sources()), default=0)
        return Period("", "live", "", wall, wall, within, state.plan(), first)
    record = state.replay(run)
    if record is None:
        raise NotFoundError("There is no such run", where=run, next="See GET /api/replays")
    now = _last(record, state) or record.finished or record.started
    plan = state.plan()
    if record.kind == "drill":
        plan = joined(plan, drill_plan(record.summary))
    first = min(_times(record, "first"), default=0)
    within = TimeRange(max(first, now - length), now + 1)
    ended = record.finished or record.started
    return Period(run, record.kind, record.name, now, wall, within, plan, first, ended)


def _inputs(record: Replay) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", record.summary.get("inputs", ()))


def _times(record: Replay, name: str) -> list[int]:
    texts = [str(each.get(name) or "") for each in _inputs(record)]
    return [from_iso(text) for text in texts if text]


def _last(record: Replay, state: State) -> int:
    """The newest event of a run; where its report does not tell, its newest alert."""
    alerts = state.alerts(run=record.id, limit=1) if record.kind == "drill" else []
    return max([*_times(record, "last"), *(each.last for each in alerts)], default=0)
