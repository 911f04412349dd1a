"""Where in an event a query matched: spans of characters, for pages that mark them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fengsui.query.match import matches, texts_of
from fengsui.query.pattern import compiled, expression, inside, tokens, whole
from fengsui.query.tree import All, Any, Anywhere, Query, Range, Regex, Term
from fengsui.query.values import fold

Highlights = dict[str, list[tuple[int, int]]]
"""Field → (start, end) in its text; for a list, in the value that matched first."""

_MOST_SPANS: Final = 20  # of one field


def highlights(query: Query, fields: Mapping[str, object]) -> Highlights:
    """Spans of the values that made an event match; parts under NOT mark nothing."""
    found: Highlights = {}
    for leaf in _leaves(query):
        names = list(fields) if isinstance(leaf, Anywhere) else [leaf.field]
        for name in names:
            spans = found.setdefault(name, [])
            for span in _spans(leaf, name, fields):
                if span not in spans and len(spans) < _MOST_SPANS:
                    spans.append(span)
    return {name: sorted(spans) for name, spans in found.items() if spans}


def _leaves(query: Query) -> Iterator[Term | Range | Regex | Anywhere]:
    match query:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _leaves(part)
        case Term() | Range() | Regex() | Anywhere():
            yield query
        case _:
            return


def _spans(
    leaf: Term | Range | Regex | Anywhere, name: str, fields: Mapping[str, object]
) -> Iterator[tuple[int, int]]:
    for text in texts_of(name, fields):
        if isinstance(leaf, Anywhere):
            word = inside(leaf.value)
            literal = [part for part in word if isinstance(part, str)]
            if compiled(f"(?s:{expression(word)})").fullmatch(fold(text)):
                yield from _literals(literal, fold(text)) if literal else [(0, len(text))]
        elif isinstance(leaf, Regex):
            if compiled(whole(leaf.expression)).fullmatch(text):
                yield 0, len(text)
        elif isinstance(leaf, Term) and leaf.wildcards:
            if compiled(f"(?s:{expression(tokens(leaf.value))})").fullmatch(fold(text)):
                literal = [part for part in tokens(leaf.value) if isinstance(part, str)]
                yield from _literals(literal, fold(text)) if literal else [(0, len(text))]
        elif matches(leaf, {name: fields[name]}):
            yield 0, len(text)
            return


def _literals(parts: list[str], text: str) -> Iterator[tuple[int, int]]:
    """The literal parts of a pattern, one after the other."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found >= 0:
            yield found, found + len(part)
            at = found + len(part)
