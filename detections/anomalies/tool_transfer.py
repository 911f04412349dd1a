"""Lateral tool transfer: one host of ours writes something of a program's size to several others.

Remote execution over SMB first copies a program: the session carries far more to the target than
back. Within an hour, the same source does so to two or more hosts that are no servers, over edges not
seen before. Backups and profile copies go to servers, which have many clients. The least size is that
of small service binaries, not of any capture; checked on office traffic, where it is quiet.
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
    "tool_transfer",
    Severity.HIGH,
    ("T1021.002", "T1570"),
    logsource="network_connection",
    maturity="experimental",
)
TARGETS: Final = 2
LEAST_BYTES: Final = 64 * 1024  # written in one session
LEAST_RATIO: Final = 4.0  # sent for each byte that came back


@dataclass(slots=True)
class _Source:
    targets: Recent[str] = field(default_factory=lambda: Recent(HOUR, 128))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(TARGETS, 2.0))
    most: float = 0.0


class ToolTransfer:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._edges = AdminEdges(self.losses, "tool_transfer")
        self._sources: Bounded[str, _Source] = Bounded(
            HOSTS, _Source, self.losses, "tool_transfer.sources"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Learn the edge; weigh it when it is new and carries a program's worth."""
        seen = glance(event)
        source, target = seen.source, seen.target
        if source == target or not self._sides.inside(source, target) or not succeeded(event):
            return
        self._edges.serves(target, seen.port)
        service = ADMIN_SERVICES.get(seen.port)
        if service != "smb" or not self._edges.learn(source, target, service):
            return
        sent, back = event.number("client.bytes"), event.number("server.bytes")
        if sent < LEAST_BYTES or sent < LEAST_RATIO * back:
            return
        state = self._sources.take(source)
        state.targets.add(target, seen.time)
        state.evidence.add(event, seen.time)
        state.most = max(state.most, sent)
        yield from self._weigh(state, source, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _weigh(self, state: _Source, source: str, now: int) -> Iterator[Alert]:
        targets = sorted(one for one in state.targets if not self._edges.is_server(one))
        if not state.ladder.reached(len(targets)):
            return
        kilobytes = round(state.most / 1024)
        yield tell(
            RULE,
            source,
            state.evidence,
            now,
            entities=(
                host(source, "attacker", internal=True),
                *(host(one, "victim", internal=True) for one in targets[:20]),
            ),
            facts=(
                Fact("new_admin_targets", len(targets), TARGETS, "/h"),
                Fact("kilobytes_written", kilobytes, LEAST_BYTES // 1024, "KiB"),
            ),
            fidelity=0.6,
            values={"source": source, "target": targets[0]},
            variant="reason",
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return ToolTransfer(context)
