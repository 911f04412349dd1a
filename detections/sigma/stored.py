"""Stored: rules as a query of the event store, so that a hunt reads only events that may meet them.

The query selects at least what the engine matches, often more: each hit is confirmed by the engine.
A condition has two readings, as in `fengsui.store.elastic.condition`: `wide` holds for every event
that the engine would match, `narrow` for none that it would not; `not` exchanges them. Where the two
languages differ, wide gives way:

- Upper case beyond ASCII is folded in other ways (`İ` is two characters in Python's lower case).
- `network.direction` is reckoned by the engine where an event lacks it.
- Numbers inside texts compare as numbers, and floats are written in another way (`1e+16`, `1e16`).
- Regular expressions of Sigma keep case and find their text anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import re2

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
    leaves,
)
from detections.sigma.coverage import plan
from detections.sigma.loaded import LoadedRule
from detections.sigma.oracle import like
from detections.sigma.values import as_text
from fengsui.query import tree
from fengsui.query.literals import longest_literal
from fengsui.query.pattern import escape
from fengsui.query.selecting import (
    EVERYTHING,
    NOTHING,
    addresses_in,
    all_of,
    any_of,
    negated,
    odd,
)
from fengsui.query.tree import Anywhere, Exists, Query, Range, Term
from fengsui.query.values import field_type, text_of

MOST_LEAVES: Final = 400  # of a query; more cost a store more than reading the datasets
DERIVED: Final = "network.direction"
_DIRECTIONS: Final = ("outbound", "inbound", "internal", "external")
_ORDERED: Final = frozenset({"long", "float", "date", "ip"})
_BEYOND: Final = re.compile(r"[^\x00-\x7f]+")
_EXPONENT: Final = re.compile(r"[-0-9.]*e[-0-9]*", re.IGNORECASE)
_FLOAT_TEXT: Final = re.compile(r"[-+0-9.eE]+")
_FLOATS: Final = "-?[0-9.]+e[-+]?[0-9]+"  # as the stores write them
_EXACT: Final = 2**53
_LONGEST_REGEX: Final = 1_000
_LEAST_LITERAL: Final = 3


def stored_query(rules: Sequence[LoadedRule]) -> Query:
    """What selects at least every stored event that one of the rules matches.

    With more than `MOST_LEAVES` tests it is the datasets that the rules look at.
    """
    entries, _ = plan(rules)
    by_dataset: dict[str, list[Condition]] = {}
    for entry in entries:
        by_dataset.setdefault(entry.dataset, []).append(entry.condition)
    tests = sum(1 for entry in entries for _ in leaves(entry.condition))
    few = tests <= MOST_LEAVES
    return any_of(
        all_of(
            [
                Term("event.dataset", dataset),
                any_of(map(wide, conditions)) if few else EVERYTHING,
            ]
        )
        for dataset, conditions in sorted(by_dataset.items())
    )


def wide(condition: Condition) -> Query:
    """A query that holds for every event that the condition holds for."""
    return _mapped(condition, _wide_leaf, _narrow_leaf)


def narrow(condition: Condition) -> Query:
    """A query that holds for no event that the condition does not hold for."""
    return _mapped(condition, _narrow_leaf, _wide_leaf)


def _mapped(
    condition: Condition, here: Callable[[Leaf], Query], denied: Callable[[Leaf], Query]
) -> Query:
    """The condition with its leaves as queries; below a `not` wide and narrow change places."""
    match condition:
        case Always():
            return EVERYTHING
        case Never():
            return NOTHING
        case All(children):
            return all_of(_mapped(child, here, denied) for child in children)
        case Some(children):
            return any_of(_mapped(child, here, denied) for child in children)
        case Not(child):
            return negated(_mapped(child, denied, here))
        case _:
            return here(condition)


def _wide_leaf(leaf: Leaf) -> Query:
    found = _wide(leaf)
    return any_of([found, negated(Exists(DERIVED))]) if _is_derived(leaf) else found


def _narrow_leaf(leaf: Leaf) -> Query:
    return NOTHING if leaf.field == ANY_FIELD else _narrow(leaf)


def _is_derived(leaf: Leaf) -> bool:
    return leaf.field == DERIVED or (isinstance(leaf, SameAs) and leaf.other == DERIVED)


def _wide(leaf: Leaf) -> Query:
    match leaf:
        case Missing():
            return EVERYTHING  # a list with a null among its values is missing too
        case Text("", parts):
            return _anywhere(parts)
        case Text(field, parts):
            return _text(field, parts)
        case Number(field, value) if field != ANY_FIELD:
            return any_of(Term(field, text) for text in _written(value))
        case Truth(field, value) if field != ANY_FIELD:
            return Term(field, "true" if value else "false")
        case Compare(field, operator, value) if field != ANY_FIELD:
            return _compared(field, operator, value, sure=False)
        case Network(field, cidr) if field != ANY_FIELD:
            return addresses_in(field, cidr)
        case Regex(field, pattern, flags) if field != ANY_FIELD:
            return _regex(field, pattern, flags)
        case SameAs(field, other):
            return all_of([Exists(field), Exists(other)])
        case Present(field) | TimePart(field) if field != ANY_FIELD:
            return Exists(field)
        case _:
            return EVERYTHING


def _narrow(leaf: Leaf) -> Query:
    """The leaf itself where the store reads it as the engine does."""
    kind = field_type(leaf.field)
    match leaf:
        case Missing(field) if field != DERIVED:
            return negated(Exists(field))
        case Present(field):
            return Exists(field)
        case Truth(field, value):
            return Term(field, "true" if value else "false")
        case Number(field, int(value)) if kind != "date" and abs(value) < _EXACT:
            return Term(field, str(value))
        case Compare(field, operator, value):
            return _compared(field, operator, value, sure=True)
        case Network(field, cidr) if kind == "ip" and ":" not in cidr:
            return addresses_in(field, cidr, sure=True)
        case Text(field, parts, False) if kind not in _ORDERED and _is_plain(parts):
            return _text(field, parts)
        case _:
            return NOTHING


def _is_plain(parts: Parts) -> bool:
    """Whether both compare this alike: ASCII, no `i` that could be of a `İ`, no number, no nested value."""
    texts = [part for part in parts if isinstance(part, str)]
    if Wild.ONE in parts or any(
        not text.isascii() or "i" in text.lower() or _EXPONENT.fullmatch(text) for text in texts
    ):
        return False
    if not parts:
        return True
    first, last = parts[0], parts[-1]
    begins = isinstance(first, str) and first[0] not in "{["
    return begins or (isinstance(last, str) and last[-1] not in "}]")


def _text(field: str, parts: Parts) -> Query:
    pieces = _pieces(parts)
    if pieces == [None]:
        return Exists(field)
    if None not in pieces:
        return Term(field, "".join(piece for piece in pieces if piece))
    return Term(field, _pattern(pieces), True)


def _anywhere(parts: Parts) -> Query:
    lowered = tuple(part.lower() if isinstance(part, str) else part for part in parts)
    pieces = _pieces(parts)
    if not any(pieces) or any(like(word, lowered) for word in _DIRECTIONS):
        return EVERYTHING
    return Anywhere(_pattern(pieces))


def _pieces(parts: Parts) -> list[str | None]:
    """Texts of a pattern, None for any run; what the store may read otherwise is any run too."""
    found: list[str | None] = []
    for part in parts:
        for piece in (
            _loosely(part) if isinstance(part, str) else (None,)
        ):  # `?` may be half of an `İ`
            if piece is None and found and found[-1] is None:
                continue
            if piece != "":
                found.append(piece)
    return found


def _loosely(text: str) -> tuple[str | None, ...]:
    if _EXPONENT.fullmatch(text):
        number, _, power = text.lower().partition("e")
        return (f"{number}e", None, power.lstrip("-"))
    pieces: list[str | None] = []
    for piece in _BEYOND.split(text):
        pieces += [None, piece]
    return tuple(pieces[1:])


def _pattern(pieces: Sequence[str | None]) -> str:
    return "".join("*" if piece is None else escape(piece) for piece in pieces)


def _written(value: int | float) -> list[str]:
    """The ways in which events and stores write a number."""
    same: list[int | float] = [value]
    if isinstance(value, float) and value.is_integer():
        same.append(int(value))
    elif isinstance(value, int) and float(value) == value:
        same.append(float(value))
    texts = [text for one in same for text in (as_text(one) or "", text_of(one))]
    return list(dict.fromkeys(texts))


def _compared(field: str, operator: str, value: int | float, *, sure: bool) -> Query:
    if field_type(field) not in ("long", "float") or abs(value) >= _EXACT:
        return NOTHING if sure else Exists(field)
    text = text_of(value)
    closed = operator.endswith("e")
    found = (
        Range(field, None, text, high_included=closed)
        if operator.startswith("l")
        else Range(field, text, None, low_included=closed)
    )
    return found if sure else any_of([found, odd(field)])


def _regex(field: str, pattern: str, flags: str) -> Query:
    """The expression found anywhere, with its own flags; and floats, which stores write otherwise."""
    off = "".join(flag for flag in "ims" if flag not in flags)
    inside = f"(?{flags}{'-' if off else ''}{off}:{pattern})"
    whole = f".*{inside}.*|{_FLOATS}"
    if len(pattern) > _LONGEST_REGEX or not (_is_linear(pattern) and _is_linear(whole)):
        return Exists(field)
    found: list[Query] = [tree.Regex(field, whole)]
    # Without case, `s` also stands for LONG S, which no store folds.
    literal = max(re.split("[sS]", longest_literal(pattern)), key=len)
    if len(literal) >= _LEAST_LITERAL and not _FLOAT_TEXT.fullmatch(literal):
        found.insert(0, Term(field, f"*{escape(literal)}*", True))
    return all_of(found)


def _is_linear(pattern: str) -> bool:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error:
        return False
    return True
