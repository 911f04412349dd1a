"""Entries: what one correlation takes of a batch of events: groups and payloads as columns."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from detections.sigma.correlations.columns import Columns
from detections.sigma.correlations.fields import MOST_GROUPS, Fields, Key
from detections.sigma.correlations.lanes import LEFT_OUT, UNGROUPED, WITHOUT_VALUE
from detections.sigma.correlations.presence import Presence
from detections.sigma.correlations.reckoning import Column
from detections.sigma.correlations.rule import TEMPORAL, LoadedCorrelation
from detections.sigma.correlations.shapes import Feed
from fengsui.loss import Losses

# How events come, and their places in the batch; None: all.
Part = tuple[Feed, "Sequence[int] | None"]


class Batch(NamedTuple):
    """Events: a column each; `arrivals` are their numbers of arrival."""

    fields: Sequence[Fields]
    times: Sequence[int]
    events: Sequence[object]
    arrivals: Sequence[int]


class Entries(NamedTuple):
    """What a correlation takes of a batch, by row.

    Attributes:
        place: in the batch.
        part: position in `feeds`.
        row: number among all of the batch, in order of arrival.
        feeds: how rows come.
    """

    times: Column
    group: Column
    payloads: Any
    place: Column
    part: Column
    row: Column
    feeds: Sequence[Feed]

    def feed(self, row: int) -> Feed:
        """How a row came."""
        return self.feeds[int(self.part[row])]

    def some(self, rows: Column) -> Entries:
        """Some rows, in this order."""
        payloads: Any = self.payloads
        payloads = (
            [payloads[row] for row in rows.tolist()]
            if isinstance(payloads, list)
            else payloads[rows]
        )
        return Entries(
            self.times[rows],
            self.group[rows],
            payloads,
            self.place[rows],
            self.part[rows],
            self.row[rows],
            self.feeds,
        )


class Reading:
    """Makes entries of events.

    Args:
        rule: the correlation.
        columns: what gives groups and values their numbers.
        losses: where to count what is in no group, or has no value.
    """

    def __init__(self, rule: LoadedCorrelation, columns: Columns, losses: Losses) -> None:
        self._rule = rule
        self._columns = columns
        self._losses = losses

    def entries(self, parts: Sequence[Part], batch: Batch) -> Entries:
        """The rows of all parts, in order of arrival."""
        made = [self._read(feed, places, batch) for feed, places in parts]
        if len(made) == 1:
            return made[0]
        payloads: Any = [payload for one in made for payload in one.payloads]
        if not isinstance(made[0].payloads, list):
            payloads = np.concatenate([one.payloads for one in made])
        place = np.concatenate([one.place for one in made])
        whole = Entries(
            np.concatenate([one.times for one in made]),
            np.concatenate([one.group for one in made]),
            payloads,
            place,
            np.repeat(np.arange(len(made)), [len(one.times) for one in made]),
            place,
            [feed for feed, _ in parts],
        )
        whole = whole.some(np.argsort(place, kind="stable"))
        return whole._replace(row=np.arange(len(place)))

    def _read(self, feed: Feed, places: Sequence[int] | None, batch: Batch) -> Entries:
        """The rows of one part."""
        fields, times = batch.fields, batch.times
        if places is not None:
            fields = [fields[place] for place in places]
            times = [times[place] for place in places]
        place = np.arange(len(fields)) if places is None else np.array(places, np.int64)
        when = np.fromiter(times, np.int64, len(fields))
        try:
            group, payloads = self._plain(feed, fields)
            return Entries(
                when, group, payloads, place, np.zeros(len(place), np.int8), place, (feed,)
            )
        except (KeyError, TypeError):
            rows, group, payloads = self._odd(feed, fields)
            part = np.zeros(len(rows), np.int8)
            row = np.arange(len(rows))
            return Entries(when[rows], group, payloads, place[rows], part, row, (feed,))

    def _plain(self, feed: Feed, fields: Sequence[Fields]) -> tuple[Column, Any]:
        """Groups and payloads, where fields hold them as they are.

        Raises:
            KeyError: some event has none, or another kind of value.
            TypeError: the same.
        """
        many, numbers = len(fields), self._columns.numbers
        if feed.groups is None:
            raise KeyError
        if feed.groups:
            keys = map(itemgetter(*feed.groups), fields)
            group = np.fromiter(map(numbers.__getitem__, keys), np.int64, many)
        else:
            group = np.full(many, numbers.of((), ()))
        return group, self._payloads(feed, fields)

    def _payloads(self, feed: Feed, fields: Sequence[Fields]) -> Any:
        many, reckoner = len(fields), self._columns.reckoner
        if self._rule.type == "event_count":
            return np.zeros(many, np.int8)
        if self._rule.type in TEMPORAL:
            return np.full(many, feed.mask)
        if not feed.value:
            raise KeyError
        values = map(itemgetter(feed.value), fields)
        if isinstance(reckoner, Presence):
            return np.fromiter(map(reckoner.codes.__getitem__, values), np.int64, many)
        found = list(values)
        if set(map(type, found)) != {int}:
            raise TypeError
        return found

    def _odd(self, feed: Feed, fields: Sequence[Fields]) -> tuple[Column, Column, Any]:
        """The same of any events: their places, too, as one may be in several groups, or in none."""
        columns, losses = self._columns, self._losses
        rows: list[tuple[int, int, Any]] = []
        for place, one in enumerate(fields):
            key = feed.key(one)
            if key is None:
                losses.add(UNGROUPED)
                continue
            payload = feed.payload(one)
            if payload is None:
                losses.add(WITHOUT_VALUE)
                continue
            keys: list[Key] = key if isinstance(key, list) else [key]
            losses.add(LEFT_OUT, max(len(keys) - MOST_GROUPS, 0))
            code = columns.reckoner.code(payload)
            for each in keys[:MOST_GROUPS]:
                number = columns.numbers.by_key.get(each)
                if number is None:
                    number = columns.numbers.of(each, feed.spell(one, each))
                rows.append((place, number, code))
        places, group, codes = zip(*rows, strict=True) if rows else ((), (), ())
        payloads = columns.reckoner.column(list(codes))
        if self._rule.type == "event_count":
            payloads = np.zeros(len(rows), np.int8)
        return np.array(places, np.int64), np.array(group, np.int64), payloads
