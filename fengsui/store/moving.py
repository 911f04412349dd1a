"""From one event store to another: day by day, while both are in use, and again where it stopped.

A day of event time is done when both stores hold the same events of it: the same number, and the same
hashes over them in order of time and id. What is done is not copied again; what arrived meanwhile makes
its day differ and is copied in the next round.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import orjson

from fengsui.clock import DAY
from fengsui.errors import StoreError
from fengsui.event import Event
from fengsui.hashes import new_sm3
from fengsui.query.tree import Everything
from fengsui.store.event_store import ALWAYS, EventStore, TimeRange

_BATCH: Final = 5_000
_ROUNDS: Final = 3
EVERY: Final = Everything()
OnDay = Callable[[int, int, int], None]
"""Told of each day: number done, number in all, its start in ns."""


@dataclass(frozen=True, slots=True)
class DayDigest:
    """The events of a day of one store, in order of time and id, as canonical JSON."""

    day: int
    events: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did.

    Attributes:
        days: as both stores hold them now.
        copied: events that were new to the target.
        already: days that were there before.
    """

    days: tuple[DayDigest, ...]
    copied: int
    already: int

    @property
    def events(self) -> int:
        """In all days."""
        return sum(one.events for one in self.days)


def days_of(store: EventStore, within: TimeRange = ALWAYS) -> list[int]:
    """Starts (ns) of the days that hold events."""
    statistics = [one for one in store.statistics() if one.events]
    if not statistics:
        return []
    first = max(min(one.first for one in statistics), within.since)
    last = min(max(one.last for one in statistics), within.until - 1)
    return [
        start
        for start in range(first // DAY * DAY, last + 1, DAY)
        if store.count(EVERY, day_range(start, within))
    ]


def day_range(start: int, within: TimeRange = ALWAYS) -> TimeRange:
    """A day, cut to a range."""
    return TimeRange(max(start, within.since), min(start + DAY, within.until))


def canonical(event: Event) -> bytes:
    """One line, the same whatever store gives the event."""
    return orjson.dumps(event.fields, option=orjson.OPT_SORT_KEYS) + b"\n"


def digest_of(store: EventStore, start: int, within: TimeRange = ALWAYS) -> DayDigest:
    """Number and hashes of a day's events."""
    first, second, events = hashlib.sha256(), new_sm3(), 0
    for event in store.scroll(EVERY, day_range(start, within)):
        line = canonical(event)
        first.update(line)
        second.update(line)
        events += 1
    return DayDigest(start, events, first.hexdigest(), second.hexdigest())


def copy_events(
    source: EventStore,
    target: EventStore,
    within: TimeRange = ALWAYS,
    on_day: OnDay = lambda done, total, day: None,
) -> Copied:
    """Bring all events of a time range into another store.

    Raises:
        StoreError: a day differs after three rounds (code `copy_differs`), or a store fails; what was
            copied stays, and the next call goes on from there.
    """
    found: list[DayDigest] = []
    copied = already = 0
    days = days_of(source, within)
    for number, start in enumerate(days):
        on_day(number, len(days), start)
        digest, added = _copy_day(source, target, start, within)
        copied += added
        already += added == 0
        found.append(digest)
    on_day(len(days), len(days), 0)
    return Copied(tuple(found), copied, already)


def _copy_day(
    source: EventStore, target: EventStore, start: int, within: TimeRange
) -> tuple[DayDigest, int]:
    added = 0
    for _ in range(_ROUNDS):
        ours = digest_of(source, start, within)
        if target.count(EVERY, day_range(start, within)) == ours.events:
            theirs = digest_of(target, start, within)
            if theirs == ours:
                return ours, added
        for batch in batched(source.scroll(EVERY, day_range(start, within)), _BATCH):
            added += target.append(batch).added
    day = day_range(start, within)
    raise StoreError(
        "A day of the copy differs from its source",
        where=f"{source.count(EVERY, day)} events in the source, {target.count(EVERY, day)} in the copy",
        next="Is the target empty of other events of that day? Verify both stores, then copy again",
        code="copy_differs",
    )


def batched(events: Iterator[Event], size: int) -> Iterator[list[Event]]:
    """Events in lists of a size."""
    while batch := list(islice(events, size)):
        yield batch
