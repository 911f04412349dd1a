"""Modifiers: what stands behind a field name after `|`, applied in the order written.

Sigma 2.1, modifiers appendix. `all` and `neq` are about the whole list of values and `expand` about
the text before anything else, so that those three may stand anywhere; the others change each value.
What a value has become decides which modifiers it still takes: `contains|base64` would encode the
wildcards and is refused, `base64|contains` is what was meant.
"""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product

from detections.sigma.conditions import Operator, TimeUnit, Wild
from detections.sigma.operands import (
    Block,
    Choice,
    Figure,
    Flag,
    Has,
    Operand,
    Order,
    Other,
    Part,
    Pattern,
    Raw,
    Word,
    word_of,
)
from detections.sigma.strings import parts_of
from detections.sigma.values import as_number

OF_LIST = frozenset({"all", "neq", "expand"})  # not about one value: the caller's business
DASHES = "-/\u2013\u2014\u2015"
MOST_DASHES = 5  # dashes of one value: each stands for five characters

_OPTION = re.compile(rf"\B[{DASHES}]\b")
_TIMES: dict[TimeUnit, tuple[int, int]] = {
    "minute": (0, 59), "hour": (0, 23), "day": (1, 31), "week": (1, 53), "month": (1, 12),
    "year": (1, 9999),
}  # fmt: skip
_OPERATORS: tuple[Operator, ...] = ("lt", "lte", "gt", "gte")


def applied(name: str, operand: Operand) -> Operand:
    """The operand after the modifier of that name.

    Raises:
        ValueError: there is no such modifier, or it does not go with what the value is by now.
    """
    modifier = _MODIFIERS.get(name)
    if modifier is None:
        known = ", ".join(sorted({*_MODIFIERS, *OF_LIST}))
        raise ValueError(f"Unknown modifier '{name}'; known are {known}")
    if isinstance(operand, Choice):
        return Choice(tuple(applied(name, one) for one in operand.options))
    changed = modifier(operand)
    if changed is None:
        raise ValueError(f"the modifier {name} does not go with {_described(operand)}")
    return changed


def _described(operand: Operand) -> str:
    match operand:
        case Raw(text):
            return f"the text {text[:40]!r}"
        case Figure(value):
            return f"the number {value}"
        case Flag() | Has():
            return "a boolean"
        case Word():
            return "a text that another modifier has already changed"
        case Pattern():
            return "a regular expression"
        case _:
            return {
                "Nothing": "null",
                "Block": "a network",
                "Order": "a comparison",
                "Other": "a field name",
                "Part": "a part of a time",
            }.get(type(operand).__name__, "a list of values")


def _around(operand: Operand, *, before: bool, after: bool) -> Operand | None:
    """`contains`, `startswith`, `endswith`: what may stand before and after the value."""
    match operand:
        case Raw() | Word() | Figure() | Flag():
            word = word_of(operand)
            front = (Wild.MANY,) if before else ()
            back = (Wild.MANY,) if after else ()
            return Word((*front, *word.parts, *back), word.cased)
        case Pattern():  # a regular expression is found anywhere anyway
            return replace(operand, starts=not before, ends=not after)
        case Other():
            return replace(operand, starts=after, ends=before)
        case _:
            return None


def _re(operand: Operand) -> Operand | None:
    match operand:
        case Raw(text):
            return Pattern(text)
        case Figure() | Flag():
            return Pattern(re.escape(operand.written))
        case _:
            return None


def _flag(operand: Operand, *, flag: str) -> Operand | None:
    if not isinstance(operand, Pattern):
        raise ValueError(f"the modifier {flag} belongs after re")
    return replace(operand, flags="".join(sorted({*operand.flags, flag})))


def _cased(operand: Operand) -> Operand | None:
    match operand:
        case Raw() | Word() | Figure() | Flag():
            return replace(word_of(operand), cased=True)
        case Other():
            return replace(operand, cased=True)
        case Pattern(flags=flags):
            return None if "i" in flags else operand
        case _:
            return None


def _exists(operand: Operand) -> Operand | None:
    match operand:
        case Flag(value):
            return Has(value)
        case Raw(text) if text.lower() in ("true", "false"):
            return Has(text.lower() == "true")
        case _:
            return None


def _cidr(operand: Operand) -> Operand | None:
    if not isinstance(operand, Raw):
        return None
    try:
        return Block(str(ipaddress.ip_network(operand.text.strip(), strict=False)))
    except ValueError:
        raise ValueError(f"{operand.text!r} is no IPv4 or IPv6 network in CIDR form") from None


def _order(operand: Operand, *, operator: Operator) -> Operand | None:
    match operand:
        case Figure(value):
            return Order(operator, value)
        case Raw(text) if (number := as_number(text)) is not None:
            return Order(operator, number)
        case Part(operator=None):
            return replace(operand, operator=operator)
        case _:
            return None


