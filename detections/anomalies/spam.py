"""Spam bots: a host that is no mail server delivers mail to many mail servers itself.

A workstation hands its mail to one server (587, 465). One that speaks SMTP on port 25 to many
outside servers delivers by itself, as spam bots do. Hosts that receive mail are mail servers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Recent
from detections.anomalies._glance import glance
from detections.anomalies._sides import Sides
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import HOUR
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule("spam", Severity.HIGH, ("T1071.003", "T1496"), logsource="network_connection")
HOSTS: Final = 4_096
SERVERS: Final = 8  # outside mail servers within an hour
SMTP: Final = 25


@dataclass(slots=True)
class _Host:
    servers: Recent[str] = field(default_factory=lambda: Recent(HOUR, 256))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(SERVERS, 4.0))


class Spam:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._hosts: Bounded[str, _Host] = Bounded(HOSTS, _Host, self.losses, "spam.hosts")
        self._receivers: Bounded[str, list[None]] = Bounded(
            1_024, list, self.losses, "spam.receivers"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Count the mail servers that a host speaks to."""
        if glance(event).port != SMTP:
            return
        seen = glance(event)
        source, target = seen.source, seen.target
        if self._sides.internal(target) and event.number("server.bytes"):
            self._receivers.take(target)
        if source in self._receivers or not self._sides.outbound(source, target):
            return
        state = self._hosts.take(source)
        time = seen.time
        state.evidence.add(event, time)
        if state.servers.add(target, time) and state.ladder.reached(len(state.servers)):
            shown = sorted(state.servers)[:10]
            yield tell(
                RULE,
                source,
                state.evidence,
                now,
                entities=(
                    host(source, "victim", internal=True),
                    *(host(address, "target", internal=False) for address in shown),
                ),
                facts=(Fact("mail_servers", len(state.servers), SERVERS, "/h"),),
                fidelity=0.75,
                values={"source": source},
            )

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Spam(context)
