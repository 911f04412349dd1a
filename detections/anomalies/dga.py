"""Generated domains: a burst of domains that do not exist and do not look like words.

One name says nothing (▲ 30 % recall at 0.1 % false alarms with a trained model): counted are the
registered domains of one client that came back NXDOMAIN within ten minutes, with their mean
unlikeness. Many subdomains of one domain are another matter (`dns_tunnel`, or a resolver's search
list) and count once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Recent
from detections.anomalies._glance import glance
from detections.anomalies._known_services import LOOKUP_DOMAINS, ROUTINE_DOMAINS
from detections.anomalies._names import domain_of, is_local_name, unlikeness
from detections.anomalies._sides import Sides
from detections.anomalies._telling import Evidence, host, rule, tell, thing
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import MINUTE
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule("dga", Severity.HIGH, ("T1568.002",), logsource="dns")
CLIENTS: Final = 8_192
WINDOW: Final = 10 * MINUTE
MISSING: Final = 10  # domains that do not exist
UNLIKE: Final = 0.4  # their mean share of rare letter pairs
LABEL: Final = 7  # shorter labels say little
VARIED: Final = 0.85  # different beginnings; the mirrors of one brand begin alike
MISSING_SHARE: Final = 0.3  # of the domains asked for in the window


@dataclass(slots=True)
class _Client:
    missing: Recent[str] = field(default_factory=lambda: Recent(WINDOW, 256))
    found: Recent[str] = field(default_factory=lambda: Recent(WINDOW, 1_024))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(MISSING, 3.0))


class Dga:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"dns"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._ignored = context.allowed_domains | ROUTINE_DOMAINS | LOOKUP_DOMAINS
        self._clients: Bounded[str, _Client] = Bounded(CLIENTS, _Client, self.losses, "dga.clients")

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Count a domain by whether it exists."""
        code = event.text("dns.response_code")
        name = event.text("dns.question.name")
        if not code or is_local_name(name):
            return
        domain, _ = domain_of(event)
        label = domain.partition(".")[0]
        if domain in self._ignored or len(label) < LABEL or label.startswith("xn--"):
            return
        if label.isdigit() or "-" in label:  # people number and hyphenate, algorithms spell
            return
        client = glance(event).source
        state = self._clients.take(client)
        time = glance(event).time
        if code != "NXDOMAIN":
            state.found.add(domain, time)
            return
        if not state.missing.add(domain, time):
            return
        state.evidence.add(event, time)
        if state.ladder.within_reach(len(state.missing)):
            yield from self._weigh(state, client, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _weigh(self, state: _Client, client: str, now: int) -> Iterator[Alert]:
        missing = sorted(state.missing)
        unlike = fmean(unlikeness(domain.partition(".")[0]) for domain in missing)
        alike = len({domain[:3] for domain in missing}) < VARIED * len(missing)
        share = len(missing) / (len(missing) + len(state.found))
        if (
            alike
            or unlike < UNLIKE
            or share < MISSING_SHARE
            or not state.ladder.reached(len(missing))
        ):
            return
        worst = sorted(missing, key=lambda d: (-unlikeness(d.partition(".")[0]), d))[:5]
        yield tell(
            RULE,
            client,
            state.evidence,
            now,
            entities=(
                host(client, "victim", internal=self._sides.internal(client)),
                *(thing("domain", domain, "c2") for domain in worst),
            ),
            facts=(
                Fact("missing_domains", len(missing), MISSING, "/10 min"),
                Fact("mean_unlikeness", round(unlike, 2), UNLIKE),
                Fact("missing_share", round(share, 2), MISSING_SHARE),
            ),
            fidelity=0.75,
            values={"client": client, "sample": ", ".join(worst[:3])},
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Dga(context)
