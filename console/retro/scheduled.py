"""Scheduled detections: correlations over what all workers have stored.

Of several workers each sees its share of the stream; what only all shares together complete is found
here. One hunt that never ends: each run goes on where the last one ended, with the windows that
correlations held then, up to a lateness before now. See docs/decisions/0014.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from console.retro.engines import SigmaEngine
from console.retro.hunting import after, counted
from console.retro.jobs import MOST_WINDOWS
from console.retro.late_alerts import join, untold
from console.retro.scheduled_report import PLACE, ROLE, Report
from console.rules.checking import with_named
from console.rules.desk import RuleDesk
from console.rules.loading import RuleSet
from detections.life import may_raise, raising, state_of
from detections.sigma.correlations.rule import LoadedCorrelation
from fengsui.alert import Alert
from fengsui.clock import MINUTE, SECOND, Clock
from fengsui.errors import BusyError, FengsuiError, InputError
from fengsui.hashes import sha256
from fengsui.loss import Losses
from fengsui.query.selecting import all_of
from fengsui.query.tree import Exists, Not, Query
from fengsui.settings import Settings
from fengsui.store.event_store import EventStore, TimeRange
from fengsui.store.salvage import RUN
from fengsui.store.state import State

ALL: Final = "all"
BY: Final = "fengsui"  # who runs them by the clock
_LOOK: Final = 500  # events between looks at the clock
_STEP: Final = 5.0  # seconds between places that are kept
_MOST_HITS: Final = 5_000  # until they are raised
OnProgress = Callable[["Report"], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Correlations that the settings ask for, and the names among them that cannot run, with why."""

    rules: tuple[LoadedCorrelation, ...]
    left_out: tuple[tuple[str, str], ...]


def chosen(settings: Settings, known: RuleSet) -> Chosen:
    """What the setting `detection.scheduled` names."""
    names = settings.detection.scheduled
    rules: dict[str, LoadedCorrelation] = {}
    left_out: list[tuple[str, str]] = []
    ready = raising(known.loaded, known.lives).correlations
    able = [one for one in ready if may_raise(one.status, known.lives.get(one.id))]
    for name in names:
        mine = [one for one in able if name in (ALL, one.id, one.name)]
        rules |= {one.id: one for one in mine}
        if mine or name == ALL:
            continue
        other = next((one for one in known.all if name in (one.id, one.name)), None)
        if other is None:
            why = "no rule has this id or name"
        elif not isinstance(other, LoadedCorrelation):
            why = "this is no correlation: each worker finds all that it can"
        else:
            why = f"it may not raise: {state_of(other.status, known.lives.get(other.id))}"
        left_out.append((name, why))
    return Chosen(tuple(rules.values()), tuple(left_out))


def engine_of(rules: Sequence[LoadedCorrelation], known: RuleSet, desk: RuleDesk) -> SigmaEngine:
    """What finds the hits of these correlations, with what they name."""
    able = replace(known, loaded=raising(known.loaded, known.lives))
    return SigmaEngine(with_named(rules, able), rules, desk.context)


def run(
    settings: Settings,
    events: EventStore,
    state: State,
    desk: RuleDesk,
    clock: Clock,
    *,
    by: str,
    since: int | None = None,
    on_progress: OnProgress = lambda _report: None,
) -> Report:
    """Run once, from where the last run ended, or from `since` (ns) once more.

    Whoever runs, and however often, raises the same alerts, each once.

    Raises:
        BusyError: another process is at it (code `running`).
        InputError: the settings choose no correlation (code `none_chosen`).
        FengsuiError: a store cannot be used; what was found until then is kept.
    """
    known = desk.library.current()
    rules = chosen(settings, known).rules
    if not rules:
        raise InputError(
            "No correlation is chosen for scheduled runs",
            where="detection.scheduled",
            next='Name ids of correlations there, or "all"; `fengsui rules scheduled` lists them',
            code="none_chosen",
        )
    lock = state.leader(ROLE)  # freed with the process, however it ends
    if not lock.leads():
        raise BusyError(
            "Scheduled detections are being run already",
            where="another process of this installation",
            next="Wait for it; `fengsui rules scheduled` shows how far it is",
            code="running",
        )
    try:
        engine = engine_of(rules, known, desk)
        one = _Run(settings, events, state, engine, rules, clock, on_progress)
        return one.done(by, since)
    finally:
        lock.resign()


