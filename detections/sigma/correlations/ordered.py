"""Ordered: base hits of files, shown to correlations in order of event time whatever the file order."""

from __future__ import annotations

from collections.abc import Sequence
from operator import le
from typing import Any

from detections.sigma.correlations.engine import CorrelationHit, Correlations
from detections.sigma.correlations.fields import Fields

MOST_WAITING = 200_000  # base hits that wait to be put in order
_TIMES = 2  # place of the times among the columns of `Correlations.observe_all`


class Ordered:
    """Correlations over an input whose order is not that of time, such as a folder of files.

    Base hits wait in columns, with the fields that correlations read, until there are too many; then
    the older half goes. Without that limit met, the hits are those of the whole input sorted by time.
    """

    def __init__(self, correlations: Correlations, *, most_waiting: int = MOST_WAITING) -> None:
        self._correlations = correlations
        self._waiting: list[list[Any]] = [[], [], [], [], []]
        self._most = most_waiting

    def observe(
        self, numbers: Sequence[int], fields: Fields, time: int, event: object, dataset: str = ""
    ) -> list[CorrelationHit]:
        """Take one event; see `Correlations.observe`. Hits may be about earlier events."""
        kept = self._correlations.reduced(numbers, fields, dataset)
        row = (tuple(numbers), kept, time, event, dataset)
        for column, value in zip(self._waiting, row, strict=True):
            column.append(value)
        return self._release(self._most // 2) if len(self._waiting[0]) > self._most else []

    def finish(self) -> list[CorrelationHit]:
        """The input has ended: the hits that are left."""
        return [*self._release(0), *self._correlations.finish()]

    def _release(self, stay: int) -> list[CorrelationHit]:
        """Show all but the newest so many."""
        columns = self._waiting
        times = columns[_TIMES]
        count = len(times) - stay
        if not count:
            return []
        if not all(map(le, times, times[1:])):
            order = sorted(range(len(times)), key=times.__getitem__)  # of equal ones as they came
            columns = [[column[place] for place in order] for column in columns]
        ready = [column[:count] for column in columns]
        self._waiting = [column[count:] for column in columns]
        hits = self._correlations.observe_all(ready)
        return [*hits, *self._correlations.advance(ready[_TIMES][-1])]
