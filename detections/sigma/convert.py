"""Convert: pySigma's parsed conditions → our own."""

from __future__ import annotations

from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.rule import SigmaRule
from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

from detections.sigma.conditions import (
    ANY_FIELD,
    All,
    Compare,
    Condition,
    Missing,
    Network,
    Not,
    Number,
    Operator,
    Parts,
    Present,
    Regex,
    SameAs,
    Some,
    Text,
    TimePart,
    TimeUnit,
    Truth,
    Wild,
    simplified,
)
from detections.sigma.values import regex_search

_DEEPEST = 100  # levels of a condition
_OPERATORS: dict[CompareOperators, Operator] = {
    CompareOperators.LT: "lt",
    CompareOperators.LTE: "lte",
    CompareOperators.GT: "gt",
    CompareOperators.GTE: "gte",
}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}
_UNITS: dict[str, TimeUnit] = {
    "MINUTE": "minute",
    "HOUR": "hour",
    "DAY": "day",
    "WEEK": "week",
    "MONTH": "month",
    "YEAR": "year",
}


class Unsupported(Exception):  # noqa: N818 - not an error of the rule
    """A valid rule that asks for something we do not have."""


def condition_of(rule: SigmaRule) -> Condition:
    """The whole detection of a rule: its conditions, joined by or.

    Raises:
        SigmaError, ValueError: the detection is wrong.
        Unsupported: it needs what we lack.
    """
    parts = [_converted(condition.parse(), 0) for condition in rule.detection.parsed_condition]
    return simplified(Some(tuple(parts)))


def _converted(node: Any, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise ValueError(f"the condition is nested deeper than {_DEEPEST} levels")
    match node:
        case ConditionAND():
            return All(tuple(_converted(child, depth + 1) for child in node.args))
        case ConditionOR():
            return Some(tuple(_converted(child, depth + 1) for child in node.args))
        case ConditionNOT():
            return Not(_converted(node.args[0], depth + 1))
        case ConditionFieldEqualsValueExpression():
            return _leaf(node.field, node.value)
        case ConditionValueExpression():
            return _keyword(node.value)
        case _:
            raise ValueError("the condition selects nothing")


def _keyword(value: Any) -> Condition:
    """A value without a field is looked for inside all values."""
    match value:
        case SigmaExpansion():
            return Some(tuple(_keyword(one) for one in value.values))
        case SigmaString():
            parts = (Wild.MANY, *_parts(value), Wild.MANY)
            return Text(ANY_FIELD, _joined(parts), isinstance(value, SigmaCasedString))
        case SigmaNumber():
            return Text(ANY_FIELD, (Wild.MANY, str(value.number), Wild.MANY))
        case SigmaRegularExpression():
            return _regex(ANY_FIELD, value)
        case _:
            raise ValueError(f"a value of kind {type(value).__name__} needs a field")


def _leaf(field: str, value: Any) -> Condition:
    match value:
        case SigmaExpansion():
            return Some(tuple(_leaf(field, one) for one in value.values))
        case SigmaString():
            return Text(field, _joined(_parts(value)), isinstance(value, SigmaCasedString))
        case SigmaRegularExpression():
            return _regex(field, value)
        case SigmaCIDRExpression():
            return Network(field, str(value.network))
        case SigmaFieldReference():
            return SameAs(field, value.field, value.starts_with, value.ends_with)
        case SigmaTimestampPart():
            return TimePart(field, _UNITS[value.timestamp_part.name], int(value.number))
        case _:
            return _plain(field, value)


def _plain(field: str, value: Any) -> Condition:
    match value:
        case SigmaNumber():
            return Number(field, value.number)
        case SigmaBool():
            return Truth(field, value.boolean)
        case SigmaNull():
            return Missing(field)
        case SigmaExists():
            return Present(field) if value.exists else Not(Present(field))
        case SigmaCompareExpression():
            if value.op is CompareOperators.NEQ:
                return Not(Number(field, value.number.number))
            return Compare(field, _OPERATORS[value.op], value.number.number)
        case _:
            raise Unsupported(f"values of kind {type(value).__name__} are not supported")


def _regex(field: str, value: SigmaRegularExpression) -> Regex:
    if value.contains_placeholder():
        raise Unsupported("placeholders (expand) are not supported yet: no list fills them")
    flags = "".join(sorted(_FLAGS[flag] for flag in value.flags))
    pattern = str(value.regexp)
    regex_search(pattern, flags)  # refused here, not at the first event
    return Regex(field, pattern, flags)


def _parts(value: SigmaString) -> Parts:
    parts: list[str | Wild] = []
    for part in value.s:
        if isinstance(part, Placeholder):
            raise Unsupported(
                f"placeholders (expand) are not supported yet: no list fills %{part.name}%"
            )
        if part is SpecialChars.WILDCARD_MULTI:
            parts.append(Wild.MANY)
        elif part is SpecialChars.WILDCARD_SINGLE:
            parts.append(Wild.ONE)
        else:
            parts.append(str(part))
    return tuple(parts)


def _joined(parts: Parts) -> Parts:
    """The same pattern in its one normal form: no neighbouring texts, no repeated `*`, no empty text."""
    joined: list[str | Wild] = []
    for part in parts:
        last = joined[-1] if joined else None
        if part == "":
            continue
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif not (part is Wild.MANY and last is Wild.MANY):
            joined.append(part)
    return tuple(joined)
