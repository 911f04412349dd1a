"""A tree written as Lucene text; `parse_lucene` of it gives the tree again."""

from __future__ import annotations

from typing import Final

from fengsui.query.tree import (
    All,
    Any,
    Anywhere,
    Everything,
    Exists,
    Not,
    Query,
    Range,
    Regex,
    Term,
)

SPECIAL: Final = frozenset('+-&|!(){}[]^"~*?:\\/<>=')


def to_lucene(query: Query) -> str:
    """Lucene text of a tree; empty `All` and `Any` are written as what they mean."""
    match query:
        case Everything():
            return "*"
        case Term(field, value, wildcards):
            return f"{_name(field)}:{_bare(value) if wildcards else _quoted(value)}"
        case Anywhere(value):
            return _anywhere(value)
        case Regex(field, regex):
            return f"{_name(field)}:/{_slashes(regex)}/"
        case Range():
            return _range(query)
        case Exists(field):
            return f"_exists_:{_name(field)}"
        case Not(part):
            return f"NOT {_grouped(part)}"
        case All(parts):
            return " AND ".join(map(_grouped, parts)) if parts else "*"
        case Any(parts):
            return " OR ".join(map(_grouped, parts)) if parts else "NOT *"


def _grouped(part: Query) -> str:
    text = to_lucene(part)
    return f"({text})" if isinstance(part, All | Any) else text


def _range(leaf: Range) -> str:
    low = "*" if leaf.low is None else _quoted(leaf.low)
    high = "*" if leaf.high is None else _quoted(leaf.high)
    left, right = "{["[leaf.low_included], "}]"[leaf.high_included]
    return f"{_name(leaf.field)}:{left}{low} TO {high}{right}"


def _name(field: str) -> str:
    """Minus signs are special only where a term begins."""
    return "".join(
        char if char == "-" and place else _escaped(char) for place, char in enumerate(field)
    )


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _anywhere(pattern: str) -> str:
    """Without wildcards quoted, so that spaces and words like AND are plain text."""
    plain: list[str] = []
    chars = iter(pattern)
    for char in chars:
        if char in "*?":
            return _bare(pattern)
        follower = next(chars, "") if char == "\\" else ""
        plain.append(follower if follower and follower in "*?\\" else char + follower)
    return _quoted("".join(plain))


def _bare(pattern: str) -> str:
    """A pattern unquoted: its own escapes and wildcards stay, everything else special is escaped."""
    written: list[str] = []
    chars = iter(pattern)
    for char in chars:
        if char == "\\":
            follower = next(chars, "")
            known = bool(follower) and follower in "*?\\"
            written.append(f"\\{follower}" if known else "\\\\" + _escaped(follower))
        else:
            written.append(char if char in "*?" else _escaped(char))
    return "".join(written)


def _escaped(char: str) -> str:
    return f"\\{char}" if char and (char in SPECIAL or char.isspace()) else char


def _slashes(regex: str) -> str:
    """The expression between slashes: `/` escaped, escape pairs kept together."""
    written: list[str] = []
    chars = iter(regex)
    for char in chars:
        if char == "\\":
            written.append(char + next(chars, ""))
        else:
            written.append("\\/" if char == "/" else char)
    return "".join(written)
