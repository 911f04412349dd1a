"""Beacons: one host calls the same place again and again, too evenly for a person.

Kept per (source, name or address, port). Contacts are HTTP requests (also many over one
keep-alive connection), TLS handshakes, and flows that carried data both ways. The score is the
regularity of the series × how rare the place, or what the caller says of itself, is among the
sources seen (after RITA, activecm/rita; sub-scores in `_regularity`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded
from detections.anomalies._glance import glance
from detections.anomalies._known_services import ROUTINE_DOMAINS
from detections.anomalies._names import registered_domain
from detections.anomalies._prevalence import Prevalence, Rarity
from detections.anomalies._regularity import Regularity, regularity
from detections.anomalies._sides import (
    DOMAIN_SERVICES,
    HOUSEKEEPING,
    Sides,
    is_address,
    is_unicast,
)
from detections.anomalies._telling import Evidence, host, rule, tell, thing
from detections.detector import Context, Detector
from fengsui.alert import Alert, Entity, Fact
from fengsui.clock import DAY
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "beacon", Severity.HIGH, ("T1071", "T1573"), logsource="network_connection, http, tls"
)
PAIRS: Final = 16_384
KEPT: Final = 256  # contacts a pair
MINIMUM: Final = 12  # contacts
MINIMUM_SPAN: Final = 600.0  # s; a series as tight as a clock may be shorter:
TIGHT_COUNT: Final = 20
TIGHT_SPAN: Final = 90.0
TIGHT_JITTER: Final = 0.15
GROWTH: Final = 1.3  # look again when the series is this much longer
SPEAK: Final = 3.0  # speak again when it is this much longer
SCORE: Final = 0.83


@dataclass(slots=True)
class _Pair:
    """The series of one (source, place, port)."""

    times: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    evidence: Evidence = field(default_factory=Evidence)
    addresses: set[str] = field(default_factory=set[str])
    signature: str = ""
    nameless: bool = False  # HTTP without a Host, or with an address for one
    total: int = 0
    look: float = MINIMUM
    speak: float = 0.0

    def add(self, event: Event, size: int) -> None:
        time = glance(event).time
        self.times.insert(bisect_left(self.times, time), time)
        self.sizes.append(size)
        while len(self.times) > KEPT or self.times[-1] - self.times[0] > DAY:
            del self.times[0]
        if len(self.sizes) > KEPT:
            del self.sizes[0]
        self.total += 1
        self.evidence.add(event, time)
        if len(self.addresses) < 8:
            self.addresses.add(glance(event).target)


class Beacon:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow", "http", "tls"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._allowed = context.allowed_domains | ROUTINE_DOMAINS
        self._prevalence = Prevalence(self.losses, "beacon")
        self._pairs: Bounded[tuple[str, str, int], _Pair] = Bounded(
            PAIRS, _Pair, self.losses, "beacon.pairs"
        )
        self._named: Bounded[str, list[None]] = Bounded(32_768, list, self.losses, "beacon.flows")

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Take a contact in; look at its series when it has grown enough."""
        seen = glance(event)
        source, address = seen.source, seen.target
        port = seen.port
        if port in HOUSEKEEPING or port in DOMAIN_SERVICES or not is_unicast(address):
            return
        self._prevalence.source(source)
        contact = self._contact(event, source, address)
        if contact is None:
            return
        name, size = contact
        place = name or address
        pair = self._pairs.take((source, place, port))
        pair.add(event, size)
        self._describe(pair, event, source, name, address)
        if pair.total >= pair.look:
            pair.look = pair.total * GROWTH
            yield from self._look(pair, source, place, port, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _contact(self, event: Event, source: str, address: str) -> tuple[str, int] | None:
        """(name asked for or "", bytes sent) of an event that counts as a contact."""
        dataset = glance(event).dataset
        session = glance(event).session
        if dataset == "flow":
            if session and session in self._named:  # its requests or handshake were counted
                return None
            if not event.number("destination.bytes") or not event.number("client.bytes"):
                return None
            if self._sides.internal(address):  # inside, only what says its name is looked at
                return None
            return "", int(event.number("client.bytes"))
        if session:
            self._named.take(session)
        if dataset == "http" and not event.text("http.request.method"):
            return None  # an answer whose request was not seen
        if dataset == "tls":
            name, size = event.text("tls.client.server_name"), -1
        else:
            name = event.text("url.domain")
            size = len(event.text("url.original")) + int(event.number("http.request.body.bytes"))
        if is_address(name):
            return "", size
        return name.lower().partition(":")[0], size

    def _describe(self, pair: _Pair, event: Event, source: str, name: str, address: str) -> None:
        place = registered_domain(name) if name else address
        self._prevalence.place(place, source)
        signature = event.text("user_agent.original") or event.text("tls.client.ja4")
        if signature:
            pair.signature = signature
            self._prevalence.signature(signature, source)
        if glance(event).dataset == "http":
            pair.nameless = not name

    def _look(self, pair: _Pair, source: str, place: str, port: int, now: int) -> Iterator[Alert]:
        domain = "" if place in pair.addresses else registered_domain(place)
        if domain in self._allowed or place in self._allowed or pair.total < pair.speak:
            return
        sizes = [size for size in pair.sizes if size >= 0]
        series = regularity(pair.times, sizes)
        if series is None or not _long_enough(series):
            return
        rarity = self._prevalence.rarity(domain or place, pair.signature)
        if not self._worth(pair, source, rarity):
            return
        score = series.score * rarity.factor
        if score < SCORE:
            return
        pair.speak = pair.total * SPEAK
        yield self._alert(pair, source, place, port, now, series, rarity, domain)

    def _worth(self, pair: _Pair, source: str, rarity: Rarity) -> bool:
        """Whether anything but regularity speaks for a beacon, by the direction of the calls."""
        odd_caller = rarity.signature_rare or pair.nameless
        inward = any(self._sides.internal(address) for address in pair.addresses)
        if not self._sides.internal(source):
            # The whole Internet polls a public server: there only an odd caller counts.
            return odd_caller or (rarity.rare and not inward)
        return not inward or rarity.rare or odd_caller

    def _alert(
        self,
        pair: _Pair,
        source: str,
        place: str,
        port: int,
        now: int,
        series: Regularity,
        rarity: Rarity,
        domain: str,
    ) -> Alert:
        addresses = sorted(pair.addresses)
        score = series.score * rarity.factor
        entities: list[Entity] = [host(source, "victim", internal=self._sides.internal(source))]
        entities += [
            host(address, "c2", internal=self._sides.internal(address)) for address in addresses
        ]
        if domain:
            entities.append(thing("domain", place, "c2"))
        sure = rarity.known and (rarity.rare or rarity.signature_rare)
        return tell(
            RULE,
            f"{source}|{place}|{port}",
            pair.evidence,
            now,
            entities=tuple(entities),
            facts=_facts(pair, series, rarity),
            fidelity=score * (0.8 if sure else 0.6),
            severity=Severity.HIGH if sure and score >= 0.9 else Severity.MEDIUM,
            values={
                "source": source,
                "place": place,
                "port": port,
                "of": rarity.of,
                "signature": pair.signature[:120],
                "signature_sources": rarity.signature_sources,
            },
            variant=_variant(pair, rarity),
        )


def _variant(pair: _Pair, rarity: Rarity) -> str:
    if not rarity.known:
        return "reason_few_hosts"
    return "reason" if rarity.rare or not pair.signature else "reason_odd_caller"


def _long_enough(series: Regularity) -> bool:
    if series.count < MINIMUM:
        return False
    tight = series.jitter <= TIGHT_JITTER and series.count >= TIGHT_COUNT
    return series.span >= (TIGHT_SPAN if tight else MINIMUM_SPAN)


def _facts(pair: _Pair, series: Regularity, rarity: Rarity) -> tuple[Fact, ...]:
    facts = [
        Fact("contacts", pair.total, MINIMUM),
        Fact("interval", round(series.interval, 1), unit="s"),
        Fact("jitter", round(series.jitter, 3), "> 0.5"),
        Fact("timing_score", round(series.timing, 3)),
        Fact("coverage_score", round(series.coverage, 3)),
        Fact("evenness_score", round(series.evenness, 3)),
        Fact("place_sources", rarity.sources, rarity.of),
        Fact("score", round(series.score * rarity.factor, 3), SCORE),
    ]
    if series.sizes is not None:
        facts.append(Fact("size_score", round(series.sizes, 3)))
    if pair.signature:
        facts.append(Fact("client_signature", pair.signature[:120], f"{rarity.signature_sources}"))
    if pair.nameless:
        facts.append(Fact("host_header", "", "a name"))
    return tuple(facts)


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Beacon(context)
