"""Reading: a document with the key `correlation` → a correlation rule."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast, get_args

from detections.sigma.correlations.bounds import OPERATORS, Bounds, bounds_of
from detections.sigma.correlations.expression import Expression, expression_of, rules_of
from detections.sigma.correlations.rule import (
    COUNTED,
    TEMPORAL,
    CorrelationType,
    LoadedCorrelation,
)
from detections.sigma.correlations.sequences import TooManyWaysError, check_order
from detections.sigma.documents import Map
from detections.sigma.faults import Unsupported, WrongRule
from detections.sigma.header import header_of, section
from detections.sigma.values import as_number
from fengsui.clock import SECOND

MOST_EVENTS = 1_000_000  # that a condition may ask for in one window
MOST_RULES = 100  # that one correlation may name
MOST_FIELDS = 16  # of group-by and of condition.field

# A month and a year are mean ones of the Gregorian calendar, as in pySigma.
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_629_746, "y": 31_556_952}
_TIMESPAN = re.compile(r"([0-9]{1,9})([smhdwMy])")
_KNOWN = frozenset(
    {"type", "rules", "group-by", "timespan", "condition", "aliases", "generate", "field"}
)


def correlation_of(content: Map, path: Path, line: int, licence: str = "") -> LoadedCorrelation:
    """The correlation rule of a document with the key `correlation`.

    Args:
        content: the whole document.
        path: its file.
        line: where it begins there.
        licence: that of the folder, for rules that do not name their own.

    Raises:
        Unsupported: it is valid and asks for what we lack.
        ValueError: it is wrong; the faulty value stands in quotes.
    """
    own = section(content, "correlation")
    for name in own:
        if name not in _KNOWN:
            with _at(own, name):
                raise ValueError(f"correlation has an unknown key {str(name)!r}")
    with _at(own, "type"):
        kind = _type(own.get("type"))
    with _at(own, "condition"):
        condition, names, percentile = _condition(kind, own)
    with _at(own, "rules"):
        rules = _rules(kind, own.get("rules"), condition)
    if condition is None:
        condition = Bounds((("gte", len(rules)),))
    with _at(own, "condition"):
        if kind == "temporal_ordered":
            check_order(condition, rules)
    with _at(own, "timespan"):
        timespan = timespan_of(own.get("timespan"))
    with _at(own, "group-by"):
        group_by = _names(own.get("group-by"), "group-by")
    with _at(own, "aliases"):
        aliases = _aliases(own.get("aliases"))
    return LoadedCorrelation(
        **header_of(content, path, line, licence),
        type=kind,
        rules=rules,
        group_by=group_by,
        timespan=timespan,
        condition=condition,
        measured=names,
        percentile=percentile,
        aliases=aliases,
        generate=_generate(own, "correlation.generate") or _generate(content, "generate"),
    )


def _generate(content: Map, name: str) -> bool:
    """In `correlation`, where tools read it, or beside `level`, where the specification's schema has it."""
    with _at(content, "generate"):
        value = content.get("generate", False)
        if not isinstance(value, bool):
            raise ValueError(f"{name} {str(value)!r} is not true or false")
        return value


@contextmanager
def _at(own: Map, key: str) -> Generator[None]:
    """Tell what is wrong with the line of the key that it is about."""
    line = own.lines.get(key, own.line)
    try:
        yield
    except TooManyWaysError as error:
        raise Unsupported(str(error), line) from error
    except Unsupported as error:
        raise Unsupported(str(error), error.line or line) from error
    except WrongRule:
        raise
    except ValueError as error:
        raise WrongRule(str(error), line) from error


def timespan_of(value: object) -> int:
    """Nanoseconds of a timespan such as `90m`; units s, m, h, d, w, M (month) and y.

    Raises:
        ValueError: it is not one.
    """
    found = _TIMESPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError(f"correlation.timespan {value!r} is not a time such as '90m'")
    return int(found[1]) * _UNITS[found[2]] * SECOND


