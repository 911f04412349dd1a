"""Other tools' alerts on their way: event → surprise engine → folded items and incidents of the state.

The engine holds the stream; what it reports is written in the house's own words. Where its kept state
is missing or damaged, it is fed again from the event store, and that is said.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import orjson

from correlation.entities import CorrelationContext
from correlation.foreign import BESIDE, BITS, CASE, NAME, build_foreign, grouped
from correlation.groups import Changes
from correlation.surprise.incidents import SurpriseIncident
from correlation.surprise.kinds import Kind
from correlation.surprise.stream import AlertStream, Run, Step, StreamedAlert
from fengsui.alert import Alert, Entity, Fact, alert_id
from fengsui.clock import DAY, HOUR, SECOND
from fengsui.errors import InputError
from fengsui.event import Event
from fengsui.incident import Decision, Incident
from fengsui.loss import Losses
from fengsui.query.lucene import parse_lucene
from fengsui.severity import Severity
from fengsui.store.event_store import EventStore, TimeRange
from fengsui.store.state import State
from fengsui.text import Text, literal
from sensors.logs.parsers.foreign_alerts import NO_TIME, OTHERS

log = logging.getLogger(__name__)

ALERTS: Final = parse_lucene("event.dataset:ids AND event.kind:alert AND NOT _exists_:fengsui.run")
AGAIN: Final = 7 * DAY  # of past alerts that are read again where the kept state cannot be used
BEHIND: Final = HOUR  # a live alert later than this is judged anew with all of the week
_QUIET: Final = 60.0  # seconds of wall time without a late one after which that is done
_PATIENT: Final = 600.0  # and since the first of them
_EVE: Final = {1: Severity.HIGH, 2: Severity.MEDIUM, 3: Severity.LOW}
_FOUND_KEPT: Final = 2_000  # incidents told at the end of a replay


class ForeignAlerts:
    """The alerts of other tools in one stream.

    Args:
        run: that its alerts and incidents bear.
        kept: file of what the engine holds, where it is to go on after a restart.
        context: whose the hosts are.
        state: asked for what stands there already; written by the caller.
    """

    def __init__(
        self, run: str, context: CorrelationContext, state: State, kept: Path | None = None
    ) -> None:
        self.run = run
        self._kept = kept
        self._found: dict[str, tuple[Incident, tuple[Alert, ...]]] = {}
        self._context = context
        self._state = state
        self._stream = AlertStream()
        self._decisions: Sequence[Decision] = ()
        self._items: dict[str, dict[str, Alert]] = {}  # case → its items, while the engine holds it
        self._incidents: dict[str, set[str]] = {}  # case → incidents that were made of it
        self._told_as: dict[str, SurpriseIncident] = {}
        self._own = Losses()
        self._taken = 0  # alerts since the state was kept
        self._now = 0
        self._late: tuple[float, float] | None = None  # wall time of the first and last late alert

    @property
    def losses(self) -> Losses:
        """What could not be correlated, and what was let go."""
        found = Losses(self._own.as_json())
        for name, count in self._stream.losses().items():
            if count:
                found.add(f"correlation.foreign.{name}", count)
        return found

    def take(self, event: Event) -> None:
        """Take an alert in; `advance` tells what it led to."""
        self._taken += 1
        alert = streamed(event, self._context)
        if self._kept and alert.time is not None and alert.time < self._now - BEHIND:
            self._own.add("correlation.foreign.behind")
            if alert.time >= self._now - AGAIN:
                wall = time.monotonic()
                self._late = (self._late[0] if self._late else wall, wall)
        else:
            self._stream.add(alert)

    def due_anew(self) -> bool:
        """Whether alerts that came hours late wait for all of the week to be judged again."""
        if self._late is None:
            return False
        first, last = self._late
        wall = time.monotonic()
        return wall - last > _QUIET or wall - first > _PATIENT

    def judge_anew(self) -> None:
        """All of the week is to be judged again, at once."""
        self._late = (-math.inf, -math.inf)

    def begin_anew(self) -> None:
        """Forget everything; the caller feeds it again from the event store, in order."""
        self._late = None
        self._now = 0
        self._stream = AlertStream()
        for held in (self._found, self._items, self._incidents, self._told_as):
            held.clear()

    def advance(self, now: int) -> Changes:
        """What alerts older than a minute before `now` (ns) led to."""
        self._now = now
        return self._told(self._stream.advance(now))

    def finish(self) -> Changes:
        """The stream has ended."""
        return self._told(self._stream.flush())

    def decide(self, decisions: Sequence[Decision]) -> Changes:
        """Obey what analysts decided about these alerts: all decisions of the run."""
        self._decisions = tuple(decisions)
        named = {a for d in decisions for a in (*d.together, *d.apart)}
        cases = [case for case, items in self._items.items() if not named.isdisjoint(items)]
        return self._made(cases)

    def alerts(self) -> list[Alert]:
        """Items of the incidents that were made so far."""
        return [alert for _, alerts in self._found.values() for alert in alerts]

    def incidents(self) -> list[Incident]:
        """Incidents that were made so far."""
        return [incident for incident, _ in self._found.values()]

    def keep(self) -> None:
        """Write what the engine holds, whole or not at all."""
        if self._kept is None or not self._taken:
            return
        self._taken = 0
        part = self._kept.with_suffix(".part")
        try:
            part.write_bytes(orjson.dumps(self._stream.state()))
            part.replace(self._kept)
        except OSError as error:
            log.warning("What is known of foreign alerts is not kept", exc_info=error)
            self._own.add("correlation.foreign.state_not_kept")

    def take_up(self, events: EventStore, now: int) -> None:
        """Go on from the kept state; where it is not usable, from the alerts of the last week."""
        if self._kept is None:
            return
        try:
            self._stream = AlertStream.restored(orjson.loads(self._kept.read_bytes()))
        except FileNotFoundError:
            self._feed_again(events, now)
        except (InputError, OSError, ValueError) as error:
            log.warning("What is known of foreign alerts is built again", exc_info=error)
            self._feed_again(events, now)

    def _feed_again(self, events: EventStore, now: int) -> None:
        self._stream = AlertStream()
        fed = 0
        for fed, event in enumerate(events.scroll(ALERTS, TimeRange(max(0, now - AGAIN), now)), 1):  # noqa: B007
            self._stream.add(streamed(event, self._context))
        if fed:
            self._own.add("correlation.foreign.state_rebuilt")

    def _told(self, step: Step) -> Changes:
        cases: list[str] = []
        for one in step.changed:
            case = one.incident.id
            for old in one.merged:
                self._items.pop(old, None)
                self._told_as.pop(old, None)
                self._incidents.setdefault(case, set()).update(self._incidents.pop(old, ()))
            items = [self._alert(case, run) for run in one.items]
            self._items[case] = {alert.id: alert for alert in items}
            self._told_as[case] = one.incident
            cases.append(case)
        changes = self._made(cases)
        for case in step.gone:
            for held in (self._items, self._incidents, self._told_as):
                held.pop(case, None)
        return changes

    def _made(self, cases: Sequence[str]) -> Changes:
        """Items and incidents of these cases, and of those that people have joined with them."""
        if not cases:
            return Changes()
        fresh = {id_: alert for case in cases for id_, alert in self._items[case].items()}
        alerts = fresh | self._joined_with(fresh)
        incidents: list[Incident] = []
        home: dict[str, str] = {}
        for members, links in grouped(alerts.values(), self._decisions):
            told = [
                self._told_as[case]
                for case in cases
                if not self._items[case].keys().isdisjoint(alert.id for alert in members)
            ]
            made = build_foreign(
                self.run,
                members,
                links,
                self._context,
                learning=any(one.learning for one in told),
                least=max((one.severity for one in told), default=Severity.INFO),
            )
            incidents.append(made)
            home |= dict.fromkeys((alert.id for alert in members), made.id)
        here = {incident.id for incident in incidents}
        absorbed: dict[str, str] = {}
        for case in cases:
            now = {home[alert] for alert in self._items[case]}
            before = self._incidents.get(case)
            if before is None:
                found = self._state.cases_with(list(self._items[case]))
                before = {one.incident.id for one in found if one.incident.origin == "foreign"}
            heir = min(now)
            absorbed |= {old: heir for old in before if old not in here}
            self._incidents[case] = now
        for old in absorbed:
            self._found.pop(old, None)
        for made in incidents:
            if len(self._found) < _FOUND_KEPT or made.id in self._found:
                self._found[made.id] = (made, tuple(alerts[alert] for alert in made.alerts))
        return Changes(tuple(alerts.values()), tuple(incidents), absorbed)

    def _joined_with(self, alerts: dict[str, Alert]) -> dict[str, Alert]:
        """Items of other cases that decisions bring together with these, and those of their cases."""
        wanted: set[str] = set()
        for decision in self._decisions:
            named = {*decision.together, *decision.apart}
            if decision.stands and not named.isdisjoint(alerts):
                wanted |= named - alerts.keys()
        if not wanted:
            return {}
        held = {id_: alert for items in self._items.values() for id_, alert in items.items()}
        found = {id_: held[id_] for id_ in wanted if id_ in held}
        missing = sorted(wanted - found.keys())
        found |= {alert.id: alert for alert in self._state.alerts(missing)} if missing else {}
        return {id_: alert for id_, alert in found.items() if alert.kind == "foreign"}

    def _alert(self, case: str, run: Run) -> Alert:
        host, kind = run.host, run.kind
        rule = f"{kind.tool or 'alerts'}:{kind.key}"
        first, last = run.first * SECOND, run.last * SECOND
        entities = [Entity("host", host.key, "source", internal=True)]
        if run.far:
            entities.append(Entity("host", run.far, "peer"))
        facts = [
            Fact(BITS, round(run.bits, 2) if run.evidence else 0.0, unit="bit"),
            Fact(CASE, case),
        ]
        facts += [
            Fact(name, value) for name, value in ((NAME, host.name), (BESIDE, run.joined)) if value
        ]
        return Alert(
            id=alert_id(rule, host.key, self.run, first),
            rule=rule,
            title=literal(kind.title, kind.title),
            kind="foreign",
            severity=kind.severity if kind.severity is not None else Severity.LOW,
            fidelity=0.0,
            key=host.key,
            entities=tuple(entities),
            events=run.refs,
            first=first,
            last=last,
            raised=first,
            reason=_reason(run),
            facts=tuple(facts),
            tactics=kind.stages,
            count=run.count,
            run=self.run,
            author=kind.tool,
        )


def _reason(run: Run) -> Text:
    name = "reason" if run.evidence else "context"
    values: dict[str, str | int | float] = {
        "tool": run.kind.tool or "–",
        "bits": round(run.bits, 1),
        "count": run.count,
    }
    return Text(f"correlation.foreign.{name}", values)


def is_foreign(event: Event) -> bool:
    """Whether an event is another tool's alert."""
    return event.dataset == "ids" and event.get("event.kind") == "alert"


