"""Literals: bytes that an event's JSON must hold for a condition to be able to meet it.

One scan of the JSON for the literals of all rules tells which few rules are worth evaluating. A
literal may over-select, never under-select: it is ASCII (the scanners fold only ASCII case),
escaped as in JSON, and `None` stands for "nothing that can be required".
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from re import _constants as tokens  # type: ignore[attr-defined]  # pyright: ignore
from re import _parser as parser  # type: ignore[attr-defined]  # pyright: ignore
from typing import Any, TypeVar

import orjson

from detections.sigma.conditions import (
    ANY_FIELD,
    All,
    Always,
    Condition,
    Leaf,
    Missing,
    Never,
    Not,
    Number,
    Regex,
    Some,
    Text,
)

T = TypeVar("T", bytes, str)
Literals = frozenset[bytes]
Frequency = Callable[[bytes], float]

_LONGEST = 48  # a longer literal selects no better and only makes the scanner larger
_EXACT = 10**15  # smaller whole numbers are written with their digits, as floats too
_RARE = 4  # bytes of a run that `static_frequency` holds for rarer than any name
_MOST = 400  # alternatives of one rule; more are left to the confirming predicate
_FEW = 8  # alternatives that are looked for one after the other
_ASCII_RUN = re.compile(rb"[\x20-\x7e]+")
_CASELESS = re.compile(r"\(\?[a-zA-Z]*i")

# Characters that match ASCII letters when case is ignored (KELVIN SIGN, I WITH DOT ABOVE, DOTLESS I,
# LONG S). The scanners do not fold them, so an event with one of them is shown to every rule.
FOLDED_TO_ASCII = ("\u212a".encode(), "\u0130".encode(), "\u0131".encode(), "\u017f".encode())


def static_frequency(literal: bytes) -> float:
    """Guess of the share of events that hold a literal: by its length; names are nearly always there."""
    if literal.startswith(b'"'):
        return 0.5
    return 0.9 if len(literal) < 3 else float(8.0 / len(literal) ** 2.2)


def required(condition: Condition, frequency: Frequency = static_frequency) -> Literals | None:
    """The rarest set of which an event must hold at least one literal; None when there is none."""
    if isinstance(condition, Text):  # nine of ten
        return _of_leaf(condition, frequency)
    match condition:
        case Never():
            return frozenset()
        case Always() | Not() | Missing():
            return None
        case All(children):
            sets = [
                found for child in children if (found := required(child, frequency)) is not None
            ]
            return min(sets, key=lambda one: _expected(one, frequency), default=None)
        case Some(children):
            union: set[bytes] = set()
            for child in children:
                found = required(child, frequency)
                if found is None:
                    return None
                union |= found
            return frozenset(union) if len(union) <= _MOST else None
        case _:
            return _of_leaf(condition, frequency)


def _expected(literals: Literals, frequency: Frequency) -> float:
    return sum(map(frequency, literals))


def _of_leaf(leaf: Leaf, frequency: Frequency) -> Literals | None:
    if isinstance(leaf, Text) and frequency is static_frequency:
        # The usual case in short: by its looks the longest run is the rarest, and rarer than a name.
        pieces = [_escaped(part) for part in leaf.parts if isinstance(part, str)]
        longest = max((run for piece in pieces for run in _runs(piece)), key=len, default=b"")
        if len(longest) >= _RARE:
            return frozenset({longest})
    return min(_choices(leaf), key=lambda one: _expected(one, frequency), default=None)


@lru_cache(maxsize=1 << 16)
def _choices(leaf: Leaf) -> tuple[Literals, ...]:
    """All sets that a leaf requires, one literal of each at least."""
    choices: list[Literals] = []
    if isinstance(leaf, Text):
        pieces = (_escaped(part) for part in leaf.parts if isinstance(part, str))
        choices = [frozenset({run}) for piece in pieces for run in _runs(piece)]
    elif isinstance(leaf, Regex):
        choices = _of_regex(leaf)
    elif isinstance(leaf, Number) and isinstance(leaf.value, int) and abs(leaf.value) < _EXACT:
        choices = [frozenset({str(leaf.value).encode()})]
    if leaf.field != ANY_FIELD:
        choices.append(frozenset({_escaped(leaf.field).lower().join((b'"', b'"'))}))
    return tuple(one for one in choices if one and all(literal.isascii() for literal in one))


def _escaped(text: str) -> bytes:
    return orjson.dumps(text)[1:-1]


def _runs(escaped: bytes) -> list[bytes]:
    """ASCII runs in lower case; a run never begins or ends inside an escape sequence."""
    if len(escaped) <= _LONGEST and escaped.isascii() and b"\x7f" not in escaped:
        # The usual case in short: all of it is one run, as control characters are escaped.
        run = escaped.lower().rstrip(b"\\")
        return [run] if run else []
    runs = (run[:_LONGEST].lower().rstrip(b"\\") for run in _ASCII_RUN.findall(escaped))
    return [run for run in runs if run]


def texts_of(leaf: Regex) -> tuple[tuple[str, ...], ...]:
    """Sets of texts, spelled as they must stand in a value in which the pattern is found: one of each set.

    Empty where the pattern does not regard case, or nothing is sure.
    """
    if "i" in leaf.flags or _CASELESS.search(leaf.pattern):
        return ()
    sets: list[frozenset[str]] = _of_sequence(
        _tree(leaf), lambda run: [frozenset({run})] if run else [], lambda text: 1 / len(text)
    )
    few = [tuple(sorted(one)) for one in sets if len(one) <= _FEW]
    return tuple(sorted(few, key=lambda one: -min(map(len, one))))  # a long text is found faster


def _of_regex(leaf: Regex) -> list[Literals]:
    return _of_sequence(_tree(leaf), _closed, static_frequency)


def _tree(leaf: Regex) -> list[tuple[Any, Any]]:
    if "[:" in leaf.pattern:  # RE2 reads a class of POSIX there, Python something else
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pattern = f"(?{leaf.flags})" + leaf.pattern if leaf.flags else leaf.pattern
            return list(parser.parse(pattern))
    except (re.error, RecursionError, OverflowError):
        return []


def _of_sequence(
    items: Iterable[tuple[Any, Any]],
    closed: Callable[[str], list[frozenset[T]]],
    frequency: Callable[[T], float],
) -> list[frozenset[T]]:
    """Every set that a regex sequence requires: its literal runs, groups and alternations.

    Args:
        items: the sequence, parsed.
        closed: the sets that a run of characters requires.
        frequency: of one of a set; of the sets of a branch the rarest stands for it.
    """
    found: list[frozenset[T]] = []
    run = ""
    for token, argument in items:
        if token is tokens.LITERAL:
            run += chr(argument)
            continue
        found += closed(run)
        run = ""
        if token is tokens.SUBPATTERN:
            found += _of_sequence(argument[3], closed, frequency)
        elif token in (tokens.MAX_REPEAT, tokens.MIN_REPEAT) and argument[0] >= 1:
            found += _of_sequence(argument[2], closed, frequency)
        elif token is tokens.BRANCH:
            found += _of_branches(argument[1], closed, frequency)
    return found + closed(run)


def _of_branches(
    branches: Iterable[Iterable[tuple[Any, Any]]],
    closed: Callable[[str], list[frozenset[T]]],
    frequency: Callable[[T], float],
) -> list[frozenset[T]]:
    union: set[T] = set()
    for branch in branches:
        sets = _of_sequence(branch, closed, frequency)
        if not sets:
            return []
        union |= min(sets, key=lambda one: sum(map(frequency, one)))
    return [frozenset(union)] if len(union) <= _MOST else []


def _closed(run: str) -> list[Literals]:
    return [frozenset({piece}) for piece in _runs(_escaped(run))]
