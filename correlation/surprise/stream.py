"""AlertStream: foreign alerts as they come, and the incidents that they come to, with bounded state.

    stream = AlertStream()
    stream.add(alert)             # any order within a minute
    step = stream.advance(now)    # what changed, to be stored
    kept = orjson.dumps(stream.state())
    stream = AlertStream.restored(orjson.loads(kept))

Alerts wait a minute, so that the order of their arrival within it changes nothing; then they are taken
in order of their own time. What comes later than that is taken at the present, and counted.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from correlation.surprise.case import Item
from correlation.surprise.engine import SurpriseEngine
from correlation.surprise.engine_state import engine_state, restore_engine
from correlation.surprise.incidents import SurpriseIncident, told, worst_first
from correlation.surprise.kinds import Kind
from correlation.surprise.names import Names
from correlation.surprise.parameters import Parameters
from correlation.surprise.showing import Shown, shown_cases
from correlation.surprise.table import HOSTS_KEPT, KINDS_KEPT, Host
from fengsui.clock import SECOND
from fengsui.errors import InputError
from fengsui.severity import Severity

WAIT = 60  # s that alerts wait for earlier ones
_AHEAD = 300  # s beyond the present from which a time is not believed
_WAITING_KEPT = 200_000  # alerts; beyond them the earliest are taken at once
_VERSION = 6


@dataclass(frozen=True, slots=True)
class StreamedAlert:
    """What the engine needs of one alert.

    Attributes:
        ref: what the caller calls it.
        time: ns since the epoch; None where it is not known.
        address, name: of the host of ours that it is about.
        far: an address outside, or "".
        others: kind and value of users, domains, files and the like.
    """

    ref: str
    time: int | None
    address: str
    name: str
    kind: Kind
    far: str = ""
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Alerts of one kind on one host without a silence of an hour.

    Attributes:
        first, last: s since the epoch.
        refs: the first alerts of it, at most 50; `count` says how many there are.
        evidence: false where it stands in the incident as context.
        bits: what it adds to the score at most.
        joined: the host by which it came to the incident, "site", "hub", or "" for the first.
    """

    number: int
    host: Host
    kind: Kind
    first: int
    last: int
    count: int
    refs: tuple[str, ...]
    far: str
    evidence: bool
    bits: float
    joined: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An incident that is new or not what it was.

    Attributes:
        incident: as it is now, without alerts; its id stays while it lives.
        items: all runs of it, at most 20,000, in order of time.
        merged: ids of incidents that became a part of it since they were told last.
    """

    incident: SurpriseIncident
    items: tuple[Run, ...]
    merged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What a call brought about.

    Attributes:
        changed: incidents, the worst first.
        gone: ids of incidents that are over: they are no longer held and will not change.
    """

    changed: tuple[Changed, ...]
    gone: tuple[str, ...]


_Waiting = tuple[int, str, str, str, str, str, StreamedAlert]


