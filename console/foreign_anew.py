"""Other tools' alerts judged anew from the event store, in order of their time, and what that changes.

Alerts that come hours late, or a file of them in no order, cannot be judged when they come: what was
usual before them is not known any more. They are in the store, so the last days are judged again.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Final

from console.foreign import AGAIN, ALERTS, ForeignAlerts, is_foreign
from correlation.groups import Changes
from fengsui.clock import HOUR
from fengsui.incident import Decision
from fengsui.store.event_store import EventStore, TimeRange
from fengsui.store.state import Case, CaseFilter, State

_PAGE: Final = 500


def judged_anew(engine: ForeignAlerts, events: EventStore, state: State, now: int) -> Changes:
    """Judge the last week before `now` (ns) again, for a live engine that goes on after it."""
    within = TimeRange(max(0, now - AGAIN), now + 1)
    before = stood(state, engine.run, within)
    engine.begin_anew()
    feed(engine, events, within)
    engine.advance(now)
    return changes_of(engine, before, state, within.since)


@dataclass(frozen=True, slots=True)
class Before:
    """Foreign incidents of a time range as they stand in the state, with the ids of their alerts."""

    cases: tuple[Case, ...]
    alerts: dict[str, list[str]]


def stood(state: State, run: str, within: TimeRange) -> Before:
    """What stands now and begins and ends in a range (ns)."""
    found: list[Case] = []
    which = CaseFilter(run=run, since=within.since, until=within.until, origin="foreign")
    while True:
        cases, total = state.cases(which, sort="first", limit=_PAGE, offset=len(found))
        found += cases
        if not cases or len(found) >= total:
            break
    mine = tuple(case for case in found if case.incident.first >= within.since)
    return Before(mine, {case.incident.id: state.alert_ids(case.incident.id) for case in mine})


def feed(engine: ForeignAlerts, events: EventStore, within: TimeRange) -> int:
    """Let an engine see the stored alerts of a range (ns); how many there were."""
    last = count = 0
    for event in events.scroll(ALERTS, within):
        if is_foreign(event):
            engine.take(event)
            count += 1
            if event.time - last > HOUR:
                last = event.time
                engine.advance(last)
    return count


def changes_of(engine: ForeignAlerts, before: Before, state: State, since: int) -> Changes:
    """What is to be written after an engine saw everything: of incidents that end at `since` (ns) or later.

    An incident that is no more leads to the one that holds its alerts now; one without such is
    withdrawn. An alert is told anew where its first event is another one: decisions that name it
    hold for what has its events.
    """
    old = {id_: alerts for id_, alerts in before.alerts.items() if alerts}
    moved = _moved(engine, {a for alerts in old.values() for a in alerts}, state)
    decisions = state.decisions(engine.run)
    if any(not moved.keys().isdisjoint((*one.together, *one.apart)) for one in decisions):
        engine.decide([_renamed(one, moved) for one in decisions])
    told = [one for one in engine.incidents() if one.last >= since]
    alerts = {alert.id: alert for alert in engine.alerts()}
    home = {alert: one.id for one in told for alert in one.alerts}
    ids = {one.id for one in told}
    absorbed: dict[str, str] = {}
    withdrawn: list[str] = []
    for case in before.cases:
        gone = case.incident.id
        now = [moved.get(alert, alert) for alert in old.get(gone, ())]
        heir = next((home[alert] for alert in now if alert in home), "")
        if gone not in ids and heir:
            absorbed[gone] = heir
        elif gone not in ids:
            withdrawn.append(gone)
    kept = tuple(alerts[each] for each in home if each in alerts)
    folded = {alert: now for alert, now in moved.items() if now in home}
    loose = {a for mine in old.values() for a in mine} - home.keys() - folded.keys()
    return Changes(kept, tuple(told), absorbed, folded, tuple(withdrawn), tuple(sorted(loose)))


def _moved(engine: ForeignAlerts, before: Set[str], state: State) -> dict[str, str]:
    """Alerts that are no more → those of the same rule that hold one of their events."""
    now = engine.alerts()
    holds = {(alert.rule, ref): alert.id for alert in now for ref in alert.events}
    stale = sorted(before - {alert.id for alert in now})
    found: dict[str, str] = {}
    for alert in state.alerts(stale) if stale else ():
        heir = next((holds[key] for ref in alert.events if (key := (alert.rule, ref)) in holds), "")
        found |= {alert.id: heir} if heir else {}
    return found


def _renamed(decision: Decision, moved: Mapping[str, str]) -> Decision:
    together, apart = (
        tuple(dict.fromkeys(moved.get(alert, alert) for alert in side))
        for side in (decision.together, decision.apart)
    )
    return replace(decision, together=together, apart=apart)
