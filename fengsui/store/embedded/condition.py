"""A query tree as a condition of SQL over the columns of one partition.

Fields that the partition never had are decided here, so that a whole partition can drop out. Values
are parameters, never text of the statement; names come from the registry.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any as Anything
from typing import Final

from fengsui.ecs import FieldType
from fengsui.query.pattern import ANY_RUN, Token, inside, like, tokens, whole
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
from fengsui.query.values import field_type, fold, interval
from fengsui.store.embedded.alternatives import Alternatives, gathered, regexes_of
from fengsui.store.embedded.schema import ID, MAPPED, REST, TEXT, V4, V6, registered

DATE_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_ORDERED: Final = frozenset({"long", "float", "date", "ip"})
_TYPED_TEXT: Final[dict[FieldType, str]] = {
    "long": "0123456789-",
    "float": "0123456789-+.e",
    "date": "0123456789-:.tz",
    "boolean": "truefals",
    "ip": "0123456789abcdef:.",
}
"""Characters that folded text of these types can have."""
_ID_TEXT: Final = "0123456789abcdef"
_ALL: Final[Mapping[str, frozenset[str]]] = {}


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL with its parameters; or a truth that needs no look at the rows."""

    sql: str
    parameters: list[Anything] = field(default_factory=list[Anything])
    always: bool | None = None


TRUE: Final = Condition("TRUE", always=True)
FALSE: Final = Condition("FALSE", always=False)
Test = Callable[[str], Condition]
"""From an SQL expression of folded text to the condition on it."""


