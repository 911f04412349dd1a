"""Reckoning: what measures reckon event by event, for all groups of a batch at once, in columns.

A window slides with the events of its group, so an entry counts from its own event up to the first event
of the group that comes more than a timespan later; a value of which more came counts from the first to
a timespan after the last. What a window holds when an event comes is then what began before less what
ended before: two running sums for all groups together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, cast

import numpy as np

from detections.sigma.correlations.bounds import OPERATORS, Bounds, Number

Column = Any  # numpy array

_LARGEST = 1 << 38  # of a number whose sums over a group are exact everywhere
_EXACT = 1 << 53  # whole numbers up to here are the same as floating ones
_NEAR = 1e-9  # relative distance from a limit below which interpolation decides


class Rows(NamedTuple):
    """Entries of a batch in order of time, each no older than the others of its group before it.

    Attributes:
        times, group, payloads: by place.
        order: places, group by group, and in a group in order.
        starts, ends: by group, where its places stand in `order`.
        serial: the number of the first among all entries that columns ever had.
    """

    times: Column
    group: Column
    payloads: Sequence[Any]
    order: Column
    starts: Column
    ends: Column
    serial: int


class Ended(NamedTuple):
    """What went out of windows: of which group, from which place of the batch on, and how much."""

    group: Column
    place: Column
    weight: Column


class Reckoned(NamedTuple):
    """What the windows that end with each entry measure, by position in `Rows.order`.

    Attributes:
        holds: whether it meets the condition.
        value: what it measures.
        doubtful: where `holds` is false it is not met; else nothing is known.
        chain: serial numbers of the entries that tell of it; None: the newest of the window do.
    """

    holds: Column
    value: Callable[[int], Number]
    doubtful: bool = False
    chain: Callable[[int], list[int]] | None = None


class Reckoner(Protocol):
    """One kind of measure in columns; it keeps what the windows hold now, by group."""

    def weights(self, payloads: Sequence[Any]) -> list[Column] | None:
        """What entries count, where they leave one by one; None where a payload does not fit."""
        ...

    def reckon(self, rows: Rows, weights: list[Column], left: list[Ended]) -> Reckoned:
        """Take the rows.

        Args:
            rows: of a batch.
            weights: of its entries.
            left: entries that leave while it passes, for each of the weights.
        """
        ...

    def grow(self, groups: int) -> None:
        """So many groups are known now."""
        ...

    def forget(self, groups: Column) -> None:
        """The groups (a mask) hold nothing."""
        ...

    def renumber(self, alive: Column) -> None:
        """Only these groups (a mask) go on, numbered anew."""
        ...

    @property
    def full(self) -> bool:
        """Whether it should be made anew, to forget what is no longer used."""
        ...

    def code(self, payload: object) -> Any:
        """A payload as columns hold it."""
        ...

    def column(self, codes: Sequence[Any]) -> Any:
        """Many of them."""
        ...

    def original(self, code: Any) -> object:
        """The payload again."""
        ...


def levels(rows: Rows, base: Column, plus: Column, ended: Ended) -> Column:
    """What is there at each position of `order`; `base` is changed to what is there at the end."""
    many = len(rows.times)
    order = rows.order
    group = rows.group[order]
    mine = plus[order]
    total = np.cumsum(mine)
    at = rows.starts[group]
    level = base[group] + total - (total[at] - mine[at])
    if len(ended.group):
        keys = ended.group * many + ended.place
        sort = np.argsort(keys, kind="stable")
        keys = keys[sort]
        gone = np.concatenate((np.zeros(1, np.int64), np.cumsum(ended.weight[sort])))
        first = np.searchsorted(keys, group[at] * many, "left")
        level -= gone[np.searchsorted(keys, group * many + order, "right")] - gone[first]
        np.subtract.at(base, ended.group, ended.weight)
    np.add.at(base, rows.group, plus)
    return level


def tested(bounds: Bounds, values: Column) -> Column:
    """Which values meet a condition."""
    found = np.ones(len(values), bool)
    for name, limit in bounds.comparisons:
        near = float(limit) if abs(limit) >= _EXACT else limit
        found &= OPERATORS[name](values, near)  # column by column
    return found


class Sums:
    """Counts, sums, means and percentiles: each entry leaves by itself.

    Args:
        kind: of the correlation.
        bounds: its condition.
        percentile: of a percentile; of it only is told where it is surely below a rising condition.
    """

    def __init__(self, kind: str, bounds: Bounds, percentile: float | None = None) -> None:
        self._kind = kind
        self._bounds = bounds
        self._percentile = percentile
        if percentile is not None:
            least = float(max(limit for _, limit in bounds.comparisons))
            self._below = least - _NEAR * abs(least)
        channels = 1 if kind in ("event_count", "value_sum") else 2
        self._base = [np.empty(0, np.int64) for _ in range(channels)]

    def weights(self, payloads: Sequence[Any]) -> list[Column] | None:  # noqa: D102 - see Reckoner
        many = len(payloads)
        if self._kind == "event_count":
            return [np.ones(many, np.int64)]
        kinds = set(map(type, payloads))
        if self._percentile is not None:
            return self._ranks(payloads, kinds)
        counts = np.ones(many, np.int64)
        if kinds - {int}:
            if kinds - {int, tuple}:
                return None
            each = [one if type(one) is tuple else (one,) for one in payloads]
            if any(type(number) is not int for one in each for number in one):
                return None
            counts = np.array([len(one) for one in each], np.int64)
            payloads = [sum(one) for one in each]
        try:
            sums = np.fromiter(payloads, np.int64, many)
        except OverflowError:
            return None
        if many and int(np.abs(sums).max()) > _LARGEST:
            return None
        return [sums] if self._kind == "value_sum" else [sums, counts]

    def _ranks(self, payloads: Sequence[Any], kinds: set[type]) -> list[Column]:
        below = self._below
        if tuple not in kinds:
            low = np.fromiter([one < below for one in payloads], np.int64, len(payloads))
            return [low, np.ones(len(payloads), np.int64)]
        each = [one if type(one) is tuple else (one,) for one in payloads]
        lows = [sum([number < below for number in one]) for one in each]
        return [np.array(lows, np.int64), np.array([len(one) for one in each], np.int64)]

    def reckon(  # noqa: D102
        self, rows: Rows, weights: list[Column], left: list[Ended]
    ) -> Reckoned:
        found = [
            levels(rows, base, plus, ended)
            for base, plus, ended in zip(self._base, weights, left, strict=True)
        ]
        values = found[0]
        if self._percentile is not None:
            count = found[1]
            low = ((count - 1) * self._percentile / 100).astype(np.int64)
            return Reckoned(values < np.minimum(low + 2, count), lambda _: 0, doubtful=True)
        if self._kind == "value_avg":
            values = found[0] / found[1]
        return Reckoned(tested(self._bounds, values), lambda at: cast("Number", values[at].item()))

    def grow(self, groups: int) -> None:  # noqa: D102
        more = np.zeros(groups - len(self._base[0]), np.int64)
        self._base = [np.concatenate((one, more)) for one in self._base]

    def forget(self, groups: Column) -> None:  # noqa: D102
        for one in self._base:
            one[groups] = 0

    def renumber(self, alive: Column) -> None:  # noqa: D102
        self._base = [one[alive] for one in self._base]

    full = False

    def code(self, payload: object) -> Any:  # noqa: D102
        return payload

    def column(self, codes: Sequence[Any]) -> Any:  # noqa: D102
        return codes

    def original(self, code: Any) -> object:  # noqa: D102
        return code


def stably_sorted(column: Column) -> Column:
    """Places in order of the values, which are not negative; small ones are sorted by their digits."""
    if len(column) and int(column.max()) < 1 << 16:
        column = column.astype(np.uint16)
    return np.argsort(column, kind="stable")
