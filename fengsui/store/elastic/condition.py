"""A query tree as Elasticsearch's own query language.

Each query has two forms: `wide` finds at least what matches, `narrow` at most that. Most queries have
one that is both. Where they differ (regular expressions, trees that the server would refuse), the
store asks how many documents lie between the two, and confirms those by `fengsui.query.match`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any as Anything
from typing import Final

from fengsui.ecs import FieldType
from fengsui.query.literals import longest_literal
from fengsui.query.pattern import ANY_ONE, ANY_RUN, Token, inside, tokens
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
from fengsui.store.elastic.document import LONGEST_NAME, term
from fengsui.store.elastic.names import NAMES, ODD, TEXT, TIMES, US
from fengsui.store.event_store import TimeRange
from fengsui.store.salvage import TIME, registered

Dsl = dict[str, Anything]
EVERY: Final[Dsl] = {"match_all": {}}
NONE: Final[Dsl] = {"match_none": {}}
_ORDERED: Final = frozenset({"long", "float", "date", "ip"})
_MOST_LEAVES: Final = 500  # the server bounds clauses by its memory, 1,024 at least
_DEEPEST: Final = 20  # the server's own bound is 30
_MOST_WILDCARDS: Final = 12
_LONGEST_PATTERN: Final = 2_000
_MAPPED: Final = 0xFFFF << 32


@dataclass(frozen=True, slots=True)
class Translated:
    """Both forms; the same object where one is exact."""

    wide: Dsl
    narrow: Dsl

    @property
    def is_exact(self) -> bool:
        """Whether nothing needs to be confirmed."""
        return self.wide is self.narrow


def translated(query: Query, within: TimeRange) -> tuple[Dsl, Dsl]:
    """What finds all matches in a time range, and which of that must be confirmed."""
    found = _Translator().of(query, 0)
    limits = _time_limits(within)
    doubts: list[Dsl] = [{"term": {ODD: True}}]
    if not found.is_exact:
        doubts.append({"bool": {"filter": [found.wide], "must_not": [found.narrow]}})
    wide = _either([found.wide, {"term": {ODD: True}}]) if found.wide is not EVERY else EVERY
    return _filter([*limits, wide]), _either(doubts)


def _time_limits(within: TimeRange) -> list[Dsl]:
    low, high = -(-within.since // 1000), -(-within.until // 1000) - 1
    if low <= 0 and high >= 2**62 // 1000:
        return []
    ends = {"gte": max(low, -(2**62)), "lte": min(high, 2**62)}
    # The second lets the server skip whole shards by their first and last time.
    first, last = ends["gte"] // 1000, ends["lte"] // 1000
    limits: list[Dsl] = [{"range": {f"{TIMES}.{TIME}": ends}}]
    if abs(first) < 2**47 and abs(last) < 2**47:
        limits.append({"range": {TIME: {"gte": first, "lte": last, "format": "epoch_millis"}}})
    return limits


class _Translator:
    def __init__(self) -> None:
        self._leaves = 0

    def of(self, query: Query, depth: int) -> Translated:
        if depth > _DEEPEST or self._leaves > _MOST_LEAVES:
            return Translated(EVERY, NONE)
        match query:
            case Everything():
                return _exact(EVERY)
            case Not(Not(inner)):
                return self.of(inner, depth)
            case Not(part):
                plain = self.of(part, depth + 1)
                if plain.is_exact:
                    return _exact(_negated(plain.wide))
                return Translated(_negated(plain.narrow), _negated(plain.wide))
            case All(parts):
                return _joined(_filter, [self.of(one, depth + 1) for one in parts])
            case Any(parts):
                return _joined(_either, [self.of(one, depth + 1) for one in parts])
            case _:
                self._leaves += 1
                return _leaf(query)


def _leaf(query: Exists | Anywhere | Regex | Term | Range) -> Translated:
    match query:
        case Exists(name):
            return _exact(_has(name))
        case Anywhere(value):
            parts = inside(value)
            return _exact(EVERY) if parts == [ANY_RUN] else _pattern([ANY_RUN, US, *parts])
        case Regex(name, regex):
            literal = longest_literal(regex)
            near = [_has(name)]
            if literal:
                near.append(_pattern([f"{name}{US}", ANY_RUN, *_loosely(literal), ANY_RUN]).wide)
            return Translated(_filter(near), NONE)
        case Term(name, value, True):
            return _pattern([f"{name}{US}", *tokens(value)])
        case Term(name, value):
            return _exact(_either([_equal(name, value), *_interval(query)]))
        case Range(name):
            if field_type(name) in _ORDERED:
                return _exact(_either(_interval(query)))
            return _exact(_text_range(query))


def _exact(dsl: Dsl) -> Translated:
    return Translated(dsl, dsl)


def _joined(join: Anything, parts: list[Translated]) -> Translated:
    if all(part.is_exact for part in parts):
        return _exact(join([part.wide for part in parts]))
    return Translated(join([part.wide for part in parts]), join([part.narrow for part in parts]))


def _filter(parts: list[Dsl]) -> Dsl:
    needed = [part for part in parts if part is not EVERY]
    if len(needed) < 2:
        return needed[0] if needed else EVERY
    return {"bool": {"filter": needed}}


def _either(parts: list[Dsl]) -> Dsl:
    """OR; values of one field are put into one list."""
    values: list[str] = []
    others: list[Dsl] = []
    for part in parts:
        if part is NONE:
            continue
        if TEXT in (one := part.get("terms", {})):
            values += one[TEXT]
        else:
            others.append(part)
    if values:
        others.append({"terms": {TEXT: list(dict.fromkeys(values))}})
    if len(others) < 2:
        return others[0] if others else NONE
    return {"bool": {"should": others, "minimum_should_match": 1}}


def _negated(part: Dsl) -> Dsl:
    if part is EVERY:
        return NONE
    return EVERY if part is NONE else {"bool": {"must_not": [part]}}


def _has(name: str) -> Dsl:
    return {"term": {NAMES: name}} if len(name.encode()) <= LONGEST_NAME else NONE


def _equal(name: str, value: str) -> Dsl:
    return {"terms": {TEXT: [term(name, fold(value))]}}


def _pattern(parts: list[Token]) -> Translated:
    """A wildcard over the terms of values; the server's automata have bounds."""
    text = "".join(
        "".join("\\" + char if char in "*?\\" else char for char in part)
        if isinstance(part, str)
        else "*"
        if part == ANY_RUN
        else "?"
        for part in parts
    )
    if (
        sum(isinstance(part, int) for part in parts) > _MOST_WILDCARDS
        or len(text) > _LONGEST_PATTERN
    ):
        return Translated(EVERY, NONE)
    return _exact({"wildcard": {TEXT: {"value": text}}})


