"""Lanes: how an event gets from a rule set's routing into the windows, as one function each.

The general lane serves every correlation. The usual forms (one plain group-by field, `gte` on a count
of events or values, a pair in order) have a lane that does in place what `Tracker.add` does by calls,
as long as the event is the newest of a group that is known; else it hands over to the general one.
These lanes are alike on purpose: what they have in common would cost a call with every event.
Values of other types than text are in no dictionary here, so they find nothing, or raise TypeError.
"""

from __future__ import annotations

from collections.abc import Callable

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.fields import LONGEST, MOST_GROUPS, Fields, Key
from detections.sigma.correlations.measures import Entry
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.correlations.sequences import Pair
from detections.sigma.correlations.shapes import Feed, Met
from detections.sigma.correlations.tracking import Tracker
from detections.sigma.correlations.windows import Window

Lane = Callable[[Fields, int, int, object], "Met | list[Met] | None"]

UNGROUPED = "correlations.ungrouped"
WITHOUT_VALUE = "correlations.without_value"
LEFT_OUT = "correlations.groups_left_out"
_MOST_LOWERED = 1 << 15  # values of a feed whose text without case is remembered


def lane_of(rule: LoadedCorrelation, tracker: Tracker, feed: Feed) -> Lane:
    """The lane of a feed: takes (fields, time, arrival, event), gives the windows met."""
    slow = _general(tracker, feed)
    rising = isinstance(rule.condition, Bounds) and rule.condition.rising
    if not rising or not feed.group or tracker.form.arrivals:
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
    spelled, group, mask = tracker.spelled, feed.group, feed.mask
    form, tells_all, spelling = tracker.form, tracker.tells_all, tracker.spelling
    timespan, least = form.timespan, max(form.least, 1)
    nth_last = -least

    def take(fields: Fields, time: int, arrival: int, event: object) -> Met | list[Met] | None:
        try:
            window: Window | None = spelled[fields[group]]
        except (KeyError, TypeError):
            window = spelling(fields.get(group))
        if window is None or time <= (times := window.times)[-1]:
            return slow(fields, time, arrival, event)
        times.append(time)
        window.events.append(event)
        window.arrival = arrival
        if len(times) >= window.tidy_at:
            window.tidy(time - timespan - form.lateness, form)
        if time <= window.silent and not tells_all:
            return None
        if len(times) < least or times[nth_last] < time - timespan:
            return None
        value = window.value(time - timespan) or 0
        entry = (time, arrival, event, mask)
        return tracker.newest(window, _key(fields[group]), value, entry, fields, feed)

    return take


def _distinct(tracker: Tracker, feed: Feed, slow: Lane) -> Lane:
    spelled, group, field = tracker.spelled, feed.group, feed.value
    form, tells_all, spelling = tracker.form, tracker.tells_all, tracker.spelling
    timespan, least = form.timespan, form.least
    lowered: dict[object, str] = {}  # one text for all entries with the value

    def take(fields: Fields, time: int, arrival: int, event: object) -> Met | list[Met] | None:
        try:
            window: Window | None = spelled[fields[group]]
        except (KeyError, TypeError):
            window = spelling(fields.get(group))
        try:
            payload: str | None = lowered[fields[field]]
        except (KeyError, TypeError):
            payload = _lowered(lowered, fields.get(field))
        if payload is None or window is None or time <= (times := window.times)[-1]:
            return slow(fields, time, arrival, event)
        times.append(time)
        window.events.append(event)
        window.payloads.append(payload)
        window.arrival = arrival
        last: dict[str, int] = window.measure.last
        last[payload] = time
        if len(times) >= window.tidy_at:
            window.tidy(time - timespan - form.lateness, form)
            last = window.measure.last
        if time <= window.silent and not tells_all:
            return None
        # Values that have gone out of the window are in it still: there are no fewer.
        if len(last) < least:
            return None
        count = window.value(time - timespan) or 0
        if count < least:
            return None
        entry = (time, arrival, event, payload)
        return tracker.newest(window, _key(fields[group]), count, entry, fields, feed)

    return take


def _lowered(known: dict[object, str], value: object) -> str | None:
    """A text without case, remembered; None for what is none, or is too long to be kept whole."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    if len(known) >= _MOST_LOWERED:
        known.clear()
    known[value] = lowered = value.lower()
    return lowered


def _key(text: object) -> Key:
    return str(text).lower()


def _paired(tracker: Tracker, feed: Feed, slow: Lane) -> Lane:
    spelled, group, mask = tracker.spelled, feed.group, feed.mask
    form, tells_all, spelling = tracker.form, tracker.tells_all, tracker.spelling
    timespan, begins = form.timespan, feed.mask == 1

    def take(fields: Fields, time: int, arrival: int, event: object) -> Met | list[Met] | None:
        try:
            window: Window | None = spelled[fields[group]]
        except (KeyError, TypeError):
            window = spelling(fields.get(group))
        if window is None or time <= (times := window.times)[-1]:
            return slow(fields, time, arrival, event)
        entry = (time, arrival, event, mask)
        times.append(time)
        window.events.append(event)
        window.payloads.append(mask)
        window.arrival = arrival
        if len(times) >= window.tidy_at:
            window.tidy(time - timespan - form.lateness, form)
            # It may have been measured anew, with this entry in it: once more changes nothing.
        pair: Pair = window.measure
        if begins:
            pair.first = entry
        elif pair.first is not None:
            pair.start, pair.second = pair.first, entry
        if time <= window.silent and not tells_all:
            return None
        start = pair.start
        if start is None or start[0] < time - timespan:
            return None
        return tracker.newest(window, _key(fields[group]), 2, entry, fields, feed)

    return take
