"""Infection: weak signs that meet on one host within half an hour.

A program fetched by clear HTTP, a form posted to a server that no page led to, a question for the
own outside address: each happens on healthy hosts. Several kinds of them together, pointing to
places outside, are how infections of many families look from the network. The alert lists what was
seen; weights are in `_signs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder
from detections.anomalies._glance import glance
from detections.anomalies._known_services import LOOKUP_DOMAINS, ROUTINE_DOMAINS
from detections.anomalies._names import registered_domain
from detections.anomalies._sides import Sides, is_address
from detections.anomalies._signs import WEIGHTS, Sign, signs
from detections.anomalies._telling import Evidence, host, rule, tell, thing
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import MINUTE, SECOND
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "infection",
    Severity.HIGH,
    ("T1204", "T1105", "T1071.001"),
    logsource="http, tls, dns, network_connection",
)
HOSTS: Final = 8_192
WINDOW: Final = 30 * MINUTE
PLACES: Final = 3  # places of one kind that count
PATHS: Final = 128
SCORE: Final = 3.0
KINDS: Final = 2
HIGH_SCORE: Final = 5.0
HIGH_KINDS: Final = 3
POSTS: Final = 4  # to one path, apart from each other
APART: Final = 5 * SECOND
# Signs that a sentence of their own is built around; the strongest leads.
LEADING: Final = {
    "executable": "executable",
    "same_path": "same_path",
    "hidden_name": "hidden_name",
    "repeated_post": "post",
    "post": "post",
}
SAME_PATH: Final = 4  # unrelated servers


@dataclass(slots=True)
class _Posts:
    count: int = 0
    last: int = 0


@dataclass(slots=True)
class _Host:
    seen: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    posts: dict[tuple[str, str], _Posts] = field(default_factory=dict[tuple[str, str], _Posts])
    paths: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(SCORE, 1.6))


class Infection:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"http", "tls", "dns", "flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._allowed = context.allowed_domains | ROUTINE_DOMAINS | LOOKUP_DOMAINS
        self._hosts: Bounded[str, _Host] = Bounded(HOSTS, _Host, self.losses, "infection.hosts")

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Add the event's signs to its host; speak when they have become enough."""
        seen = glance(event)
        source, target = seen.source, seen.target
        if not self._sides.internal(source):
            return
        outward = seen.dataset == "dns" or self._sides.outbound(source, target)
        if not outward and not event.text("url.original").startswith("http://"):  # by a proxy
            return
        found = [sign for sign in signs(event) if not self._routine(sign.place)]
        if seen.dataset == "http":
            found += self._patterns(event, source, target)
        if not found:
            return
        state = self._hosts.take(source)
        time = seen.time
        fresh = False
        for sign in found:
            key = (sign.kind, sign.place)
            fresh |= key not in state.seen
            state.seen[key] = max(time, state.seen.get(key, 0))
        if not fresh:
            return
        state.evidence.add(event, time)
        self._forget(state, time)
        yield from self._weigh(state, source, now)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _routine(self, place: str) -> bool:
        return registered_domain(place) in self._allowed

    def _patterns(self, event: Event, source: str, target: str) -> list[Sign]:
        """Signs that take more than one request: repeated posts, one path on many servers."""
        place = event.text("url.domain").lower() or target
        path = event.text("url.path")
        if self._routine(place):
            return []
        state = self._hosts.take(source)
        found: list[Sign] = []
        if event.text("http.request.method") == "POST" and not event.text("http.request.referrer"):
            posts = state.posts.setdefault((place, path), _Posts())
            time = glance(event).time
            if abs(time - posts.last) >= APART:
                posts.count += 1
                posts.last = time
            if posts.count >= POSTS:
                found.append(Sign("repeated_post", place))
        if len(path) >= 3 and path not in {"/index.html", "/index.php", "/favicon.ico"}:
            servers = state.paths.setdefault(path, set())
            if len(servers) < SAME_PATH:
                servers.add(registered_domain(place))
            if len(servers) >= SAME_PATH:
                found.append(Sign("same_path", path))
        for table in (state.posts, state.paths):
            if len(table) > PATHS:
                del table[next(iter(table))]  # type: ignore[arg-type]
        return found

    def _forget(self, state: _Host, time: int) -> None:
        oldest = time - WINDOW
        state.seen = {key: at for key, at in state.seen.items() if at >= oldest}

    def _weigh(self, state: _Host, source: str, now: int) -> Iterator[Alert]:
        kinds: dict[str, list[str]] = {}
        for kind, place in state.seen:
            kinds.setdefault(kind, []).append(place)
        score = sum(
            WEIGHTS[kind] * (1 + 0.5 * (min(len(places), PLACES) - 1))
            for kind, places in kinds.items()
        )
        if len(kinds) < KINDS or not state.ladder.reached(score):
            return
        leading = max(kinds, key=lambda kind: (kind in LEADING, WEIGHTS[kind], kind))
        high = score >= HIGH_SCORE and len(kinds) >= HIGH_KINDS
        places = sorted({place for kind in kinds for place in kinds[kind] if "/" not in place})[:10]
        yield tell(
            RULE,
            source,
            state.evidence,
            now,
            entities=(
                host(source, "victim", internal=True),
                *(
                    host(place, "c2", internal=False)
                    if is_address(place)
                    else thing("domain", place, "c2")
                    for place in places
                ),
            ),
            facts=(
                Fact("score", round(score, 1), SCORE),
                Fact("kinds", len(kinds), KINDS),
                *(Fact(kind, ", ".join(sorted(kinds[kind])[:5])) for kind in sorted(kinds)),
            ),
            fidelity=min(0.4 + 0.07 * score, 0.85),
            severity=Severity.HIGH if high else Severity.MEDIUM,
            values={"source": source, "place": kinds[leading][0], "places": len(places)},
            variant=LEADING.get(leading, "reason"),
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Infection(context)