def quoted(column: str) -> str:
    """A column as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def condition(
    query: Query, columns: Mapping[str, bool], holders: Mapping[str, frozenset[str]] = _ALL
) -> Condition:
    """The condition for a partition with these columns (name → all its text is lower case).

    `holders`: the columns that can hold what an `Anywhere` looks for, by its value; all unless given.
    """
    match query:
        case Everything():
            return TRUE
        case Not(part):
            return _negated(condition(part, columns, holders))
        case All(parts):
            return both([condition(part, columns, holders) for part in parts])
        case Any(parts):
            return _any(gathered(parts), columns, holders)
        case Exists(name):
            typed = Condition(f"{quoted(name)} IS NOT NULL") if _has(name, columns) else FALSE
            rest = Condition(f"{TEXT}[?] IS NOT NULL", [name]) if TEXT in columns else FALSE
            return either([typed, rest])
        case Anywhere(value):
            some = holders.get(value)
            held = {name: columns[name] for name in columns if some is None or name in some}
            return _anywhere(value, held)
        case Regex(name, regex):
            return _text(name, _regex_test(regex), columns, fold_first=False)
        case Term(name, value, True):
            return _text(name, like_test(tokens(value)), columns)
        case Term() | Range():
            return _compared(query, columns)


def _any(
    many: Alternatives, columns: Mapping[str, bool], holders: Mapping[str, frozenset[str]]
) -> Condition:
    found = [condition(part, columns, holders) for part in many.others]
    for name, values in many.values.items():
        found.append(_text(name, _one_of_test(values), columns))
    for name, patterns in many.patterns.items():
        found.append(_text(name, _any_like_test([tokens(one) for one in patterns]), columns))
    if many.words:
        found.append(_any_word(many.words, columns, holders))
    return either(found)


def either(parts: list[Condition]) -> Condition:
    """OR of conditions."""
    return _joined("OR", parts, FALSE, TRUE)


def both(parts: list[Condition]) -> Condition:
    """AND of conditions."""
    return _joined("AND", parts, TRUE, FALSE)


def _joined(word: str, parts: list[Condition], neutral: Condition, final: Condition) -> Condition:
    if any(part.always is final.always for part in parts if part.always is not None):
        return final
    open_ = [part for part in parts if part.always is None]
    if not open_:
        return neutral
    if len(open_) == 1:
        return open_[0]
    sql = f" {word} ".join(f"({part.sql})" for part in open_)
    return Condition(sql, [value for part in open_ for value in part.parameters])


def _negated(part: Condition) -> Condition:
    if part.always is not None:
        return FALSE if part.always else TRUE
    return Condition(f"({part.sql}) IS NOT TRUE", part.parameters)  # absent counts as false


def _has(name: str, columns: Mapping[str, bool]) -> bool:
    return name in columns and name in registered()


def _compared(leaf: Term | Range, columns: Mapping[str, bool]) -> Condition:
    kind = field_type(leaf.field)
    if leaf.field == ID and isinstance(leaf, Term):
        return either([_id(leaf.value), _rest(leaf.field, _equals_test(leaf.value), columns)])
    test = _equals_test(leaf.value) if isinstance(leaf, Term) else _range_test(leaf)
    if kind not in _ORDERED:
        return _text(leaf.field, test, columns)
    typed = _within(leaf, kind, columns) if _has(leaf.field, columns) else FALSE
    return typed if isinstance(leaf, Range) else either([typed, _rest(leaf.field, test, columns)])


def _id(text: str) -> Condition:
    try:
        packed = bytes.fromhex(text)
    except ValueError:
        return FALSE
    exact = packed.hex() == fold(text)
    return Condition(f"{quoted(ID)} = ?", [packed]) if exact else FALSE


def _within(leaf: Term | Range, kind: FieldType, columns: Mapping[str, bool]) -> Condition:
    span = interval(leaf, kind)
    if span is None:
        return FALSE
    name = leaf.field
    if kind == "ip":
        return _addresses(name, int(max(span[0], 0)), int(min(span[1], 2**128 - 1)), columns)
    low, high = span
    ends: list[tuple[str, float | int]] = []
    if low > -math.inf:
        ends.append((">=", low))
    if high < math.inf:
        ends.append(("<=", high))
    value = "make_timestamp(?::BIGINT)" if kind == "date" else "?"
    if kind != "float":
        ends = [(sign, max(-(2**63), min(2**63 - 1, int(end)))) for sign, end in ends]
        if low >= 2**63 or high < -(2**63):
            return FALSE

    def test(column: str) -> Condition:
        sql = " AND ".join(f"{column} {sign} {value}" for sign, _ in ends)
        return Condition(sql or f"{column} IS NOT NULL", [end for _, end in ends])

    return _each(name, test)


def _addresses(name: str, low: int, high: int, columns: Mapping[str, bool]) -> Condition:
    """An interval of 128-bit numbers, over the IPv4 and the IPv6 column."""
    parts: list[Condition] = []
    low4, high4 = max(low, MAPPED), min(high, MAPPED | 0xFFFFFFFF)
    if low4 <= high4 and name + V4 in columns:
        ends: list[Anything] = [low4 & 0xFFFFFFFF, high4 & 0xFFFFFFFF]
        parts.append(_each(name, _between(ends), V4))
    if (low < MAPPED or high > MAPPED | 0xFFFFFFFF) and name + V6 in columns:
        parts.append(_each(name, _between([f"{low:032x}", f"{high:032x}"]), V6))
    return either(parts)


def _between(ends: list[Anything]) -> Test:
    if ends[0] == ends[1]:
        return lambda column: Condition(f"{column} = ?", ends[:1])
    return lambda column: Condition(f"{column} BETWEEN ? AND ?", ends)


def _each(name: str, test: Test, suffix: str = "") -> Condition:
    """A test on a column, or on the values of a list."""
    column = quoted(name + suffix)
    if not registered()[name].is_list:
        return test(column)
    return _some(column, test)


def _some(lists: str, test: Test) -> Condition:
    inner = test("x")
    sql = f"list_bool_or(list_transform({lists}, lambda x: {inner.sql}))"
    return Condition(sql, inner.parameters)


def _text(
    name: str, test: Test, columns: Mapping[str, bool], *, fold_first: bool = True
) -> Condition:
    """A test on the text of a field, wherever its values are kept."""
    typed = FALSE
    if _has(name, columns):
        is_lower = columns[name] or not fold_first
        typed = _each(name, lambda column: test(_as_text(column, name, is_lower=is_lower)))
    return either([typed, _rest(name, test, columns, fold_first=fold_first)])


def _as_text(column: str, name: str, *, is_lower: bool) -> str:
    if name == ID:
        return f"lower(hex({column}))"
    match field_type(name):
        case "long" | "float":
            return f"CAST({column} AS VARCHAR)"
        case "boolean":
            return f"CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' END"
        case "date":
            return f"lower(strftime({column}, '{DATE_FORMAT}'))"
        case _:
            return column if is_lower else f"lower({column})"


def _rest(
    name: str, test: Test, columns: Mapping[str, bool], *, fold_first: bool = True
) -> Condition:
    """A test on what of a field had no column."""
    if TEXT not in columns:
        return FALSE
    found = _some(f"{TEXT}[?]", lambda x: test(f"lower({x})" if fold_first else x))
    return Condition(found.sql, [name, *found.parameters])


def letters_of(parts: list[Token]) -> set[str]:
    """Characters that a text must have to match."""
    return {char for part in parts if isinstance(part, str) for char in part}


def can_hold(value: str, columns: Iterable[str]) -> list[str]:
    """The fields among columns whose text can have the characters that an `Anywhere` needs."""
    needed = letters_of(inside(value))
    return [
        name for name in columns if name in registered() and needed <= set(_letters(name) or needed)
    ]


def _anywhere(value: str, columns: Mapping[str, bool]) -> Condition:
    parts = inside(value)
    if parts == [ANY_RUN]:
        return TRUE  # each event has values
    test = like_test(parts)
    found = [_text(name, test, {name: columns[name]}) for name in can_hold(value, columns)]
    if REST in columns:
        values = f"flatten(map_values({TEXT}))"
        found.append(_some(values, lambda x: test(f"lower({x})")))
    return either(found)


def _any_word(
    words: list[str], columns: Mapping[str, bool], holders: Mapping[str, frozenset[str]]
) -> Condition:
    """Any of many words anywhere: one test a column."""
    parts = {word: inside(word) for word in words}
    if any(one == [ANY_RUN] for one in parts.values()):
        return TRUE
    held: defaultdict[str, list[list[Token]]] = defaultdict(list)
    for word, pattern in parts.items():
        for name in can_hold(word, holders.get(word, columns)):
            if name in columns:
                held[name].append(pattern)
    found = [
        _text(name, _any_like_test(some), {name: columns[name]}) for name, some in held.items()
    ]
    if REST in columns:
        test = _any_like_test(list(parts.values()))
        found.append(_some(f"flatten(map_values({TEXT}))", lambda x: test(f"lower({x})")))
    return either(found)


def _letters(name: str) -> str:
    """Characters that the field's text is made of; empty when it can be any."""
    return _ID_TEXT if name == ID else _TYPED_TEXT.get(field_type(name), "")


