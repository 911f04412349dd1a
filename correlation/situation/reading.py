"""A gauge's reading: a sum of named parts, each of which is the sum of the items that it opens into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from fengsui.text import Text

GaugeName = Literal["threat", "exposure", "visibility", "response"]
GAUGES: Final[tuple[GaugeName, ...]] = ("threat", "exposure", "visibility", "response")
HIGH_IS_GOOD: Final = frozenset({"visibility", "response"})
ItemKind = Literal[
    "incident",
    "alert",
    "asset",
    "source",
    "plane",
    "sensor",
    "control",
    "address",
    "warning",
    "rest",
]
ITEMS_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One summand of a part. `points` of at most `most`; `at` in ns, 0 where no time belongs to it."""

    kind: ItemKind
    id: str
    title: Text
    points: float
    most: float
    at: int = 0
    detail: Text | None = None
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """The page of the console that lists a part, with its filter as words of the address."""

    page: str
    words: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Part:
    """One named summand of a gauge: `points` is the sum of its items' points, at most `most`."""

    name: str
    points: float
    most: float
    why: Text
    items: tuple[Item, ...]
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A gauge: `seen` is the sum of its parts.

    `value` is what may be said of the whole: None where too little is visible (`unknown` tells why;
    `seen` is then only a lower bound of a risk) or where there was nothing to measure.
    """

    gauge: GaugeName
    value: float | None
    seen: float
    parts: tuple[Part, ...]
    unknown: Text | None = None


@dataclass(frozen=True, slots=True)
class Strength:
    """Something that adds to a risk, before the sum is made; `part` names what it counts under."""

    part: str
    strength: float
    item: Item


def power_sum(strengths: Iterable[float], power: float) -> float:
    """(sum of s^power)^(1/power): at least the greatest, at most the plain sum (Minkowski)."""
    values = [value for value in strengths if value > 0]
    if not values:
        return 0.0
    top = max(values)
    # Scaled by the greatest, so that no power runs over or under.
    return float(top * sum(sorted((value / top) ** power for value in values)) ** (1.0 / power))


def risk_parts(
    found: Sequence[Strength],
    power: float,
    why: Mapping[str, Text],
    links: Mapping[str, Link],
) -> tuple[float, tuple[Part, ...]]:
    """A risk of 0 to 100 with its parts: each item gets its share s^power of the whole.

    The order of `found` does not matter. Items beyond `ITEMS_SHOWN` of a part become one.
    """
    total = min(100.0, power_sum((each.strength for each in found), power))
    top = max((each.strength for each in found), default=0.0)
    if top <= 0:
        return 0.0, ()

    def share(each: Strength) -> float:
        return float((max(0.0, each.strength) / top) ** power)

    whole = sum(sorted(share(each) for each in found))
    parts: list[Part] = []
    for name in sorted({each.part for each in found}):
        mine = sorted(
            (each for each in found if each.part == name),
            key=lambda each: (-each.strength, each.item.id),
        )
        shown = bounded([_pointed(each.item, total * share(each) / whole) for each in mine])
        parts.append(
            Part(name, sum(each.points for each in shown), 100.0, why[name], shown, links.get(name))
        )
    parts.sort(key=lambda part: (-part.points, part.name))
    return sum(part.points for part in parts), tuple(parts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that should be so: seen, or in time. `share` 0 to 1 of it is."""

    item: Item
    weight: float
    share: float


def share_parts(
    wanted: Mapping[str, Sequence[Wanted]],
    most: Mapping[str, float],
    why: Mapping[str, Text],
    links: Mapping[str, Link],
) -> tuple[float | None, tuple[Part, ...]]:
    """A gauge of 0 to 100 where high is good: what is missing is listed first.

    Parts without anything wanted are left out, and the others share the hundred. None without any.
    """
    present = {name: rows for name, rows in wanted.items() if sum(row.weight for row in rows) > 0}
    whole = sum(most[name] for name in present)
    if not whole:
        return None, ()
    parts: list[Part] = []
    for name, rows in present.items():
        room = 100.0 * most[name] / whole
        weight = sum(sorted(row.weight for row in rows))
        items = [
            _pointed(row.item, room * row.weight * row.share / weight, room * row.weight / weight)
            for row in rows
        ]
        items.sort(key=lambda item: (item.points - item.most, item.id))
        shown = bounded(items)
        points = sum(each.points for each in shown)
        parts.append(Part(name, points, room, why[name], shown, links.get(name)))
    return sum(part.points for part in parts), tuple(parts)


def bounded(items: Sequence[Item]) -> tuple[Item, ...]:
    """At most `ITEMS_SHOWN` items; what is beyond stands in one more, so that the sum stays."""
    if len(items) <= ITEMS_SHOWN:
        return tuple(items)
    rest = items[ITEMS_SHOWN - 1 :]
    return (
        *items[: ITEMS_SHOWN - 1],
        Item(
            "rest",
            "",
            Text("situation.item.rest", {"count": len(rest)}),
            sum(each.points for each in rest),
            sum(each.most for each in rest),
        ),
    )


def _pointed(item: Item, points: float, most: float | None = None) -> Item:
    return Item(
        item.kind,
        item.id,
        item.title,
        points,
        points if most is None else most,
        item.at,
        item.detail,
        item.severity,
    )
