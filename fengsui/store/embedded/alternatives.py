"""Many alternatives of one field taken together, so that a statement stays small enough to be planned.

A list of five hundred names, or of words looked for anywhere, would else be as many terms for each column;
no time-out ends the planning of those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fengsui.query.pattern import ANY_RUN, Token, expression
from fengsui.query.tree import Anywhere, Query, Term
from fengsui.query.values import field_type
from fengsui.store.embedded.schema import ID

LEAST: Final = 16
"""Fewer are quicker one by one."""
_LONGEST: Final = 20_000  # characters of an expression
_TEXT: Final = frozenset({"keyword", "text", "boolean"})


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Parts of an OR.

    Attributes:
        values: exact texts by field.
        patterns: wildcard patterns by field.
        words: looked for anywhere.
        others: what stays a part of its own.
    """

    values: dict[str, list[str]]
    patterns: dict[str, list[str]]
    words: list[str]
    others: list[Query]


def gathered(parts: Sequence[Query]) -> Alternatives:
    """The parts of an OR, those that are many of a kind together."""
    values: defaultdict[str, list[Query]] = defaultdict(list)
    patterns: defaultdict[str, list[Query]] = defaultdict(list)
    words: list[Query] = []
    others: list[Query] = []
    for part in parts:
        match part:
            case Term(field, _, True):
                patterns[field].append(part)
            case Term(field) if field != ID and field_type(field) in _TEXT:
                values[field].append(part)
            case Anywhere():
                words.append(part)
            case _:
                others.append(part)
    for few in [*values.values(), *patterns.values(), words]:
        if len(few) < LEAST:
            others += few
            few.clear()
    return Alternatives(
        {field: _values(some) for field, some in values.items() if some},
        {field: _values(some) for field, some in patterns.items() if some},
        _values(words),
        others,
    )


def _values(parts: Sequence[Query]) -> list[str]:
    return [one.value for one in parts if isinstance(one, Term | Anywhere)]


def regexes_of(patterns: Sequence[Sequence[Token]]) -> list[tuple[str, bool]]:
    """Expressions (RE2) one of which matches where one of these patterns does, in folded text.

    Each with whether it must match the whole text; several, since an expression has a largest size.
    """
    middles = [one[1:-1] for one in patterns if _is_inner(one)]
    wholes = [one for one in patterns if not _is_inner(one)]
    return [(one, False) for one in _either(middles)] + [(one, True) for one in _either(wholes)]


def _is_inner(pattern: Sequence[Token]) -> bool:
    return len(pattern) > 2 and pattern[0] == pattern[-1] == ANY_RUN


def _either(patterns: Sequence[Sequence[Token]]) -> list[str]:
    found: list[list[str]] = []
    room = 0
    for pattern in patterns:
        text = expression(list(pattern))
        if len(text) > room:
            found.append([])
            room = _LONGEST
        found[-1].append(text)
        room -= len(text)
    return [f"(?s:{'|'.join(some)})" for some in found]
