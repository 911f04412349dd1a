"""What a correlator and detectors must hold again of the past, after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from correlation.correlator import Correlator
from correlation.identities import Identities
from detections.detections import Detections
from fengsui.alert import Alert
from fengsui.clock import DAY
from fengsui.query.lucene import parse_lucene
from fengsui.query.tree import Exists, Not, Term
from fengsui.store.event_store import EventStore, TimeRange
from fengsui.store.moving import batched
from fengsui.store.salvage import RUN
from fengsui.store.state import CaseFilter, State

HELD: Final = 7 * DAY  # of past alerts for a stream that goes on
MOST: Final = 20_000  # alerts; the newest
SEEN_AGAIN: Final = 50_000  # events; some seconds of a worker's time
_AT_ONCE: Final = 500
_CASES: Final = 5_000
_TEACHING: Final = parse_lucene("event.dataset:(dhcp OR kerberos OR ntlm OR ssh)")


@dataclass(frozen=True, slots=True)
class Past:
    """Alerts of a run, oldest first; `cut` where there were more than could be held."""

    alerts: list[Alert]
    cut: bool


def past_of(state: State, run: str, since: int, until: int = 2**63 - 1) -> Past:
    """Our own alerts of a time range (ns), with all those of incidents that reach into it."""
    found = state.alerts(run=run, since=since, until=until, limit=MOST + 1)
    cut = len(found) > MOST
    alerts = {alert.id: alert for alert in found[:MOST]}
    which = CaseFilter(run=run, since=since, until=until, origin="own")
    cases, _ = state.cases(which, sort="-last", limit=_CASES)
    missing = {
        alert
        for case in cases
        for alert in state.alert_ids(case.incident.id)
        if alert not in alerts
    }
    for alert in state.alerts(sorted(missing)) if missing else ():
        alerts[alert.id] = alert
    own = (alert for alert in alerts.values() if alert.kind != "foreign")
    return Past(sorted(own, key=lambda alert: (alert.first, alert.id)), cut)


def known_since(state: State, first: int) -> int:
    """Since when live telemetry of the site is known (ns), where it begins at `first` at the latest."""
    return min([first, *(source.first for source in state.sources() if source.first)])


def learn_past(identities: Identities, events: EventStore, since: int, until: int) -> None:
    """Let leases and log-ons of a time range (ns), and of the day before it, be known."""
    for event in events.scroll(_TEACHING, TimeRange(max(0, since - DAY), until)):
        identities.see(event)


def look_back(
    detections: Detections, events: EventStore, run: str, first: int, *, correlations: bool
) -> None:
    """Let detectors see what came before `first` (ns) once more, so that their windows go on.

    At most a day, and so much less of it that the events are few enough for a start. `run` is a drill's;
    empty for what bears none. Sigma's `correlations` see it too unless their windows were kept.
    """
    query = Term(RUN, run) if run else Not(Exists(RUN))
    span = DAY
    while events.count(query, TimeRange(max(0, first - span), first)) > SEEN_AGAIN:
        span //= 2
    past = events.scroll(query, TimeRange(max(0, first - span), first))
    for batch in batched(past, _AT_ONCE):
        detections.look_back(batch, correlations=correlations)


def restore(correlator: Correlator, state: State, run: str, now: int) -> int:
    """Let a correlator go on where the last one ended, from the state alone; how many alerts it holds.

    What it makes of them stands in the state already, so its changes are not told again.
    """
    past = past_of(state, run, now - HELD)
    if past.cut:
        correlator.losses.add("correlation.past_cut")
    correlator.take_up(run, past.alerts, now)
    correlator.decide(run, state.decisions(run))
    return len(past.alerts)
