"""Remote execution: one host of ours administers another that is no server.

Two shapes. RPC's endpoint mapper or SMB and, within minutes, a dynamic port of the same host: DCOM,
WMI, service control. Or several different administration services (SMB and WinRM, …) of hosts that
are no servers, within an hour: more than a person needs who only fetches a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._admin_edges import HOSTS, SERVER_CLIENTS, AdminEdges
from detections.anomalies._bounded import Bounded, Recent
from detections.anomalies._glance import glance
from detections.anomalies._outcome import succeeded
from detections.anomalies._sides import ADMIN_SERVICES, Sides
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import DAY, HOUR, MINUTE
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "remote_execution",
    Severity.MEDIUM,
    ("T1021.003", "T1047", "T1569.002"),
    logsource="network_connection",
    maturity="experimental",
)
SERVICES: Final = 2  # administration services beyond the first of each host, together
DYNAMIC: Final = 49_152  # first port that Windows gives to RPC servers (IANA dynamic range)
TOGETHER: Final = 2 * MINUTE


@dataclass(slots=True)
class _Source:
    mapped: Recent[str] = field(default_factory=lambda: Recent(TOGETHER, 64))
    dynamic: Recent[str] = field(default_factory=lambda: Recent(TOGETHER, 64))
    services: Recent[tuple[str, str]] = field(default_factory=lambda: Recent(HOUR, 128))
    told: Recent[str] = field(default_factory=lambda: Recent(DAY, 64))
    evidence: Evidence = field(default_factory=Evidence)


class RemoteExecution:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._edges = AdminEdges(self.losses, "remote_execution")
        self._sources: Bounded[str, _Source] = Bounded(
            HOSTS, _Source, self.losses, "remote_execution.sources"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Put the services of one pair together; flows arrive in the order of their ends."""
        seen = glance(event)
        source, target, port = seen.source, seen.target, seen.port
        if source == target or not self._sides.inside(source, target) or not succeeded(event):
            return
        self._edges.serves(target, port)
        service = ADMIN_SERVICES.get(port, "")
        new = bool(service) and self._edges.learn(source, target, service)
        if (not service and port < DYNAMIC) or self._edges.is_server(target):
            return
        state = self._sources.take(source)
        if service in {"rpc", "smb"}:
            state.mapped.add(target, seen.time)
        elif not service:
            state.dynamic.add(target, seen.time)
        if new:
            state.services.add((target, service), seen.time)
        if new or not service:
            state.evidence.add(event, seen.time)
        mapped, dynamic = state.mapped.when(target), state.dynamic.when(target)
        if mapped is not None and dynamic is not None and abs(mapped - dynamic) <= TOGETHER:
            yield from self._tell(state, source, [target], now, "reason")
        elif new:
            yield from self._several(state, source, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _several(self, state: _Source, source: str, now: int) -> Iterator[Alert]:
        by_host: dict[str, set[str]] = {}
        for target, service in state.services:
            if not self._edges.is_server(target):
                by_host.setdefault(target, set()).add(service)
        beyond = sum(len(services) - 1 for services in by_host.values())
        if beyond >= SERVICES:
            targets = sorted(target for target, services in by_host.items() if len(services) > 1)
            used = sorted({service for target in targets for service in by_host[target]})
            yield from self._tell(state, source, targets, now, "services", used)

    def _tell(
        self,
        state: _Source,
        source: str,
        targets: list[str],
        now: int,
        variant: str,
        used: list[str] | None = None,
    ) -> Iterator[Alert]:
        last = state.evidence.last
        fresh = [target for target in targets if state.told.add(target, last)]
        if not fresh:
            return
        clients = max(self._edges.clients(target) for target in targets)
        facts = [Fact("service_clients", clients, SERVER_CLIENTS), Fact("targets", len(targets), 0)]
        if used:
            facts.append(Fact("admin_services", ", ".join(used)))
        yield tell(
            RULE,
            source,
            state.evidence,
            now,
            entities=(
                host(source, "attacker", internal=True),
                *(host(target, "victim", internal=True) for target in targets[:20]),
            ),
            facts=tuple(facts),
            fidelity=0.4,
            values={"source": source, "target": targets[0]},
            variant=variant,
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return RemoteExecution(context)
