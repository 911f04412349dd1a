"""Oracle: the plain reading of a condition, kept so simple that it is right.

The engine must find exactly what this finds; tests compare the two. It also says which leaves of a
rule an event met, for the reason of an alert, and decides leaves on known values for the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from detections.sigma.conditions import (
    ANY_FIELD,
    All,
    Always,
    Compare,
    Condition,
    Leaf,
    Missing,
    Network,
    Never,
    Not,
    Number,
    Parts,
    Present,
    Regex,
    SameAs,
    Some,
    Text,
    TimePart,
    Truth,
    Wild,
)
from detections.sigma.values import (
    as_number,
    as_text,
    in_order,
    is_null,
    leaf_search,
    network_test,
    scalars,
    time_part,
)


def holds(condition: Condition, fields: Mapping[str, object]) -> bool:
    """Whether an event with these fields meets the condition."""
    match condition:
        case Always():
            return True
        case Never():
            return False
        case All(children):
            return all(holds(child, fields) for child in children)
        case Some(children):
            return any(holds(child, fields) for child in children)
        case Not(child):
            return not holds(child, fields)
        case Missing(field):
            return is_null(fields.get(field))
        case Present(field):
            return field in fields
        case _:
            values = (
                fields.values() if condition.field == ANY_FIELD else [fields.get(condition.field)]
            )
            return any(_fits(condition, one, fields) for value in values for one in scalars(value))


def matched(condition: Condition, met: Callable[[Condition], object]) -> Iterator[Leaf]:
    """Leaves outside of `Not` that an event meets, as `met` tells: what made the rule fire."""
    match condition:
        case All(children) | Some(children):
            for child in children:
                if met(child):
                    yield from matched(child, met)
        case Always() | Never() | Not():
            return
        case _:
            if met(condition):
                yield condition


def _fits(leaf: Leaf, value: object, fields: Mapping[str, object]) -> bool:
    match leaf:
        case Number(_, number):
            return not isinstance(value, bool) and (value == number or value == as_text(number))
        case Truth(_, truth):
            text = as_text(value)
            return text is not None and text.lower() == ("true" if truth else "false")
        case Compare(_, operator, number):
            found = as_number(value)
            return found is not None and in_order(operator, found, number)
        case TimePart(_, unit, number, operator):
            part = time_part(value, unit)
            if part is None or operator is None:
                return part == number
            return in_order(operator, part, number)
        case Text() | Regex() | Network() | SameAs():
            text = as_text(value)
            return text is not None and _fits_text(leaf, text, fields)
        case _:
            return False


def _fits_text(
    leaf: Text | Regex | Network | SameAs, text: str, fields: Mapping[str, object]
) -> bool:
    match leaf:
        case Text(_, parts, cased):
            if cased:
                return like(text, parts)
            lowered = tuple(part.lower() if isinstance(part, str) else part for part in parts)
            return like(text.lower(), lowered)
        case Regex():
            return bool(leaf_search(leaf)(text))
        case Network(_, cidr):
            return network_test(cidr)(text)
        case SameAs(_, other, starts, ends, cased):
            known = (as_text(value) for value in scalars(fields.get(other)))
            return any(
                _same(text, one, starts, ends)
                if cased
                else _same(text.lower(), one.lower(), starts, ends)
                for one in known
                if one is not None
            )


def _same(text: str, other: str, starts: bool, ends: bool) -> bool:
    if starts and ends:
        return other in text
    if starts:
        return text.startswith(other)
    return text.endswith(other) if ends else text == other


def like(text: str, parts: Parts) -> bool:
    """Whether the whole text matches: all places where the parts so far can end, part by part."""
    ends = {0}
    anywhere = False  # after `*`: a part may also begin at any later place
    for part in parts:
        if not ends:
            return False
        if part is Wild.MANY:
            ends, anywhere = {min(ends)}, True
        elif part is Wild.ONE:
            ends = {end + 1 for end in ends if end < len(text)}
        elif anywhere:
            ends, anywhere = set(_ends_of(part, text, min(ends))), False
        else:
            ends = {end + len(part) for end in ends if text.startswith(part, end)}
    return bool(ends) if anywhere else len(text) in ends


def _ends_of(part: str, text: str, start: int) -> Iterator[int]:
    """Every place where a part can end that begins at `start` or later."""
    found = text.find(part, start)
    while found >= 0:
        yield found + len(part)
        found = text.find(part, found + 1)