def _type(value: object) -> CorrelationType:
    if value is None:
        raise ValueError("correlation.type is missing")
    name = str(value)
    if name not in get_args(CorrelationType):
        raise ValueError(f"correlation.type {name!r} is not one of the specification")
    return cast("CorrelationType", name)


def _rules(
    kind: CorrelationType, value: object, condition: Bounds | Expression | None
) -> tuple[str, ...]:
    """References in order; an extended condition may name them instead of the list."""
    named = _names(value, "rules", MOST_RULES)
    if condition is not None and not isinstance(condition, Bounds):
        used = rules_of(condition)
        if not named:
            return used
        odd = sorted(set(named) ^ set(used))
        if odd:
            raise ValueError(f"{odd[0]!r} is not in both correlation.rules and the condition")
    if not named:
        raise ValueError("correlation.rules names no rule")
    return named if kind == "temporal_ordered" else tuple(dict.fromkeys(named))


def _condition(
    kind: CorrelationType, own: dict[str, Any]
) -> tuple[Bounds | Expression | None, tuple[str, ...], float | None]:
    """Condition, its fields and its percentile; None: all rules of a temporal correlation."""
    value = own.get("condition")
    if value is None:
        if kind not in TEMPORAL:
            raise ValueError(f"correlation.condition is missing ({kind} needs one)")
        return None, (), None
    if isinstance(value, str):
        if kind not in TEMPORAL:
            raise ValueError(f"a condition over rules is for temporal types, not for {kind}")
        return expression_of(value), (), None
    condition = _map(value, "correlation.condition")
    unknown = condition.keys() - OPERATORS.keys() - {"field", "percentile"}
    if unknown:
        raise ValueError(f"correlation.condition has an unknown key {min(map(str, unknown))!r}")
    names = _names(condition.get("field", own.get("field")), "condition.field")
    if kind.startswith("value_") != bool(names):
        raise ValueError(
            f"correlation.condition.field is missing ({kind} needs one)"
            if not names
            else f"correlation.condition.field is not for {kind}"
        )
    return _checked(kind, bounds_of(condition)), names, _percentile(kind, condition)


def _checked(kind: CorrelationType, bounds: Bounds) -> Bounds:
    if kind in COUNTED:
        if bounds.rising and bounds.least > MOST_EVENTS:
            raise Unsupported(f"a window of more than {MOST_EVENTS} events ({bounds})")
        if not bounds.rising and not _countable(bounds):
            raise Unsupported(
                f"a window without events ({bounds}): what never comes is seen by no event"
            )
    return bounds


def _countable(bounds: Bounds) -> bool:
    """Whether some count from 1 on meets it."""
    limits = [max(int(limit) + step, 1) for _, limit in bounds.comparisons for step in (-1, 0, 1)]
    return any(map(bounds.holds, limits))


def _percentile(kind: CorrelationType, condition: Mapping[str, object]) -> float | None:
    value = condition.get("percentile")
    if value is None:
        return None
    number = as_number(value)
    if kind != "value_percentile" or number is None or not 0 <= number <= 100:
        raise ValueError(
            f"correlation.condition.percentile {value!r} is not for {kind}, or not 0…100"
        )
    return float(number)


def _map(value: object, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not a map")
    return cast("dict[str, Any]", value)


def _names(value: object, name: str, most: int = MOST_FIELDS) -> tuple[str, ...]:
    """A text, or a list of texts."""
    if value is None:
        return ()
    found = cast("list[object]", value) if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one for one in found):
        raise ValueError(f"correlation.{name} is not a list of names")
    if len(found) > most:
        raise Unsupported(f"more than {most} names in correlation.{name}")
    return tuple(cast("list[str]", found))


def _aliases(value: object) -> dict[str, dict[str, str]]:
    aliases = _map(value, "correlation.aliases")
    found: dict[str, dict[str, str]] = {}
    for alias, rows in aliases.items():
        by_rule = _map(rows, f"correlation.aliases.{alias}")
        for rule, name in by_rule.items():
            if not isinstance(name, str) or not name:
                raise ValueError(f"correlation.aliases.{alias}.{rule} is not a field name")
        found[str(alias)] = {str(rule): name for rule, name in by_rule.items()}
    return found
