"""Scans: one source knocks on many doors and most stay shut.

Failed first contacts are remembered per source; three shapes are told apart: many hosts on one
port (horizontal), many ports of one host (vertical), many hosts by echo request (sweep). Besides
their number, the share that failed must say that the source does not know where its partners are
(the idea of threshold random walk: Jung, Paxson, Berger, Balakrishnan 2004).

A scan by one of ours is discovery (T1046, T1018); one from the Internet is background noise and
low, however large (T1595).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from detections.anomalies._bounded import Bounded, Ladder, Recent
from detections.anomalies._glance import glance
from detections.anomalies._outcome import failed, succeeded
from detections.anomalies._sides import HOUSEKEEPING, Sides, is_unicast
from detections.anomalies._telling import Evidence, host, rule, tell
from detections.detector import Context, Detector
from fengsui.alert import Alert, EntityRole, Fact
from fengsui.clock import HOUR, MINUTE
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.rule import Rule
from fengsui.severity import Severity

INSIDE: Final = rule("scan", Severity.HIGH, ("T1046", "T1018"), logsource="network_connection")
OUTSIDE: Final = rule("scan_from_outside", Severity.LOW, ("T1595",), logsource="network_connection")
SOURCES: Final = 4_096
TARGETS: Final = 256  # remembered a source
WINDOW: Final = HOUR
KNOCKS: Final = 8  # failed hosts on one port, or failed ports of one host
KNOCKS_OUTSIDE: Final = 20  # the same from the Internet
SWEPT: Final = 10  # hosts asked for an echo within a minute
UNANSWERED: Final = 3  # of them; or SWEPT_ALL answered or not
SWEPT_ALL: Final = 30
FAILED_SHARE: Final = 0.35  # of the first contacts of that shape
ECHO: Final = frozenset({8, 128})  # ICMP and ICMPv6 echo request

Target = tuple[str, int]
Values = Mapping[str, str | int | float]


@dataclass(slots=True)
class _Source:
    failed: Recent[Target] = field(default_factory=lambda: Recent(WINDOW, TARGETS))
    reached: Recent[Target] = field(default_factory=lambda: Recent(WINDOW, TARGETS))
    asked: Recent[str] = field(default_factory=lambda: Recent(MINUTE, TARGETS))
    silent: Recent[str] = field(default_factory=lambda: Recent(MINUTE, TARGETS))
    horizontal: Evidence = field(default_factory=Evidence)
    sweep: Evidence = field(default_factory=Evidence)
    ladders: dict[str, Ladder] = field(default_factory=dict[str, Ladder])

    def ladder(self, shape: str, start: float) -> Ladder:
        if len(self.ladders) >= 32 and shape not in self.ladders:  # shapes that speak, not targets
            self.ladders.pop(next(iter(self.ladders)))
        return self.ladders.setdefault(shape, Ladder(start, 4.0))


class Scan:
    """See the module."""

    def __init__(self, context: Context) -> None:
        self.rules: tuple[Rule, ...] = (INSIDE, OUTSIDE)
        self.datasets: frozenset[str] = frozenset({"flow"})
        self.losses = Losses()
        self._sides = Sides(context.is_internal)
        # Apart, so that noise from the Internet cannot push our own hosts out of memory.
        self._ours: Bounded[str, _Source] = Bounded(SOURCES, _Source, self.losses, "scan.ours")
        self._others: Bounded[str, _Source] = Bounded(SOURCES, _Source, self.losses, "scan.others")

    def observe(self, event: Event, now: int) -> Iterator[Alert]:
        """Take a flow's outcome in."""
        seen = glance(event)
        source, target = seen.source, seen.target
        if not is_unicast(target):
            return
        transport = seen.transport
        if transport in {"icmp", "ipv6-icmp"}:
            if int(event.number("icmp.type")) in ECHO:
                yield from self._swept(self._of(source).take(source), event, source, target, now)
            return
        if transport not in {"tcp", "udp"}:
            return
        port = seen.port
        if transport == "udp" and (port in HOUSEKEEPING or not self._sides.inside(source, target)):
            return  # one-way UDP to the Internet is for `spray` to judge
        if failed(event):
            state = self._of(source).take(source)
            state.horizontal.add(event, seen.time)
            if (target, port) not in state.reached and state.failed.add((target, port), seen.time):
                yield from self._knocked(state, source, target, port, now)
        elif succeeded(event):
            self._answered(source, (target, port), seen.time)

    def advance(self, now: int) -> Iterator[Alert]:
        """Nothing waits for time here."""
        return iter(())

    def _answered(self, source: str, place: Target, time: int) -> None:
        """Remember who answers: always for our own hosts, for others only once they failed."""
        ours = self._sides.internal(source)
        state = self._ours.take(source) if ours else self._others.find(source)
        if state is not None:
            state.reached.add(place, time)
            state.failed.discard(place)

    def _of(self, source: str) -> Bounded[str, _Source]:
        return self._ours if self._sides.internal(source) else self._others

    def _knocked(
        self, state: _Source, source: str, target: str, port: int, now: int
    ) -> Iterator[Alert]:
        least = KNOCKS if self._sides.internal(source) else KNOCKS_OUTSIDE
        hosts = {address for address, other in state.failed if other == port}
        if len(hosts) >= least:
            reached = sum(1 for _, other in state.reached if other == port)
            enough = len(hosts) >= FAILED_SHARE * (len(hosts) + reached)
            if enough and state.ladder(f"port {port}", least).reached(len(hosts)):
                yield self._alert(
                    source,
                    f"port {port}",
                    hosts,
                    state.horizontal,
                    now,
                    {"source": source, "port": port},
                    "horizontal",
                )
                return
        ports = sum(1 for address, _ in state.failed if address == target)
        if ports >= least:
            reached = sum(1 for address, _ in state.reached if address == target)
            enough = ports >= FAILED_SHARE * (ports + reached)
            if enough and state.ladder(f"host {target}", least).reached(ports):
                values: Values = {"source": source, "target": target}
                facts = (Fact("failed_ports", ports, least), Fact("reached_ports", reached))
                yield self._alert(
                    source, target, {target}, state.horizontal, now, values, "vertical", facts
                )

    def _swept(
        self, state: _Source, event: Event, source: str, target: str, now: int
    ) -> Iterator[Alert]:
        time = glance(event).time
        new = state.asked.add(target, time)
        if not event.number("destination.packets") and not event.number("destination.bytes"):
            state.silent.add(target, time)
        state.sweep.add(event, time)
        asked, silent = len(state.asked), len(state.silent)
        wide = (asked >= SWEPT and silent >= UNANSWERED) or asked >= SWEPT_ALL
        if new and wide and state.ladder("sweep", SWEPT).reached(asked):
            facts = (Fact("swept_hosts", asked, SWEPT), Fact("silent_hosts", silent, UNANSWERED))
            yield self._alert(
                source,
                "echo",
                set(state.asked),
                state.sweep,
                now,
                {"source": source},
                "sweep",
                facts,
            )

    def _alert(
        self,
        source: str,
        shape: str,
        targets: set[str],
        evidence: Evidence,
        now: int,
        values: Values,
        variant: str,
        facts: tuple[Fact, ...] = (),
    ) -> Alert:
        ours = self._sides.internal(source)
        chosen: Rule = INSIDE if ours else OUTSIDE
        shown = sorted(targets)[:20]
        role: EntityRole = "victim" if ours else "attacker"
        return tell(
            chosen,
            f"{source}|{variant}|{shape}",
            evidence,
            now,
            entities=(
                host(source, role, internal=ours),
                *(host(one, "target", internal=self._sides.internal(one)) for one in shown),
            ),
            facts=facts or (Fact("failed_hosts", len(targets), KNOCKS),),
            fidelity=0.8 if ours else 0.9,
            severity=self._severity(ours, shown),
            values={**values, "targets": len(targets)},
            variant=variant,
        )

    def _severity(self, ours: bool, targets: list[str]) -> Severity:
        if not ours:
            return Severity.LOW
        inside = any(self._sides.internal(target) for target in targets)
        return Severity.HIGH if inside else Severity.MEDIUM


def make(context: Context) -> Detector:
    """The detector of this module."""
    return Scan(context)
