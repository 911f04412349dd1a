"""Satisfying: an event that meets a condition, made from the condition alone.

For samples of a rule ("what would it fire on?") and for tests. It tries the ways a condition can be
met, in order, and keeps the first whose event the oracle confirms; a condition that needs more luck
than that has no sample.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

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
    Regex,
    SameAs,
    Some,
    Text,
    TimePart,
    Truth,
    Wild,
)
from detections.sigma.oracle import holds
from detections.sigma.regex_sample import text_found_by

_TRIES = 2000  # ways of meeting a condition that are looked at
_KEYWORDS = "message"  # the field that holds what may stand in any field
_STEP = {"lt": -1, "lte": 0, "gt": 1, "gte": 0}
_FILLERS = ("", "x", "7", "zz-9", "other")

Demands = tuple[tuple[Leaf, bool], ...]  # leaves with whether they must hold


def event_for(
    condition: Condition, base: Mapping[str, object] | None = None, *, keywords: str = _KEYWORDS
) -> dict[str, object] | None:
    """Fields of an event that meets the condition; None where none was found.

    Args:
        condition: in the words of the event, after `resolve`.
        base: fields that the event has anyway.
        keywords: field that takes what the condition asks of any field.
    """
    for demands in islice(_ways(condition, True), _TRIES):
        for filler in _FILLERS:
            event = _event(demands, dict(base or {}), filler, keywords)
            if event is not None and holds(condition, event):
                return event
    return None


def _ways(condition: Condition, wanted: bool) -> Iterator[Demands]:
    """Sets of leaves that must or must not hold for the condition to be what is wanted."""
    match condition:
        case Not(child):
            yield from _ways(child, not wanted)
        case All(children):
            yield from _every(children, True) if wanted else _each(children, False)
        case Some(children):
            yield from _each(children, True) if wanted else _every(children, False)
        case Always() | Never():
            if isinstance(condition, Always) == wanted:
                yield ()
        case _:
            yield ((condition, wanted),)


def _each(children: Sequence[Condition], wanted: bool) -> Iterator[Demands]:
    for child in children:
        yield from _ways(child, wanted)


def _every(children: Sequence[Condition], wanted: bool) -> Iterator[Demands]:
    if not children:
        yield ()
        return
    for first in _ways(children[0], wanted):
        for rest in _every(children[1:], wanted):
            yield first + rest


def _event(
    demands: Demands, event: dict[str, object], filler: str, keywords: str
) -> dict[str, object] | None:
    asked: dict[str, list[Leaf]] = {}
    absent: set[str] = set()
    for leaf, wanted in demands:
        name = keywords if leaf.field == ANY_FIELD else leaf.field
        if isinstance(leaf, Missing):
            if wanted:
                absent.add(name)
            else:
                asked.setdefault(name, [])
        elif wanted:
            asked.setdefault(name, []).append(leaf)
    if absent & asked.keys():
        return None
    for number, (name, leaves) in enumerate(asked.items()):
        if not any(isinstance(leaf, SameAs) for leaf in leaves):
            # Fields of which nothing is asked but to be there differ from one another.
            event[name] = _value(leaves, filler) if leaves else f"{filler or 'x'}{number}"
    for name, leaves in asked.items():
        for leaf in leaves:
            if isinstance(leaf, SameAs):
                same = event.setdefault(leaf.other, "same" + filler)
                event[name] = same
    return event


def _value(leaves: Sequence[Leaf], filler: str) -> object:
    """One value for all leaves, as far as they fit together."""
    texts: list[Parts] = []
    for leaf in leaves:
        match leaf:
            case Text(_, parts):
                texts.append(parts)
            case Regex(_, pattern, flags):
                found = text_found_by(pattern, flags)
                texts.append((Wild.MANY, found or "x", Wild.MANY))
            case Number(_, number):
                return number
            case Truth(_, truth):
                return truth
            case Compare(_, operator, number):
                return number + _STEP[operator]
            case Network(_, cidr):
                network = ipaddress.ip_network(cidr)
                return str(network.network_address + (network.num_addresses > 1))
            case TimePart(_, unit, number, operator):
                return _time(unit, number + _STEP.get(operator or "", 0))
            case _:
                continue
    return _text(texts, filler)


def _time(unit: str, number: int) -> str:
    if unit == "week":
        return f"2026-01-{min(max((number - 1) * 7, 0), 27) + 1:02d}T00:00:00Z"
    parts = {"year": 2026, "month": 1, "day": 1, "hour": 0, "minute": 0, unit: number}
    return "{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:00Z".format(**parts)


def _text(patterns: Sequence[Parts], filler: str) -> str:
    """The fixed text where there is one; else heads, what must stand inside, and tails in a row."""
    head, tail = "", ""
    inside: list[str] = []
    for parts in patterns:
        plain = ["z" if part is Wild.ONE else part for part in parts]
        fixed = _joined(plain)
        if Wild.MANY not in parts:
            return fixed[0] if fixed else ""
        if plain and plain[0] is not Wild.MANY:
            head = max(head, fixed[0], key=len)
            fixed = fixed[1:]
        if plain and plain[-1] is not Wild.MANY and fixed:
            tail = max(tail, fixed[-1], key=len)
            fixed = fixed[:-1]
        inside += [one for one in fixed if one not in inside]
    return filler.join([head, *inside, tail])


def _joined(parts: Sequence[str | Wild]) -> list[str]:
    """Texts between the wildcards."""
    found = [""]
    for part in parts:
        if isinstance(part, str):
            found[-1] += part
        elif found[-1]:
            found.append("")
    return [one for one in found if one]