def _time(operand: Operand, *, unit: TimeUnit) -> Operand | None:
    operator = operand.operator if isinstance(operand, Order) else None
    match operand:
        case Figure(value) | Order(value=value):
            number = value
        case Raw(text) if (found := as_number(text)) is not None:
            number = found
        case _:
            return None
    low, high = _TIMES[unit]
    if number != int(number) or not (operator or low <= number <= high):
        raise ValueError(f"{unit} is a whole number from {low} to {high}, not {number}")
    return Part(unit, int(number), operator)


def _fieldref(operand: Operand) -> Operand | None:
    if isinstance(operand, Figure):
        return Other(operand.written)
    if isinstance(operand, Word):
        return _fieldref_behind(operand)
    if not isinstance(operand, Raw):
        return None
    parts = parts_of(operand.text)
    if len(parts) != 1 or not isinstance(parts[0], str):
        raise ValueError("fieldref takes the name of a field, without wildcards")
    return Other(parts[0])


def _fieldref_behind(word: Word) -> Operand | None:
    """`startswith|fieldref`, `cased|fieldref`: what stands around the name is about the other's value."""
    match word.parts:
        case (Wild.MANY, str(name), Wild.MANY):
            return Other(name, starts=True, ends=True, cased=word.cased)
        case (Wild.MANY, str(name)):
            return Other(name, ends=True, cased=word.cased)
        case (str(name), Wild.MANY):
            return Other(name, starts=True, cased=word.cased)
        case (str(name),):  # cased
            return Other(name, cased=word.cased)
        case _:
            return None


def _data(operand: Operand, name: str) -> bytes | None:
    """The bytes of a text that may be encoded."""
    if not isinstance(operand, Raw | Word | Figure | Flag):
        return None
    data = b""
    for part in word_of(operand).parts:
        if isinstance(part, Wild):
            raise ValueError(
                f"{name} encodes plain text: write a wildcard as \\*, and contains, startswith and "
                f"endswith behind {name}"
            )
        data += part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
    return data


def _base64(operand: Operand) -> Operand | None:
    data = _data(operand, "base64")
    # Base64 tells upper from lower case: folded, other bytes would match.
    return None if data is None else Word((b64encode(data).decode(),), cased=True)


def _base64offset(operand: Operand) -> Operand | None:
    """The three spellings inside a longer text, without the digits that neighbours decide."""
    data = _data(operand, "base64offset")
    if data is None:
        return None
    if len(data) < 2:
        raise ValueError("base64offset needs a text of two bytes or more")
    found: list[Operand] = []
    for shift, start in enumerate((0, 2, 3)):
        end = (None, -3, -2)[(len(data) + shift) % 3]
        found.append(Word((b64encode(b" " * shift + data)[start:end].decode(),), cased=True))
    return Choice(tuple(found))


def _utf16(operand: Operand, *, codec: str, mark: bytes = b"") -> Operand | None:
    if not isinstance(operand, Raw | Word | Figure | Flag):
        return None
    word = word_of(operand)
    if any(isinstance(part, bytes) for part in word.parts):
        return None
    parts = tuple(
        part.encode(codec, "surrogatepass") if isinstance(part, str) else part
        for part in word.parts
    )
    return Word((mark, *parts) if mark else parts, word.cased)


def _windash(operand: Operand) -> Operand | None:
    """Every dash that begins an option, as each of the five characters that Windows takes for one."""
    if not isinstance(operand, Raw | Word | Figure | Flag):
        return None
    word = word_of(operand)
    pieces: list[tuple[str | bytes | Wild, ...]] = []
    count = 0
    for part in word.parts:
        if not isinstance(part, str):
            pieces.append((part,))
            continue
        at = 0
        for found in _OPTION.finditer(part):
            pieces += [(part[at : found.start()],), tuple(DASHES)]
            at = found.end()
            count += 1
        pieces.append((part[at:],))
    if count == 0:
        return word
    if count > MOST_DASHES:
        raise ValueError(f"windash unfolds {MOST_DASHES} dashes at most, here are {count}")
    return Choice(tuple(Word(one, word.cased) for one in product(*pieces)))


_MODIFIERS: dict[str, Callable[[Operand], Operand | None]] = {
    "contains": partial(_around, before=True, after=True),
    "startswith": partial(_around, before=False, after=True),
    "endswith": partial(_around, before=True, after=False),
    "re": _re,
    "i": partial(_flag, flag="i"),
    "ignorecase": partial(_flag, flag="i"),
    "m": partial(_flag, flag="m"),
    "multiline": partial(_flag, flag="m"),
    "s": partial(_flag, flag="s"),
    "dotall": partial(_flag, flag="s"),
    "cased": _cased,
    "exists": _exists,
    "cidr": _cidr,
    "fieldref": _fieldref,
    "base64": _base64,
    "base64offset": _base64offset,
    "utf16le": partial(_utf16, codec="utf-16le"),
    "wide": partial(_utf16, codec="utf-16le"),
    "utf16be": partial(_utf16, codec="utf-16be"),
    "utf16": partial(_utf16, codec="utf-16le", mark=b"\xff\xfe"),
    "windash": _windash,
    **{name: partial(_order, operator=name) for name in _OPERATORS},
    **{unit: partial(_time, unit=unit) for unit in _TIMES},
}
