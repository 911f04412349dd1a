"""Correlating: a table of foreign alerts, and a baseline before it, into incidents."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlation.surprise.case import Key
from correlation.surprise.engine import SurpriseEngine
from correlation.surprise.incidents import Found, SurpriseIncident, told, worst_first
from correlation.surprise.names import Names
from correlation.surprise.parameters import Parameters
from correlation.surprise.showing import Shown, shown_cases
from correlation.surprise.table import AlertTable

_BLOCK = 1 << 16
_ECHO_NEAR = 2  # s within which an echo stands beside what it repeats
_SHORT = 6 * 3_600  # s; a table of less, without baseline, has no usual to speak of
_NOTHING = -1

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Correlated:
    """Incidents, the worst first, and what became of all other alerts.

    Attributes:
        suppressed: alerts in no incident.
        learned_until: s since the epoch; what began before was judged while learning; None where a
            baseline had taught, or there is nothing.
        crowded: alerts that there was no room to judge; they are among the suppressed.
        strays: alerts years away from all others, whose time is not believed; also among them.
    """

    incidents: tuple[SurpriseIncident, ...]
    suppressed: int
    learned_until: int | None
    crowded: int = 0
    strays: int = 0


def correlate(
    table: AlertTable,
    baseline: AlertTable | None = None,
    parameters: Parameters | None = None,
    on_progress: OnProgress = lambda _done, _total: None,
) -> Correlated:
    """Incidents of a table; the same for any order in which its alerts were added.

    Args:
        table: what is judged.
        baseline: time before it, which teaches what is usual and raises nothing.
        parameters: the weights.
        on_progress: told alerts done and in all, now and then.
    """
    weights = parameters or Parameters()
    stream = _Stream(weights, on_progress, len(table) + (len(baseline) if baseline else 0))
    if baseline is not None:
        stream.feed(baseline, judged=False)
    first, last = table.believed()
    short = baseline is None and last - first < _SHORT
    fed = stream.feed(table, judged=True, short=short)
    incidents, kept = stream.incidents(table, fed)
    learned = None
    if baseline is None and len(table):
        learned = first + int(weights.learning)
    return Correlated(tuple(incidents), len(table) - kept, learned, stream.crowded, table.strays())


@dataclass(frozen=True, slots=True)
class _Fed:
    """What a table's alerts became, by position: numbers of items, or −2 − item for its echoes."""

    items: NDArray[np.int32]
    hosts: NDArray[np.int32]  # engine's number by table's
    kinds: NDArray[np.int32]


class _Stream:
    """The engine with the numbers that baseline and table share."""

    def __init__(self, weights: Parameters, on_progress: OnProgress, total: int) -> None:
        self._weights = weights
        self._on_progress = on_progress
        self._total = total
        self._done = 0
        self._names = Names()
        self._engine = SurpriseEngine(weights, self._names.zone, self._names.name)
        self._engine.owners = array("i")

    @property
    def crowded(self) -> int:
        """Alerts that there was no room for."""
        return self._engine.crowded

    def feed(self, table: AlertTable, *, judged: bool, short: bool = False) -> _Fed:
        """Let the engine see a table in order of time."""
        names = self._names
        for host in sorted(table.hosts, key=lambda one: one.key):  # numbers break ties
            names.host(host)
        for kind in sorted(table.kinds, key=lambda one: (one.tool, one.key)):
            names.kind(kind)
        fed = _Fed(
            np.full(len(table), _NOTHING, np.int32),
            np.array([names.host(host) for host in table.hosts], np.int32),
            np.array([names.kind(kind) for kind in table.kinds], np.int32),
        )
        echoes = [kind.is_echo for kind in table.kinds]
        stages = [kind.stage for kind in table.kinds]
        bits = [kind.bits(unknown=short) for kind in table.kinds]
        latest: dict[int, tuple[int, int]] = {}  # host → time and item of what was seen last
        times, said, order = table.times(), table.said(), table.order()
        if table.strays():
            first, last = table.believed()
            order = order[(times[order] >= first) & (times[order] <= last)]
        what = list(
            zip(
                fed.hosts[table.field("host")].tolist(),
                table.field("kind").tolist(),
                table.field("far").tolist(),
                table.field("other").tolist(),
                strict=True,
            )
        )
        kinds = fed.kinds.tolist()
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            begins, sizes = _same(times[block], said[block])
            firsts = block[begins]
            items: list[int] = []
            rows = zip(times[firsts].tolist(), said[firsts].tolist(), sizes.tolist(), strict=True)
            for time, number, count in rows:
                host, kind, far, other = what[number]
                if echoes[kind]:
                    seen, repeated = latest.get(host, (-_BLOCK, 0))
                    items.append(-2 - repeated if time - seen <= _ECHO_NEAR else _NOTHING)
                    continue
                item = self._engine.see(
                    time,
                    host,
                    kinds[kind],
                    severity=bits[kind],
                    far=table.fars[far],
                    judged=judged,
                    others=table.others[other],
                    stage=stages[kind],
                )
                if item is None:
                    self._engine.crowded += count - 1
                    items.append(_NOTHING)
                    continue
                item.count += count - 1
                items.append(item.number)
                latest[host] = (time, item.number)
            fed.items[block] = np.repeat(np.array(items, np.int32), sizes)
            self._done += len(block)
            self._on_progress(self._done, self._total)
        return fed

    def incidents(self, table: AlertTable, fed: _Fed) -> tuple[list[SurpriseIncident], int]:
        """The cases worth showing, the worst first, and how many alerts stand in them."""
        engine = self._engine
        engine.settle()
        shown = shown_cases(engine, self._names)
        found, kept = _alerts_of(shown, engine, fed, table)
        incidents = [told(one, found[one.case.number], self._names) for one in shown]
        return sorted(incidents, key=worst_first), kept


