"""Presence: which values, or which rules of the list, windows hold, for all groups of a batch in columns.

A value of which more came counts from the first to a timespan after the last: the times of the newest
are all that is kept of the values that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detections.sigma.correlations.bounds import Bounds, Number
from detections.sigma.correlations.fields import LONGEST
from detections.sigma.correlations.reckoning import (
    Column,
    Ended,
    Reckoned,
    Rows,
    levels,
    stably_sorted,
    tested,
)
from detections.sigma.correlations.shapes import Form
from detections.sigma.correlations.windows import NEVER

MOST_BITS = 50  # rules whose presence is told by one number
_TABLED = 10  # rules of which all combinations are tried beforehand
_CODE = 31  # bits of a value's code
_MOST_CODES = 1 << 18  # values that are remembered


class Codes(dict[object, int]):
    """Numbers of texts, without regard to case; a new text gets one.

    Raises:
        KeyError: looked up with what is no text, or too long a one.
    """

    def __init__(self) -> None:
        self.known: dict[object, int] = {}  # payloads as windows keep them
        self.payloads: list[object] = []
        self.several: dict[int, tuple[int, ...]] = {}  # codes of an event's values by its own

    def __missing__(self, text: object) -> int:
        if not isinstance(text, str) or len(text) > LONGEST:
            raise KeyError(text)
        code = self[text] = self.of(text.lower())
        return code

    def of(self, payload: object) -> int:
        """The code of a payload: a text, or a tuple of values."""
        code = self.known.get(payload)
        if code is None:
            parts = tuple(map(self.of, payload)) if isinstance(payload, tuple) else ()
            code = self.known[payload] = len(self.payloads)
            self.payloads.append(payload)
            if isinstance(payload, tuple):
                self.several[code] = parts
        return code


class Presence:
    """Which values, or which rules of the list, are there: counted, or tested as a mask.

    Args:
        form: of the correlation.
        rules: how many the list has, where they are what is counted; 0: values are.
        bounds: of the count of values.
    """

    def __init__(self, form: Form, rules: int, bounds: Bounds | None) -> None:
        self._form = form
        self._rules = rules
        self._bounds = bounds
        self.codes = Codes()
        self._base = np.empty(0, np.int64)
        self._pairs = np.empty(0, np.int64)  # group and value that are there, sorted …
        self._lasts = np.empty(0, np.int64)  # … and the time of the newest
        self._table: dict[int, Number | None] = {}

    def weights(self, payloads: Sequence[Any]) -> list[Column] | None:  # noqa: D102 - see Reckoner
        return []

    def _values(self, payloads: Column) -> tuple[Column, Column]:
        """Places and codes of all values, by place."""
        place = np.arange(len(payloads))
        if self._rules:
            several = np.bitwise_count(payloads) > 1
            if not several.any():
                return place, np.bitwise_count(payloads - 1).astype(np.int64)
            rows = [
                (at, bit)
                for at, mask in enumerate(payloads.tolist())
                for bit in range(self._rules)
                if mask >> bit & 1
            ]
        else:
            known = self.codes.several
            if not known:
                return place, payloads
            rows = [
                (at, one)
                for at, code in enumerate(payloads.tolist())
                for one in known.get(code, (code,))
            ]
        both = np.array(rows, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def reckon(  # noqa: D102
        self, rows: Rows, weights: list[Column], left: list[Ended]
    ) -> Reckoned:
        place, code = self._values(rows.payloads)
        group, span = rows.group[place], self._form.timespan
        sort = stably_sorted(code)
        sort = sort[stably_sorted(group[sort])]
        place, group, code = place[sort], group[sort], code[sort]
        pair, times = group << _CODE | code, rows.times[place]
        before = self._taken(pair, times)
        began = before < times - span
        weight = (
            np.ones(len(pair), np.int64) << code if self._rules else np.ones(len(pair), np.int64)
        )
        plus = np.zeros(len(rows.times), np.int64)
        np.add.at(plus, place[began], weight[began])
        again = began & (before != NEVER)
        over = self._lasts < rows.times[-1] - span
        gone = self._pairs[over]
        ends = np.concatenate((before[again], self._lasts[over])) + span
        weigh = np.ones(len(gone), np.int64)
        if self._rules:
            weigh <<= gone & (1 << _CODE) - 1
        ended = Ended(
            np.concatenate((group[again], gone >> _CODE)),
            np.searchsorted(rows.times, ends, "right"),
            np.concatenate((weight[again], weigh)),
        )
        self._pairs, self._lasts = self._pairs[~over], self._lasts[~over]
        found = levels(rows, self._base, plus, ended)
        if self._bounds is not None:
            return Reckoned(tested(self._bounds, found), lambda at: int(found[at]))
        return Reckoned(self._met(found), lambda at: self._told(int(found[at])) or 0)

    def _taken(self, pair: Column, times: Column) -> Column:
        """When each value came before; the newest are remembered."""
        first = np.ones(len(pair), bool)
        first[1:] = pair[1:] != pair[:-1]
        before = np.empty(len(pair), np.int64)
        before[1:] = times[:-1]
        last = np.append(first[1:], True) if len(pair) else first
        mine, newest = pair[first], times[last]
        at = np.searchsorted(self._pairs, mine)
        known = np.zeros(len(mine), bool)
        inside = at < len(self._pairs)
        known[inside] = self._pairs[at[inside]] == mine[inside]
        old = np.full(len(mine), NEVER)
        old[known] = self._lasts[at[known]]
        before[first] = old
        self._lasts[at[known]] = newest[known]
        self._pairs = np.insert(self._pairs, at[~known], mine[~known])
        self._lasts = np.insert(self._lasts, at[~known], newest[~known])
        return before

    def _met(self, masks: Column) -> Column:
        if self._rules <= _TABLED:
            table = [self._holds(mask) for mask in range(1 << self._rules)]
            return np.array(table, bool)[masks]
        some, back = np.unique(masks, return_inverse=True)
        return np.array([self._holds(mask) for mask in some.tolist()], bool)[back]

    def _holds(self, mask: int) -> bool:
        value = self._told(mask)
        return value is not None and self._form.holds(value)

    def _told(self, mask: int) -> Number | None:
        """What the measure says of the rules that are there."""
        if mask not in self._table:
            if len(self._table) > 1 << 16:
                self._table.clear()
            measure = self._form.measure()
            measure.push((0, 0, None, mask))
            self._table[mask] = measure.value(0)
        return self._table[mask]

    def grow(self, groups: int) -> None:  # noqa: D102
        more = np.zeros(groups - len(self._base), np.int64)
        self._base = np.concatenate((self._base, more))

    def forget(self, groups: Column) -> None:  # noqa: D102
        self._base[groups] = 0
        kept = ~groups[self._pairs >> _CODE]
        self._pairs, self._lasts = self._pairs[kept], self._lasts[kept]

    def renumber(self, alive: Column) -> None:  # noqa: D102
        self.forget(~alive)
        self._base = self._base[alive]
        number = np.cumsum(alive) - 1
        code = self._pairs & (1 << _CODE) - 1
        self._pairs = number[self._pairs >> _CODE] << _CODE | code

    @property
    def full(self) -> bool:  # noqa: D102
        return len(self.codes.payloads) > _MOST_CODES

    def code(self, payload: object) -> Any:  # noqa: D102
        return payload if self._rules else self.codes.of(payload)

    def column(self, codes: Sequence[Any]) -> Any:  # noqa: D102
        return np.array(codes, np.int64)

    def original(self, code: Any) -> object:  # noqa: D102
        return int(code) if self._rules else self.codes.payloads[code]
