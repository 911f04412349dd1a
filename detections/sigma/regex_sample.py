"""Regex sample: a short text in which a regular expression is found."""

from __future__ import annotations

import re
from re import _parser as parser  # type: ignore[attr-defined]  # pyright: ignore
from typing import Any, Final

_MOST = 4096  # repeats that are written out
_OF_CLASS: Final = {
    "CATEGORY_DIGIT": "7",
    "CATEGORY_NOT_DIGIT": "x",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "x",
    "CATEGORY_WORD": "x",
    "CATEGORY_NOT_WORD": "-",
}
_ANY: Final = "x7-_ .\\/AZ0a=:%"  # tried in this order where a class excludes letters


def text_found_by(pattern: str, flags: str = "") -> str | None:
    """A text that the pattern matches, as far as can be told without looking around; else None."""
    try:
        tree = parser.parse(f"(?{flags}){pattern}" if flags else pattern)
        return _sequence(tree, {})
    except (re.error, ValueError, RecursionError, OverflowError):
        return None


def _sequence(tree: Any, groups: dict[int, str]) -> str:
    return "".join(_one(str(kind), value, groups) for kind, value in tree)


def _one(kind: str, value: Any, groups: dict[int, str]) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return next(letter for letter in _ANY if ord(letter) != value)
        case "ANY":
            return "x"
        case "IN":
            return _member(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, inner = value
            if least > _MOST:
                raise ValueError("too many repeats")
            return _sequence(inner, groups) * int(least)
        case "BRANCH":
            return _sequence(value[1][0], groups)
        case "SUBPATTERN":
            text = _sequence(value[-1], groups)
            if value[0] is not None:
                groups[value[0]] = text
            return text
        case "ATOMIC_GROUP":
            return _sequence(value, groups)
        case "GROUPREF":
            return groups.get(value, "")
        case _:  # anchors and looks around stand for no text
            return ""


def _member(items: Any) -> str:
    """One character of a class."""
    if str(items[0][0]) == "NEGATE":
        return next(letter for letter in _ANY if not _inside(letter, items[1:]))
    kind, value = str(items[0][0]), items[0][1]
    if kind == "RANGE":
        return chr(value[0])
    if kind == "CATEGORY":
        return _OF_CLASS.get(str(value), "x")
    return chr(value)


def _inside(letter: str, items: Any) -> bool:
    for kind, value in items:
        if str(kind) == "LITERAL" and ord(letter) == value:
            return True
        if str(kind) == "RANGE" and value[0] <= ord(letter) <= value[1]:
            return True
        if str(kind) == "CATEGORY" and _in_category(letter, str(value)):
            return True
    return False


def _in_category(letter: str, name: str) -> bool:
    kind = name.removeprefix("CATEGORY_").removeprefix("NOT_")
    found = {
        "DIGIT": letter.isdigit(),
        "SPACE": letter.isspace(),
        "WORD": letter.isalnum() or letter == "_",
    }.get(kind, False)
    return found != name.startswith("CATEGORY_NOT_")
