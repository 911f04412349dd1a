"""State: the windows of correlations as JSON, for a restart and for a change of rules.

Kept by the digest of what a window's contents depend on: a correlation that stayed as it was, its
title or level aside, goes on where it was; any other begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from detections.sigma.correlations.engine import Correlations, Several
from detections.sigma.correlations.fields import Key
from detections.sigma.correlations.measures import Entry
from detections.sigma.correlations.shapes import Form, Met, Origin
from detections.sigma.correlations.tracking import Settling, Tracker, Waiting
from detections.sigma.correlations.windows import NEVER, Window

VERSION = 1
MOST_ENTRIES = 200_000  # of all groups; those seen last are kept


def exported(correlations: Correlations) -> dict[str, Any]:
    """All windows; restore with `restored`."""
    left = MOST_ENTRIES
    kept: dict[str, Any] = {}
    names = correlations.linked.base_ids
    for one, tracker in zip(correlations.linked.correlations, correlations.trackers, strict=True):
        windows: list[Any] = []
        tracker.unload()
        order = sorted(tracker.windows.items(), key=lambda pair: -pair[1].newest)
        for key, window in order:
            left -= len(window.times)
            if left < 0:
                break
            windows.append(_window(key, window, tracker.form, names))
        waiting = tracker.waiting if isinstance(tracker, Settling) else []
        kept[one.digest] = {
            "windows": windows,
            "waiting": [
                [_entry(it.entry), _key(it.key), list(it.shown), _origin(it.origin, names)]
                for it in waiting
            ],
        }
    return {"version": VERSION, "correlations": kept}


def restore(correlations: Correlations, document: Mapping[str, Any]) -> int:
    """Fill windows from `exported`'s document; how many correlations go on.

    What does not fit (another version, another correlation) is left.
    """
    if document.get("version") != VERSION:
        return 0
    numbers = {name: number for number, name in correlations.linked.base_ids.items()}
    found = 0
    for one, tracker in zip(correlations.linked.correlations, correlations.trackers, strict=True):
        known = cast("Mapping[str, Any]", document.get("correlations", {})).get(one.digest)
        if known is None:
            continue
        found += 1
        tracker.unload()
        tracker.spelled.clear()
        for row in known["windows"]:
            _restore_window(tracker, row, numbers, correlations)
        if isinstance(tracker, Settling):
            for entry, key, shown, origin in known["waiting"]:
                came_from = _origin_back(origin, numbers)
                if came_from is not None:
                    entry_back = _entry_back(entry, correlations.arrival())
                    tracker.waiting.append(
                        Waiting(entry_back, _key_back(key), tuple(shown), came_from)
                    )
    return found


def _window(key: Key, window: Window, form: Form, names: Mapping[int, str]) -> list[Any]:
    met = window.candidate
    candidate = None
    if met is not None:
        candidate = [
            met.value,
            met.first,
            met.time,
            _entry(met.entry),
            [_event(event) for event in met.events],
            _origin(met.origin, names),
        ]
    entries = [_entry(entry) for entry in window.entries]
    fired = None if window.silent == NEVER else window.silent - form.timespan
    return [_key(key), list(window.shown), fired, entries, candidate]


def _restore_window(
    tracker: Tracker, row: list[Any], numbers: Mapping[str, int], correlations: Correlations
) -> None:
    key, shown, fired, entries, candidate = row
    place = _key_back(key)
    window = Window(tracker.form.measure(), tuple(shown))
    for entry in entries:
        window.push(_entry_back(entry, correlations.arrival()), tracker.form)
    window.silent = NEVER if fired is None else fired + tracker.form.timespan
    tracker.windows[place] = window
    if candidate is not None and isinstance(tracker, Settling):
        value, first, time, entry, events, origin = candidate
        came_from = _origin_back(origin, numbers)
        if came_from is not None:
            back = _entry_back(entry, correlations.arrival())
            met = Met(
                place, window.shown, value, first, time, back, _events(events), came_from, True
            )
            tracker.hold(window, met)


def _entry(entry: Entry) -> list[Any]:
    return [entry[0], _event(entry[2]), entry[3]]


def _entry_back(row: list[Any], arrival: int) -> Entry:
    time, event, payload = row
    return time, arrival, _event_back(event), _frozen(payload)


def _frozen(payload: object) -> object:
    """Lists of JSON were tuples."""
    if isinstance(payload, list):
        return tuple(_frozen(one) for one in cast("list[object]", payload))
    return payload


def _event(event: object) -> object:
    return [_event(one) for one in event] if isinstance(event, Several) else event


def _event_back(event: object) -> object:
    if isinstance(event, list):
        return Several(_event_back(one) for one in cast("list[object]", event))
    return event


def _events(rows: list[Any]) -> tuple[object, ...]:
    return tuple(_event_back(row) for row in rows)


def _key(key: Key) -> Any:
    return key if isinstance(key, str) else list(key)


def _key_back(key: Any) -> Key:
    return key if isinstance(key, str) else tuple(key)


def _origin(origin: Origin, names: Mapping[int, str]) -> list[Any]:
    return [dict(origin.fields), names.get(origin.rule, ""), origin.dataset]


def _origin_back(row: list[Any], numbers: Mapping[str, int]) -> Origin | None:
    fields, rule, dataset = row
    return Origin(fields, numbers[rule], dataset) if rule in numbers else None
