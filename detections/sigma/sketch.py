"""Sketch: what can be told of a condition without having it at hand.

A rule set has thousands of conditions and a hunt evaluates a few dozen of them. The sketch of a rule,
kept in the cache, says for the others that no event can meet them: by the values of routing fields
that they need, and by the literals of which an event must hold one.
"""

from __future__ import annotations

from dataclasses import dataclass

from detections.sigma.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Leaf,
    SameAs,
    leaves,
    replaced,
    simplified,
)
from detections.sigma.literals import Literals, required
from detections.sigma.targets import Names

ROUTED = frozenset({"Channel", "EventID"})  # of Windows events: their rules are most of all


@dataclass(frozen=True, slots=True)
class Sketch:
    """What every event that meets a condition has, as long as its fields keep their names.

    Attributes:
        fields: all that the condition looks at; the empty name stands for keywords.
        when: what it says of the fields of `ROUTED`; met wherever the condition is.
        literals: as `literals.required` gives them.
    """

    fields: tuple[str, ...]
    when: Condition
    literals: Literals | None

    def keeps(self, names: Names) -> bool:
        """Whether all fields have their own names in the events of a dataset."""
        return all(map(names.keeps, filter(None, self.fields)))

    def renamed(self, names: Names) -> Sketch | None:
        """The same for events of a dataset that has other names for fields; None where that is not all."""
        targets = [names.find(name) for name in self.fields if name]
        if not all(target is not None and target.plain for target in targets):
            return None
        speaks_of_names = any(one.startswith(b'"') for one in self.literals or ())
        return None if speaks_of_names or self.when != ALWAYS else self


def sketch_of(condition: Condition) -> Sketch:
    """The sketch of a rule's condition."""
    fields: dict[str, None] = {}
    for leaf in leaves(condition):
        fields[leaf.field] = None
        if isinstance(leaf, SameAs):
            fields[leaf.other] = None
    when = simplified(replaced(condition, _routed)) if not ROUTED.isdisjoint(fields) else ALWAYS
    return Sketch(tuple(fields), when, required(condition))


def _routed(leaf: Leaf, positive: bool) -> Condition:
    """The leaf where routing decides it; else what can only make the condition wider."""
    if leaf.field in ROUTED and not isinstance(leaf, SameAs):
        return leaf
    return ALWAYS if positive else NEVER
