"""Alerts that are found in the store after the stream has passed: raised once, whoever finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from console.correlating import make_past_correlator
from console.restoring import HELD, known_since, past_of
from correlation.folding import is_flood
from fengsui.alert import Alert
from fengsui.clock import HOUR
from fengsui.settings import Settings
from fengsui.store.event_store import EventStore
from fengsui.store.state import State

_MOST: Final = 20_000  # alerts of one rule that a new one is compared with; the newest


def untold(state: State, alerts: Sequence[Alert], spans: Mapping[str, int]) -> list[Alert]:
    """Those that nobody has raised: no alert of the same rule and key stands within the rule's timespan.

    Args:
        state: where alerts are kept.
        alerts: of live telemetry.
        spans: timespan of each rule, ns: so long a correlation is silent about what it has told.
    """
    found: list[Alert] = []
    for rule in dict.fromkeys(alert.rule for alert in alerts):
        mine = [alert for alert in alerts if alert.rule == rule]
        first, last = min(one.first for one in mine), max(one.last for one in mine)
        since, until = max(1, first - HELD), last + spans[rule] + 1
        known = state.alerts(run="", rule=rule, since=since, until=until, limit=_MOST)
        found += [one for one in mine if not any(_same(one, other, spans[rule]) for other in known)]
    return found


def _same(alert: Alert, known: Alert, span: int) -> bool:
    # A flood stands for more keys than are kept apart, so for this one too.
    if alert.key != known.key and not is_flood(known):
        return False
    return known.first - span <= alert.last and alert.last <= known.last + span


def join(settings: Settings, events: EventStore, state: State, alerts: Sequence[Alert]) -> None:
    """Correlate alerts of live telemetry into the incidents that are kept, and keep both.

    The alerts are written last: they are the mark by which `untold` knows that it was done. Workers are
    told to go on from what stands now.
    """
    first, last = min(one.first for one in alerts), max(one.last for one in alerts)
    window = int(settings.correlation.window_hours * HOUR)
    correlator = make_past_correlator(settings, events, state, "", first, last + 1)
    correlator.known_since("", known_since(state, first))
    past = past_of(state, "", max(0, first - window), last + window)
    correlator.take_up("", past.alerts, last)
    correlator.decide("", state.decisions(""))
    changes = correlator.add(alerts, last)
    state.put_incidents(list(changes.incidents), changes.absorbed)
    state.put_alerts(list(changes.alerts), changes.folded)
    state.correlated_anew("")
