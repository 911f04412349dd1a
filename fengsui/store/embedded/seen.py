"""Which ids are in the store already, in bounded memory.

Ids of 128 bits in sorted runs, a bucket for each ten minutes of event time. A bucket is loaded from
the segments when a batch first touches it and forgotten when others were used since; the same event
always has the same time, so only its own bucket is asked.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import numpy as np

BUCKET: Final = 600_000_000
"""µs of event time that a bucket covers."""

Run = tuple[np.ndarray, np.ndarray]
"""High halves in order, and the low halves that belong to them (uint64 both)."""


def halves(ids: np.ndarray) -> Run:
    """High and low 64 bits of ids given as (n, 16) bytes."""
    words = np.ascontiguousarray(ids).view(">u8").astype(np.uint64).reshape(-1, 2)
    return words[:, 0], words[:, 1]


class SeenIds:
    """Tells new events from known ones.

    Args:
        load: ids (n, 16) that the store holds of a bucket.
        capacity: ids kept in memory over all buckets (16 bytes each); one bucket is always kept.
    """

    def __init__(self, load: Callable[[int], np.ndarray], capacity: int = 4_000_000) -> None:
        self._load = load
        self._capacity = capacity
        self._buckets: OrderedDict[int, list[Run]] = OrderedDict()
        self._held = 0

    def new(self, ids: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Mask of events that are neither in the store nor earlier in the same batch."""
        high, low = halves(ids)
        order = np.lexsort((low, high))
        repeated = np.zeros(len(high), dtype=bool)
        same = (high[order][1:] == high[order][:-1]) & (low[order][1:] == low[order][:-1])
        repeated[order[1:][same]] = True
        mask = ~repeated
        for bucket, chosen in _by_bucket(times):
            for run in self._runs(bucket):
                mask[chosen] &= ~_contains(run, high[chosen], low[chosen])
        return mask

    def add(self, ids: np.ndarray, times: np.ndarray) -> None:
        """Remember events that are now in the store."""
        high, low = halves(ids)
        for bucket, chosen in _by_bucket(times):
            if bucket in self._buckets:  # otherwise it will be loaded, with these in it
                _insert(self._buckets[bucket], _sorted(high[chosen], low[chosen]))
                self._held += len(chosen)
        self._trim()

    def forget(self) -> None:
        """Ask the store anew: events were removed."""
        self._buckets.clear()
        self._held = 0

    def _runs(self, bucket: int) -> list[Run]:
        runs = self._buckets.get(bucket)
        if runs is None:
            high, low = halves(self._load(bucket))
            runs = [_sorted(high, low)] if len(high) else []
            self._buckets[bucket] = runs
            self._held += len(high)
        self._buckets.move_to_end(bucket)
        self._trim()
        return runs

    def _trim(self) -> None:
        while self._held > self._capacity and len(self._buckets) > 1:
            _, runs = self._buckets.popitem(last=False)
            self._held -= sum(len(high) for high, _ in runs)


def _by_bucket(times: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Bucket numbers with the places of their events."""
    numbers = times // BUCKET
    if not len(numbers):
        return []
    if (numbers == numbers[0]).all():
        return [(int(numbers[0]), np.arange(len(numbers)))]
    order = np.argsort(numbers, kind="stable")
    values, starts = np.unique(numbers[order], return_index=True)
    return list(zip(values.tolist(), np.split(order, starts[1:]), strict=True))


def _sorted(high: np.ndarray, low: np.ndarray) -> Run:
    order = np.argsort(high, kind="stable")
    return high[order], low[order]


def _insert(runs: list[Run], new: Run) -> None:
    """Add a run; neighbours of like size are merged, so that there are few."""
    while runs and len(runs[-1][0]) < 2 * len(new[0]):
        high, low = runs.pop()
        new = _sorted(np.concatenate([high, new[0]]), np.concatenate([low, new[1]]))
    runs.append(new)


def _contains(run: Run, high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Which of the ids are in the run: equal high halves are walked, whoever made them equal."""
    run_high, run_low = run
    at = np.searchsorted(run_high, high)
    last = len(run_high) - 1
    found = np.zeros(len(high), dtype=bool)
    open_ = (at <= last) & (run_high[np.minimum(at, last)] == high)
    while open_.any():
        found |= open_ & (run_low[np.minimum(at, last)] == low)
        at = at + 1
        open_ &= ~found & (at <= last) & (run_high[np.minimum(at, last)] == high)
    return found
