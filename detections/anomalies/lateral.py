"""Lateral movement: a host of ours opens administration services of many other hosts of ours.

Within an hour one source works with SMB, RPC, WinRM, RDP, SSH or VNC of several hosts that are no
servers, over edges not seen before. The baseline is learned from the run itself. During the first
hour nothing is known: twice the fan-out is asked for, and the alert says that it is still learning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._admin_edges import HOSTS, AdminEdges
from detections.anomalies._bounded import Bounded, Ladder, Recent
from detections.anomalies._glance import glance
from detections.anomalies._outcome import succeeded
from detections.anomalies._sides import ADMIN_SERVICES, Sides
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import HOUR
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "lateral", Severity.HIGH, ("T1021", "T1021.002", "T1021.003"), logsource="network_connection"
)
NEW_TARGETS: Final = 3  # hosts with a new edge within an hour
NEW_TARGETS_LEARNING: Final = 6
LEARNING: Final = HOUR


@dataclass(slots=True)
class _Source:
    fresh: Recent[str] = field(default_factory=lambda: Recent(HOUR, 128))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder | None = None


class Lateral:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._edges = AdminEdges(self.losses, "lateral")
        self._sources: Bounded[str, _Source] = Bounded(
            HOSTS, _Source, self.losses, "lateral.sources"
        )
        self._began = 0

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Learn the edge; weigh it when it is new."""
        seen = glance(event)
        self._began = self._began or seen.time
        source, target = seen.source, seen.target
        if source == target or not self._sides.inside(source, target) or not succeeded(event):
            return
        self._edges.serves(target, seen.port)
        service = ADMIN_SERVICES.get(seen.port)
        if service is None or not self._edges.learn(source, target, service):
            return
        if self._edges.is_server(target):
            return
        state = self._sources.take(source)
        state.fresh.add(target, seen.time)
        state.evidence.add(event, seen.time)
        yield from self._weigh(state, source, service, seen.time, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _weigh(
        self, state: _Source, source: str, service: str, time: int, now: int
    ) -> Iterator[Alert]:
        learning = time - self._began < LEARNING
        least = NEW_TARGETS_LEARNING if learning else NEW_TARGETS
        if state.ladder is None or (not state.ladder.climbed and state.ladder.start != least):
            state.ladder = Ladder(least, 3.0)
        targets = sorted(one for one in state.fresh if not self._edges.is_server(one))
        if not state.ladder.reached(len(targets)):
            return
        yield tell(
            RULE,
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


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Lateral(context)
