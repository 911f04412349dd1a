"""Keep what proves the incident: its events by query, its alerts, and a hash over their ids."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from fengsui.clock import MINUTE, to_iso
from fengsui.text import Text
from playbooks.action import Effect, RefusedError, RehearsedOnly, Surroundings, Values

NAME: Final = "collect_evidence"
MARGIN: Final = 10 * MINUTE  # before the first alert and after the last


class CollectEvidence(RehearsedOnly):
    """Counts what would be kept; the query and the hash are the ones that a package would carry."""

    name = NAME
    blocks = False

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def rehearse(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """What the evidence package would hold."""
        incident = self._around.incident
        hosts = self._around.our_hosts()
        if not hosts:
            raise RefusedError(Text("playbooks.refused.no_host", {}), code="no_host")
        since, until = incident.first - MARGIN, incident.last + MARGIN
        query = evidence_query(hosts)
        alerts = self._around.alerts(incident.alerts)
        ids = sorted({event for alert in alerts for event in alert.events})
        values: Values = {
            "query": query,
            "since": to_iso(since),
            "until": to_iso(until),
            "events": self._around.count(query, since, until),
            "alerts": len(alerts),
            "hash": hashlib.sha256("\n".join(ids).encode()).hexdigest(),
        }
        return Effect(Text("playbooks.collect_evidence.effect", values))


def evidence_query(hosts: list[str]) -> str:
    """Lucene text for all events of up to 20 hosts."""
    values = " OR ".join(f'"{host}"' for host in hosts[:20])
    return f"source.ip:({values}) OR destination.ip:({values})"


def make(surroundings: Surroundings) -> CollectEvidence:
    """The action for one incident."""
    return CollectEvidence(surroundings)
