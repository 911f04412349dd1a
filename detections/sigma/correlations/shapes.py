"""Shapes: what passes between the windows of a correlation and what feeds and reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from detections.sigma.correlations.bounds import Number
from detections.sigma.correlations.fields import Fields, Key, Read
from detections.sigma.correlations.measures import Entry, Measure
from fengsui.loss import Losses


@dataclass(frozen=True, slots=True)
class Form:
    """What all windows of one correlation have in common; times in ns.

    Attributes:
        measure: makes an empty measure.
        holds: whether a value meets the condition.
        least: fewer events than that never meet it; 0: not known.
        by_order: the measure depends on the order in which events are pushed.
        masks: payloads are bit masks of positions in the rule list.
        payloads: the measure reads them, so windows keep them.
        arrivals: entries may come long after they arrived, so windows keep the order of arrival.
        cap: entries kept of one group at most.
        losses: events that came too late, and what was given up to bound memory.
    """

    timespan: int
    lateness: int
    measure: Callable[[], Measure]
    holds: Callable[[Number], bool]
    least: int = 0
    by_order: bool = False
    masks: bool = False
    payloads: bool = True
    arrivals: bool = False
    cap: int = 10_000
    losses: Losses = field(default_factory=Losses)


class Origin(NamedTuple):
    """Where an entry comes from, for the hit and for correlations of correlations.

    Attributes:
        fields: of the event, and the groups of the correlations below.
        rule: number of a rule that the event meets, and its dataset: they tell the fields' names.
    """

    fields: Fields
    rule: int
    dataset: str


@dataclass(frozen=True, slots=True)
class Feed:
    """How one correlation takes the events that meet certain rules, in one dataset.

    Attributes:
        number: of the correlation.
        key: the group or groups of an event; None where it is in none.
        payload: what its measure takes of the event; None where it takes nothing.
        spell: the values of a key in the event's own spelling.
        rule: number of a rule that the events meet, and their dataset.
        kept: names of the fields that are kept with an entry.
        mask: positions of the rules that the events meet.
        group, value: the one field that gives the key, and the payload, as it is; empty where it
            is not so simple.
        groups: all fields that give the key, as they are; None where it is not so simple.
    """

    number: int
    key: Callable[[Fields], Key | list[Key] | None]
    payload: Read
    spell: Callable[[Fields, Key], tuple[str, ...]]
    rule: int
    dataset: str
    kept: frozenset[str]
    mask: int
    group: str = ""
    value: str = ""
    groups: tuple[str, ...] | None = None

    def origin(self, fields: Fields) -> Origin:
        """What is kept of an event."""
        kept = {name: fields[name] for name in self.kept if name in fields}
        return Origin(kept, self.rule, self.dataset)


class Met(NamedTuple):
    """A window that meets the condition.

    Attributes:
        fires: it is shown; else a hit of less than a timespan ago speaks for it.
        first: time of its first event, `time` of its last (ns).
    """

    key: Key
    shown: tuple[str, ...]
    value: Number
    first: int
    time: int
    entry: Entry
    events: tuple[object, ...]
    origin: Origin
    fires: bool
