"""Correlating: a table of foreign alerts, and a baseline before it, into incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlation.surprise.case import Case, survivor, weigh
from correlation.surprise.engine import SurpriseEngine
from correlation.surprise.incidents import Found, SurpriseIncident, told
from correlation.surprise.parameters import Parameters
from correlation.surprise.table import AlertTable
from correlation.surprise.zones import Zone, zone_of

_LEAST_SCORE = 12.0  # bits; a case below is one weak oddity, and its alerts are suppressed
_BLOCK = 1 << 16
_ECHO_NEAR = 2  # s within which an echo stands beside what it repeats
_NOTHING = -1

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Correlated:
    """Incidents, the worst first, and what became of all other alerts.

    Attributes:
        suppressed: alerts in no incident.
        learned_until: s since the epoch; what began before was judged while learning; None where a
            baseline had taught, or there is nothing.
    """

    incidents: tuple[SurpriseIncident, ...]
    suppressed: int
    learned_until: int | None


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
    fed = stream.feed(table, judged=True)
    incidents = stream.incidents(table, fed)
    kept = sum(len(one.alerts) + sum(one.context.values()) for one in incidents)
    learned = None
    if baseline is None and len(table):
        learned = int(table.times().min()) + int(weights.learning)
    return Correlated(tuple(incidents), len(table) - kept, learned)


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
        self._hosts: dict[str, int] = {}
        self._kinds: dict[tuple[str, str], int] = {}
        zones = self._zones = list[Zone]()
        self._engine = SurpriseEngine(weights, lambda host: zones[host])

    def feed(self, table: AlertTable, *, judged: bool) -> _Fed:
        """Let the engine see a table in order of time."""
        fed = self._numbered(table)
        echoes = [kind.is_echo for kind in table.kinds]
        bits = [kind.bits for kind in table.kinds]
        latest: dict[int, tuple[int, int]] = {}  # host → time and item of what was seen last
        times, columns = table.times(), [table.column(name) for name in ("host", "kind", "far")]
        order = table.order()
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            rows = zip(
                block.tolist(),
                times[block].tolist(),
                *(column[block].tolist() for column in columns),
                strict=True,
            )
            for position, time, host, kind, far in rows:
                ours = int(fed.hosts[host])
                if echoes[kind]:
                    seen, number = latest.get(ours, (-_BLOCK, 0))
                    if time - seen <= _ECHO_NEAR:
                        fed.items[position] = -2 - number
                    continue
                item = self._engine.see(
                    time,
                    ours,
                    int(fed.kinds[kind]),
                    severity=bits[kind],
                    far=table.fars[far],
                    judged=judged,
                )
                fed.items[position] = item.number
                latest[ours] = (time, item.number)
            self._done += len(block)
            self._on_progress(self._done, self._total)
        return fed

    def _numbered(self, table: AlertTable) -> _Fed:
        hosts = np.empty(len(table.hosts), np.int32)
        for number, host in enumerate(table.hosts):
            ours = self._hosts.setdefault(host.key, len(self._hosts))
            if ours == len(self._zones):
                self._zones.append(zone_of(host.address, host.key))
            hosts[number] = ours
        kinds = np.array(
            [self._kinds.setdefault((k.tool, k.key), len(self._kinds)) for k in table.kinds],
            np.int32,
        )
        return _Fed(np.full(len(table), _NOTHING, np.int32), hosts, kinds)

    def incidents(self, table: AlertTable, fed: _Fed) -> list[SurpriseIncident]:
        """The cases worth showing, the worst first."""
        engine = self._engine
        weighed = {case.number: weigh(case, self._weights) for case in engine.cases()}
        shown = [case for case in engine.cases() if weighed[case.number].score >= _LEAST_SCORE]
        found = _alerts_of(shown, engine, fed, table, {n: w.evidence for n, w in weighed.items()})
        back_hosts = {int(ours): host for ours, host in zip(fed.hosts, table.hosts, strict=True)}
        back_kinds = {int(ours): kind for ours, kind in zip(fed.kinds, table.kinds, strict=True)}
        incidents = [
            told(
                case,
                weighed[case.number],
                found[case.number],
                back_hosts,
                back_kinds,
                self._weights.raise_at,
            )
            for case in shown
        ]
        return sorted(incidents, key=lambda one: (-one.score, one.first, one.id))


def _alerts_of(
    cases: list[Case],
    engine: SurpriseEngine,
    fed: _Fed,
    table: AlertTable,
    evidence: dict[int, frozenset[tuple[int, int]]],
) -> dict[int, Found]:
    """Positions of each case's alerts, and how many of which kind are its context."""
    owner = np.full(len(engine.items) + 1, -1, np.int32)  # the last stands for none
    counts = np.zeros(len(engine.items) + 1, bool)
    for item in engine.items:
        if item.case is not None:
            case = survivor(item.case)
            owner[item.number] = case.number
            counts[item.number] = (item.host, item.kind) in evidence[case.number]
    echo = fed.items <= -2
    items = np.where(echo, -2 - fed.items, fed.items)
    owners = owner[items]
    proves = counts[items] & ~echo
    kinds = table.column("kind")
    by_owner = np.argsort(owners, kind="stable")
    sorted_owners = owners[by_owner]
    found: dict[int, Found] = {}
    for case in cases:
        start, end = np.searchsorted(sorted_owners, [case.number, case.number + 1])
        positions = by_owner[start:end]
        mine = proves[positions]
        context: defaultdict[int, int] = defaultdict(int)
        others, amounts = np.unique(kinds[positions[~mine]], return_counts=True)
        for kind, amount in zip(others.tolist(), amounts.tolist(), strict=True):
            context[int(fed.kinds[kind])] += amount
        found[case.number] = Found(positions[mine], context)
    return found
