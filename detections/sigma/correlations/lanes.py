"""Lanes: how an event gets from a rule set's routing into the windows, as one function each.

The general lane serves every correlation. The usual forms (one plain group-by field, `gte` on a count
of events or values, a pair in order) have a lane that does in place what `Tracker.add` does by calls,
as long as the event is the newest of a group that is known; else it hands over to the general one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.fields import LONGEST, MOST_GROUPS, Fields, Key
from detections.sigma.correlations.measures import DistinctValues, Entry, EventCount
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.correlations.sequences import Pair
from detections.sigma.correlations.tracking import Tracker
from detections.sigma.correlations.windows import Feed, Met

Lane = Callable[[Fields, int, int, object], "Met | list[Met] | None"]

UNGROUPED = "correlations.ungrouped"
WITHOUT_VALUE = "correlations.without_value"
LEFT_OUT = "correlations.groups_left_out"


def lane_of(rule: LoadedCorrelation, tracker: Tracker, feed: Feed) -> Lane:
    """The lane of a feed: takes (fields, time, arrival, event), gives the windows met."""
    slow = _general(tracker, feed)
    rising = isinstance(rule.condition, Bounds) and rule.condition.rising
    if not rising or not feed.group:
        return slow
    if rule.type == "event_count":
        return _counting(tracker, feed, slow)
    if rule.type == "value_count" and feed.value:
        return _distinct(tracker, feed, slow)
    if isinstance(tracker.form.measure(), Pair) and feed.mask in (1, 2):
        return _paired(tracker, feed, slow)
    return slow


def _general(tracker: Tracker, feed: Feed) -> Lane:
    key_of, payload_of, losses = feed.key, feed.payload, tracker.form.losses

    def take(fields: Fields, time: int, arrival: int, event: object) -> Met | list[Met] | None:
        key = key_of(fields)
        if key is None:
            losses.add(UNGROUPED)
            return None
        payload = payload_of(fields)
        if payload is None:
            losses.add(WITHOUT_VALUE)
            return None
        entry = (time, arrival, event, payload)
        if isinstance(key, list):
            return each(tracker, feed, key, entry, fields)
        return tracker.add(key, entry, fields, feed)

    return take


def each(tracker: Tracker, feed: Feed, keys: list[Key], entry: Entry, fields: Fields) -> list[Met]:
    """The windows met by an event that is in several groups."""
    tracker.form.losses.add(LEFT_OUT, max(len(keys) - MOST_GROUPS, 0))
    found = [tracker.add(key, entry, fields, feed) for key in keys[:MOST_GROUPS]]
    return [met for met in found if met is not None]


def _counting(tracker: Tracker, feed: Feed, slow: Lane) -> Lane:
    known, group, mask = tracker.windows.get, feed.group, feed.mask
    form, tells_all = tracker.form, tracker.tells_all
    timespan, least = form.timespan, max(form.least, 1)

    def take(fields: Fields, time: int, arrival: int, event: object) -> Met | list[Met] | None:
        text = fields.get(group)
        if not isinstance(text, str) or len(text) > LONGEST:
            return slow(fields, time, arrival, event)
        key = text.lower()
        window = known(key)
        if window is None or time <= (entries := window.entries)[-1][0]:
            return slow(fields, time, arrival, event)
        entry = (time, arrival, event, mask)
        entries.append(entry)
        cast("EventCount", window.measure).events += 1
        if len(entries) >= window.tidy_at:
            window.slide(time - timespan)
            window.tidy(time - timespan - form.lateness, form)
            entries = window.entries
        if len(entries) < least or entries[-least][0] < time - timespan:
            return None
        fired = window.fired
        if fired is not None and time <= fired + timespan and not tells_all:
            return None
        window.slide(time - timespan)
        value = window.measure.value(time - timespan) or 0
        return tracker.newest(window, key, value, entry, fields, feed)

    return take


def _distinct(tracker: Tracker, feed: Feed, slow: Lane) -> Lane:
    known, group, field = tracker.windows.get, feed.group, feed.value
    form, tells_all = tracker.form, tracker.tells_all
    timespan, least = form.timespan, form.least

    def take(fields: Fields, time: int, arrival: int, event: object) -> Met | list[Met] | None:
        text, value = fields.get(group), fields.get(field)
        if not isinstance(text, str) or not isinstance(value, str):
            return slow(fields, time, arrival, event)
        if len(text) > LONGEST or len(value) > LONGEST:
            return slow(fields, time, arrival, event)
        key = text.lower()
        window = known(key)
        if window is None or time <= (entries := window.entries)[-1][0]:
            return slow(fields, time, arrival, event)
        payload = value.lower()
        entry = (time, arrival, event, payload)
        entries.append(entry)
        counts = cast("DistinctValues", window.measure).counts
        counts[payload] = counts.get(payload, 0) + 1
        edge = time - timespan
        if entries[window.tail][0] < edge:
            window.slide(edge)
        if len(entries) >= window.tidy_at:
            window.tidy(edge - form.lateness, form)
            counts = cast("DistinctValues", window.measure).counts
        if len(counts) < least:
            return None
        fired = window.fired
        if fired is not None and time <= fired + timespan and not tells_all:
            return None
        return tracker.newest(window, key, len(counts), entry, fields, feed)

    return take


def _paired(tracker: Tracker, feed: Feed, slow: Lane) -> Lane:
    known, group, mask = tracker.windows.get, feed.group, feed.mask
    form, tells_all = tracker.form, tracker.tells_all
    timespan, begins = form.timespan, feed.mask == 1

    def take(fields: Fields, time: int, arrival: int, event: object) -> Met | list[Met] | None:
        text = fields.get(group)
        if not isinstance(text, str) or len(text) > LONGEST:
            return slow(fields, time, arrival, event)
        key = text.lower()
        window = known(key)
        if window is None or time <= (entries := window.entries)[-1][0]:
            return slow(fields, time, arrival, event)
        entry = (time, arrival, event, mask)
        entries.append(entry)
        if len(entries) >= window.tidy_at:
            window.slide(time - timespan)
            window.tidy(time - timespan - form.lateness, form)
            # It may have been measured anew, with this entry in it: once more changes nothing.
        pair = cast("Pair", window.measure)
        if begins:
            pair.first = entry
        elif (first := pair.first) is not None:
            pair.start, pair.second = first, entry
        start = pair.start
        if start is None or start[0] < time - timespan:
            return None
        fired = window.fired
        if fired is not None and time <= fired + timespan and not tells_all:
            return None
        return tracker.newest(window, key, 2, entry, fields, feed)

    return take
