"""Exfiltration: one of ours sends much to a place that hardly anybody else goes to.

Bytes sent are summed per (host, destination) over an hour and a day, from flows as they end. It
counts when the destination is rare, far more goes out than comes back, and the amount stands out
from the host's own history and that of its peers; above a hard limit the history does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Sum
from detections.anomalies._glance import glance
from detections.anomalies._known_services import ROUTINE_DOMAINS
from detections.anomalies._names import registered_domain
from detections.anomalies._prevalence import Prevalence
from detections.anomalies._sides import HOUSEKEEPING, Sides
from detections.anomalies._telling import Evidence, end_of, host, rule, tell, thing
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import DAY, HOUR
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "exfiltration", Severity.MEDIUM, ("T1048", "T1041", "T1567"), logsource="network_connection"
)
MEGABYTE: Final = 1 << 20
PAIRS: Final = 16_384
HOSTS: Final = 8_192
LEAST: Final = 10 * MEGABYTE  # in an hour, to a destination that only this host talks to
HARD: Final = 100 * MEGABYTE  # in a day, to a rare destination, whatever the history says
RATIO: Final = 5.0  # bytes out for one byte in
OWN_TIMES: Final = 6.0  # times the host's median busy hour
HOURS_KEPT: Final = 48
HISTORY: Final = 6  # busy hours before the own history is consulted


@dataclass(slots=True)
class _Pair:
    out_hour: Sum = field(default_factory=lambda: Sum(HOUR))
    in_hour: Sum = field(default_factory=lambda: Sum(HOUR))
    out_day: Sum = field(default_factory=lambda: Sum(DAY, 24))
    longest: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(LEAST, 4.0))


@dataclass(slots=True)
class _Host:
    """Bytes sent to the Internet in each busy hour."""

    hours: dict[int, float] = field(default_factory=dict[int, float])

    def add(self, amount: float, time: int) -> None:
        hour = time // HOUR
        self.hours[hour] = self.hours.get(hour, 0.0) + amount
        if len(self.hours) > HOURS_KEPT:
            del self.hours[min(self.hours)]

    def usual(self) -> float | None:
        """Median of the hours before the newest; None while there are too few."""
        newest = max(self.hours, default=0)
        earlier = [amount for hour, amount in self.hours.items() if hour < newest]
        return median(earlier) if len(earlier) >= HISTORY else None


class Exfiltration:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow", "tls", "http"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._allowed = context.allowed_domains | ROUTINE_DOMAINS
        self._prevalence = Prevalence(self.losses, "exfiltration")
        self._pairs: Bounded[tuple[str, str], _Pair] = Bounded(
            PAIRS, _Pair, self.losses, "exfiltration.pairs"
        )
        self._hosts: Bounded[str, _Host] = Bounded(HOSTS, _Host, self.losses, "exfiltration.hosts")
        self._names: Bounded[str, list[str]] = Bounded(
            16_384, list, self.losses, "exfiltration.names"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Count what was sent; weigh the pair when much was."""
        seen = glance(event)
        source, target = seen.source, seen.target
        if not self._sides.outbound(source, target):
            return
        self._prevalence.source(source)
        self._prevalence.place(target, source)
        if seen.dataset != "flow":
            name = event.text("tls.client.server_name") or event.text("url.domain")
            known = self._names.take(target)
            if name and not known:
                known.append(name.lower())
            return
        if seen.port in HOUSEKEEPING:
            return
        time = end_of(event)
        sent = event.number("client.bytes") or event.number("source.bytes")
        received = event.number("server.bytes") or event.number("destination.bytes")
        self._hosts.take(source).add(sent, time)
        pair = self._pairs.take((source, target))
        pair.out_hour.add(sent, time)
        pair.in_hour.add(received, time)
        pair.out_day.add(sent, time)
        pair.longest = max(pair.longest, event.number("event.duration") / 1e9)
        if sent:
            pair.evidence.add(event, time)
        yield from self._weigh(pair, source, target, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _weigh(self, pair: _Pair, source: str, target: str, now: int) -> Iterator[Alert]:
        sent, received = pair.out_hour.total, pair.in_hour.total
        day = pair.out_day.total
        if (sent < LEAST and day < HARD) or sent < RATIO * received:
            return
        rarity = self._prevalence.rarity(target)
        name = next(iter(self._names.find(target) or ()), "")
        if not rarity.rare or registered_domain(name) in self._allowed:
            return
        usual = self._hosts.take(source).usual()
        if day < HARD and usual is not None and sent < OWN_TIMES * usual:
            return
        if not pair.ladder.reached(max(sent, day)):
            return
        yield self._alert(pair, source, target, name, now, usual)

    def _alert(
        self, pair: _Pair, source: str, target: str, name: str, now: int, usual: float | None
    ) -> Alert:
        sent, received = pair.out_hour.total, pair.in_hour.total
        much = pair.out_day.total >= HARD
        rarity = self._prevalence.rarity(target)
        entities = [
            host(source, "victim", internal=True),
            host(target, "peer", internal=False),
        ]
        if name:
            entities.append(thing("domain", name, "peer"))
        facts = (
            Fact(
                "megabytes_out",
                round(sent / MEGABYTE, 1),
                round((usual or LEAST) / MEGABYTE, 1),
                "MB/h",
            ),
            Fact(
                "megabytes_day", round(pair.out_day.total / MEGABYTE, 1), HARD // MEGABYTE, "MB/d"
            ),
            Fact("upload_ratio", round(sent / max(received, 1.0), 1), RATIO),
            Fact("place_sources", rarity.sources, rarity.of),
            Fact("longest_connection", round(pair.longest), unit="s"),
        )
        return tell(
            RULE,
            f"{source}|{target}",
            pair.evidence,
            now,
            entities=tuple(entities),
            facts=facts,
            fidelity=0.6 if rarity.known else 0.45,
            severity=Severity.HIGH if much else Severity.MEDIUM,
            values={"source": source, "target": name or target, "of": rarity.of},
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Exfiltration(context)
