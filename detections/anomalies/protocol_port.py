"""Protocols on ports that are not theirs, on the way to the Internet.

By content (`network.protocol`), not by number: IRC anywhere; a well-known port that carries
something else (SSH or clear HTTP on 443, TLS on 80 or 53); TLS, HTTP or SSH to the same outside
address on a port that is nobody's, several times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder
from detections.anomalies._glance import glance
from detections.anomalies._known_services import HOME_PORTS
from detections.anomalies._prevalence import Prevalence
from detections.anomalies._sides import Sides
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "protocol_port", Severity.MEDIUM, ("T1571", "T1071"), logsource="network_connection"
)
KEYS: Final = 8_192
REPEATS: Final = 3  # connections on a port that is nobody's
# What a well-known port carries; other protocols by content there are a disguise.
EXPECTED: Final[dict[int, frozenset[str]]] = {
    22: frozenset({"ssh"}),
    25: frozenset({"smtp", "tls"}),
    53: frozenset({"dns"}),
    80: frozenset({"http"}),
    123: frozenset({"ntp"}),
    443: frozenset({"tls", "quic"}),
    853: frozenset({"tls", "quic", "dns"}),
}


@dataclass(slots=True)
class _Use:
    count: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(1, 10.0))


class ProtocolPort:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._prevalence = Prevalence(self.losses, "protocol_port")
        self._uses: Bounded[tuple[str, str, str, int], _Use] = Bounded(
            KEYS, _Use, self.losses, "protocol_port.keys"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Compare the protocol with its port."""
        seen = glance(event)
        source, target = seen.source, seen.target
        protocol = seen.protocol
        if not protocol or not self._sides.outbound(source, target):
            return
        port = seen.port
        self._prevalence.source(source)
        self._prevalence.place(target, source)
        shape = _shape(protocol, port)
        if not shape or not event.number("server.bytes"):
            return
        key = (source, target, protocol, port)
        use = self._uses.take(key)
        use.count += 1
        use.evidence.add(event, seen.time)
        if shape == "nobodys" and (use.count < REPEATS or not self._prevalence.rarity(target).rare):
            return
        if use.ladder.reached(use.count):
            yield self._alert(use, key, shape, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _alert(self, use: _Use, key: tuple[str, str, str, int], shape: str, now: int) -> Alert:
        source, target, protocol, port = key
        expected = "/".join(sorted(EXPECTED.get(port, frozenset())))
        return tell(
            RULE,
            f"{source}|{target}|{protocol}|{port}",
            use.evidence,
            now,
            entities=(host(source, "victim", internal=True), host(target, "c2", internal=False)),
            facts=(
                Fact("protocol", protocol, expected or None),
                Fact("port", port),
                Fact("connections", use.count, 1 if shape != "nobodys" else REPEATS),
            ),
            fidelity=0.6 if shape != "nobodys" else 0.4,
            severity=Severity.LOW if shape == "nobodys" else Severity.MEDIUM,
            values={"source": source, "target": target},
            variant=f"reason_{shape}",
        )


def _shape(protocol: str, port: int) -> str:
    if protocol == "irc":
        return "irc"
    expected = EXPECTED.get(port)
    if expected is not None:
        return "" if protocol in expected or protocol not in HOME_PORTS else "disguised"
    home = HOME_PORTS.get(protocol)
    return "nobodys" if home is not None and port not in home else ""


def make(context: Context) -> Detector:
    """The detector of this module."""
    return ProtocolPort(context)
