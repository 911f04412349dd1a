"""Operands: a rule's value on its way through the modifiers, and what it becomes at a field."""

from __future__ import annotations

from dataclasses import dataclass

from detections.sigma.conditions import (
    ANY_FIELD,
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
)
from detections.sigma.strings import joined, parts_of
from detections.sigma.values import regex_search, wildcard_match

_MOST_PARTS = 500


@dataclass(frozen=True, slots=True)
class Raw:
    """A text as the file has it; escapes are not read yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A text pattern; `bytes` parts are encoded text that nothing has decoded yet."""

    parts: tuple[str | bytes | Wild, ...]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its spelling in the file."""

    value: int | float
    written: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean and its spelling in the file."""

    value: bool
    written: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """`null`."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression; `starts`, `ends`: only at the beginning or the end of the value."""

    text: str
    flags: str = ""
    starts: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A network in CIDR form."""

    cidr: str


@dataclass(frozen=True, slots=True)
class Has:
    """Whether the field must be there."""

    there: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A numeric comparison."""

    operator: Operator
    value: int | float


@dataclass(frozen=True, slots=True)
class Other:
    """The name of another field."""

    name: str
    starts: bool = False
    ends: bool = False
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a time."""

    unit: TimeUnit
    value: int
    operator: Operator | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Several operands of which one must fit."""

    options: tuple[Operand, ...]


Operand = (
    Raw | Word | Figure | Flag | Nothing | Pattern | Block | Has | Order | Other | Part | Choice
)


def word_of(operand: Raw | Word | Figure | Flag) -> Word:
    """The operand as a text pattern; numbers and booleans as they are written."""
    match operand:
        case Raw(text):
            return Word(parts_of(text))
        case Figure() | Flag():
            return Word((operand.written,))
        case Word():
            return operand


def leaf(field: str, operand: Operand) -> Condition:
    """What the operand asks of a field; of all values of the event for a keyword (no field).

    Raises:
        ValueError: it makes no sense there, or its regular expression is wrong.
    """
    match operand:
        case Choice(options):
            return Some(tuple(leaf(field, one) for one in options))
        case Raw() | Word():
            word = word_of(operand)
            return _text(field, word)
        case Pattern():
            return _regex(field, operand)
        case Figure() | Flag() if field == ANY_FIELD:
            return _text(field, word_of(operand))
        case _:
            if field == ANY_FIELD:
                raise ValueError("a keyword is a text, a number or a regular expression")
            return _of_field(field, operand)


def _of_field(
    field: str, operand: Figure | Flag | Nothing | Block | Has | Order | Other | Part
) -> Condition:
    match operand:
        case Figure():
            return _number(field, operand)
        case Flag(value, written):
            truth = Truth(field, value)
            odd = written.lower() not in ("true", "false")
            return Some((truth, Text(field, (written,)))) if odd else truth
        case Nothing():
            return Missing(field)
        case Block(cidr):
            return Network(field, cidr)
        case Has(there):
            return Present(field) if there else Not(Present(field))
        case Order(operator, value):
            return Compare(field, operator, value)
        case Other(name, starts, ends, cased):
            return SameAs(field, name, starts, ends, cased)
        case Part(unit, value, operator):
            return TimePart(field, unit, value, operator)


def _text(field: str, word: Word) -> Text:
    parts = joined(_decoded(part) if isinstance(part, bytes) else part for part in word.parts)
    if field == ANY_FIELD:
        parts = joined((Wild.MANY, *parts, Wild.MANY))
    if len(parts) > _MOST_PARTS:
        raise ValueError(f"a value has at most {_MOST_PARTS} texts and wildcards")
    if Wild.ONE in parts:
        wildcard_match(parts)  # refused here, not at the first event
    return Text(field, parts, word.cased)


def _decoded(data: bytes) -> str:
    """UTF-16 bytes as the characters that a program reading bytes one by one shows."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _number(field: str, figure: Figure) -> Condition:
    """A number, or the spelling of the file where that is another one: `0x17`, `1.10`."""
    value = figure.value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        value = int(value)
    number = Number(field, value)
    if figure.written == str(value):
        return number
    return Some((number, Text(field, (figure.written,))))


def _regex(field: str, pattern: Pattern) -> Regex:
    text = pattern.text
    if pattern.starts or pattern.ends:
        begin, end = ("^", "$") if "m" not in pattern.flags else ("(?-m:^)", "(?-m:$)")
        text = f"{begin if pattern.starts else ''}(?:{text}){end if pattern.ends else ''}"
    regex_search(text, pattern.flags)  # refused here, not at the first event
    return Regex(field, text, pattern.flags)


__all__ = [
    "Block", "Choice", "Figure", "Flag", "Has", "Nothing", "Operand", "Order", "Other", "Part",
    "Parts", "Pattern", "Raw", "Word", "leaf", "word_of",
]  # fmt: skip