class AlertStream:
    """One stream of foreign alerts.

    Args:
        parameters: the weights.
    """

    def __init__(self, parameters: Parameters | None = None) -> None:
        self._weights = parameters or Parameters()
        self._names = Names()
        self._engine = SurpriseEngine(self._weights, self._names.zone, self._names.name)
        self._waiting: list[_Waiting] = []
        self._released = 0  # s
        self._ids: dict[str, str] = {}  # name of a case → id of its incident
        self._losses: Counter[str] = Counter()

    def add(self, alert: StreamedAlert) -> None:
        """Take an alert in; it is judged by a later `advance`."""
        if alert.time is None:
            self._losses["without_time"] += 1
        elif not (alert.address or alert.name):
            self._losses["without_host"] += 1
        else:
            time = alert.time // SECOND
            host, kind = alert.address or alert.name, alert.kind
            heapq.heappush(
                self._waiting,
                (time, host, kind.tool, kind.key, alert.far, alert.ref, alert),
            )

    def advance(self, now: int) -> Step:
        """Judge what has waited long enough.

        Args:
            now: ns since the epoch, by our own clock.
        """
        present = now // SECOND
        self._release(present - WAIT, present)
        return self._step()

    def flush(self) -> Step:
        """Judge all that waits: the end of the stream."""
        if self._waiting:
            last = max(one[0] for one in self._waiting)
            self._release(last, last)
        self._engine.settle()
        return self._step()

    def losses(self) -> dict[str, int]:
        """Alerts that were not judged, or not at their own time, by reason."""
        engine = self._engine
        crowded = self._losses["crowded"] + engine.crowded
        return {
            **{name: self._losses[name] for name in _LOSSES},
            "crowded": crowded,
            "cases_closed_early": engine.cases_closed_early,
        }

    def _release(self, until: int, present: int) -> None:
        waiting = self._waiting
        while waiting and (waiting[0][0] <= until or len(waiting) > _WAITING_KEPT):
            time, *_, alert = heapq.heappop(waiting)
            if time < self._released:
                self._losses["late"] += 1
            self._released = max(self._released, time)
            self._see(self._released, alert)
        ahead = [one for one in waiting if one[0] > present + _AHEAD]
        if ahead:
            self._waiting = [one for one in waiting if one[0] <= present + _AHEAD]
            heapq.heapify(self._waiting)
        for *_, alert in sorted(ahead, key=lambda one: one[:6]):
            self._losses["ahead_of_time"] += 1
            self._released = max(self._released, until)
            self._see(self._released, alert)

    def _see(self, time: int, alert: StreamedAlert) -> None:
        names, kind = self._names, alert.kind
        named = Host(alert.address, alert.name)
        if not names.has_room(named, kind, HOSTS_KEPT, KINDS_KEPT):
            self._losses["crowded"] += 1
            return
        host = names.host(named)
        if kind.is_echo:
            return
        self._engine.see(
            time,
            host,
            names.kind(kind),
            severity=kind.bits(),
            far=alert.far,
            judged=True,
            others=alert.others,
            ref=alert.ref,
            stage=kind.stage,
        )

    def _step(self) -> Step:
        touched = set(self._engine.touched)
        self._engine.touched.clear()
        if not touched:
            return Step((), self._gone())
        changed: list[Changed] = []
        for one in shown_cases(self._engine, self._names):
            merged = tuple(self._ids.pop(n) for n in one.case.absorbed if n in self._ids)
            if one.case.number in touched or merged:
                changed.append(self._changed(one, merged))
        changed.sort(key=lambda one: worst_first(one.incident))
        return Step(tuple(changed), self._gone())

    def _changed(self, one: Shown, merged: tuple[str, ...]) -> Changed:
        incident = told(one, None, self._names)
        self._ids[one.case.name] = incident.id
        evidence = one.weighed.evidence
        items = [self._run(item, evidence=item.key in evidence) for item in one.case.items]
        items += [self._run(item, evidence=False, joined="hub") for item in one.shared.values()]
        items.sort(key=lambda run: (run.first, run.number))
        return Changed(incident, tuple(items), merged)

    def _run(self, item: Item, *, evidence: bool, joined: str = "") -> Run:
        by = item.joined
        if by.isdigit():
            by = self._names.hosts[int(by)].key
        return Run(
            number=item.number,
            host=self._names.hosts[item.host],
            kind=self._names.kinds[item.kind],
            first=item.first,
            last=item.last,
            count=item.count,
            refs=tuple(item.refs),
            far=item.far,
            evidence=evidence,
            bits=round(item.worth, 2),
            joined=joined or by,
        )

    def _gone(self) -> tuple[str, ...]:
        held = {case.name for case in self._engine.all_cases()}
        gone = [name for name in self._ids if name not in held]
        return tuple(self._ids.pop(name) for name in gone)

    def state(self) -> dict[str, Any]:
        """All that is known, for JSON; bounded like the stream itself."""
        return {
            "version": _VERSION,
            "names": self._names.state(),
            "engine": engine_state(self._engine),
            "waiting": [_as_list(one[-1]) for one in sorted(self._waiting, key=lambda w: w[:6])],
            "released": self._released,
            "ids": self._ids,
            "losses": dict(self._losses),
        }

    @classmethod
    def restored(
        cls, state: Mapping[str, Any], parameters: Parameters | None = None
    ) -> AlertStream:
        """A stream that goes on where another was when it gave its `state`.

        Raises:
            InputError: this is no state, or one of another version (code `bad_state`).
        """
        stream = cls(parameters)
        try:
            if state["version"] != _VERSION:
                raise ValueError(f"version {state['version']}")
            stream._names.restore(state["names"])
            restore_engine(stream._engine, state["engine"])
            for fields in state["waiting"]:
                stream.add(_from_list(fields))
            stream._released = int(state["released"])
            stream._ids = {str(name): str(one) for name, one in state["ids"].items()}
            stream._losses = Counter({str(k): int(n) for k, n in state["losses"].items()})
        except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
            raise InputError(
                f"The state of the correlation of foreign alerts cannot be taken up: {error!r}",
                where="state of the stream",
                next="Begin anew: feed the stored alerts again",
                code="bad_state",
            ) from error
        return stream


_LOSSES = ("without_time", "without_host", "late", "ahead_of_time")


def _as_list(alert: StreamedAlert) -> list[Any]:
    kind = alert.kind
    severity = None if kind.severity is None else int(kind.severity)
    return [
        *(alert.ref, alert.time, alert.address, alert.name, alert.far, alert.others),
        *(kind.tool, kind.key, kind.title, severity, kind.tactics),
    ]


def _from_list(fields: Iterable[Any]) -> StreamedAlert:
    ref, time, address, name, far, others, tool, key, title, severity, tactics = fields
    weighed = None if severity is None else Severity(severity)
    return StreamedAlert(
        ref,
        time,
        address,
        name,
        Kind(tool, key, title, weighed, tuple(tactics)),
        far,
        tuple((kind, value) for kind, value in others),
    )
