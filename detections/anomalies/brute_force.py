"""Password guessing: many short sessions on a service that asks for a password.

Kept per (source, target, service) over ten minutes: a guess is a session with little in it. When
one much larger follows, the password was probably found. One source that tries a few on many
targets is spraying. HTTP counts by 401 answers without the 200 that NTLM and Negotiate end with;
NTLM and Kerberos by their own refusals where a log tells them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Recent, Sum
from detections.anomalies._glance import glance
from detections.anomalies._login_services import PORTS, SERVICES
from detections.anomalies._outcome import failed, succeeded
from detections.anomalies._sides import Sides, is_unicast
from detections.anomalies._telling import Evidence, host, rule, tell, thing
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import DAY, MINUTE, SECOND
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "brute_force",
    Severity.HIGH,
    ("T1110", "T1110.003"),
    logsource="network_connection, http, ntlm, kerberos",
)
WINDOW: Final = 10 * MINUTE
PAIRS: Final = 8_192
SHORT: Final = 60 * SECOND
SPRAY_TARGETS: Final = 6  # targets with at least SPRAY_EACH guesses each
SPRAY_EACH: Final = 2
LARGER: Final = 3.0  # times the median guess: a session that got in


@dataclass(slots=True)
class _Pair:
    guesses: Sum = field(default_factory=lambda: Sum(WINDOW, 10))
    sizes: list[float] = field(default_factory=list[float])
    names: Recent[str] = field(default_factory=lambda: Recent(WINDOW, 64))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder | None = None
    fell: bool = False


@dataclass(slots=True)
class _Spray:
    targets: Recent[str] = field(default_factory=lambda: Recent(3 * WINDOW, 128))
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(SPRAY_TARGETS, 3.0))


@dataclass(slots=True)
class _Crowd:
    """Outside sources that guess on one service of one target."""

    sources: Recent[str] = field(default_factory=lambda: Recent(DAY, 512))
    ladder: Ladder = field(default_factory=lambda: Ladder(1, 5.0))


class BruteForce:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow", "http", "ntlm", "kerberos"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._pairs: Bounded[tuple[str, str, str], _Pair] = Bounded(
            PAIRS, _Pair, self.losses, "brute_force.pairs"
        )
        self._sprays: Bounded[tuple[str, str], _Spray] = Bounded(
            2_048, _Spray, self.losses, "brute_force.sprays"
        )

        self._crowds: Bounded[tuple[str, str], _Crowd] = Bounded(
            1_024, _Crowd, self.losses, "brute_force.crowds"
        )

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Tell guesses from sessions that got in."""
        service = _service(event)
        if not service:
            return
        seen = glance(event)
        source, target = seen.source, seen.target
        if not is_unicast(target):
            return
        key = (source, target, service)
        verdict = _verdict(event, service)
        if verdict == "guess":
            pair = self._pairs.take(key)
            self._guessed(pair, event)
            yield from self._count(pair, key, now)
            yield from self._sprayed(event, key, pair, now)
        elif verdict == "entered":
            pair_known = self._pairs.find(key)
            if pair_known is not None:
                yield from self._entered(pair_known, event, key, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _guessed(self, pair: _Pair, event: Event) -> None:
        time = glance(event).time
        pair.guesses.add(1, time)
        pair.evidence.add(event, time)
        if len(pair.sizes) < 64:
            pair.sizes.append(event.number("server.bytes"))
        name = event.text("kerberos.client") or event.text("user.name")
        if name:
            pair.names.add(name, time)

    def _count(self, pair: _Pair, key: tuple[str, str, str], now: int) -> Iterator[Alert]:
        least = SERVICES[key[2]][0]
        if pair.ladder is None:
            pair.ladder = Ladder(least, 5.0)
        guesses = pair.guesses.total
        if not pair.ladder.reached(guesses):
            return
        if self._from_outside(key[0], key[1]):
            yield from self._background(pair, key, now)
        else:
            yield self._alert(pair.evidence, key, now, int(guesses), "reason", list(pair.names))

    def _from_outside(self, source: str, target: str) -> bool:
        internal = self._sides.internal
        return not internal(source) and not self._sides.near(source, target)

    def _background(self, pair: _Pair, key: tuple[str, str, str], now: int) -> Iterator[Alert]:
        """Guessing from the Internet never ends: one alert a target, again at five times as many."""
        source, target, service = key
        crowd = self._crowds.take((target, service))
        new = crowd.sources.add(source, pair.evidence.last)
        if not new or not crowd.ladder.reached(len(crowd.sources)):
            return
        internal = self._sides.internal
        yield tell(
            RULE,
            f"outside|{target}|{service}",
            pair.evidence,
            now,
            entities=(
                host(source, "attacker", internal=False),
                host(target, "target", internal=internal(target)),
            ),
            facts=(
                Fact("sources", len(crowd.sources)),
                Fact("guesses", int(pair.guesses.total), SERVICES[service][0], "/10 min"),
            ),
            fidelity=0.9,
            severity=Severity.LOW,
            values={"source": source, "target": target, "service": service},
            variant="outside",
        )

    def _entered(
        self, pair: _Pair, event: Event, key: tuple[str, str, str], now: int
    ) -> Iterator[Alert]:
        if pair.fell or pair.guesses.total < SERVICES[key[2]][0]:
            if key[2] == "http":  # 401 and then an answer is how NTLM and Negotiate log in
                pair.guesses = Sum(WINDOW, 10)
            return
        usual = median(pair.sizes) if pair.sizes else 0.0
        if key[2] != "http" and event.number("server.bytes") < LARGER * max(usual, 300.0):
            return
        pair.fell = True
        guesses = int(pair.guesses.total)
        pair.evidence.add(event, glance(event).time)
        yield self._alert(pair.evidence, key, now, guesses, "entered", list(pair.names))

    def _sprayed(
        self, event: Event, key: tuple[str, str, str], pair: _Pair, now: int
    ) -> Iterator[Alert]:
        source, target, service = key
        if pair.guesses.total < SPRAY_EACH:
            return
        spray = self._sprays.take((source, service))
        time = glance(event).time
        spray.evidence.add(event, time)
        if spray.targets.add(target, time) and spray.ladder.reached(len(spray.targets)):
            shown = sorted(spray.targets)[:20]
            yield tell(
                RULE,
                f"{source}|{service}|spray",
                spray.evidence,
                now,
                entities=(
                    host(source, "attacker", internal=self._sides.internal(source)),
                    *(host(one, "target", internal=self._sides.internal(one)) for one in shown),
                ),
                facts=(Fact("targets", len(spray.targets), SPRAY_TARGETS),),
                fidelity=0.7,
                severity=self._severity(source, target, Severity.HIGH),
                values={"source": source, "service": service},
                variant="spray",
            )

    def _severity(self, source: str, target: str, inside: Severity) -> Severity:
        """Guessing from the Internet that gets nowhere is background noise."""
        return inside if self._sides.near(source, target) else Severity.LOW

    def _alert(
        self,
        evidence: Evidence,
        key: tuple[str, str, str],
        now: int,
        guesses: int,
        variant: str,
        names: list[str],
    ) -> Alert:
        source, target, service = key
        entered = variant == "entered"
        internal = self._sides.internal
        outward = internal(source) and not internal(target)
        severity = Severity.HIGH if outward else self._severity(source, target, Severity.HIGH)
        return tell(
            RULE,
            f"{source}|{target}|{service}" + ("|entered" if entered else ""),
            evidence,
            now,
            entities=(
                host(source, "attacker", internal=internal(source)),
                host(target, "victim" if entered else "target", internal=internal(target)),
                *(thing("user", name, "target") for name in sorted(names)[:10]),
            ),
            facts=(Fact("guesses", guesses, SERVICES[service][0], "/10 min"),),
            fidelity=0.8 if entered else 0.75,
            severity=Severity.CRITICAL if entered else severity,
            values={"source": source, "target": target, "service": service},
            variant=variant,
        )


def _service(event: Event) -> str:
    dataset = glance(event).dataset
    if dataset != "flow":
        return dataset
    protocol = glance(event).protocol
    if protocol in SERVICES:
        return "" if protocol in {"http", "kerberos"} else protocol
    return PORTS.get(glance(event).port, "") if not protocol else ""


def _verdict(event: Event, service: str) -> str:
    """`guess`, `entered`, or nothing that can be told."""
    if service == "http":
        status = int(event.number("http.response.status_code"))
        return "guess" if status == 401 else "entered" if status else ""
    if service == "ntlm":
        return "guess" if event.get("ntlm.success") is False else ""
    if service == "kerberos":
        return "guess" if event.text("kerberos.error").endswith("PREAUTH_FAILED") else ""
    if failed(event) or not succeeded(event) or not event.number("server.bytes"):
        return ""
    size = event.number("server.bytes")
    brief = event.number("event.duration") <= SHORT
    return "guess" if brief and size <= SERVICES[service][1] else "entered"


def make(context: Context) -> Detector:
    """The detector of this module."""
    return BruteForce(context)
