"""One stream of events on its way: enrich → detect → keep → correlate, on the stream's own clock.

The stream's events go to the event store first and its alerts to the state after, so that an alert
never points at an event that is not there. Nothing here knows where the batches come from.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from console.foreign import ForeignAlerts, is_foreign
from console.foreign_anew import judged_anew
from console.restoring import known_since, learn_past, look_back, restore
from console.rules.tally import RuleTally
from console.situation.traffic import Traffic
from console.stories import StoryKeeper, context_of
from correlation.correlator import Correlator
from correlation.groups import Changes
from correlation.identities import DATASETS as TEACHING
from correlation.identities import Identities
from detections.detections import Detections
from fengsui.alert import Alert
from fengsui.clock import MINUTE, WallClock
from fengsui.event import Event, split_lines
from fengsui.incident import Incident
from fengsui.loss import Losses
from fengsui.store.event_store import EventStore
from fengsui.store.state import ReplayKind, SourceSeen, State
from sensors.enrich.address_plan import AddressPlan, assets_seen
from sensors.enrich.enrich import enrich

FLUSH_EVENTS = 20_000  # events held before they are kept even if nobody asks
SILENCE = 60.0  # seconds of wall time without a batch after which a live stream is silent
_AHEAD = 5 * MINUTE  # beyond the wall clock to which a live stream's own may go
_SETTLE = 10 * MINUTE  # after the end of an input, time moves on this far so that windows close


@dataclass(frozen=True, slots=True)
class Run:
    """What the stream is. `id` "" is live telemetry; drills carry theirs in every event."""

    id: str = ""
    kind: ReplayKind = "live"

    @property
    def scope(self) -> str:
        """The run that its alerts bear: only a drill's are kept apart."""
        return self.id if self.kind == "drill" else ""


@dataclass(slots=True)
class Counts:
    """What went through, for the run's report and the health page."""

    events: Counter[str] = field(default_factory=Counter[str])
    added: int = 0
    duplicates: int = 0
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class _Pending:
    events: list[Event] = field(default_factory=list[Event])
    alerts: dict[str, Alert] = field(default_factory=dict[str, Alert])
    incidents: dict[str, Incident] = field(default_factory=dict[str, Incident])
    absorbed: dict[str, str] = field(default_factory=dict[str, str])
    sources: dict[tuple[str, str], SourceSeen] = field(
        default_factory=dict[tuple[str, str], SourceSeen]
    )
    folded: dict[str, str] = field(default_factory=dict[str, str])
    withdrawn: dict[str, None] = field(default_factory=dict[str, None])
    loose: dict[str, None] = field(default_factory=dict[str, None])
    assets: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])


