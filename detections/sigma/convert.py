"""Convert: the detection section of a document → one condition."""

from __future__ import annotations

from collections.abc import Mapping

from detections.sigma.conditions import Condition, Some, simplified
from detections.sigma.documents import Items, Map
from detections.sigma.expression import parsed
from detections.sigma.faults import Unsupported, WrongRule
from detections.sigma.placeholders import Placeholders
from detections.sigma.selections import Reading, named, selection

__all__ = ["Unsupported", "condition_of", "conditions_of"]

_RESERVED = frozenset({"and", "or", "not"})


def condition_of(detection: Map, line: int, placeholders: Placeholders) -> Condition:
    """The whole detection of a rule: its conditions, joined by or.

    Raises:
        WrongRule: the detection is wrong; with the line.
        Unsupported: it needs what we lack.
    """
    return conditions_of(detection, named(detection), line, placeholders)


def conditions_of(
    section: Map, names: Mapping[str, object], line: int, placeholders: Placeholders
) -> Condition:
    """The condition of a section over those of its names that are search identifiers."""
    if "condition" not in section:
        raise WrongRule("a detection needs a condition", line)
    at = section.lines["condition"]
    if not names:
        raise WrongRule("a detection needs a selection that its condition can name", line)
    selections: dict[str, Condition] = {}
    sizes: dict[str, int] = {}
    reading = Reading(placeholders)
    for name, definition in names.items():
        own_line = section.lines.get(name, line)
        if name in _RESERVED:
            raise WrongRule(f"{name!r} is a word of conditions and names no selection", own_line)
        written = section.written.get(name, "")
        before = reading.tests
        selections[name] = selection(definition, own_line, reading, written=written)
        sizes[name] = reading.tests - before
    whole = [parsed(text, selections, sizes, at) for text in _texts(section, at)]
    return simplified(Some(tuple(whole)))


def _texts(section: Map, line: int) -> list[str]:
    value = section["condition"]
    found = value if isinstance(value, Items) else [section.written.get("condition", value)]
    if not found or any(one is None or isinstance(one, Map | Items) for one in found):
        raise WrongRule("a condition is a text, or a list of texts", line)
    return list(map(str, found))
