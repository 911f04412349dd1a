"""Wildcard patterns: `*` any run, `?` one character; a backslash makes `*`, `?` and itself literal."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

from fengsui.query.values import fold

ANY_RUN: Final = 0
ANY_ONE: Final = 1
Token = str | int
"""Literal text (folded), ANY_RUN or ANY_ONE."""


def escape(text: str) -> str:
    """A pattern that matches exactly `text`."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def unescaped(text: str) -> str:
    """Text as typed, each backslash taken away from the character that it protects."""
    return re.sub(r"\\(.?)", r"\1", text, flags=re.DOTALL)


def as_pattern(text: str) -> str:
    """Text as typed, of its escapes only those kept that a pattern knows."""
    return re.sub(r"\\(.?)", _known, text, flags=re.DOTALL)


def _known(found: re.Match[str]) -> str:
    return found[0] if found[1] and found[1] in "*?\\" else found[1]


def has_wildcards(pattern: str) -> bool:
    """Whether an unescaped `*` or `?` is in it."""
    return any(isinstance(token, int) for token in tokens(pattern))


def tokens(pattern: str) -> list[Token]:
    """The pattern taken apart; literals are folded, adjacent `*` are one."""
    found: list[Token] = []
    literal: list[str] = []

    def flush() -> None:
        if literal:
            found.append(fold("".join(literal)))
            literal.clear()

    chars = iter(pattern)
    for char in chars:
        if char == "\\":
            follower = next(chars, "")
            literal.append(follower if follower in "*?\\" and follower else char + follower)
        elif char in "*?":
            flush()
            if char == "?" or found[-1:] != [ANY_RUN]:
                found.append(ANY_RUN if char == "*" else ANY_ONE)
        else:
            literal.append(char)
    flush()
    return found


def inside(pattern: str) -> list[Token]:
    """Tokens of the pattern looked for anywhere in a value."""
    middle = tokens(pattern)
    before: list[Token] = [] if middle[:1] == [ANY_RUN] else [ANY_RUN]
    after: list[Token] = [] if middle[-1:] == [ANY_RUN] and middle else [ANY_RUN]
    return before + middle + after if middle else [ANY_RUN]


def expression(parts: list[Token]) -> str:
    """The same as a regular expression for folded text."""
    return "".join(
        re2.escape(part) if isinstance(part, str) else ".*" if part == ANY_RUN else "."
        for part in parts
    )


def like(parts: list[Token]) -> str:
    """The same for SQL's LIKE with backslash as the escape character."""
    return "".join(
        part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        if isinstance(part, str)
        else "%"
        if part == ANY_RUN
        else "_"
        for part in parts
    )


def whole(regex: str) -> str:
    """A user's expression as all stores run it: case ignored, `.` matching line ends too."""
    return f"(?is:{regex})"


@lru_cache(maxsize=512)
def compiled(regex: str) -> Any:
    """An RE2 program.

    Raises:
        re2.error: not an expression of RE2 (https://github.com/google/re2/wiki/Syntax).
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(regex, options)
