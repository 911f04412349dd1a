"""Sprays: one of ours speaks to very many outside addresses on one unusual port.

Two kinds look so: bots that call all addresses of whole ranges because any of them may be the
server (Cerber), and peer-to-peer networks, of bots or of file sharers. Neither belongs on an
office network; addresses in one row raise the severity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Recent
from detections.anomalies._glance import glance
from detections.anomalies._known_services import CROWD_PORTS
from detections.anomalies._sides import HOUSEKEEPING, Sides
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import MINUTE
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "spray", Severity.MEDIUM, ("T1571", "T1095", "T1008"), logsource="network_connection"
)
KEYS: Final = 8_192
KEPT: Final = 512  # addresses a (source, port)
WINDOW: Final = 10 * MINUTE
ADDRESSES: Final = 25
IN_A_ROW: Final = 16  # addresses of one /24 or /120


@dataclass(slots=True)
class _Spray:
    addresses: Recent[str] = field(default_factory=lambda: Recent(WINDOW, KEPT))
    ranges: dict[str, int] = field(default_factory=dict[str, int])
    silent: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(ADDRESSES, 5.0))


class Spray:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._sprays: Bounded[tuple[str, str, int], _Spray] = Bounded(
            KEYS, _Spray, self.losses, "spray.keys"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Count an address on its port."""
        transport = glance(event).transport
        port = glance(event).port
        if transport not in {"tcp", "udp"} or port in CROWD_PORTS or port in HOUSEKEEPING:
            return
        seen = glance(event)
        source, target = seen.source, seen.target
        if not self._sides.outbound(source, target):
            return
        key = (source, transport, port)
        spray = self._sprays.take(key)
        spray.evidence.add(event, seen.time)
        if not event.number("destination.packets") and not event.number("destination.bytes"):
            spray.silent += 1
        if not spray.addresses.add(target, seen.time):
            return
        row = target.rpartition(":" if ":" in target else ".")[0]
        if len(spray.ranges) < KEPT or row in spray.ranges:
            spray.ranges[row] = spray.ranges.get(row, 0) + 1
        if spray.ladder.reached(len(spray.addresses)):
            yield self._alert(spray, key, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _alert(self, spray: _Spray, key: tuple[str, str, int], now: int) -> Alert:
        source, transport, port = key
        row, longest = max(spray.ranges.items(), key=lambda item: (item[1], item[0]))
        in_a_row = longest >= IN_A_ROW
        shown = sorted(spray.addresses)[:10]
        return tell(
            RULE,
            f"{source}|{transport}|{port}",
            spray.evidence,
            now,
            entities=(
                host(source, "victim", internal=True),
                *(host(address, "c2", internal=False) for address in shown),
            ),
            facts=(
                Fact("addresses", len(spray.addresses), ADDRESSES, "/10 min"),
                Fact("in_a_row", longest, IN_A_ROW),
                Fact("unanswered", spray.silent),
            ),
            fidelity=0.85 if in_a_row else 0.6,
            severity=Severity.HIGH if in_a_row else Severity.MEDIUM,
            values={"source": source, "transport": transport, "port": port, "range": row},
            variant="reason_row" if in_a_row else "reason",
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Spray(context)
