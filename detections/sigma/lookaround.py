r"""Look-around: regular expressions that RE2 does not take, in linear time all the same.

Positions of the text are bits of one integer, and a pattern maps the set of positions where it may
begin to the set where it may end. Only whether it is found is asked, so nothing is tried twice: a
character class shifts the set, an alternative is a union, a repetition a closure, and a look-ahead
the set of positions from which its pattern can be read. `\d`, `\w`, `\s` and `\b` are ASCII, as
in RE2 and PCRE. Back-references, atomic and conditional groups are refused.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from re import _constants as tokens  # type: ignore[attr-defined]  # pyright: ignore
from re import _parser as parser  # type: ignore[attr-defined]  # pyright: ignore
from typing import Any

MOST_STEPS = 5_000  # elements of a pattern, each counted as often as it must be repeated
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_CATEGORIES: dict[Any, tuple[frozenset[str], bool]] = {
    tokens.CATEGORY_DIGIT: (frozenset("0123456789"), True),
    tokens.CATEGORY_NOT_DIGIT: (frozenset("0123456789"), False),
    tokens.CATEGORY_SPACE: (frozenset(" \t\n\r\f\v"), True),
    tokens.CATEGORY_NOT_SPACE: (frozenset(" \t\n\r\f\v"), False),
    tokens.CATEGORY_WORD: (_WORD, True),
    tokens.CATEGORY_NOT_WORD: (_WORD, False),
}
_WORD_CLASS = [(tokens.CATEGORY, tokens.CATEGORY_WORD)]
_CHARACTERS = (tokens.LITERAL, tokens.NOT_LITERAL, tokens.ANY, tokens.IN)
_REPEATS = (tokens.MAX_REPEAT, tokens.MIN_REPEAT)
_ASSERTS = (tokens.ASSERT, tokens.ASSERT_NOT)

Items = Sequence[tuple[Any, Any]]


def lookaround_search(pattern: str, flags: str) -> Callable[[str], bool]:
    """Whether the pattern is found in a text; `flags` is a subset of `ims`.

    Raises:
        ValueError: it is not valid, or asks for what cannot be done in linear time.
    """
    wanted = sum(_FLAGS[flag] for flag in flags)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(pattern, wanted)
    except (re.error, RecursionError, OverflowError) as error:
        problem = str(error) or "nested too deep"
        raise ValueError(
            f"the regular expression {pattern[:200]!r} is not valid: {problem}"
        ) from error
    items = list(tree)
    if _steps(items, pattern) > MOST_STEPS:
        raise ValueError(f"the regular expression {pattern[:200]!r} repeats too much")
    return partial(_found, items, int(tree.state.flags))


def _found(items: Items, flags: int, text: str) -> bool:
    return bool(_Positions(text).read(items, (1 << (len(text) + 1)) - 1, flags))


def _steps(items: Items, pattern: str) -> int:
    """Elements of a pattern as they are repeated; refuses those that have no set of positions."""
    total = 0
    for token, argument in items:
        if token in _CHARACTERS or token is tokens.AT:
            total += 1
        elif token in _REPEATS:
            low, high, inner = argument
            bound = high if high is not tokens.MAXREPEAT else 0
            total += max(low, min(bound, 64), 1) * _steps(list(inner), pattern)
        elif token in _ASSERTS:
            total += _steps(list(argument[1]), pattern)
        elif token is tokens.SUBPATTERN:
            total += _steps(list(argument[3]), pattern)
        elif token is tokens.BRANCH:
            total += sum(_steps(list(branch), pattern) for branch in argument[1])
        else:
            raise ValueError(
                f"the regular expression {pattern[:200]!r} has a {str(token).lower()}, which cannot "
                "be searched in linear time"
            )
    return total


class _Positions:
    """One text; sets of positions 0…len(text) are bits of integers."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._length = len(text)
        self._all = (1 << (self._length + 1)) - 1
        self._characters = frozenset(text)
        self._masks: dict[tuple[int, int], int] = {}

    def read(self, items: Items, starts: int, flags: int, *, back: bool = False) -> int:
        """Where the items can end that begin at `starts`; `back`: where they begin that end there."""
        at = starts
        for token, argument in reversed(items) if back else items:
            if not at:
                return 0
            if token in _CHARACTERS:
                at = self._step(at, self._mask(token, argument, flags), back)
            elif token is tokens.AT:
                at &= self._places(argument, flags)
            elif token in _REPEATS:
                at = self._repeated(argument, at, flags, back)
            elif token in _ASSERTS:
                ahead, inner = argument
                there = self.read(list(inner), self._all, flags, back=ahead > 0)
                at &= there if token is tokens.ASSERT else ~there
            elif token is tokens.SUBPATTERN:
                _, added, removed, inner = argument
                at = self.read(list(inner), at, (flags | added) & ~removed, back=back)
            else:
                reached = [self.read(list(one), at, flags, back=back) for one in argument[1]]
                at = 0
                for one in reached:
                    at |= one
        return at

    def _step(self, at: int, mask: int, back: bool) -> int:
        return (at >> 1) & mask if back else (at & mask) << 1

    def _repeated(self, argument: Any, at: int, flags: int, back: bool) -> int:
        low, high, inner = argument
        items = list(inner)
        for _ in range(low):
            at = self.read(items, at, flags, back=back)
        if high is tokens.MAXREPEAT and len(items) == 1 and items[0][0] in _CHARACTERS:
            return self._closure(at, self._mask(items[0][0], items[0][1], flags), back)
        left = self._length + 1 if high is tokens.MAXREPEAT else min(high - low, self._length + 1)
        new = at
        while new and left > 0:
            new = self.read(items, new, flags, back=back) & ~at
            at |= new
            left -= 1
        return at

    def _closure(self, at: int, mask: int, back: bool) -> int:
        """Any number of steps over one class: a carry runs through its neighbouring bits at once."""
        if back:
            turned = _turned(at, self._length + 1), _turned(mask, self._length)
            return _turned(self._closure(*turned, False), self._length + 1)
        return (((at & mask) + mask) ^ mask) | at

    def _mask(self, token: Any, argument: Any, flags: int) -> int:
        """Positions before a character of the class."""
        key = (id(argument) if token is tokens.IN else hash((token, argument)), flags)
        known = self._masks.get(key)
        if known is None:
            table = {
                ord(one): "1" if _fits(token, argument, one, flags) else "0"
                for one in self._characters
            }
            digits = self._text[::-1].translate(table)
            known = self._masks[key] = int(digits, 2) if digits else 0
        return known

    def _places(self, kind: Any, flags: int) -> int:
        last = 1 << self._length
        if kind is tokens.AT_BEGINNING_STRING:
            return 1
        if kind is tokens.AT_END_STRING:
            return last
        lines = self._mask(tokens.LITERAL, 10, 0)
        if kind is tokens.AT_BEGINNING:
            return 1 | (lines << 1 if flags & re.MULTILINE else 0)
        if kind is tokens.AT_END:
            final = lines if flags & re.MULTILINE else lines & (last >> 1)
            return last | final
        words = self._mask(tokens.IN, _WORD_CLASS, 0)
        edges = words ^ (words << 1)
        return edges if kind is tokens.AT_BOUNDARY else self._all & ~edges


def _turned(bits: int, width: int) -> int:
    return int(bin(bits)[2:].zfill(width)[::-1], 2) if width else 0


def _fits(token: Any, argument: Any, one: str, flags: int) -> bool:
    if token is tokens.ANY:
        return one != "\n" or bool(flags & re.DOTALL)
    spellings = {one}
    if flags & re.IGNORECASE:
        spellings |= {other for other in (one.lower(), one.upper()) if len(other) == 1}
    if token is tokens.LITERAL:
        return any(ord(other) == argument for other in spellings)
    if token is tokens.NOT_LITERAL:
        return all(ord(other) != argument for other in spellings)
    negated = argument[0][0] is tokens.NEGATE
    inside = any(_in_class(item, other) for item in argument for other in spellings)
    return inside != negated


def _in_class(item: tuple[Any, Any], one: str) -> bool:
    kind, argument = item
    if kind is tokens.LITERAL:
        return bool(ord(one) == argument)
    if kind is tokens.RANGE:
        return bool(argument[0] <= ord(one) <= argument[1])
    if kind is tokens.CATEGORY:
        members, wanted = _CATEGORIES[argument]
        return (one in members) == wanted
    return False