class Pipeline:
    """Built by `console.wiring`; `process` batches, `flush` at least each second, `finish` once."""

    def __init__(
        self,
        run: Run,
        plan: AddressPlan,
        detections: Detections,
        correlator: Correlator,
        foreign: ForeignAlerts,
        identities: Identities,
        events: EventStore,
        state: State,
    ) -> None:
        self.run = run
        self.plan = plan
        self.detections = detections
        self.correlator = correlator
        self.foreign = foreign
        self._identities = identities
        self._resumes = run.kind == "live"
        self._arrived: float | None = (
            None  # wall time of the last batch, until what waited was released
        )
        self.counts = Counts()
        self.losses = Losses()
        self._events = events
        self._state = state
        self._wall = WallClock()
        self._stories = StoryKeeper(state, lambda _run: context_of(plan), self._wall)
        self._pending = _Pending()
        self._tally = RuleTally()
        self._traffic = Traffic()
        self._label: Callable[[Event], Event] = (
            (lambda event: event.in_run(run.id)) if run.kind == "drill" else (lambda event: event)
        )

    def alerts(self) -> list[Alert]:
        """Folded alerts of the stream, other tools' as they stand in incidents, the oldest first."""
        found = [*self.correlator.alerts(), *self.foreign.alerts()]
        return sorted(found, key=lambda alert: (alert.first, alert.id))

    def incidents(self) -> list[Incident]:
        """Incidents of the stream, the worst first."""
        found = [*self.correlator.incidents(), *self.foreign.incidents()]
        return sorted(found, key=lambda one: (-one.score, one.first, one.id))

    @property
    def clock(self) -> int:
        """Newest event time seen, ns."""
        return self.counts.last

    def all_losses(self) -> Losses:
        """What the stream lost so far, on its way through every floor."""
        found = Losses(self.losses.as_json())
        found.merge(self.detections.losses)
        found.merge(self.correlator.losses)
        found.merge(self.foreign.losses)
        found.merge(self._identities.losses)
        return found

    def resume(self) -> None:
        """Before the first batch, take up what the state holds of this run: it was begun before."""
        self._resumes = True

    def take_over(self, before: Pipeline) -> None:
        """Go on for a pipeline of the same stream whose incidents somebody has correlated anew.

        Its last alerts are kept, but not what it made of them: all that stands now is told again.
        """
        before._pending.incidents.clear()
        before._pending.absorbed.clear()
        before.flush()
        self._begin(before.clock)
        self.counts.last = before.clock
        self._take(Changes(incidents=tuple(self.correlator.incidents())))
        self.foreign.judge_anew()

    def obey(self) -> None:
        """Take over what analysts have decided about this run's incidents since."""
        decisions = self._state.decisions(self.run.scope)
        self._take(self.correlator.decide(self.run.scope, decisions))
        self._take(self.foreign.decide(decisions))

    def reweigh(self, rules: Collection[str]) -> None:
        """Score again what rules found whose trust has changed."""
        self._take(self.correlator.reweigh(rules))

    def process(self, lines: bytes, clock: int) -> None:
        """Take a batch of JSON lines; `clock` is the input's newest time (ns)."""
        if self.run.kind == "live":  # a clock that is wrong somewhere does not move ours
            clock = min(clock, self._wall.now() + _AHEAD)
        self.counts.last = max(self.counts.last, clock)
        self._arrived = time.monotonic()
        plan, label = self.plan, self._label
        events = [enrich(label(event), plan) for event in self._readable(lines)]
        if not self.counts.first and events:
            self._begin(first := min(event.time for event in events))
            if self._resumes:
                self._look_back(first)
        self._note(events)
        self._traffic.note(events)
        self._take(self.correlator.add(self.detections.observe(events, self.clock), self.clock))
        self._take(self.foreign.advance(self.clock))
        self._pending.events += events
        if len(self._pending.events) >= FLUSH_EVENTS:
            self.flush()

    def _begin(self, first: int) -> None:
        """At the first events: since when the site is known, and what was known of it before."""
        self.counts.first = first
        began = known_since(self._state, first) if self.run.kind == "live" else first
        self.correlator.known_since(self.run.scope, began)
        if self._resumes:
            learn_past(self._identities, self._events, first, first)
            restore(self.correlator, self._state, self.run.scope, first)
            self.foreign.take_up(self._events, first)
        self.foreign.decide(self._state.decisions(self.run.scope))

    def _look_back(self, first: int) -> None:
        """Let detectors' windows go on where the last process was; nothing of it is counted again."""
        kept = self.run.kind == "live"  # see `console.roles.windows`
        look_back(self.detections, self._events, self.run.scope, first, correlations=not kept)
        self._tally.growth(self.detections, first)

    def _readable(self, lines: bytes) -> Iterator[Event]:
        """Events of a batch; a line that is no object is counted and left, and stops nothing."""
        for event in split_lines(lines):
            try:
                good = bool(event.dataset)
            except (ValueError, TypeError, KeyError):
                good = False
            if good:
                yield event
            else:
                self.losses.add("event.unreadable_lines")

    def finish(self) -> None:
        """The input has ended: let time move on so that open windows close, and keep everything."""
        for step in range(1, _SETTLE // MINUTE + 1):
            now = self.clock + step * MINUTE
            self._take(self.correlator.add(self.detections.observe([], now), now))
        self._take(self.correlator.add(self.detections.finish(self.clock), self.clock))
        self._take(self.foreign.finish())
        self.flush()
        self._stories.keep(every=True)
        self.count_rules()

    def count_rules(self) -> None:
        """Keep what rules found and spent; what a drill sets off says nothing of them."""
        if self.run.kind != "drill":
            self._state.saw_rules(self._tally.growth(self.detections, self.clock))

    def flush(self) -> None:
        """Keep what is pending: events first, then what was made of them."""
        self._release()
        pending, self._pending = self._pending, _Pending()
        if pending.events:
            done = self._events.append(pending.events)
            self.counts.added += done.added
            self.counts.duplicates += done.duplicates
            for name, count in done.quarantined_fields.items():
                self.losses.add(f"store.field_set_aside.{name}", count)
        if pending.alerts or pending.folded:
            self._state.put_alerts(list(pending.alerts.values()), pending.folded)
        if pending.incidents or pending.absorbed:
            self._state.put_incidents(list(pending.incidents.values()), pending.absorbed)
            self._stories.changed(list(pending.incidents.values()))
        if pending.withdrawn or pending.loose:
            self._state.withdraw([*pending.withdrawn], [*pending.loose])
        self._stories.keep()
        self.foreign.keep()
        if self._tally.due:
            self.count_rules()
        self._state.saw_traffic(self.run.scope, self._traffic.taken())
        if pending.sources:
            self._state.saw_sources(list(pending.sources.values()))
        if pending.assets:
            self._state.saw_assets(pending.assets)

    def _release(self) -> None:
        """A live stream that has fallen silent: its last alerts wait for earlier ones no longer."""
        if self.run.kind != "live":
            return
        if self.foreign.due_anew():
            self._take(judged_anew(self.foreign, self._events, self._state, self.clock))
        if self._arrived is None:
            return
        if time.monotonic() - self._arrived > SILENCE:
            self._arrived = None
            self._take(self.foreign.advance(self.clock + 2 * MINUTE))

    def _take(self, changes: Changes) -> None:
        self._pending.alerts |= {alert.id: alert for alert in changes.alerts}
        self._pending.incidents |= {incident.id: incident for incident in changes.incidents}
        self._pending.absorbed |= changes.absorbed
        self._pending.withdrawn |= dict.fromkeys(changes.withdrawn)
        self._pending.loose |= dict.fromkeys(changes.loose)
        for gone in (*changes.absorbed, *changes.withdrawn):
            self._pending.incidents.pop(gone, None)
        for gone, into in changes.folded.items():
            self._pending.alerts.pop(gone, None)
            self._pending.folded[gone] = into

    def _note(self, events: list[Event]) -> None:
        """Count what passes; live telemetry also tells which sources and assets are alive."""
        live = self.run.kind == "live"
        for event in events:
            fields = event.fields
            dataset = str(fields["event.dataset"])
            if dataset in TEACHING:
                self._identities.see(event)
            elif is_foreign(event):
                self.foreign.take(event)
            self.counts.events[dataset] += 1
            if live:
                self._seen(str(fields.get("observer.name", "")), dataset, event.time)
        if live and events:
            addresses = {a for e in events for a in (e.text("source.ip"), e.text("destination.ip"))}
            for asset in assets_seen(self.plan, addresses):
                first, last = self._pending.assets.get(asset, (self.clock, self.clock))
                self._pending.assets[asset] = (min(first, self.clock), max(last, self.clock))

    def _seen(self, sensor: str, dataset: str, time: int) -> None:
        known = self._pending.sources.get((sensor, dataset))
        self._pending.sources[sensor, dataset] = SourceSeen(
            sensor,
            dataset,
            (known.events if known else 0) + 1,
            min(known.first, time) if known else time,
            max(known.last, time) if known else time,
        )
