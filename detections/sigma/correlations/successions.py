"""Successions: rules met one after the other, reckoned for all groups of a batch in columns.

As `sequences.InOrder` does, but by places: the latest start that leads to a place of a sequence with some
event is the latest start that led to the place before when that place's rule was last met.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detections.sigma.correlations.reckoning import Column, Ended, Reckoned, Rows
from detections.sigma.correlations.windows import NEVER


class _Way:
    """One sequence of positions.

    Attributes:
        starts: by place and group: the latest start that led there (ns).
        chains: by place: the serial numbers of the entries that did, by group.
    """

    def __init__(self, places: tuple[int, ...]) -> None:
        self.places = places
        self.starts = np.empty((len(places), 0), np.int64)
        self.chains = [np.empty((0, place + 1), np.int64) for place in range(len(places))]


class _Met:
    """One way over the rows of a batch."""

    def __init__(self, way: _Way, rows: Rows) -> None:
        order = rows.order
        self._way = way
        self._old = way.chains
        self._group = rows.group[order]
        self._serial = order + rows.serial
        self._begin = rows.starts[self._group]
        masks, times, here = rows.payloads[order], rows.times[order], np.arange(len(order))
        self._last: list[Column] = []  # by place: position of the last entry that met its rule
        self._starts: list[Column] = []
        for place, bit in enumerate(way.places):
            last = np.maximum.accumulate(np.where(masks >> bit & 1, here, -1))
            last[last < self._begin] = -1
            leads = times[last]
            if place:  # by what led to the place before, in this batch or before it
                old = way.starts[place - 1][self._group]
                leads = np.where(
                    last == self._begin, old, self._starts[-1][np.maximum(last, 1) - 1]
                )
            self._last.append(last)
            self._starts.append(np.where(last < 0, way.starts[place][self._group], leads))
        self.start = self._starts[-1]

    def chains(self, place: int, at: Column, group: Column, begin: Column) -> Column:
        """Serial numbers of what leads to a place at these positions; before `begin`, as it was."""
        old = self._old[place][group]
        last = np.where(at >= begin, self._last[place][np.maximum(at, 0)], -1)
        new = self._serial[last][:, None]
        if place:
            new = np.concatenate((self.chains(place - 1, last - 1, group, begin), new), axis=1)
        return np.where((last < 0)[:, None], old, new)

    def chain(self, at: int) -> list[int]:
        """Serial numbers of the whole sequence that is there at a position."""
        group, begin = self._group[at], self._begin[at]
        found: list[int] = []
        for place in range(len(self._last) - 1, -1, -1):
            last = int(self._last[place][at]) if at >= begin else -1
            if last < 0:
                return [*self._old[place][group].tolist(), *found]
            found.insert(0, int(self._serial[last]))
            at = last - 1
        return found

    def remember(self, rows: Rows) -> None:
        """What the batch leaves behind."""
        groups = np.flatnonzero(rows.ends > rows.starts)
        at, begin = rows.ends[groups] - 1, rows.starts[groups]
        way = self._way
        chains = [self.chains(place, at, groups, begin) for place in range(len(way.places))]
        way.starts[:, groups] = [one[at] for one in self._starts]
        way.chains = [one.copy() for one in self._old]  # what was is asked for later
        for known, one in zip(way.chains, chains, strict=True):
            known[groups] = one


class Successions:
    """`temporal_ordered` with a condition that more events cannot undo; see `reckoning.Reckoner`.

    Args:
        ways: the sequences of positions that meet it.
        timespan: of its windows, ns.
    """

    def __init__(self, ways: Sequence[tuple[int, ...]], timespan: int) -> None:
        self._ways = [_Way(way) for way in ways]
        self._timespan = timespan

    def weights(self, payloads: Sequence[Any]) -> list[Column] | None:  # noqa: D102 - see Reckoner
        return []

    def reckon(  # noqa: D102
        self, rows: Rows, weights: list[Column], left: list[Ended]
    ) -> Reckoned:
        met = [_Met(way, rows) for way in self._ways]
        edge = rows.times[rows.order] - self._timespan
        each = np.array([one.start >= edge for one in met])
        for one in met:
            one.remember(rows)
        return Reckoned(
            each.any(axis=0),
            lambda at: len(self._ways[int(each[:, at].argmax())].places),
            chain=lambda at: met[int(each[:, at].argmax())].chain(at),
        )

    def grow(self, groups: int) -> None:  # noqa: D102
        for way in self._ways:
            more = groups - way.starts.shape[1]
            room = np.full((len(way.places), more), NEVER)
            way.starts = np.concatenate((way.starts, room), axis=1)
            way.chains = [
                np.concatenate((one, np.zeros((more, one.shape[1]), np.int64)))
                for one in way.chains
            ]

    def forget(self, groups: Column) -> None:  # noqa: D102
        for way in self._ways:
            way.starts[:, groups] = NEVER

    def renumber(self, alive: Column) -> None:  # noqa: D102
        for way in self._ways:
            way.starts = way.starts[:, alive]
            way.chains = [one[alive] for one in way.chains]

    full = False

    def code(self, payload: object) -> Any:  # noqa: D102
        return payload

    def column(self, codes: Sequence[Any]) -> Any:  # noqa: D102
        return np.array(codes, np.int64)

    def original(self, code: Any) -> object:  # noqa: D102
        return int(code)
