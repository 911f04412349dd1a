"""Activities: who did what upon whom by which rule, and how often in each slot of time.

Each alert counts in exactly one activity, so whatever is summed over activities sums to the alerts.
All that is kept of an activity is a sum, a minimum or a maximum: the order of alerts changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from correlation.entities import tactics_of
from correlation.story.plain import KEPT, plain
from fengsui.alert import Alert, Entity
from fengsui.severity import Severity
from fengsui.text import Text

Key = tuple[str, str]  # (kind, value) of a thing; ours under the one value of their asset
ActivityKey = tuple[Key, tuple[Key, ...], str, str]  # actor, objects, rule, variant
NOBODY: Final[Key] = ("", "")
_ACTS: Final = {"attacker": 0, "source": 1, "victim": 2, "target": 3, "peer": 4, "c2": 5}
_UPON: Final = {"c2": 0, "victim": 1, "target": 2, "peer": 3, "attacker": 4, "source": 5}
_ACTING_KINDS: Final = {"host": 0, "address": 1, "user": 2}
_UPON_KINDS: Final = {"domain": 0, "host": 1, "address": 2, "user": 3}
_HOSTS: Final = frozenset({"hosts", "targets", "failed_hosts", "swept_hosts", "new_admin_targets"})
BYTES: Final = {"B": 1.0, "KiB": 1024.0, "MB": 1e6, "MB/h": 1e6, "MB/d": 1e6, "GB": 1e9}
_MEASURABLE: Final = 1e18


@dataclass(slots=True)
class SlotCount:
    """What of an activity began in one slot.

    Attributes:
        levels: alerts by severity, 0–4.
        repeats: how often its alerts were counted.
        first, last: start of the first, end of the last, ns.
    """

    levels: list[int]
    repeats: int
    first: int
    last: int

    @property
    def alerts(self) -> int:
        """How many."""
        return sum(self.levels)

    @property
    def severity(self) -> int:
        """The worst."""
        return max(level for level, count in enumerate(self.levels) if count)

    def copied(self) -> SlotCount:
        """Another of the same counts."""
        return SlotCount(list(self.levels), self.repeats, self.first, self.last)

    def add(self, other: SlotCount) -> None:
        """Count another in."""
        self.levels = [a + b for a, b in zip(self.levels, other.levels, strict=True)]
        self.repeats += other.repeats
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)


@dataclass(slots=True)
class Activity:
    """What one thing did upon others, as one rule saw it.

    Attributes:
        objects: upon what, the main object first.
        variant: last word of the reason's key, which tells cases of one rule apart.
        hosts, size, guesses: largest figures that an alert gives: hosts, bytes, attempts.
        order: (severity, last, id) of the alert that `why` is from, the newest of the worst.
    """

    actor: Key
    objects: tuple[Key, ...]
    rule: str
    variant: str
    slots: dict[int, SlotCount] = field(default_factory=dict[int, SlotCount])
    tactics: set[str] = field(default_factory=set[str])
    techniques: set[str] = field(default_factory=set[str])
    hosts: int = 0
    size: float = 0.0
    guesses: int = 0
    order: tuple[int, int, str] = (-1, 0, "")
    why: Text = field(default_factory=lambda: Text(""))

    @property
    def key(self) -> ActivityKey:
        """What tells it from others."""
        return self.actor, self.objects, self.rule, self.variant

    @property
    def alerts(self) -> int:
        """How many alerts."""
        return sum(slot.alerts for slot in self.slots.values())

    @property
    def first(self) -> int:
        """Start of the first, ns."""
        return min(slot.first for slot in self.slots.values())

    @property
    def last(self) -> int:
        """End of the last, ns."""
        return max(slot.last for slot in self.slots.values())

    @property
    def severity(self) -> int:
        """The worst."""
        return max(slot.severity for slot in self.slots.values())

    def take(self, other: Activity) -> None:
        """Count another in; who and whom stay."""
        for number, slot in other.slots.items():
            known = self.slots.get(number)
            if known is None:
                self.slots[number] = slot.copied()
            else:
                known.add(slot)
        self.tactics |= other.tactics
        self.techniques |= other.techniques
        self.hosts = max(self.hosts, other.hosts)
        self.size = max(self.size, other.size)
        self.guesses = max(self.guesses, other.guesses)
        if other.order > self.order:
            self.order, self.why = other.order, other.why


def sides(alert: Alert, key_of: Callable[[Entity], Key]) -> tuple[Key, tuple[Key, ...]]:
    """Who acts in an alert, and upon what: the main object first."""
    if not alert.entities:
        return NOBODY, ()
    actor = key_of(min(alert.entities, key=_acting))
    upon: dict[Key, tuple[int, int, str]] = {}
    for entity in alert.entities:
        key = key_of(entity)
        if key != actor:
            rank = (_UPON[entity.role], _UPON_KINDS.get(entity.kind, 9), entity.value)
            upon[key] = min(rank, upon.get(key, rank))
    return actor, tuple(sorted(upon, key=lambda key: (upon[key], key)))


def _acting(entity: Entity) -> tuple[int, int, bool, str, str]:
    kind = _ACTING_KINDS.get(entity.kind, 9)
    return _ACTS[entity.role], kind, not entity.internal, entity.kind, entity.value


def variant_of(alert: Alert) -> str:
    """The case of its rule that an alert stands for."""
    return plain(alert.reason.key.rpartition(".")[2])


def rule_of(alert: Alert) -> str:
    """Its rule's id, bounded."""
    return alert.rule[:KEPT]


def activity_of(alert: Alert, actor: Key, objects: Sequence[Key], slot: int) -> Activity:
    """One alert as an activity, but for its reason: of many alerts one reason is kept."""
    one = Activity(actor, tuple(objects), rule_of(alert), variant_of(alert))
    levels = [0] * len(Severity)
    levels[alert.severity] = 1
    one.slots[slot] = SlotCount(levels, max(alert.count, 1), alert.first, alert.last)
    one.tactics.update(tactics_of(alert))
    one.techniques.update(plain(technique, 20) for technique in alert.techniques)
    for name, value in _figures(alert):
        setattr(one, name, max(getattr(one, name), value))
    one.order = (int(alert.severity), alert.last, alert.id)
    return one


def _figures(alert: Alert) -> Iterator[tuple[str, float]]:
    for fact in alert.facts:
        if isinstance(fact.value, bool) or not isinstance(fact.value, int | float):
            continue
        if not 0 <= fact.value < _MEASURABLE:
            continue
        if fact.name in _HOSTS:
            yield "hosts", int(fact.value)
        elif fact.name == "guesses":
            yield "guesses", int(fact.value)
        elif fact.unit in BYTES:
            yield "size", fact.value * BYTES[fact.unit]