class _Run:
    """One run; `place` is what the next one goes on from."""

    def __init__(
        self,
        settings: Settings,
        events: EventStore,
        state: State,
        engine: SigmaEngine,
        rules: Sequence[LoadedCorrelation],
        clock: Clock,
        on_progress: OnProgress,
    ) -> None:
        self._settings = settings
        self._events = events
        self._state = state
        self._engine = engine
        self._clock = clock
        self._on_progress = on_progress
        self._spans = {one.id: one.timespan for one in rules}
        self._query: Query = all_of([engine.query, Not(Exists(RUN))])  # a drill's are its own
        windows = sorted(engine.exported().get("correlations", ()))
        self._mark = sha256(repr((engine.query, windows)).encode())
        document = state.health().get(ROLE, (0, {}))[1]
        self._place: dict[str, Any] = dict(document.get(PLACE, {}))
        self._losses = Losses(document.get("losses", {}))
        self._hits: list[Alert] = []
        self._range: list[int] = []  # looked at to its end: since, until, events

    def done(self, by: str, since: int | None) -> Report:
        """See `run`."""
        chosen = self._settings.detection
        began, now = time.monotonic(), self._clock.now()
        until = (now - int(chosen.scheduled_lateness_seconds * SECOND)) // SECOND * SECOND
        at, before = self._begin(since, until)
        report = Report(by, now, at[0], until, rules=len(self._spans), looked_until=at[0])
        report.late_events = self._late() if since is None else 0
        self._losses.add("late_events", report.late_events)
        try:
            self._look(report, at, before, began)
        except FengsuiError as error:
            report.status, report.problem = "failed", error.as_json()
            self._losses.add("failed_runs")
            self._put(report)
            raise
        if by != BY or report.raised:
            told = {name: report.as_json()[name] for name in ("since", "until", "hits", "raised")}
            self._state.audit(by, "detections.scheduled", "", told)
        return report

    def _begin(self, since: int | None, until: int) -> tuple[tuple[int, str], tuple[int, str]]:
        """Time and id of the event that was looked at last, and from where the store is read."""
        place = self._place
        windows = None
        if since is not None:
            at = (since // SECOND * SECOND, "")
        elif place:
            at = (int(place["at"][0]), str(place["at"][1]))
            windows = place["windows"] if place["of"] == self._mark else None
        else:
            at = (until - int(self._settings.detection.scheduled_minutes * MINUTE), "")
        at = min(at, (until, ""))
        if windows is not None:
            self._engine.restore(windows)
            return at, at
        return at, (max(0, at[0] - max(self._spans.values())), "")

    def _late(self) -> int:
        """Events of the range that the last run looked at, and that were not there then."""
        known = self._place.get("range")
        if not known or self._place["of"] != self._mark:
            return 0
        since, until, seen = map(int, known)
        return max(0, counted(self._events, self._query, TimeRange(since, until), seen) - seen)

    def _look(
        self, report: Report, at: tuple[int, str], before: tuple[int, str], began: float
    ) -> None:
        kept, seen, whole = began, 0, not at[1]
        within = TimeRange(before[0], report.until)
        found = self._events.scroll(self._query, within) if before[0] < report.until else ()
        for number, event in enumerate(after(iter(found), before)):
            if number % _LOOK == 0 and number:
                now = time.monotonic()
                report.seconds = now - began
                if report.seconds > self._settings.detection.scheduled_run_seconds:
                    report.why_partial = "seconds"
                    self._losses.add("partial_runs")
                    break
                if now - kept > _STEP or len(self._hits) > _MOST_HITS:
                    self._keep(report, at)
                    kept = now
            self._hits += self._engine.alerts(event, report.began)
            report.events += 1
            place = (event.time, event.id)
            seen += place > at
            at = max(at, place)
        else:
            self._hits += self._engine.advance(report.until)
            at = (report.until, "")
            self._range = [report.since, report.until, seen] if whole else []
        report.seconds = time.monotonic() - began
        report.status = "done"
        self._keep(report, at)

    def _keep(self, report: Report, at: tuple[int, str]) -> None:
        """Raise what was found, and after that keep the place."""
        fresh = untold(self._state, self._hits, self._spans)
        if fresh:
            join(self._settings, self._events, self._state, fresh)
        report.hits += len(self._hits)
        report.raised += len(fresh)
        report.told += len(self._hits) - len(fresh)
        report.alerts = [*report.alerts, *(alert.id for alert in fresh)][:_LOOK]
        self._hits.clear()
        self._losses.merge(self._engine.taken_losses())
        windows: dict[str, Any] | None = self._engine.exported()
        if len(orjson.dumps(windows)) > MOST_WINDOWS:  # the next run reads one timespan again
            windows = None
            self._losses.add("windows_left_out")
        report.looked_until = at[0]
        self._place = {
            "at": list(at), "of": self._mark, "windows": windows, "range": self._range
        }  # fmt: skip
        self._put(report)

    def _put(self, report: Report) -> None:
        report.losses = self._losses.as_json()
        self._state.put_health(ROLE, self._clock.now(), {**report.as_json(), PLACE: self._place})
        self._on_progress(report)
