"""DNS tunnels: data carried in the subdomains of one domain, asked by one client.

Kept per (client, registered domain) over ten minutes and a day. What speaks for a tunnel: ever-new
subdomains that look encoded, long ones or asked with record types that clients hardly use (TXT,
NULL, KEY, CNAME, …). What speaks against: names known from elsewhere (CDN, anti-virus and DNSBL
look-ups, reverse and in-house names), and answers in 127/8 (reputation by DNS, RFC 5782).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder
from detections.anomalies._glance import glance
from detections.anomalies._known_services import LOOKUP_DOMAINS, ROUTINE_DOMAINS
from detections.anomalies._names import domain_of, entropy, is_local_name, unlikeness
from detections.anomalies._sides import Sides
from detections.anomalies._telling import Evidence, host, rule, tell, thing
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import DAY, MINUTE
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule("dns_tunnel", Severity.HIGH, ("T1071.004", "T1572", "T1048"), logsource="dns")
PAIRS: Final = 16_384
NAMES: Final = 262_144  # questions remembered, of all clients together
# Types that stubs and browsers ask of many subdomains of one domain in the ordinary run of things.
ORDINARY: Final = frozenset(
    {"A", "AAAA", "PTR", "SRV", "SOA", "NS", "HTTPS", "SVCB", "DS", "DNSKEY", "TYPE64", "TYPE65"}
)
ENCODED: Final = 0.34  # share of rare letter pairs from which a subdomain looks encoded
ENCODED_LENGTH: Final = 8
# Ten minutes. Odd types: few are enough. Long names: as the data carried. Many short ones: more.
ODD_UNIQUE, ODD_SHARE = 6, 0.6
LONG_UNIQUE, LONG_CHARACTERS, LONG_MEAN = 6, 220, 24.0
MANY_UNIQUE = 60
# A day.
SLOW_UNIQUE, SLOW_MEAN = 100, 14.0
SHARE: Final = 0.6  # of the unique subdomains that look encoded
SPEAK: Final = 10.0


@dataclass(slots=True)
class _Counts:
    """What was asked in one stretch of time."""

    queries: int = 0
    unique: int = 0
    characters: int = 0
    encoded: int = 0
    odd: int = 0
    reputation: int = 0
    missing: int = 0
    bytes: int = 0

    def plus(self, other: _Counts) -> _Counts:
        return _Counts(*(getattr(self, name) + getattr(other, name) for name in _Counts.__slots__))


class _Window:
    """Counts of the last `width × parts` ns of event time."""

    __slots__ = ("_buckets", "_newest", "_parts", "_width")

    def __init__(self, width: int, parts: int) -> None:
        self._width, self._parts, self._newest = width, parts, 0
        self._buckets: dict[int, _Counts] = {}

    def at(self, time: int) -> _Counts:
        bucket = time // self._width
        if bucket > self._newest:
            self._newest = bucket
            self._buckets = {b: c for b, c in self._buckets.items() if b > bucket - self._parts}
        return self._buckets.setdefault(max(bucket, self._newest - self._parts + 1), _Counts())

    def total(self) -> _Counts:
        total = _Counts()
        for counts in self._buckets.values():
            total = total.plus(counts)
        return total


@dataclass(slots=True)
class _Pair:
    fast: _Window = field(default_factory=lambda: _Window(MINUTE, 10))
    slow: _Window = field(default_factory=lambda: _Window(DAY // 24, 24))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(1, SPEAK))
    sample: str = ""
    total: int = 0


class DnsTunnel:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"dns"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._ignored = context.allowed_domains | ROUTINE_DOMAINS | LOOKUP_DOMAINS
        self._pairs: Bounded[tuple[str, str], _Pair] = Bounded(
            PAIRS, _Pair, self.losses, "dns_tunnel.pairs"
        )
        self._names: Bounded[int, list[None]] = Bounded(
            NAMES, list, self.losses, "dns_tunnel.names"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Count a question; weigh its (client, domain) when the subdomain is a new one."""
        if is_local_name(event.text("dns.question.name")):
            return
        domain, subdomain = domain_of(event)
        if not subdomain or domain in self._ignored:
            return
        client = glance(event).source
        pair = self._pairs.take((client, domain))
        if self._count(pair, event, client, domain, subdomain):
            yield from self._weigh(pair, client, domain, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _count(self, pair: _Pair, event: Event, client: str, domain: str, subdomain: str) -> bool:
        """Add the question to both windows; whether its subdomain is new."""
        key = zlib.crc32(f"{client} {subdomain}.{domain}".encode())
        new = key not in self._names
        self._names.take(key)
        encoded = new and _looks_encoded(subdomain)
        answers = event.get("dns.answers.data") or event.get("dns.resolved_ip") or []
        reputation = bool(answers) and all(str(answer).startswith("127.") for answer in answers)
        time = glance(event).time
        for counts in (pair.fast.at(time), pair.slow.at(time)):
            counts.queries += 1
            counts.unique += new
            counts.characters += len(subdomain) if new else 0
            counts.encoded += encoded
            counts.odd += event.text("dns.question.type") not in ORDINARY
            counts.reputation += reputation
            counts.missing += event.text("dns.response_code") == "NXDOMAIN"
            counts.bytes += int(event.number("dns.bytes"))
        pair.evidence.add(event, time)
        pair.total += new
        if encoded:
            pair.sample = subdomain
        return encoded

    def _weigh(self, pair: _Pair, client: str, domain: str, now: int) -> Iterator[Alert]:
        if pair.total < ODD_UNIQUE or not pair.ladder.within_reach(pair.total):
            return
        fast, slow = pair.fast.total(), pair.slow.total()
        quick = _is_tunnel(fast)
        if not quick and not _is_slow_tunnel(slow):
            return
        if not pair.ladder.reached(pair.total):
            return
        counts = fast if quick else slow
        entities = (
            host(client, "victim", internal=self._sides.internal(client)),
            thing("domain", domain, "c2"),
        )
        yield tell(
            RULE,
            f"{client}|{domain}",
            pair.evidence,
            now,
            entities=entities,
            facts=_facts(counts, pair.sample),
            fidelity=0.9 if quick else 0.7,
            severity=Severity.HIGH if quick else Severity.MEDIUM,
            values={"client": client, "domain": domain, "sample": pair.sample[:80]},
            variant="reason" if quick else "reason_slow",
        )


def _looks_encoded(subdomain: str) -> bool:
    """Long enough, and its letters do not follow each other as in words; `_dmarc` and the like not."""
    if subdomain.startswith("_") or "._" in subdomain:
        return False
    letters = subdomain.replace(".", "")
    return len(letters) >= ENCODED_LENGTH and unlikeness(letters) >= ENCODED


def _is_tunnel(counts: _Counts) -> bool:
    unique = counts.unique
    if unique < ODD_UNIQUE or counts.encoded < SHARE * unique:
        return False
    if counts.reputation > 0.5 * counts.queries:
        return False
    if counts.odd >= ODD_SHARE * counts.queries:
        return True
    mean = counts.characters / unique
    if unique >= LONG_UNIQUE and counts.characters >= LONG_CHARACTERS and mean >= LONG_MEAN:
        return True
    return unique >= MANY_UNIQUE


def _is_slow_tunnel(counts: _Counts) -> bool:
    return (
        counts.unique >= SLOW_UNIQUE
        and counts.encoded >= SHARE * counts.unique
        and counts.characters >= SLOW_MEAN * counts.unique
        and counts.reputation <= 0.5 * counts.queries
    )


def _facts(counts: _Counts, sample: str) -> tuple[Fact, ...]:
    unique = max(counts.unique, 1)
    queries = max(counts.queries, 1)
    return (
        Fact("unique_subdomains", counts.unique, ODD_UNIQUE),
        Fact("subdomain_characters", counts.characters, LONG_CHARACTERS),
        Fact("mean_length", round(counts.characters / unique, 1), LONG_MEAN),
        Fact("encoded_share", round(counts.encoded / unique, 2), SHARE),
        Fact("odd_type_share", round(counts.odd / queries, 2), ODD_SHARE),
        Fact("sample_entropy", round(entropy(sample), 2), 3.0, "bit"),
        Fact("nxdomain_share", round(counts.missing / queries, 2)),
        Fact("dns_bytes", counts.bytes, unit="B"),
    )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return DnsTunnel(context)
