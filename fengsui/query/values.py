"""How one value compares: the meaning of terms and ranges, shared by the interpreter and the stores.

A value whose shape is the registry's (`conforms`) compares by its type; any other value of an event
(an unknown field, text where a number belongs, a list where one value belongs) compares as text.

- `long`, `float`, `date` (µs since the epoch) and `ip` are numbers; a term or range over them is one
  closed interval.
- An address is a number of 128 bits, IPv4 inside ::ffff:0:0/96 (RFC 4291, 2.5.5.2), so one order
  holds both families and a network is an interval.
- A date of lower precision stands for all of it: `2026-11-21` is that day, from its first to its last µs.
- All other types compare by `fold`ed text; ranges by code point.
"""

from __future__ import annotations

import math
import re
import socket
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, cast

import orjson

from fengsui.ecs import FieldType, registry
from fengsui.query.tree import Range, Term

Number = int | float
Interval = tuple[Number, Number]

_MAPPED: Final = 0xFFFF << 32
_LONGEST_NUMBER: Final = 64  # characters of a literal
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_DATE: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?"
    r"(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_REMEMBERED: Final = 1 << 14  # times and addresses come again and again, in one event too
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST_YEAR: Final = 1000  # below, years have no four digits on all platforms


def fold(text: str) -> str:
    """Text as compared: lower case, character by character (`str.lower` without its two contexts)."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower()[0] if char == "\u0130" else char.lower() for char in text)


def text_of(value: object) -> str:
    """A value as text: JSON's spelling for all that is no string."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return repr(value)
    return orjson.dumps(value).decode()


def field_type(name: str) -> FieldType:
    """Type by the registry; fields that it does not know are keywords."""
    field = registry().get(name)
    return field.type if field else "keyword"


def values_of(value: object) -> list[object]:
    """The values of a field: those of a list, or the one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def conforms(name: str, value: object) -> bool:
    """Whether a value has exactly the shape that the registry gives this field."""
    field = registry().get(name)
    if field is None or isinstance(value, list) != field.is_list:
        return False
    return all(_conforms(one, field.type) for one in values_of(value))


def _conforms(value: object, kind: FieldType) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in {"keyword", "text"}:
        return isinstance(value, str)
    return number_of(value, kind) is not None


def number_of(value: object, kind: FieldType) -> Number | None:
    """The place of a value in the order of its type, or None where it has none."""
    if isinstance(value, bool):
        return None
    if kind == "long":
        return value if isinstance(value, int) and -(2**63) <= value < 2**63 else None
    if kind == "float":
        if isinstance(value, int):
            return float(value) if abs(value) <= 2**53 else None
        return value if isinstance(value, float) and math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    return address(value) if kind == "ip" else instant(value) if kind == "date" else None


def address(text: str) -> int | None:
    """128-bit number of an IPv4 or IPv6 address without a zone; None when it is no address."""
    return _address(text) if len(text) <= _LONGEST_NUMBER else None


@lru_cache(_REMEMBERED)
def _address(text: str) -> int | None:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        number = int.from_bytes(socket.inet_pton(family, text), "big")
    except (OSError, ValueError):  # ValueError: a NUL or a surrogate inside
        return None
    return number if family == socket.AF_INET6 else _MAPPED | number


def instant(text: str) -> int | None:
    """µs since the epoch of a whole ISO 8601 time (date alone is midnight); None when it is none."""
    return _instant(text) if len(text) <= _LONGEST_NUMBER else None


@lru_cache(_REMEMBERED)
def _instant(text: str) -> int | None:
    span = _date_span(text)
    return span[0] if span and len(text) >= len("2026-11-21") else None


@lru_cache(_REMEMBERED)
def date_text(microseconds: int) -> str:
    """The canonical form, `2026-11-21T07:49:45.123456Z`."""
    stamp = _EPOCH + microseconds * _MICROSECOND
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def interval(leaf: Term | Range, kind: FieldType) -> Interval | None:
    """The closed interval that a term or range stands for; None when it can match no number.

    Only for the types `long`, `float`, `date` and `ip`; open ends are infinite.
    """
    if isinstance(leaf, Term):
        return _ordered(_literal(leaf.value, kind))
    low: Number = -math.inf
    high: Number = math.inf
    if leaf.low is not None:
        span = _literal(leaf.low, kind)
        if span is None:
            return None
        low = span[0] if leaf.low_included else _after(span[1], kind)
    if leaf.high is not None:
        span = _literal(leaf.high, kind)
        if span is None:
            return None
        high = span[1] if leaf.high_included else _before(span[0], kind)
    return _ordered((low, high))


def _ordered(span: Interval | None) -> Interval | None:
    return span if span and span[0] <= span[1] else None


def _after(number: Number, kind: FieldType) -> Number:
    return math.nextafter(number, math.inf) if kind == "float" else number + 1


def _before(number: Number, kind: FieldType) -> Number:
    return math.nextafter(number, -math.inf) if kind == "float" else number - 1


def _literal(text: str, kind: FieldType) -> Interval | None:
    if kind == "ip":
        return _network(text)
    if kind == "date":
        return _date_span(text)
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    if kind == "float":
        number = float(text)
        return (number, number) if math.isfinite(number) else None
    exact = Decimal(text)
    return math.ceil(exact), math.floor(exact)  # empty between two integers: right for ranges too


def _network(text: str) -> Interval | None:
    head, slash, bits = text.partition("/")
    number = address(head)
    if number is None or not slash:
        return None if number is None else (number, number)
    width = 128 if ":" in head else 32
    if not bits.isdecimal() or not bits.isascii() or len(bits) > 3 or int(bits) > width:
        return None
    size = 1 << width - int(bits)
    start = number - number % size
    return start, start + size - 1


def _date_span(text: str) -> tuple[int, int] | None:
    """First and last µs of a date or time as written; without a zone it is UTC."""
    found = _DATE.fullmatch(text)
    if found is None or int(found[1]) < _FIRST_YEAR:
        return None
    year, month, day, hour, minute, second = (int(part or "0") for part in found.groups()[:6])
    digits = (found[7] or "")[:6]
    try:
        start = datetime(
            year, month or 1, day or 1, hour, minute, second, int(digits.ljust(6, "0")), UTC
        )
        start -= _offset(found[8])
    except (ValueError, OverflowError):
        return None
    first = (start - _EPOCH) // _MICROSECOND
    if found[6]:
        return first, first + 10 ** (6 - len(digits)) - 1
    return first, first + _length(found, start) - 1


def _length(found: re.Match[str], start: datetime) -> int:
    """µs that a date without seconds stands for."""
    if found[5]:
        return 60_000_000
    if found[4]:
        return 3_600_000_000
    if found[3]:
        return 86_400_000_000
    if found[2]:
        return (31 if start.month == 12 else _days(start)) * 86_400_000_000
    return (366 if _leap(start.year) else 365) * 86_400_000_000


def _days(start: datetime) -> int:
    return (start.replace(month=start.month + 1) - start).days


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _offset(zone: str | None) -> timedelta:
    if not zone or zone in "zZ":
        return timedelta()
    span = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -span if zone[0] == "-" else span
