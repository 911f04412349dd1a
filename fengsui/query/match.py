"""A query asked of one event in memory: the oracle that every store is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.query.pattern import compiled, expression, inside, tokens, whole
from fengsui.query.tree import (
    All,
    Any,
    Anywhere,
    Everything,
    Exists,
    Not,
    Query,
    Range,
    Regex,
    Term,
)
from fengsui.query.values import (
    conforms,
    date_text,
    field_type,
    fold,
    instant,
    interval,
    number_of,
    text_of,
    values_of,
)

_ORDERED = frozenset({"long", "float", "date", "ip"})


def matches(query: Query, fields: Mapping[str, object]) -> bool:
    """Whether an event with these fields matches, by the semantics of `fengsui.query.tree`."""
    match query:
        case Everything():
            return True
        case Not(part):
            return not matches(part, fields)
        case All(parts):
            return all(matches(part, fields) for part in parts)
        case Any(parts):
            return any(matches(part, fields) for part in parts)
        case Exists(field):
            return fields.get(field) is not None
        case Anywhere(value):
            test = _like(expression(inside(value)))
            return any(test(text) for name in fields for text in texts_of(name, fields))
        case Regex(field, regex):
            program = compiled(whole(regex))
            return any(program.fullmatch(text) for text in texts_of(field, fields))
        case Term() | Range():
            return _leaf(query, fields)


def _leaf(leaf: Term | Range, fields: Mapping[str, object]) -> bool:
    name = leaf.field
    value = fields.get(name)
    if value is None:
        return False
    kind = field_type(name)
    if isinstance(leaf, Term) and leaf.wildcards:
        test = _like(expression(tokens(leaf.value)))
        return any(test(text) for text in texts_of(name, fields))
    if kind in _ORDERED and conforms(name, value):
        span = interval(leaf, kind)
        if span is None:
            return False
        numbers = [number_of(one, kind) for one in values_of(value)]
        return any(n is not None and span[0] <= n <= span[1] for n in numbers)
    if isinstance(leaf, Range) and kind in _ORDERED:
        return False
    return any(_text_test(leaf)(fold(text)) for text in texts_of(name, fields))


def _text_test(leaf: Term | Range) -> Callable[[str], bool]:
    if isinstance(leaf, Term):
        wanted = fold(leaf.value)
        return lambda text: text == wanted
    low = None if leaf.low is None else fold(leaf.low)
    high = None if leaf.high is None else fold(leaf.high)

    def inside_range(text: str) -> bool:
        above = low is None or text > low or (leaf.low_included and text == low)
        below = high is None or text < high or (leaf.high_included and text == high)
        return above and below

    return inside_range


def _like(regex: str) -> Callable[[str], bool]:
    program = compiled(f"(?s:{regex})")
    return lambda text: program.fullmatch(fold(text)) is not None


def texts_of(name: str, fields: Mapping[str, object]) -> list[str]:
    """Values of a field as text; conforming dates in their canonical form."""
    value = fields.get(name)
    if value is None:
        return []
    texts = [text_of(one) for one in values_of(value) if one is not None]
    if field_type(name) == "date" and conforms(name, value):
        moments = [instant(text) for text in texts]
        return [date_text(moment) for moment in moments if moment is not None]
    return texts
