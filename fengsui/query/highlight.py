"""Where an event meets a query: the places that a page marks, the same for every store.

Only what was asked for is marked, never what was excluded (NOT). A place is a run of characters of one value
of a field, as `text_of` writes it: the whole value where the value as a whole is compared, of a pattern with
wildcards its own text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from fengsui.query.match import matches, texts_of
from fengsui.query.pattern import ANY_RUN, Token, compiled, expression, inside, tokens
from fengsui.query.tree import All, Any, Anywhere, Everything, Exists, Not, Query, Term
from fengsui.query.values import fold, values_of

MOST: Final = 200  # marks of an event
_MOST_OF_VALUE: Final = 20
_LONGEST: Final = 10_000  # characters of a value that are looked at


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` (not included) of the value at `index` of a field."""

    field: str
    index: int
    start: int
    end: int


def marks(query: Query, fields: Mapping[str, object]) -> list[Mark]:
    """The places of an event that meet a query, in order; a bounded number."""
    found = dict.fromkeys(islice(_marks(query, fields), MOST))
    return sorted(found, key=lambda one: (one.field, one.index, one.start, one.end))


def _marks(query: Query, fields: Mapping[str, object]) -> Iterator[Mark]:
    match query:
        case All(parts) | Any(parts):
            for part in parts:
                if matches(part, fields):
                    yield from _marks(part, fields)
        case Everything() | Not() | Exists():
            return
        case Anywhere(value):
            pattern = inside(value)
            for name in fields:
                for index, text in _texts(name, fields):
                    yield from _inner(name, index, text, pattern)
        case _:
            if matches(query, fields):
                yield from _of_field(query, query.field, fields)


def _of_field(query: Query, name: str, fields: Mapping[str, object]) -> Iterator[Mark]:
    value = fields[name]
    for index, text in _texts(name, fields):
        one = values_of(value)[index]
        if not matches(query, {name: [one] if isinstance(value, list) else one}):
            continue
        if isinstance(query, Term) and query.wildcards:
            yield from _inner(name, index, text, tokens(query.value))
        else:
            yield Mark(name, index, 0, len(text))


def _texts(name: str, fields: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Place and text of each value that is not null."""
    value = fields.get(name)
    places = [place for place, one in enumerate(values_of(value)) if one is not None]
    yield from zip(places, (text[:_LONGEST] for text in texts_of(name, fields)), strict=True)


def _inner(name: str, index: int, text: str, parts: list[Token]) -> Iterator[Mark]:
    """The pattern's own text; `fold` keeps the length, so places are those of the text as it is."""
    folded = fold(text)
    literals = [part for part in parts if isinstance(part, str)]
    if not literals:
        return
    if len(literals) == 1 and parts[0] == parts[-1] == ANY_RUN and len(parts) == 3:  # every place
        yield from islice(_places(name, index, folded, literals[0]), _MOST_OF_VALUE)
        return
    groups = "".join(
        f"({expression([part])})" if isinstance(part, str) else expression([part]) for part in parts
    )
    found = compiled(f"(?s:{groups})").fullmatch(folded)
    for number in range(len(literals) if found else 0):
        yield Mark(name, index, *found.span(number + 1))


def _places(name: str, index: int, folded: str, literal: str) -> Iterator[Mark]:
    at = folded.find(literal)
    while at >= 0:
        yield Mark(name, index, at, at + len(literal))
        at = folded.find(literal, at + len(literal))
