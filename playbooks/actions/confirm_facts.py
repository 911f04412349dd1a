"""Confirm what the incident claims before anybody is cut off: host, C2 and the events behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fengsui.text import Text
from playbooks.action import Effect, RefusedError, RehearsedOnly, Surroundings, Values

NAME: Final = "confirm_facts"


class ConfirmFacts(RehearsedOnly):
    """Refuses an incident without a host of ours, or whose alerts or events are not there."""

    name = NAME
    blocks = False

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def rehearse(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """Look everything up; reading is the same in a rehearsal and live."""
        hosts = self._around.our_hosts()
        if not hosts:
            raise RefusedError(Text("playbooks.refused.no_host", {}), code="no_host")
        alerts = self._around.alerts(self._around.incident.alerts)
        events = {event for alert in alerts for event in alert.events}
        if not events:
            raise RefusedError(Text("playbooks.refused.no_events", {}), code="no_events")
        c2 = self._around.entities("c2", internal=False, kinds=("host", "domain"))
        values: Values = {
            "host": hosts[0],
            "unit": self._around.owner(hosts[0]).unit or "-",
            "c2": ", ".join(entity.value for entity in c2[:5]) or "-",
            "alerts": len(alerts),
            "events": len(events),
        }
        return Effect(Text("playbooks.confirm_facts.effect", values))


def make(surroundings: Surroundings) -> ConfirmFacts:
    """The action for one incident."""
    return ConfirmFacts(surroundings)
