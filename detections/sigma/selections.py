"""Selections: the named parts of a rule's detection → conditions (Sigma 2.1 rules, "Detection")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, cast

from detections.sigma.conditions import ANY_FIELD, All, Condition, Not, Some, Text, Wild
from detections.sigma.documents import Items, Map
from detections.sigma.expression import MOST_TESTS
from detections.sigma.faults import WrongRule
from detections.sigma.modifiers import OF_LIST, applied
from detections.sigma.operands import (
    Choice,
    Figure,
    Flag,
    Nothing,
    Operand,
    Raw,
    leaf,
)
from detections.sigma.placeholders import Placeholders, expanded

_DEEPEST = 10  # lists inside lists
_SHAPES: dict[tuple[str, ...], tuple[bool, bool]] = {  # `*` before and after the value
    (): (False, False),
    ("contains",): (True, True),
    ("startswith",): (False, True),
    ("endswith",): (True, False),
}
_PROGRAM = 20  # what a pattern that must be compiled costs in plain tests
_SPECIAL = re.compile(r"[*?]|\\\\")


@dataclass(slots=True)
class Reading:
    """What the selections of one rule share: values of placeholders, and a bound of its tests."""

    placeholders: Placeholders
    tests: int = 0

    def take(self, count: int, line: int) -> None:
        """Count tests.

        Raises:
            WrongRule: the rule has too many.
        """
        self.tests += count
        if self.tests > MOST_TESTS:
            raise WrongRule(f"the rule asks more than {MOST_TESTS} tests of an event", line)


def selection(
    definition: object, line: int, reading: Reading, *, depth: int = 0, written: str = ""
) -> Condition:
    """One search identifier: a map (all of it), a list of maps (one of them) or keywords.

    Raises:
        WrongRule: with the line at fault.
        Unsupported: a placeholder has no values.
    """
    if depth > _DEEPEST:
        raise WrongRule(f"lists are nested deeper than {_DEEPEST} levels", line)
    if isinstance(definition, Map):
        tests = [
            _tested(name, value, definition.lines[name], definition.written.get(name), reading)
            for name, value in definition.items()
        ]
        if not tests:
            raise WrongRule("Detection is empty: a map without fields", line)
        return tests[0] if len(tests) == 1 else All(tuple(tests))
    if isinstance(definition, Items):
        if not definition:
            raise WrongRule("Detection is empty: a list without values", line)
        rows = _values(definition, line, None)
        parts = [
            selection(one, at, reading, depth=depth + 1, written=text) for one, text, at in rows
        ]
        return parts[0] if len(parts) == 1 else Some(tuple(parts))
    if definition is None:
        raise WrongRule("Detection is empty: nothing is written there", line)
    reading.take(1, line)
    return _at(ANY_FIELD, _operand(definition, written), line)


def _tested(
    name: str, value: object, line: int, written: str | None, reading: Reading
) -> Condition:
    """One `field|modifier|…: value` of a map."""
    field, *modifiers = name.split("|")
    steps = tuple([one for one in modifiers if one not in OF_LIST])
    expand = "expand" in modifiers
    shape = _SHAPES.get(steps) if field and not expand else None
    conditions: list[Condition] = []
    for one, text, at in _values(value, line, written):
        if shape is not None and isinstance(one, str) and one and not _SPECIAL.search(one):
            conditions.append(_plain(field, one, *shape))
            reading.take(1, at)
            continue
        for operand in _unfolded(one, text, at, reading, expand=expand, regex="re" in steps):
            changed = _modified(operand, steps, at)
            weight = _PROGRAM if "re" in steps or (isinstance(one, str) and "?" in one) else 1
            reading.take(weight * (len(changed.options) if isinstance(changed, Choice) else 1), at)
            conditions.append(_at(field, changed, at))
    if not conditions:
        raise WrongRule(f"{name} has no value: the list is empty", line)
    group = All if "all" in modifiers else Some
    tested = conditions[0] if len(conditions) == 1 else group(tuple(conditions))
    return Not(tested) if "neq" in modifiers else tested


def _plain(field: str, text: Any, before: bool, after: bool) -> Text:
    """What nine values of ten are, in short: a text without wildcards and escapes."""
    parts = (text, Wild.MANY) if after else (text,)
    return Text(field, (Wild.MANY, *parts) if before else parts)


def _values(value: object, line: int, written: str | None) -> Iterable[tuple[object, str, int]]:
    """Each value with its spelling and its line."""
    if not isinstance(value, Items):
        return ((value, written or "", line),)
    if value.written:
        spelled = (value.written.get(index, "") for index in range(len(value)))
        return zip(value, spelled, value.lines, strict=True)
    return zip(value, repeat(""), value.lines)


def _unfolded(
    value: object, written: str, line: int, reading: Reading, *, expand: bool, regex: bool
) -> list[Operand]:
    """The value as an operand; with its placeholders filled where it has some."""
    try:
        operand = _operand(value, written)
        if not expand or not isinstance(operand, Raw):
            return [operand]
        quoted = _as_regex if regex else str
        options = expanded(operand.text, reading.placeholders, quoted, line)
        reading.take(len(options), line)
        if len(options) == 1:
            return [_operand(options[0], "")]
        return [Choice(tuple(_operand(one, "") for one in options))]
    except WrongRule:
        raise
    except ValueError as error:
        raise WrongRule(str(error), line) from error


def _modified(operand: Operand, steps: Sequence[str], line: int) -> Operand:
    try:
        for name in steps:
            operand = applied(name, operand)
    except ValueError as error:
        raise WrongRule(str(error), line) from error
    return operand


def _at(field: str, operand: Operand, line: int) -> Condition:
    try:
        return leaf(field, operand)
    except ValueError as error:
        raise WrongRule(str(error), line) from error


def _operand(value: object, written: str) -> Operand:
    if isinstance(value, str):
        return Raw(value)
    if value is None:
        return Nothing()
    if isinstance(value, bool):
        return Flag(value, written or str(value).lower())
    if isinstance(value, int | float):
        return Figure(value, written or str(value))
    kind = "a map" if isinstance(value, Map) else "a list"
    raise ValueError(
        f"a value is a text, a number, a boolean or null, not {kind}; "
        "write a nested field with dots: outer.inner"
    )


def _as_regex(pattern: str) -> str:
    """A placeholder's value inside a regular expression: itself, with its wildcards."""
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def named(detection: Map) -> dict[str, object]:
    """The search identifiers of a detection: what is neither its condition nor its time frame."""
    return {
        name: value
        for name, value in cast("dict[str, object]", detection).items()
        if name not in ("condition", "timeframe")
    }
