"""A time range correlated anew, from the alerts that are kept: first what would change, then the change.

Our own alerts come from the state, other tools' from the event store with a week before the range, which
teaches what was usual. Analysts' decisions hold; what they did to incidents stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from console.correlating import (
    correlation_context,
    make_identities,
    make_past_correlator,
    plan_of_run,
)
from console.foreign import ForeignAlerts
from console.foreign_anew import changes_of, feed, stood
from console.restoring import past_of
from correlation.groups import Changes
from correlation.trust import Trust
from fengsui.clock import DAY, HOUR, to_iso
from fengsui.incident import Incident
from fengsui.settings import Settings
from fengsui.store.event_store import EventStore, TimeRange
from fengsui.store.state import CaseFilter, State

TAUGHT: Final = 7 * DAY  # of other tools' alerts before the range
_PAGE: Final = 500


@dataclass(slots=True)
class Recorrelated:
    """What correlating a range anew comes to.

    Attributes:
        before, after: incidents of the range by id.
        absorbed: incidents that are no more → those that they went into.
        withdrawn: ids of incidents that the alerts no longer make; `kept`: of those among them that
            stay, because somebody acted on them.
        changes: what is to be written.
        cut: whether the range holds more alerts than are correlated at once; the newest were.
    """

    since: int
    until: int
    before: dict[str, Incident] = field(default_factory=dict[str, Incident])
    after: dict[str, Incident] = field(default_factory=dict[str, Incident])
    absorbed: dict[str, str] = field(default_factory=dict[str, str])
    withdrawn: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])
    changes: list[Changes] = field(default_factory=list[Changes])
    alerts: int = 0
    cut: bool = False

    def as_json(self) -> dict[str, Any]:
        """The document of `fengsui incidents recorrelate --json`, but for `applied`."""
        new = [self.after[id_] for id_ in self.after if id_ not in self.before]
        changed = [
            (self.before[id_], one)
            for id_, one in self.after.items()
            if id_ in self.before and _differs(self.before[id_], one)
        ]
        return {
            "since": to_iso(self.since),
            "until": to_iso(self.until),
            "alerts": self.alerts,
            "cut": self.cut,
            "before": len(self.before),
            "after": len(self.after),
            "new": [_row(one) for one in new],
            "changed": [{**_row(now), "score_before": old.score} for old, now in changed],
            "gone": [
                {**_row(self.before[id_]), "into": into}
                for id_, into in {**self.absorbed, **dict.fromkeys(self.withdrawn, "")}.items()
            ],
            "kept": [_row(self.before[id_]) for id_ in self.kept],
            "same": len(self.after) - len(new) - len(changed),
        }


def recorrelate(
    settings: Settings, events: EventStore, state: State, run: str, within: TimeRange
) -> Recorrelated:
    """Correlate what the state holds of a run (`""`: live telemetry and replays) in a range of ns."""
    since, until = _bounds(state, run, within)
    result = Recorrelated(since, until)
    result.before = {one.id: one for one in _stored(state, run, since, until)}
    _own(result, settings, events, state, run)
    if not run:
        _foreign(result, events, state)
    return result


def apply(result: Recorrelated, state: State, by: str, run: str) -> None:
    """Write what came of it, with an entry in the audit."""
    for change in result.changes:
        if change.alerts or change.folded:
            state.put_alerts(list(change.alerts), change.folded)
        state.put_incidents(list(change.incidents), change.absorbed)
        state.withdraw(change.withdrawn, change.loose)
    state.correlated_anew(run)
    document = result.as_json()
    counts = {name: len(document[name]) for name in ("new", "changed", "gone")}
    told = {"since": document["since"], "until": document["until"], **counts}
    state.audit(by, "incidents.recorrelate", run or "live", told)


def _bounds(state: State, run: str, within: TimeRange) -> tuple[int, int]:
    """The range itself; where an end is open, that of what is kept."""
    kept = state.alerts(run=run, limit=1)
    newest = kept[0].last + 1 if kept else 1
    until = min(within.until, newest + HOUR)
    return max(0, within.since if within.since > 0 else until - TAUGHT), until


def _stored(state: State, run: str, since: int, until: int) -> list[Incident]:
    found: list[Incident] = []
    which = CaseFilter(run=run, since=since, until=until)
    while True:
        cases, total = state.cases(which, sort="first", limit=_PAGE, offset=len(found))
        found += [case.incident for case in cases]
        if not cases or len(found) >= total:
            return found


def _own(
    result: Recorrelated, settings: Settings, events: EventStore, state: State, run: str
) -> None:
    past = past_of(state, run, result.since, result.until)
    correlator = make_past_correlator(settings, events, state, run, result.since, result.until)
    before = {id_: one for id_, one in result.before.items() if one.origin == "own"}
    learning = [one.first for one in before.values() if one.learning]
    if learning:
        correlator.known_since(run, min(learning))
    correlator.take_up(run, past.alerts, result.until)
    correlator.decide(run, state.decisions(run))
    held = {id_: state.alert_ids(id_) for id_ in before}
    alerts = {alert for ids in held.values() for alert in ids}
    now = {one.id: one for one in correlator.incidents_of(run, alerts)}
    now |= {one.id: one for one in correlator.incidents()}
    home = {alert: one.id for one in now.values() for alert in one.alerts}
    absorbed = {
        id_: next(home[alert] for alert in ids if alert in home)
        for id_, ids in held.items()
        if id_ not in now and any(alert in home for alert in ids)
    }
    result.alerts += len(past.alerts)
    result.cut |= past.cut
    _note(result, Changes(incidents=tuple(now.values()), absorbed=absorbed))


def _foreign(result: Recorrelated, events: EventStore, state: State) -> None:
    plan = plan_of_run(state, "")
    context = correlation_context(plan, Trust(), make_identities(plan))
    engine = ForeignAlerts("", context, state)
    engine.decide(state.decisions(""))
    before = stood(state, "", TimeRange(result.since, result.until))
    result.alerts += feed(engine, events, TimeRange(max(0, result.since - TAUGHT), result.until))
    engine.finish()
    changes = changes_of(engine, before, state, result.since)
    touched = {case.incident.id for case in before.cases if case.history}
    result.kept = [id_ for id_ in changes.withdrawn if id_ in touched]
    result.withdrawn = [id_ for id_ in changes.withdrawn if id_ not in touched]
    _note(result, changes)


def _note(result: Recorrelated, changes: Changes) -> None:
    result.after |= {one.id: one for one in changes.incidents}
    result.absorbed |= changes.absorbed
    result.changes.append(changes)


def _differs(old: Incident, new: Incident) -> bool:
    return (old.score, old.severity, old.title, old.first, old.last) != (
        new.score,
        new.severity,
        new.title,
        new.first,
        new.last,
    )


def _row(one: Incident) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "title": one.title.as_json(),
        "origin": one.origin,
        "severity": one.severity.word,
        "score": one.score,
        "first": to_iso(one.first),
        "last": to_iso(one.last),
    }