def streamed(event: Event, context: CorrelationContext) -> StreamedAlert:
    """What the engine needs of an alert: the host of ours that it is about, and the other end."""
    source, target = event.text("source.ip"), event.text("destination.ip")
    address = event.text("host.ip")
    if not address:
        address = target if target and not context.is_internal(source) else source
    far = next(
        (
            end
            for end in (source, target)
            if end not in {"", address} and not context.is_internal(end)
        ),
        "",
    )
    title = event.text("rule.name")
    return StreamedAlert(
        ref=event.id,
        time=None if event.text("fengsui.parse") == NO_TIME else event.time,
        address=address,
        name=event.text("host.name"),
        kind=Kind(
            event.text("event.module"),
            event.text("rule.id") or title,
            title,
            _severity(event),
            tuple(event.get("threat.tactic.name") or ()),
        ),
        far=far,
        others=tuple((kind, event.text(name)) for kind, name in OTHERS.items() if event.get(name)),
    )


def _severity(event: Event) -> Severity | None:
    word = event.text("log.level")
    if word:
        try:
            return Severity.parse(word)
        except ValueError:
            return None
    number = event.get("event.severity")
    if event.text("event.module") == "suricata" and isinstance(number, int):
        return _EVE.get(number, Severity.INFO)
    return None
