"""Lateral movement: a host of ours opens administration services of other hosts of ours.

Two shapes. Fan-out: within an hour one source works with SMB, RPC, WinRM, RDP, SSH or VNC of several
hosts that are no servers, over edges not seen before. Remote execution: RPC's endpoint mapper or SMB
and then a dynamic port of the same host within a minute (DCOM, WMI, service control), again of a
host that is no server.

The baseline is learned from the run itself: edges seen before are usual, a host with several
clients of its services is a server. During the first hour nothing is known: twice the fan-out is
asked for, and the alert says that it is still learning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Recent
from detections.anomalies._glance import glance
from detections.anomalies._outcome import succeeded
from detections.anomalies._sides import ADMIN_SERVICES, DOMAIN_SERVICES, Sides
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import DAY, HOUR, MINUTE
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

FAN_OUT: Final = rule(
    "lateral", Severity.HIGH, ("T1021", "T1021.002", "T1021.003"), logsource="network_connection"
)
EXECUTION: Final = rule(
    "remote_execution",
    Severity.MEDIUM,
    ("T1021.003", "T1047", "T1569.002"),
    logsource="network_connection",
    maturity="experimental",
)
HOSTS: Final = 8_192
EDGES: Final = 65_536
NEW_TARGETS: Final = 3  # hosts with a new edge within an hour
NEW_TARGETS_LEARNING: Final = 6
LEARNING: Final = HOUR
SERVER_CLIENTS: Final = 5  # distinct clients of its services make a host a server
DIRECTORY: Final = DOMAIN_SERVICES - {135}  # a domain controller serves these
SERVICES: Final = 3  # different administration services of one host within an hour
DYNAMIC: Final = 49_152  # first port that Windows gives to RPC servers (IANA dynamic range)


@dataclass(slots=True)
class _Source:
    fresh: Recent[str] = field(default_factory=lambda: Recent(HOUR, 128))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder | None = None
    services: Recent[tuple[str, str]] = field(default_factory=lambda: Recent(HOUR, 128))
    mapped: Recent[str] = field(default_factory=lambda: Recent(MINUTE, 64))
    executed: Recent[str] = field(default_factory=lambda: Recent(DAY, 64))
    execution: Evidence = field(default_factory=Evidence)


class Lateral:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (FAN_OUT, EXECUTION)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._sources: Bounded[str, _Source] = Bounded(
            HOSTS, _Source, self.losses, "lateral.sources"
        )
        self._clients: Bounded[str, set[str]] = Bounded(HOSTS, set, self.losses, "lateral.servers")
        self._directories: Bounded[str, list[None]] = Bounded(
            1_024, list, self.losses, "lateral.directories"
        )
        self._edges: Bounded[tuple[str, str, str], list[None]] = Bounded(
            EDGES, list, self.losses, "lateral.edges"
        )
        self._began = 0

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Learn the edge; weigh it when it is new."""
        self._began = self._began or glance(event).time
        seen = glance(event)
        source, target = seen.source, seen.target
        if source == target or not self._sides.inside(source, target) or not succeeded(event):
            return
        port = seen.port
        if port in DIRECTORY:
            self._directories.take(target)
            return
        service = ADMIN_SERVICES.get(port, "")
        if service:
            clients = self._clients.take(target)
            if len(clients) < SERVER_CLIENTS:
                clients.add(source)
            yield from self._edge(event, source, target, service, now)
        elif port >= DYNAMIC:
            yield from self._executed(event, source, target, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _is_server(self, target: str) -> bool:
        return (
            target in self._directories or len(self._clients.find(target) or ()) >= SERVER_CLIENTS
        )

    def _edge(
        self, event: Event, source: str, target: str, service: str, now: int
    ) -> Iterator[Alert]:
        time = glance(event).time
        state = self._sources.take(source)
        if service in {"rpc", "smb"}:
            state.mapped.add(target, time)
        if (source, target, service) in self._edges:
            return
        self._edges.take((source, target, service))
        if self._is_server(target):
            return
        state.services.add((target, service), time)
        used = sorted(name for address, name in state.services if address == target)
        if len(used) >= SERVICES and state.executed.add(target, time):
            state.execution.add(event, time)
            facts = (Fact("admin_services", len(used), SERVICES),)
            values = {"services": ", ".join(used)}
            yield self._execution(state, source, target, now, facts, values, "services")
        state.fresh.add(target, time)
        state.evidence.add(event, time)
        learning = time - self._began < LEARNING
        least = NEW_TARGETS_LEARNING if learning else NEW_TARGETS
        if state.ladder is None or (not state.ladder.climbed and state.ladder.start != least):
            state.ladder = Ladder(least, 3.0)
        targets = sorted(one for one in state.fresh if not self._is_server(one))
        if not state.ladder.reached(len(targets)):
            return
        yield tell(
            FAN_OUT,
            source,
            state.evidence,
            now,
            entities=(
                host(source, "attacker", internal=True),
                *(host(one, "target", internal=True) for one in targets[:20]),
            ),
            facts=(Fact("new_admin_targets", len(targets), least, "/h"),),
            fidelity=0.5 if learning else 0.7,
            severity=Severity.MEDIUM if learning else Severity.HIGH,
            values={"source": source, "service": service},
            variant="reason_learning" if learning else "reason",
        )

    def _executed(self, event: Event, source: str, target: str, now: int) -> Iterator[Alert]:
        state = self._sources.find(source)
        if state is None or target not in state.mapped or self._is_server(target):
            return
        time = glance(event).time
        state.execution.add(event, time)
        if not state.executed.add(target, time):
            return
        facts = (
            Fact("dynamic_port", glance(event).port),
            Fact("service_clients", len(self._clients.find(target) or ()), SERVER_CLIENTS),
        )
        yield self._execution(state, source, target, now, facts, {}, "reason")

    def _execution(
        self,
        state: _Source,
        source: str,
        target: str,
        now: int,
        facts: tuple[Fact, ...],
        values: dict[str, str],
        variant: str,
    ) -> Alert:
        return tell(
            EXECUTION,
            f"{source}|{target}",
            state.execution,
            now,
            entities=(
                host(source, "attacker", internal=True),
                host(target, "victim", internal=True),
            ),
            facts=facts,
            fidelity=0.4,
            values={"source": source, "target": target, **values},
            variant=variant,
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Lateral(context)
