"""Conditions: what a Sigma rule asks of an event, as frozen trees of our own.

Semantics (Sigma 2.1 rules, section "Detection"), the same for the engine and the oracle:
- Text compares without regard to case (`str.lower`, beyond ASCII too) unless `cased`.
- Numbers and booleans are compared as text with text: `true`, `4624`.
- A list matches when one of its values does.
- An absent field matches nothing but `Missing`, so `Not` of anything else includes it.
- The empty field name stands for every field of the event (keywords).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal, get_args

ANY_FIELD = ""


class Wild(Enum):
    """A wildcard inside a text pattern."""

    MANY = "*"
    ONE = "?"

    __hash__ = object.__hash__  # members are single objects; Enum's own hash is slow


Parts = tuple[str | Wild, ...]
Operator = Literal["lt", "lte", "gt", "gte"]
TimeUnit = Literal["minute", "hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Always:
    """True of every event."""


@dataclass(frozen=True, slots=True)
class Never:
    """True of no event."""


@dataclass(frozen=True, slots=True)
class All:
    """True when every child is."""

    children: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True when one child is."""

    children: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when the child is not."""

    child: Condition


@dataclass(frozen=True, slots=True)
class Text:
    """The whole value matches the pattern; no parts mean the empty text."""

    field: str
    parts: Parts
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """The value is this number, or the text that writes it."""

    field: str
    value: int | float


@dataclass(frozen=True, slots=True)
class Truth:
    """The value is this boolean, or the text `true` or `false`."""

    field: str
    value: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """The value, a number or a text that writes one, stands in this order to `value`."""

    field: str
    operator: Operator
    value: int | float


@dataclass(frozen=True, slots=True)
class Missing:
    """The event lacks the field, or one of its values is null."""

    field: str


@dataclass(frozen=True, slots=True)
class Present:
    """The event has the field, whatever its value."""

    field: str


@dataclass(frozen=True, slots=True)
class Regex:
    """The pattern is found somewhere in the value; `flags` is a subset of `ims`."""

    field: str
    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """The value is an address inside the CIDR network of its family."""

    field: str
    cidr: str


@dataclass(frozen=True, slots=True)
class SameAs:
    """The value equals, starts with, ends with or (both flags) contains that of another field."""

    field: str
    other: str
    starts: bool = False
    ends: bool = False
    cased: bool = False


@dataclass(frozen=True, slots=True)
class TimePart:
    """The value is a time whose part (ISO week for `week`, UTC) is, or stands to, this number."""

    field: str
    unit: TimeUnit
    value: int
    operator: Operator | None = None


Leaf = Text | Number | Truth | Compare | Missing | Present | Regex | Network | SameAs | TimePart
Condition = Always | Never | All | Some | Not | Leaf

_LEAVES = frozenset(get_args(Leaf))

ALWAYS = Always()
NEVER = Never()


def simplified(condition: Condition) -> Condition:
    """The same condition without constants inside, nested groups of one kind and repeated children."""
    match condition:
        case Not(child):
            inner = simplified(child)
            if isinstance(inner, Always):
                return NEVER
            if isinstance(inner, Never):
                return ALWAYS
            return inner.child if isinstance(inner, Not) else Not(inner)
        case All(children):
            return _group(children, All, neutral=ALWAYS, absorbing=NEVER)
        case Some(children):
            return _group(children, Some, neutral=NEVER, absorbing=ALWAYS)
        case _:
            return condition


def _group(
    children: tuple[Condition, ...],
    kind: type[All] | type[Some],
    *,
    neutral: Condition,
    absorbing: Condition,
) -> Condition:
    stop, skip = absorbing.__class__, neutral.__class__
    kept: dict[object, Condition] = {}
    for one in children:
        child = one if one.__class__ in _LEAVES else simplified(one)
        if child.__class__ is stop:
            return absorbing
        if child.__class__ is skip:
            continue
        for found in child.children if isinstance(child, kind) else (child,):
            kept.setdefault(_identity(found), found)
    if not kept:
        return neutral
    return next(iter(kept.values())) if len(kept) == 1 else kind(tuple(kept.values()))


def _identity(condition: Condition) -> object:
    """Equal for equal conditions; of texts, which are most, without a call for their hash."""
    if isinstance(condition, Text):
        return condition.field, condition.parts, condition.cased
    return condition


def replaced(
    condition: Condition, change: Callable[[Leaf, bool], Condition], positive: bool = True
) -> Condition:
    """The condition with every leaf exchanged for `change(leaf, positive)`.

    `positive` is false under an odd number of `Not`: there, `Never` would make the rule fire more.
    """
    match condition:
        case Not(child):
            return Not(replaced(child, change, not positive))
        case All(children):
            return All(tuple(replaced(child, change, positive) for child in children))
        case Some(children):
            return Some(tuple(replaced(child, change, positive) for child in children))
        case Always() | Never():
            return condition
        case _:
            return change(condition, positive)


def leaves(condition: Condition) -> Iterator[Leaf]:
    """All leaves, from left to right."""
    match condition:
        case Not(child):
            yield from leaves(child)
        case All(children) | Some(children):
            for child in children:
                yield from leaves(child)
        case Always() | Never():
            return
        case _:
            yield condition
