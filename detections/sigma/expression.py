"""Expression: the condition language (Sigma 2.1 rules, "Condition").

Binding from loose to close: `or`, `and`, `not`, `1 of …`/`all of …`, parentheses. Read with two
stacks, not by recursion: thousands of terms and parentheses cost what they say, and only a tree
that is really deep is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Never

from detections.sigma.conditions import NEVER, All, Condition, Not, Some
from detections.sigma.faults import WrongRule

DEEPEST = 100  # levels of and/or/not inside each other
MOST_TESTS = 100_000  # leaves of the whole condition, each use of a name counted

_TOKEN = re.compile(r"[()]|[^\s()]+")
_QUANTIFIERS: dict[str, type[Some] | type[All]] = {"1": Some, "any": Some, "all": All}
_Binary = Literal["and", "or"]
_CLOSENESS = {"or": 1, "and": 2, "not": 3}


@dataclass(slots=True)
class _Group:
    """Operands of one `and` or `or`; `depth` is that of the tree so far."""

    word: _Binary
    items: list[_Node]
    depth: int


@dataclass(frozen=True, slots=True)
class _Single:
    condition: Condition
    depth: int


@dataclass(frozen=True, slots=True)
class _Negation:
    inner: _Node
    depth: int


_Node = _Group | _Single | _Negation


def parsed(
    text: str, selections: Mapping[str, Condition], sizes: Mapping[str, int], line: int
) -> Condition:
    """The condition that a text makes of named selections.

    Args:
        text: what stands behind `condition`.
        selections: by name, in the order of the rule.
        sizes: tests of each selection.
        line: where the text stands, for the reason of a refusal.

    Raises:
        WrongRule: it is no condition, or names what is not there.
    """
    if "|" in text:
        raise WrongRule(
            "the pipe syntax (count() and near behind |) was replaced by correlations in Sigma 2",
            line,
        )
    return _Parser(text, selections, sizes, line).whole()


class _Parser:
    def __init__(
        self, text: str, selections: Mapping[str, Condition], sizes: Mapping[str, int], line: int
    ) -> None:
        self._words: list[str] = _TOKEN.findall(text)
        self._selections = selections
        self._line = line
        self._sizes = sizes
        self._tests = 0
        self._operators: list[str] = []
        self._operands: list[_Node] = []

    def whole(self) -> Condition:
        at, wants_operand = 0, True
        while at < len(self._words):
            word = self._words[at]
            used = 1
            if wants_operand:
                used, wants_operand = self._prefix(word, at)
            elif word == ")":
                self._close()
            elif (operator := self._reserved(word)) in ("and", "or"):
                self._reduce(_CLOSENESS[operator])
                self._operators.append(operator)
                wants_operand = True
            else:
                self._fail(f"{word[:60]!r} follows {self._words[at - 1][:60]!r} without and/or")
            at += used
        if wants_operand:
            self._fail("it ends where a selection should follow" if self._words else "it is empty")
        self._reduce(0)
        if self._operators:
            self._fail("a parenthesis is not closed")
        return _built(self._operands[0])

    def _prefix(self, word: str, at: int) -> tuple[int, bool]:
        """Take what may stand where an operand is wanted; words used, and whether it still is."""
        if word == "(":
            self._operators.append("(")
            return 1, True
        following = self._words[at + 1] if at + 1 < len(self._words) else ""
        if word.lower() in _QUANTIFIERS and following.lower() == "of":
            self._selector(word.lower(), at)
            return 3, False
        if self._reserved(word) == "not":
            self._operators.append("not")
            return 1, True
        if word == ")" or self._reserved(word) in ("and", "or"):
            self._fail(f"{word!r} stands where a selection should")
        if following.lower() == "of" and word.isdigit():
            self._fail(f"'{word} of' is not Sigma; there are '1 of' and 'all of'")
        self._operand(word)
        return 1, False

    def _reserved(self, word: str) -> str:
        """The word of the language that this is, in lower case; empty where it is a name."""
        lower = word.lower()
        return (
            lower if lower in _CLOSENESS and (word == lower or word not in self._selections) else ""
        )

    def _operand(self, name: str) -> None:
        if name not in self._selections:
            self._fail(f"Detection '{name[:200]}' not defined in detections")
        self._push(self._selections[name], self._sizes[name])

    def _selector(self, quantifier: str, at: int) -> None:
        if at + 2 >= len(self._words) or self._words[at + 2] in "()":
            self._fail(f"'{quantifier} of' is not followed by a name or them")
        pattern = self._words[at + 2]
        names = self._matching(pattern)
        if not names:
            if quantifier != "all" and self._negated():
                self._push(NEVER, 0)  # `not 1 of filter_*` without any filter excludes nothing
                return
            self._fail(f"'{quantifier} of {pattern[:200]}' selects nothing")
        group = _QUANTIFIERS[quantifier]
        found = tuple(self._selections[name] for name in names)
        self._push(group(found), sum(self._sizes[name] for name in names))

    def _matching(self, pattern: str) -> list[str]:
        """Names that a pattern means; those with `_` in front only where it has one too."""
        if pattern.lower() == "them" and pattern not in self._selections:
            return [name for name in self._selections if not name.startswith("_")]
        if "*" not in pattern:
            return [pattern] if pattern in self._selections else []
        shape = _shape(pattern)
        return [
            name
            for name in self._selections
            if shape.match(name) and (pattern.startswith("_") or not name.startswith("_"))
        ]

    def _negated(self) -> bool:
        return bool(self._operators) and sum(one == "not" for one in self._operators) % 2 == 1

    def _push(self, condition: Condition, tests: int) -> None:
        self._tests += tests
        if self._tests > MOST_TESTS:
            self._fail(f"it asks more than {MOST_TESTS} tests of an event")
        self._operands.append(_Single(condition, 1))

    def _close(self) -> None:
        self._reduce(0)
        if not self._operators:
            self._fail("a parenthesis is closed that was not opened")
        self._operators.pop()

    def _reduce(self, closeness: int) -> None:
        """Apply the operators on the stack that bind as close or closer, down to a parenthesis."""
        while self._operators and self._operators[-1] != "(":
            operator = self._operators[-1]
            if _CLOSENESS[operator] < closeness:
                return
            self._operators.pop()
            right = self._operands.pop()
            if operator == "not":
                made = (
                    right.inner
                    if isinstance(right, _Negation)
                    else _Negation(right, right.depth + 1)
                )
            else:
                made = _both(self._operands.pop(), "and" if operator == "and" else "or", right)
            if made.depth > DEEPEST:
                self._fail(f"it is nested deeper than {DEEPEST} levels")
            self._operands.append(made)

    def _fail(self, problem: str) -> Never:
        raise WrongRule(f"the condition is wrong: {problem}", self._line)


@lru_cache(maxsize=1024)
def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))) + r"\Z", re.DOTALL)


def _both(left: _Node, word: _Binary, right: _Node) -> _Group:
    """Two operands in one group; a group of the same kind grows instead of nesting."""
    group = left if isinstance(left, _Group) and left.word == word else None
    if group is None:
        group = _Group(word, [left], left.depth + 1)
    if isinstance(right, _Group) and right.word == word:
        group.items += right.items
        group.depth = max(group.depth, right.depth)
    else:
        group.items.append(right)
        group.depth = max(group.depth, right.depth + 1)
    return group


def _built(node: _Node) -> Condition:
    match node:
        case _Single(condition):
            return condition
        case _Negation(inner):
            return Not(_built(inner))
        case _Group(word, items):
            kind = All if word == "and" else Some
            return kind(tuple(map(_built, items)))
