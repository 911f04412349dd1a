"""Batches: many base hits at once, reckoned for all groups of a correlation in columns.

Groups whose events come out of order, or whose values columns do not hold, and those of a percentile that
may be met, go event by event as `observe` takes them: a batch finds what its events find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.columns import Columns
from detections.sigma.correlations.entries import Batch, Entries, Part, Reading
from detections.sigma.correlations.presence import MOST_BITS, Presence
from detections.sigma.correlations.reckoning import Column, Reckoned, Reckoner, Rows, Sums
from detections.sigma.correlations.rule import LoadedCorrelation, is_share
from detections.sigma.correlations.sequences import sequences_of
from detections.sigma.correlations.shapes import Met
from detections.sigma.correlations.successions import Successions
from detections.sigma.correlations.tracking import Settling, Tracker

# Place of an event in the batch, row of its entry, and what that completes.
Found = tuple[int, int, Met]


class Batcher:
    """One correlation's way for batches.

    Args:
        rule: the correlation.
        tracker: its windows.
        reckoner: makes what reckons in columns.
    """

    def __init__(
        self, rule: LoadedCorrelation, tracker: Tracker, reckoner: Callable[[], Reckoner]
    ) -> None:
        self._tracker = tracker
        self.columns = Columns(tracker.form, tracker.windows, tracker.spelled, reckoner)
        self._reading = Reading(rule, self.columns, tracker.form.losses)
        tracker.columns = self.columns

    def take(self, parts: Sequence[Part], batch: Batch) -> list[Found]:
        """What events complete, by place."""
        columns = self.columns
        if columns.full:
            columns.unload()
        entries = self._reading.entries(parts, batch)
        if not len(entries.times):
            return []
        columns.load()
        weights = columns.reckoner.weights(entries.payloads)
        alone = columns.late(entries.group, entries.times)
        if weights is None:
            alone[entries.group[self._unfit(entries.payloads)]] = True
        found: list[Found] = []
        if alone.any():
            columns.open(alone)
            singly = alone[entries.group]
            found = self._one_by_one(entries, np.flatnonzero(singly), batch)
            entries, weights = entries.some(np.flatnonzero(~singly)), None
        if (entries.times[1:] < entries.times[:-1]).any():
            entries, weights = entries.some(np.argsort(entries.times, kind="stable")), None
        if len(entries.times):
            found += self._together(entries, weights, batch)
        return sorted(found, key=itemgetter(0, 1))

    def _unfit(self, payloads: Sequence[Any]) -> list[int]:
        """Rows of which columns do not hold the payload."""
        weights = self.columns.reckoner.weights
        return [row for row, one in enumerate(payloads) if weights([one]) is None]

    def _together(
        self, entries: Entries, weights: list[Column] | None, batch: Batch
    ) -> Iterator[Found]:
        columns = self.columns
        if weights is None:
            weights = columns.reckoner.weights(entries.payloads)
        assert weights is not None
        rows = columns.rows(entries.times, entries.group, entries.payloads)
        events, arrivals = batch.events, batch.arrivals
        if not np.array_equal(entries.place, np.arange(len(events))):
            places = entries.place.tolist()
            events = [events[place] for place in places]
            arrivals = [arrivals[place] for place in places]
        reckoned = columns.put(rows, events, arrivals, weights)
        group = entries.group[rows.order]
        met = reckoned.holds
        if not self._tracker.tells_all:
            met = met & (entries.times[rows.order] > columns.silent[group])
        if reckoned.doubtful:
            yield from self._doubted(entries, np.unique(group[met]), batch)
            return
        numbers, firsts = np.unique(group[met], return_index=True)
        at = np.flatnonzero(met)[firsts]
        for number, first in zip(numbers.tolist(), at.tolist(), strict=True):
            yield from self._fired(entries, rows, reckoned, number, first, batch)

    def _doubted(self, entries: Entries, numbers: Column, batch: Batch) -> list[Found]:
        """Groups that may meet the condition, after all event by event."""
        if not len(numbers):
            return []
        groups = np.zeros(len(self.columns), bool)
        groups[numbers] = True
        singly = np.flatnonzero(groups[entries.group])
        entries = entries._replace(group=entries.group.copy())
        self.columns.drop(groups)
        self.columns.open(groups)
        return self._one_by_one(entries, singly, batch)

    def _one_by_one(self, entries: Entries, rows: Column, batch: Batch) -> list[Found]:
        """Rows as `Tracker.add` takes them."""
        found: list[Found] = []
        reckoner = self.columns.reckoner
        for row in rows.tolist():
            place = int(entries.place[row])
            payload = reckoner.original(entries.payloads[row])
            entry = (batch.times[place], batch.arrivals[place], batch.events[place], payload)
            key = self.columns.key(int(entries.group[row]))
            met = self._tracker.add(key, entry, batch.fields[place], entries.feed(row))
            if met is not None:
                found.append((place, int(entries.row[row]), met))
        return found

    def _fired(
        self,
        entries: Entries,
        rows: Rows,
        reckoned: Reckoned,
        number: int,
        at: int,
        batch: Batch,
    ) -> Iterator[Found]:
        """What a group completes, from the first position of `order` that meets the condition."""
        columns, tells_all = self.columns, self._tracker.tells_all
        span, end = self._tracker.form.timespan, int(rows.ends[number])
        silent = int(columns.silent[number])
        while at < end:
            row = int(rows.order[at])
            time = int(entries.times[row])
            fires = time > silent
            if fires:
                silent = time + span
            yield (
                int(entries.place[row]),
                int(entries.row[row]),
                self._met(entries, reckoned, number, at, row, batch, fires=fires),
            )
            if not tells_all and entries.times[rows.order[end - 1]] <= silent:
                break
            later = reckoned.holds[at + 1 : end]
            if not tells_all:
                later = later & (entries.times[rows.order[at + 1 : end]] > silent)
            more = np.flatnonzero(later)
            if not len(more):
                break
            at += 1 + int(more[0])
        columns.silent[number] = silent

    def _met(
        self,
        entries: Entries,
        reckoned: Reckoned,
        number: int,
        at: int,
        row: int,
        batch: Batch,
        *,
        fires: bool,
    ) -> Met:
        columns, feed, place = self.columns, entries.feed(row), int(entries.place[row])
        if reckoned.chain is not None:
            first, events = columns.told(reckoned.chain(at))
        else:
            first, events = columns.evidence(number, at)
        payload = columns.reckoner.original(entries.payloads[row])
        time = batch.times[place]
        return Met(
            columns.key(number),
            columns.numbers.shown[number],
            reckoned.value(at),
            first,
            time,
            (time, batch.arrivals[place], batch.events[place], payload),
            events,
            feed.origin(batch.fields[place]),
            fires,
        )


def batcher_of(rule: LoadedCorrelation, tracker: Tracker) -> Batcher | None:
    """The way for batches of a correlation; None where it has none."""
    form, condition = tracker.form, rule.condition
    if form.arrivals or isinstance(tracker, Settling) or is_share(rule):
        return None
    bounds = condition if isinstance(condition, Bounds) else None
    if rule.type == "temporal_ordered":
        ways = sequences_of(condition, rule.rules)
        return Batcher(rule, tracker, lambda: Successions(ways, form.timespan))
    if rule.type == "temporal":
        if len(rule.rules) > MOST_BITS:
            return None
        return Batcher(rule, tracker, lambda: Presence(form, len(rule.rules), None))
    assert bounds is not None
    if rule.type == "value_count":
        return Batcher(rule, tracker, lambda: Presence(form, 0, bounds))
    percentile = 50.0 if rule.type == "value_median" else rule.percentile
    return Batcher(rule, tracker, lambda: Sums(rule.type, bounds, percentile))