def _loosely(literal: str) -> list[Token]:
    """Text as an expression finds it: without case, s also matches \u017f, which does not fold to it."""
    found: list[Token] = []
    for part in fold(literal).split("s"):
        found += [part, ANY_ONE] if part else [ANY_ONE]
    return found[:-1]


def _text_range(leaf: Range) -> Dsl:
    ends: dict[str, str] = {}
    low = term(leaf.field, fold(leaf.low or ""))
    ends["gte" if leaf.low_included or leaf.low is None else "gt"] = low
    if leaf.high is None:
        ends["lt"] = leaf.field + chr(ord(US) + 1)
    else:
        ends["lte" if leaf.high_included else "lt"] = term(leaf.field, fold(leaf.high))
    return {"range": {TEXT: ends}}


def _interval(leaf: Term | Range) -> list[Dsl]:
    """The typed comparison, for fields that are ordered by number."""
    kind = field_type(leaf.field)
    if kind not in _ORDERED or leaf.field not in registered():
        return []
    span = interval(leaf, kind)
    if span is None:
        return []
    name = f"{TIMES}.{leaf.field}" if kind == "date" else leaf.field
    ends = _ends(span[0], span[1], kind)
    return [{"range": {name: ends}}] if ends is not None else []


def _ends(low: float, high: float, kind: FieldType) -> dict[str, Anything] | None:
    if kind == "ip":
        first, last = max(int(max(low, 0)), 0), int(min(high, 2**128 - 1))
        return {"gte": _address(first), "lte": _address(last)}
    if kind == "float":
        return {sign: end for sign, end in (("gte", low), ("lte", high)) if abs(end) != math.inf}
    if low >= 2**63 or high < -(2**63):
        return None
    return {
        "gte": -(2**63) if low == -math.inf else max(int(low), -(2**63)),
        "lte": 2**63 - 1 if high == math.inf else min(int(high), 2**63 - 1),
    }


def _address(number: int) -> str:
    """An address as the server reads it."""
    if number >> 32 == 0xFFFF:
        return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    groups = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    return ":".join(groups)
