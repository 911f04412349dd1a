"""One stream of events on its way: enrich → detect → keep → correlate, on the stream's own clock.

The stream's events go to the event store first and its alerts to the state after, so that an alert
never points at an event that is not there. Nothing here knows where the batches come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from console.rules.tally import RuleTally
from correlation.correlator import Correlator
from correlation.groups import Changes
from detections.detections import Detections
from fengsui.alert import Alert
from fengsui.clock import MINUTE
from fengsui.event import Event, split_lines
from fengsui.incident import Incident
from fengsui.loss import Losses
from fengsui.store.event_store import EventStore
from fengsui.store.state import ReplayKind, SourceSeen, State
from sensors.enrich.address_plan import AddressPlan, assets_seen
from sensors.enrich.enrich import enrich

FLUSH_EVENTS = 20_000  # events held before they are kept even if nobody asks
_SETTLE = 10 * MINUTE  # after the end of an input, time moves on this far so that windows close


@dataclass(frozen=True, slots=True)
class Run:
    """What the stream is. `id` "" is live telemetry; drills carry theirs in every event."""

    id: str = ""
    kind: ReplayKind = "live"


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
    folded: set[str] = field(default_factory=set[str])
    assets: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])


class Pipeline:
    """Built by `console.wiring`; `process` batches, `flush` at least each second, `finish` once."""

    def __init__(
        self,
        run: Run,
        plan: AddressPlan,
        detections: Detections,
        correlator: Correlator,
        events: EventStore,
        state: State,
    ) -> None:
        self.run = run
        self.plan = plan
        self.detections = detections
        self.correlator = correlator
        self.counts = Counts()
        self.losses = Losses()
        self._events = events
        self._state = state
        self._pending = _Pending()
        self._tally = RuleTally()
        self._label: Callable[[Event], Event] = (
            (lambda event: event.in_run(run.id)) if run.kind == "drill" else (lambda event: event)
        )

    @property
    def clock(self) -> int:
        """Newest event time seen, ns."""
        return self.counts.last

    def all_losses(self) -> Losses:
        """What the stream lost so far, on its way through every floor."""
        found = Losses(self.losses.as_json())
        found.merge(self.detections.losses)
        found.merge(self.correlator.losses)
        return found

    def process(self, lines: bytes, clock: int) -> None:
        """Take a batch of JSON lines; `clock` is the input's newest time (ns)."""
        self.counts.last = max(self.counts.last, clock)
        plan, label = self.plan, self._label
        events = [enrich(label(event), plan) for event in self._readable(lines)]
        self._note(events)
        self._take(self.correlator.add(self.detections.observe(events, self.clock), self.clock))
        self._pending.events += events
        if len(self._pending.events) >= FLUSH_EVENTS:
            self.flush()

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
        self.flush()
        self.count_rules()

    def count_rules(self) -> None:
        """Keep what rules found and spent; what a drill sets off says nothing of them."""
        if self.run.kind != "drill":
            self._state.saw_rules(self._tally.growth(self.detections, self.clock))

    def flush(self) -> None:
        """Keep what is pending: events first, then what was made of them."""
        pending, self._pending = self._pending, _Pending()
        if pending.events:
            done = self._events.append(pending.events)
            self.counts.added += done.added
            self.counts.duplicates += done.duplicates
            for name, count in done.quarantined_fields.items():
                self.losses.add(f"store.field_set_aside.{name}", count)
        if pending.alerts or pending.folded:
            self._state.put_alerts(list(pending.alerts.values()), sorted(pending.folded))
        if pending.incidents or pending.absorbed:
            self._state.put_incidents(list(pending.incidents.values()), pending.absorbed)
        if self._tally.due:
            self.count_rules()
        if pending.sources:
            self._state.saw_sources(list(pending.sources.values()))
        if pending.assets:
            self._state.saw_assets(pending.assets)

    def _take(self, changes: Changes) -> None:
        self._pending.alerts |= {alert.id: alert for alert in changes.alerts}
        self._pending.incidents |= {incident.id: incident for incident in changes.incidents}
        self._pending.absorbed |= changes.absorbed
        for gone in changes.absorbed:
            self._pending.incidents.pop(gone, None)
        for gone in changes.folded:
            self._pending.alerts.pop(gone, None)
            self._pending.folded.add(gone)

    def _note(self, events: list[Event]) -> None:
        """Count what passes; live telemetry also tells which sources and assets are alive."""
        live = self.run.kind == "live"
        for event in events:
            fields = event.fields
            dataset = str(fields["event.dataset"])
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
