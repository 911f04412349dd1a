"""Incidents that the real correlation made, to be merged and split."""

from __future__ import annotations

from console.api.parts import ApiParts
from console.correlating import make_past_correlator
from fengsui.alert import Alert, Entity
from fengsui.clock import SECOND
from fengsui.incident import Incident
from fengsui.severity import Severity
from fengsui.store.sql.state import SqlState
from tests.fengsui.store.sql.samples import make_alert

T = 1_790_000_000 * SECOND


def host_alert(rule: str, host: str, at: int, severity: int = 3) -> Alert:
    entities = (Entity("host", host, "source", internal=True),)
    return make_alert(
        rule, rule=rule, key=host, entities=entities, severity=Severity(severity), first=at, last=at
    )


def two_incidents(state: SqlState, parts: ApiParts) -> list[Incident]:
    """Two incidents, on two hosts, of two alerts each, the older first."""
    alerts = [host_alert(f"r{n}", f"10.1.1.{5 + n // 2}", T + n * 60 * SECOND) for n in range(4)]
    alerts.append(host_alert("weak", "10.1.1.9", T, severity=1))
    state.put_alerts(alerts)
    correlator = make_past_correlator(parts.settings.settings, parts.events, state, "", T, T)
    found = [*correlator.add(alerts, T).incidents]
    state.put_incidents(found, {})
    return sorted(found, key=lambda one: one.first)
