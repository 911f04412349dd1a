"""Picking: from a sentence, a line of time, a node or an edge back to its alerts.

An alert belongs to a pick when the activity that it counted in does: the same reckoning as when the
story was told, over the names that the story kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from correlation.story.activity import Key, rule_of, sides, variant_of
from correlation.story.cast import OTHERS, home_of
from correlation.story.graph import Dot, Graph, Line, graph
from correlation.story.plain import KEPT
from correlation.story.slots import Slots
from fengsui.alert import Alert, Entity

NAMED: Final = 40  # entities by which alerts are looked for


@dataclass(frozen=True, slots=True)
class Pick:
    """Which alerts: of these activities, in these slots (both ends inside; None is any)."""

    lines: frozenset[int]
    slots: tuple[int, int] | None = None


class Web:
    """What a story keeps of who did what (see `correlation.story.story`). Made of it where it is needed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.slots = Slots(document["start"], document["width"], document["count"])
        self._keys: list[Key] = [(t["key"][0], t["key"][1]) for t in document["things"]]

    @cached_property
    def dots(self) -> list[Dot]:
        """The things."""
        return [_dot(number, thing) for number, thing in enumerate(self._document["things"])]

    @cached_property
    def rules(self) -> list[str]:
        """Ids of the rules that spoke."""
        return list(dict.fromkeys(line["rule"] for line in self._document["lines"]))

    @cached_property
    def lines(self) -> list[Line]:
        """The activities."""
        place = {rule: number for number, rule in enumerate(self.rules)}
        return [
            _line(number, line, place[line["rule"]])
            for number, line in enumerate(self._document["lines"])
        ]

    @cached_property
    def _known(self) -> dict[tuple[str, str], Key]:
        return {
            (thing["kind"], value): key
            for thing, key in zip(self._document["things"], self._keys, strict=True)
            for value in thing["values"]
        }

    @cached_property
    def _numbers(self) -> dict[tuple[Key, tuple[Key, ...], str, str], int]:
        return {
            (
                self._keys[line["actor"]],
                tuple(self._keys[number] for number in line["objects"]),
                line["rule"],
                line["variant"],
            ): number
            for number, line in enumerate(self._document["lines"])
        }

    def drawn(self, opened: Collection[str] = ()) -> Graph:
        """The graph with like neighbours folded, but those of the groups `opened`."""
        return graph(self.dots, self.lines, opened)

    def values(self, number: int) -> Sequence[str]:
        """Addresses or names of a thing, the one to show first."""
        values: list[str] = self._document["things"][number]["values"]
        return values

    def owner(self, number: int) -> str:
        """Whose it is; "" when unknown."""
        return str(self._document["things"][number]["owner"])

    def pick(self, name: str, opened: Collection[str] = ()) -> Pick | None:
        """The pick of a sentence, a line of time, a node or an edge; None where there is none."""
        kept = self._document["picks"].get(name)
        if kept is not None:
            return Pick(frozenset(kept["lines"]), tuple(kept["slots"]) if kept["slots"] else None)
        if not opened:
            lines = self._document.get("edges", {}).get(name)
            if lines is not None:
                return Pick(frozenset(lines))
        drawn = self.drawn(opened)
        for edge in drawn.edges:
            if edge.id == name:
                return Pick(frozenset(edge.lines))
        for node in drawn.nodes:
            if node.id == name:
                return Pick(self._touching(node.id, node.members, drawn))
        return None

    def _touching(self, node: str, members: Collection[int], drawn: Graph) -> frozenset[int]:
        inside = set(members)
        found = {
            line.number for line in self.lines if inside & {line.actor, *line.objects}
        }  # members are cut where they are very many: the edges know the rest
        for edge in drawn.edges:
            if node in {edge.source, edge.target}:
                found.update(edge.lines)
        return frozenset(found)

    def rules_of(self, pick: Pick) -> tuple[str, ...]:
        """The rules whose alerts may belong to a pick; () where that is not known."""
        rules = {line["rule"] for line in self._of(pick)}
        return () if OTHERS in rules else tuple(sorted(rules))

    def named_in(self, pick: Pick) -> tuple[tuple[str, str], ...]:
        """Entities (kind, value) of which each alert of a pick names one; () where that is not known."""
        found: set[tuple[str, str]] = set()
        for actor in {line["actor"] for line in self._of(pick)}:
            thing = self._document["things"][actor]
            if not thing["values"] or any(len(value) >= KEPT for value in thing["values"]):
                return ()  # it stands for many, or its name was cut
            found.update((thing["kind"], value) for value in thing["values"])
        return tuple(sorted(found)) if len(found) <= NAMED else ()

    def _of(self, pick: Pick) -> list[Mapping[str, Any]]:
        lines = self._document["lines"]
        return [lines[number] for number in pick.lines]

    def span(self, pick: Pick) -> tuple[int, int]:
        """From when to when (ns, the end not included) alerts of a pick begin."""
        starts = [slot for line in self._of(pick) for slot, _ in line["slots"]]
        low, high = pick.slots or (min(starts, default=0), max(starts, default=0))
        width = self.slots.width
        since = self.slots.start + low * width if low > 0 else 0
        last = high >= self.slots.count - 1
        return since, 2**63 - 1 if last else self.slots.start + (high + 1) * width

    def has(self, pick: Pick, alert: Alert) -> bool:
        """Whether an alert belongs to a pick."""
        if pick.slots is not None:
            low, high = pick.slots
            if not low <= self.slots.of(alert.first) <= high:
                return False
        return self.line_of(alert) in pick.lines

    def line_of(self, alert: Alert) -> int | None:
        """Number of the activity that an alert counts in; None where the story does not know it."""
        actor, objects = sides(alert, self._key_of)
        kept = objects[: self._document["objects"]]
        rule = rule_of(alert)
        known = (actor, kept, rule, variant_of(alert))
        return self._numbers.get(known, self._numbers.get((actor, kept, OTHERS, "")))

    def _key_of(self, entity: Entity) -> Key:
        known = self._known.get((entity.kind, entity.value[:KEPT]))
        if known is not None:
            return known
        outside = home_of(entity.kind, internal=False)
        inside = home_of(entity.kind, internal=True)
        if entity.internal or outside not in self._keys:
            return inside
        return outside


def _dot(number: int, thing: Mapping[str, Any]) -> Dot:
    return Dot(
        number, thing["kind"], thing["internal"], thing["role"], thing["label"], thing["many"]
    )


def _line(number: int, line: Mapping[str, Any], rule: int) -> Line:
    return Line(
        number,
        line["actor"],
        tuple(line["objects"]),
        rule,
        line["severity"],
        line["first"],
        line["last"],
        tuple(line["tactics"]),
        dict(line["slots"]),
    )
