"""Calls to the dead: one of ours keeps calling outside addresses that do not answer.

Command servers are taken down while the infection lives on: it calls one address again and again,
or works through a list. Failed connections are joined into attempts (a client's own retries come
within seconds), and an address that ever answered is not dead. IPv6 addresses count only for hosts
whose IPv6 works at all. Where many hosts call in vain, it is the firewall, and the alert is low.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Recent
from detections.anomalies._glance import glance
from detections.anomalies._outcome import failed, succeeded
from detections.anomalies._sides import HOUSEKEEPING, Sides
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, Fact
from fengsui.clock import DAY, HOUR, SECOND
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

RULE: Final = rule(
    "dead_contacts", Severity.MEDIUM, ("T1071", "T1008"), logsource="network_connection"
)
SOURCES: Final = 8_192
PLACES: Final = 128  # dead and living places remembered a source
RETRY: Final = 25 * SECOND  # failures closer than this are one attempt
ATTEMPTS: Final = 5  # of one place
LIST: Final = 5  # places, none of which answers
LIST_ATTEMPTS: Final = 6  # in all on them
NETWORK_HOSTS: Final = 4  # with so many hosts in vain, or a tenth of all, it is the network
DEAD_SHARE: Final = 0.3  # of the outside places of the last hours
WINDOW: Final = 2 * HOUR

Place = tuple[str, int]


@dataclass(slots=True)
class _Dead:
    attempts: int = 0
    last: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(ATTEMPTS, 4.0))


@dataclass(slots=True)
class _Source:
    dead: dict[Place, _Dead] = field(default_factory=dict[Place, _Dead])
    alive: Recent[str] = field(default_factory=lambda: Recent(WINDOW, 4 * PLACES))
    six_works: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    ladder: Ladder = field(default_factory=lambda: Ladder(LIST, 3.0))


class DeadContacts:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (RULE,)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        self._sources: Bounded[str, _Source] = Bounded(
            SOURCES, _Source, self.losses, "dead_contacts.sources"
        )

        self._in_vain: Recent[str] = Recent(DAY, 1_024)

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Count an attempt that failed; forget a place that answers."""
        seen = glance(event)
        source, target = seen.source, seen.target
        if seen.transport != "tcp" or not self._sides.outbound(source, target):
            return
        port = seen.port
        if port in HOUSEKEEPING:
            return
        state = self._sources.take(source)
        if failed(event):
            if ":" in target and not state.six_works:
                return
            yield from self._failed(state, event, source, (target, port), now)
        elif succeeded(event):
            state.alive.add(target, seen.time)
            state.six_works |= ":" in target
            state.dead.pop((target, port), None)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _failed(
        self, state: _Source, event: Event, source: str, place: Place, now: int
    ) -> Iterator[Alert]:
        time = glance(event).time
        if place[0] in state.alive:
            return
        dead = state.dead.get(place)
        if dead is None:
            self._make_room(state, time)
            dead = state.dead[place] = _Dead()
        dead.evidence.add(event, time)
        state.evidence.add(event, time)
        if dead.attempts and abs(time - dead.last) < RETRY:
            dead.last = max(dead.last, time)
            return
        dead.attempts += 1
        dead.last = max(dead.last, time)
        if dead.ladder.reached(dead.attempts):
            if not state.ladder.climbed:  # the list has told of this place
                yield self._one(dead, source, place, now)
        else:
            yield from self._list(state, source, now)

    def _make_room(self, state: _Source, time: int) -> None:
        if len(state.dead) >= PLACES:
            del state.dead[min(state.dead, key=lambda place: state.dead[place].last)]
            self.losses.add("dead_contacts.places.evicted")
        stale = [place for place, dead in state.dead.items() if dead.last < time - WINDOW]
        for place in stale:
            del state.dead[place]

    def _one(self, dead: _Dead, source: str, place: Place, now: int) -> Alert:
        span = round((dead.evidence.last - dead.evidence.first) / SECOND)
        return tell(
            RULE,
            f"{source}|{place[0]}|{place[1]}",
            dead.evidence,
            now,
            entities=(host(source, "victim", internal=True), host(place[0], "c2", internal=False)),
            facts=(Fact("attempts", dead.attempts, ATTEMPTS), Fact("span", span, unit="s")),
            fidelity=0.5,
            values={"source": source, "target": place[0], "port": place[1]},
            variant="reason_one",
        )

    def _list(self, state: _Source, source: str, now: int) -> Iterator[Alert]:
        dead = {place: one for place, one in state.dead.items() if place[0] not in state.alive}
        places = {address for address, _ in dead}
        attempts = sum(one.attempts for one in dead.values())
        share = len(places) / (len(places) + len(state.alive))
        if len(places) < LIST or attempts < LIST_ATTEMPTS or share < DEAD_SHARE:
            return
        if not state.ladder.reached(len(places)):
            return
        shown = sorted(places)[:20]
        self._in_vain.add(source, state.evidence.last)
        blocked = len(self._in_vain) > max(NETWORK_HOSTS, len(self._sources) // 10)
        yield tell(
            RULE,
            f"{source}|list",
            state.evidence,
            now,
            entities=(
                host(source, "victim", internal=True),
                *(host(address, "c2", internal=False) for address in shown),
            ),
            facts=(
                Fact("dead_places", len(places), LIST),
                Fact("attempts", attempts, LIST_ATTEMPTS),
                Fact("dead_share", round(share, 2), DEAD_SHARE),
            ),
            fidelity=0.2 if blocked else 0.55,
            severity=Severity.LOW if blocked else Severity.MEDIUM,
            values={"source": source, "hosts": len(self._in_vain)},
            variant="reason_network" if blocked else "reason_list",
        )


def make(context: Context) -> Detector:
    """The detector of this module."""
    return DeadContacts(context)
