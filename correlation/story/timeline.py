"""Timeline: what happened when, folded into at most `ENTRIES` lines, with the gaps between them.

A line is one rule about one actor in neighbouring slots. Where that makes too many lines, actors are
no longer told apart, then slots are joined, then the least severe rules: counts always sum to the alerts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from correlation.story.activity import NOBODY, Activity, ActivityKey, Key, SlotCount
from correlation.story.cast import OTHERS
from correlation.story.slots import Slots
from fengsui.clock import MINUTE
from fengsui.ids import digest_id
from fengsui.text import Text

ENTRIES: Final = 200
GAP: Final = 10 * MINUTE  # a silence worth a line …
GAP_SHARE: Final = 40  # … and at least this part of the whole


@dataclass(frozen=True, slots=True)
class Entry:
    """Alerts of one rule about one actor that follow one another.

    Attributes:
        id: stays while nothing is added to it.
        actors, objects: whose alerts, and upon how many things; `rule` `*` is several rules.
        lines: numbers of the activities.
        why: of the newest of the worst alerts.
        slots: first and last slot in which its alerts began.
    """

    id: str
    rule: str
    actors: tuple[Key, ...]
    objects: int
    alerts: int
    repeats: int
    first: int
    last: int
    severity: int
    why: Text
    slots: tuple[int, int]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without any alert, ns: from the end of the last to the start of the next."""

    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Alerts that began in one slot, by severity (0–4)."""

    slot: int
    alerts: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries by time, gaps between them, and bars over the same slots."""

    slots: Slots
    entries: tuple[Entry, ...]
    gaps: tuple[Gap, ...]
    bars: tuple[Bar, ...]


def timeline(activities: Sequence[Activity], slots: Slots) -> Timeline:
    """The timeline of all these activities."""
    least = max(GAP, slots.width * slots.count // GAP_SHARE)
    numbers = {activity.key: number for number, activity in enumerate(activities)}
    entries: list[Entry] = []
    for apart, step, rules in _ways(slots.count, activities):
        groups: defaultdict[tuple[Key, str], list[Activity]] = defaultdict(list)
        for activity in activities:
            rule = activity.rule if activity.rule in rules else OTHERS
            groups[activity.actor if apart else NOBODY, rule].append(activity)
        entries = [
            entry
            for (_, rule), group in groups.items()
            for entry in _entries(rule, group, step, least, numbers)
        ]
        if len(entries) <= ENTRIES:
            break
    entries.sort(key=lambda entry: (entry.first, entry.last, entry.id))
    return Timeline(
        slots, tuple(entries), tuple(_gaps(activities, least)), tuple(_bars(activities))
    )


def _ways(count: int, activities: Sequence[Activity]) -> Iterator[tuple[bool, int, set[str]]]:
    """Ways to fold, the finest first; the last makes no more than `ENTRIES` lines."""
    worst: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for activity in activities:
        severity, alerts = worst[activity.rule]
        worst[activity.rule] = (max(severity, activity.severity), alerts + activity.alerts)
    ordered = sorted(worst, key=lambda rule: (-worst[rule][0], -worst[rule][1], rule))
    yield True, 1, set(ordered)
    for step in (2, 4):
        yield True, step, set(ordered)
    for step in (1, 4, 15, count):
        yield False, step, set(ordered)
    yield False, count, set(ordered[: ENTRIES // 2 - 1])


def _entries(
    rule: str, group: Sequence[Activity], step: int, least: int, numbers: Mapping[ActivityKey, int]
) -> Iterator[Entry]:
    """Runs of neighbouring slots (`step` wide); a silence of `least` ns ends a run too."""
    merged: dict[int, tuple[SlotCount, list[Activity]]] = {}
    for activity in group:
        for number, slot in activity.slots.items():
            place = number // step
            if place in merged:
                merged[place][0].add(slot)
                merged[place][1].append(activity)
            else:
                merged[place] = (slot.copied(), [activity])
    run: list[int] = []
    whole = step >= max(max(a.slots) for a in group) + 1
    for place in sorted(merged):
        silent = bool(run) and merged[place][0].first - _end(merged, run) >= least
        if run and not whole and (place != run[-1] + 1 or silent):
            yield _entry(rule, [merged[each] for each in run], run, step, numbers)
            run = []
        run.append(place)
    yield _entry(rule, [merged[each] for each in run], run, step, numbers)


def _end(merged: dict[int, tuple[SlotCount, list[Activity]]], run: Sequence[int]) -> int:
    return max(merged[place][0].last for place in run)


def _entry(
    rule: str,
    run: Sequence[tuple[SlotCount, list[Activity]]],
    places: Sequence[int],
    step: int,
    numbers: Mapping[ActivityKey, int],
) -> Entry:
    counts = [count for count, _ in run]
    activities = [activity for _, group in run for activity in group]
    actors = tuple(sorted({activity.actor for activity in activities}))
    first = min(count.first for count in counts)
    return Entry(
        id="t" + digest_id(rule, str(first), *(str(actor) for actor in actors[:3]))[:12],
        rule=rule,
        actors=actors,
        objects=len({key for activity in activities for key in activity.objects}),
        alerts=sum(count.alerts for count in counts),
        repeats=sum(count.repeats for count in counts),
        first=first,
        last=max(count.last for count in counts),
        severity=max(count.severity for count in counts),
        why=max(activities, key=lambda activity: (activity.order, activity.key)).why,
        slots=(places[0] * step, places[-1] * step + step - 1),
        lines=tuple(sorted({numbers[activity.key] for activity in activities})),
    )


def _gaps(activities: Iterable[Activity], least: int) -> Iterator[Gap]:
    spans = sorted((s.first, s.last) for activity in activities for s in activity.slots.values())
    end = spans[0][1] if spans else 0
    for first, last in spans:
        if first - end >= least:
            yield Gap(end, first)
        end = max(end, last)


def _bars(activities: Iterable[Activity]) -> Iterator[Bar]:
    bars: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 5)
    for activity in activities:
        for number, slot in activity.slots.items():
            bars[number] = [a + b for a, b in zip(bars[number], slot.levels, strict=True)]
    for number in sorted(bars):
        info, low, medium, high, critical = bars[number]
        yield Bar(number, (info, low, medium, high, critical))
