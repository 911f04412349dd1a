"""Dedupe: alerts of one run, rule and key within a window are one alert with a count.

Folding is a function of the set of alerts, not of their order: intervals that lie no further apart
than the window become one, the earliest gives the id, the newest the reason. When one rule brings
more keys about one host than anybody would read (a scan reported target by target), all of them
become one alert with the key `*`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from fengsui.alert import EVENTS_KEPT, Alert, Entity
from fengsui.loss import Losses

ENTITIES_KEPT: Final = 64  # of one alert; a scan of a /16 would bring 65,536
SEEN_KEPT: Final = 262_144  # alerts remembered so that the same one delivered twice counts once
KEYS_KEPT: Final = 200  # of one rule about one host
FLOOD_KEY: Final = "*:"
_ROLE_ORDER: Final = {
    role: rank for rank, role in enumerate(("attacker", "source", "c2", "victim", "target", "peer"))
}


@dataclass(slots=True)
class Folded:
    """What became of new alerts: those to (re)place, and ids that went into another alert."""

    changed: dict[str, Alert] = field(default_factory=dict[str, Alert])
    gone: dict[str, str] = field(default_factory=dict[str, str])


class Folding:
    """Open and past folds of one run, by rule and key."""

    def __init__(self, window: int, subject: Callable[[Alert], str], losses: Losses) -> None:
        """`window` in ns; `subject` tells which of our hosts an alert is about."""
        self._window = window
        self._subject = subject
        self._losses = losses
        self._folds: dict[tuple[str, str], list[Alert]] = {}
        self._keys: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._seen: dict[tuple[str, int], None] = {}
        self._marks: dict[tuple[str, str], int] = {}  # up to when a restored fold has counted

    def take_up(self, alerts: Iterable[Alert]) -> Folded:
        """Go on from folds that were kept; what is delivered again of their time counts no more."""
        result = Folded()
        for alert in alerts:
            self._add(self._keyed(alert, result), result)
            key = (alert.rule, alert.key)
            self._marks[key] = max(alert.last, self._marks.get(key, 0))
        return result

    def add(self, alerts: Iterable[Alert]) -> Folded:
        """Count alerts in; an alert that touches two folds makes them one."""
        result = Folded()
        for alert in alerts:
            delivery = (alert.id, alert.last)
            if delivery in self._seen:
                continue
            self._seen[delivery] = None
            if len(self._seen) > SEEN_KEPT:
                del self._seen[next(iter(self._seen))]
            keyed = self._keyed(self._bounded(alert), result)
            if not self._counted(keyed, result):
                self._add(keyed, result)
        return result

    def _counted(self, alert: Alert, result: Folded) -> bool:
        """Whether a restored fold has counted this alert; it is then told as it is."""
        if alert.last > self._marks.get((alert.rule, alert.key), 0):
            return False
        for fold in self._folds.get((alert.rule, alert.key), ()):
            if fold.first <= alert.first and alert.last <= fold.last:
                result.changed[fold.id] = fold
                return True
        return False

    def drop(self, alerts: Iterable[Alert]) -> None:
        """Forget folds."""
        for alert in alerts:
            folds = self._folds.get((alert.rule, alert.key), [])
            kept = [fold for fold in folds if fold.id != alert.id]
            if kept:
                self._folds[alert.rule, alert.key] = kept
                continue
            self._folds.pop((alert.rule, alert.key), None)
            self._marks.pop((alert.rule, alert.key), None)
            about = (alert.rule, self._subject(alert))
            keys = self._keys.get(about, set())
            keys.discard(alert.key)
            if not keys or is_flood(alert):
                self._keys.pop(about, None)

    def _keyed(self, alert: Alert, result: Folded) -> Alert:
        """The alert with its key, or with `*` where there are too many keys; then earlier ones too."""
        about = (alert.rule, self._subject(alert))
        keys = self._keys[about]
        flood = FLOOD_KEY + about[1]
        if flood in keys:
            return replace(alert, key=flood)
        keys.add(alert.key)
        if len(keys) <= KEYS_KEPT:
            return alert
        earlier = [f for key in keys for f in self._folds.pop((alert.rule, key), ())]
        self._keys[about] = {flood}
        self._losses.add("correlation.keys_folded", len(earlier))
        for fold in earlier:
            result.changed.pop(fold.id, None)
            result.gone[fold.id] = fold.id  # until it is known where it goes
            self._add(replace(fold, key=flood), result)
        return replace(alert, key=flood)

    def _add(self, alert: Alert, result: Folded) -> None:
        folds = self._folds.setdefault((alert.rule, alert.key), [])
        merged = alert
        apart: list[Alert] = []
        near: list[Alert] = []
        for fold in folds:
            (near if self._touches(fold, alert) else apart).append(fold)
        for fold in near:
            merged = merge(merged, fold)
        for part in (*near, alert):
            if part.id != merged.id and (part is not alert or part.id in result.gone):
                result.changed.pop(part.id, None)
                result.gone[part.id] = merged.id
        result.gone.pop(merged.id, None)
        result.changed[merged.id] = merged
        self._folds[alert.rule, alert.key] = [*apart, merged]

    def _touches(self, fold: Alert, alert: Alert) -> bool:
        gap = max(fold.first, alert.first) - min(fold.last, alert.last)
        return gap <= self._window

    def _bounded(self, alert: Alert) -> Alert:
        if len(alert.entities) <= ENTITIES_KEPT:
            return alert
        self._losses.add("correlation.entities_cut", len(alert.entities) - ENTITIES_KEPT)
        return replace(alert, entities=_first_entities(alert.entities))


def is_flood(alert: Alert) -> bool:
    """Whether an alert stands for more keys of its rule than are kept apart."""
    return alert.key.startswith(FLOOD_KEY)


def merge(one: Alert, other: Alert) -> Alert:
    """Two alerts of one rule and key as one; the same for both orders, and for any grouping."""
    older, newer = sorted((one, other), key=_newness)
    earliest = min(one, other, key=lambda alert: (alert.first, alert.id))
    folded = older.folding(newer)
    entities, events = one.entities, one.events
    if other.entities != entities:
        entities = _first_entities({*entities, *other.entities})
    if other.events != events:
        # The smallest ids of all: a sample that does not depend on who came first.
        events = tuple(sorted({*events, *other.events})[:EVENTS_KEPT])
    return replace(
        folded,
        id=earliest.id,
        title=newer.title,
        entities=entities,
        events=events,
        techniques=_union(one.techniques, other.techniques),
        tactics=_union(one.tactics, other.tactics),
    )


def _newness(alert: Alert) -> tuple[int, str]:
    return alert.last, repr((alert.reason, alert.facts))


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return one if one == other else tuple(sorted({*one, *other}))


def _first_entities(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    ordered = sorted(entities, key=lambda e: (_ROLE_ORDER[e.role], e.kind, e.value, not e.internal))
    return tuple(ordered[:ENTITIES_KEPT])