def _same(
    times: NDArray[np.int64], said: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where runs of alerts that say the same in the same second begin, and how long they are."""
    changes = (np.diff(times) != 0) | (np.diff(said) != 0)
    begins = np.concatenate(([0], np.flatnonzero(changes) + 1))
    return begins, np.diff(begins, append=len(times))


def _shown_of_items(shown: list[Shown], engine: SurpriseEngine) -> NDArray[np.int16 | np.int32]:
    """Place among the shown of the case that each item has come to; the last stands for no item."""
    places = {one.case.number: place for place, one in enumerate(shown)}
    narrow = np.int16 if len(shown) < 1 << 15 else np.int32
    heirs: NDArray[np.int16 | np.int32] = np.full(engine.cases_begun + 1, _NOTHING, narrow)
    for number in range(engine.cases_begun):
        heir = number
        while heir in engine.became:
            heir = engine.became[heir]
        heirs[number] = places.get(heir, _NOTHING)
    owners = np.append(np.array(engine.owners or (), np.int32), np.int32(_NOTHING))
    return heirs.take(owners)


def _alerts_of(
    shown: list[Shown], engine: SurpriseEngine, fed: _Fed, table: AlertTable
) -> tuple[dict[int, Found], int]:
    """Positions of each case's alerts, and how many of which kind are its context.

    What is as long as the table is held once and narrow, for it may be millions.
    """
    place_of = _shown_of_items(shown, engine)
    places = np.empty(len(table), place_of.dtype)
    all_shared = np.array(sorted({n for one in shown for n in one.shared}), np.int32)
    of_hubs: list[NDArray[np.int64]] = []
    for start in range(0, len(table), _BLOCK):
        items = fed.items[start : start + _BLOCK]
        places[start : start + _BLOCK] = place_of[np.where(items <= -2, -2 - items, items)]
        if len(all_shared):
            of_hubs.append(start + np.flatnonzero(np.isin(items, all_shared)))
    hubs = np.concatenate(of_hubs) if of_hubs else np.empty(0, np.int64)
    kept = np.count_nonzero(places >= 0) + np.count_nonzero(places[hubs] < 0)
    placed = np.flatnonzero(places >= 0).astype(np.int32)
    by_place = placed[np.argsort(places[placed], kind="stable")]
    ends = np.cumsum(np.bincount(places[placed], minlength=len(shown)))
    del places, placed
    kinds = fed.kinds[table.field("kind")]
    hosts = fed.hosts[table.field("host")]
    said = table.said()
    found: dict[int, Found] = {}
    for place, one in enumerate(shown):
        positions = by_place[ends[place - 1] if place else 0 : ends[place]]
        counts = _in(hosts, kinds, one.weighed.evidence)
        mine = counts[said[positions]] & (fed.items[positions] > -2)
        others, amounts = np.unique(kinds[said[positions[~mine]]], return_counts=True)
        context = dict(zip(others.tolist(), amounts.tolist(), strict=True))
        shared = hubs[np.isin(fed.items[hubs], list(one.shared))]
        found[one.case.number] = Found(positions[mine], context, shared)
    return found, int(kept)


def _in(
    hosts: NDArray[np.int32], kinds: NDArray[np.int32], keys: frozenset[Key]
) -> NDArray[np.bool_]:
    """Which rows are of one of these hosts and kinds."""
    wanted = np.array([(host << 32) | kind for host, kind in keys], np.int64)
    result: NDArray[np.bool_] = np.isin((hosts.astype(np.int64) << 32) | kinds, wanted)
    return result