def _equals_test(value: str) -> Test:
    wanted = fold(value)
    return lambda text: Condition(f"{text} = ?", [wanted])


def _one_of_test(values: list[str]) -> Test:
    wanted = list(dict.fromkeys(fold(value) for value in values))
    marks = ", ".join("?" * len(wanted))
    return lambda text: Condition(f"{text} IN ({marks})", list(wanted))


def _any_like_test(patterns: list[list[Token]]) -> Test:
    regexes = regexes_of(patterns)

    def test(text: str) -> Condition:
        names = ["regexp_full_match" if whole_ else "regexp_matches" for _, whole_ in regexes]
        sql = " OR ".join(f"{name}({text}, ?)" for name in names)
        return Condition(f"({sql})", [regex for regex, _ in regexes])

    return test


def _regex_test(regex: str) -> Test:
    return lambda text: Condition(f"regexp_full_match({text}, ?)", [whole(regex)])


def _range_test(leaf: Range) -> Test:
    ends: list[tuple[str, str]] = []
    if leaf.low is not None:
        ends.append((">=" if leaf.low_included else ">", fold(leaf.low)))
    if leaf.high is not None:
        ends.append(("<=" if leaf.high_included else "<", fold(leaf.high)))

    def test(text: str) -> Condition:
        sql = " AND ".join(f"{text} {sign} ?" for sign, _ in ends)
        return Condition(sql or f"{text} IS NOT NULL", [end for _, end in ends])

    return test


def like_test(parts: list[Token]) -> Test:
    """The cheapest function for a wildcard pattern."""
    match parts:
        case [str(text), 0]:
            name, value = "prefix", text
        case [0, str(text)]:
            name, value = "suffix", text
        case [0, str(text), 0]:
            name, value = "contains", text
        case [0]:
            return lambda text: Condition(f"{text} IS NOT NULL")
        case _:
            pattern = like(parts)
            return lambda text: Condition(f"{text} LIKE ? ESCAPE '\\'", [pattern])
    return lambda text: Condition(f"{name}({text}, ?)", [value])
