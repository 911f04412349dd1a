"""Cryptocurrency mining: a host of ours works for a mining pool.

By content where the sensor tells Stratum, otherwise by the names of pools in DNS questions, SNI and
Host. The pools are the operators' public names; a new one is met by the other detectors first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder
from detections.anomalies._glance import glance
from detections.anomalies._known_services import MINING_POOLS
from detections.anomalies._names import registered_domain
from detections.anomalies._sides import Sides
from detections.anomalies._telling import Evidence, host, rule, tell, thing
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule("mining", Severity.HIGH, ("T1496",), logsource="dns, tls, http")
KEYS: Final = 4_096
QUESTIONS: Final = 4  # DNS questions alone: a person who reads a pool's page asks once or twice


@dataclass(slots=True)
class _Use:
    count: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(1, 10.0))


class Mining:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"dns", "tls", "http", "flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._uses: Bounded[tuple[str, str], _Use] = Bounded(KEYS, _Use, self.losses, "mining.keys")

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Look for a pool in what was asked for."""
        source = glance(event).source
        if glance(event).dataset == "flow":
            pool = glance(event).target if glance(event).protocol == "stratum" else ""
        else:
            pool = _pool(event)
        if not pool or not self._sides.internal(source):
            return
        use = self._uses.take((source, pool))
        use.count += 1
        use.evidence.add(event, glance(event).time)
        asked_only = glance(event).dataset == "dns"
        if (asked_only and use.count < QUESTIONS) or not use.ladder.reached(use.count):
            return
        named = glance(event).dataset != "flow"
        yield tell(
            RULE,
            f"{source}|{pool}",
            use.evidence,
            now,
            entities=(
                host(source, "victim", internal=True),
                thing("domain", pool, "c2") if named else host(pool, "c2", internal=False),
            ),
            facts=(Fact("times", use.count, 0), Fact("seen_in", glance(event).dataset)),
            fidelity=0.6 if asked_only else 0.8,
            severity=Severity.MEDIUM if asked_only else Severity.HIGH,
            values={"source": source, "pool": pool},
        )

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())


def _pool(event: Event) -> str:
    """Registered domain of a pool that the event names, or nothing."""
    name = (
        event.text("dns.question.name")
        or event.text("tls.client.server_name")
        or event.text("url.domain")
    )
    domain = registered_domain(name.lower()) if name else ""
    return domain if domain.partition(".")[0] in MINING_POOLS else ""


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Mining(context)
