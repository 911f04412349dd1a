"""Ordered: base hits of files, shown to correlations in order of event time whatever the file order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from detections.sigma.correlations.engine import CorrelationHit, Correlations
from detections.sigma.correlations.fields import Fields

MOST_WAITING = 200_000  # base hits that wait to be put in order


class _Waiting(NamedTuple):
    time: int
    arrival: int
    numbers: tuple[int, ...]
    fields: Fields
    event: object
    dataset: str


class Ordered:
    """Correlations over an input whose order is not that of time, such as a folder of files.

    Base hits wait, with the fields that correlations read, until there are too many; then the older
    half goes. Without that limit met, the hits are those of the whole input sorted by time.
    """

    def __init__(self, correlations: Correlations, *, most_waiting: int = MOST_WAITING) -> None:
        self._correlations = correlations
        self._waiting: list[_Waiting] = []
        self._most = most_waiting
        self._arrivals = 0

    def observe(
        self, numbers: Sequence[int], fields: Fields, time: int, event: object, dataset: str = ""
    ) -> list[CorrelationHit]:
        """Take one event; see `Correlations.observe`. Hits may be about earlier events."""
        kept = self._correlations.reduced(numbers, fields, dataset)
        self._arrivals += 1
        numbers = tuple(numbers)
        self._waiting.append(_Waiting(time, self._arrivals, numbers, kept, event, dataset))
        return self._release(self._most // 2) if len(self._waiting) > self._most else []

    def finish(self) -> list[CorrelationHit]:
        """The input has ended: the hits that are left."""
        return [*self._release(0), *self._correlations.finish()]

    def _release(self, stay: int) -> list[CorrelationHit]:
        """Show all but the newest so many."""
        self._waiting.sort(key=lambda one: one[:2])
        count = len(self._waiting) - stay
        ready, self._waiting = self._waiting[:count], self._waiting[count:]
        hits: list[CorrelationHit] = []
        if ready:
            times, _, numbers, fields, events, datasets = zip(*ready, strict=True)
            hits += self._correlations.observe_all((numbers, fields, times, events, datasets))
            hits += self._correlations.advance(ready[-1].time)
        return hits
