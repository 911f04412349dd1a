"""Expression: the extended condition of temporal correlations, `a and (b or not c)` over rules.

Sigma enhancement proposal 198, in pySigma since 1.0; `not` binds closest, then `and`, then `or`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(r"\s*(?:([()])|([\w.\-]+)|(\S))")
_DEEPEST = 50  # levels of brackets and `not`


@dataclass(frozen=True, slots=True)
class Seen:
    """A rule of the list has been seen."""

    rule: str


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the parts (`and`), one of them (`or`), or none of the one part (`not`)."""

    kind: Literal["and", "or", "not"]
    parts: tuple[Expression, ...]


Expression = Seen | Joined


def expression_of(text: str) -> Expression:
    """The tree of an extended condition.

    Raises:
        ValueError: it is not one.
    """
    tokens = list(_tokens(text))
    if not tokens:
        raise ValueError("the condition is empty")
    tree, rest = _either(tokens, 0, 0)
    if rest != len(tokens):
        raise ValueError(f"the condition does not end before {tokens[rest]!r}")
    return tree


def rules_of(tree: Expression) -> tuple[str, ...]:
    """The rules that it names, in order."""
    if isinstance(tree, Seen):
        return (tree.rule,)
    return tuple(dict.fromkeys(name for part in tree.parts for name in rules_of(part)))


def is_rising(tree: Expression) -> bool:
    """Whether seeing one rule more never undoes it: no `not` in it."""
    return isinstance(tree, Seen) or (tree.kind != "not" and all(map(is_rising, tree.parts)))


def met(tree: Expression, seen: frozenset[str]) -> bool:
    """Whether it holds when exactly the rules of `seen` have been seen."""
    if isinstance(tree, Seen):
        return tree.rule in seen
    if tree.kind == "not":
        return not met(tree.parts[0], seen)
    return (all if tree.kind == "and" else any)(met(part, seen) for part in tree.parts)


def _tokens(text: str) -> Iterator[str]:
    for bracket, word, other in _TOKEN.findall(text):
        if other:
            raise ValueError(f"{other!r} is not part of a condition over rules")
        yield bracket or word


def _either(tokens: list[str], at: int, depth: int) -> tuple[Expression, int]:
    return _row(tokens, at, depth, "or")


def _row(
    tokens: list[str], at: int, depth: int, kind: Literal["and", "or"]
) -> tuple[Expression, int]:
    parts: list[Expression] = []
    while True:
        part, at = _row(tokens, at, depth, "and") if kind == "or" else _one(tokens, at, depth)
        parts.append(part)
        if at >= len(tokens) or tokens[at].lower() != kind:
            return (parts[0] if len(parts) == 1 else Joined(kind, tuple(parts))), at
        at += 1


def _one(tokens: list[str], at: int, depth: int) -> tuple[Expression, int]:
    if depth > _DEEPEST:
        raise ValueError("the condition is nested too deep")
    word = tokens[at] if at < len(tokens) else ""
    if word.lower() == "not":
        part, at = _one(tokens, at + 1, depth + 1)
        return Joined("not", (part,)), at
    if word == "(":
        part, at = _either(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise ValueError("a bracket of the condition is not closed")
        return part, at + 1
    if not word or word == ")" or word.lower() in ("and", "or"):
        raise ValueError(f"the condition lacks a rule before {word or 'its end'!r}")
    return Seen(word), at + 1
