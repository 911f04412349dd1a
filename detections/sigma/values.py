"""Values: how one value of an event is tested against one leaf of a condition."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, cast

import orjson

from detections.sigma.conditions import Operator, Parts, Regex, TimeUnit, Wild
from fengsui.clock import SECOND, from_iso, to_iso

FieldValues = dict[str, object]
LOOKAROUND_TEXT = 16_384  # characters that a pattern with look-around sees

_LARGEST_SET = 2_000  # instructions of a program
_MAPPED = 0xFFFF  # upper bits of ::ffff:0:0/96
_LONGEST_TIME = 40  # characters
_EPOCHS = ((1e11, SECOND), (1e14, SECOND // 1000), (1e17, 1000), (1e20, 1))  # below → ns a unit

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def scalars(value: object) -> list[object]:
    """Values of a field: those of a list, or the one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def is_null(value: object) -> bool:
    """Whether a field (None where it is absent) is null, or one of its values is."""
    return value is None or (isinstance(value, list) and None in cast("list[object]", value))


def as_text(value: object) -> str | None:
    """A scalar as JSON writes it, without quotes; None for null and for nested values."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return orjson.dumps(value).decode() if isinstance(value, float) else None


def as_number(value: object) -> int | float | None:
    """A number, or the number that a text writes; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) < 40 and _NUMBER.fullmatch(value):
        return float(value) if any(c in value for c in ".eE") else int(value)
    return None


def in_order(operator: Operator, left: int | float, right: int | float) -> bool:
    """`left operator right`."""
    match operator:
        case "lt":
            return left < right
        case "lte":
            return left <= right
        case "gt":
            return left > right
        case "gte":
            return left >= right


@lru_cache(maxsize=65_536)
def _address(text: str) -> tuple[int, int] | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.version, int(address)


def network_test(cidr: str) -> Callable[[str], bool]:
    """Whether a text is an address inside `cidr`; families do not mix, but an IPv4 address that is
    written as IPv6 (`::ffff:10.1.2.3`, as Windows logs it) is one of IPv4 as well.
    """
    network = ipaddress.ip_network(cidr)
    low, high = int(network.network_address), int(network.broadcast_address)
    version = network.version

    def test(text: str) -> bool:
        address = _address(text)
        if address is None:
            return False
        family, number = address
        if family != version and number >> 32 == _MAPPED:
            family, number = 4, number & 0xFFFF_FFFF
        return family == version and low <= number <= high

    return test


def time_part(value: object, unit: TimeUnit) -> int | None:
    """A part of a time, in UTC; None where the value is no time.

    Args:
        value: ISO 8601 text (without a zone it is UTC; `/` for `-` in the date is read too), or a
            number of seconds, ms, µs or ns since 1970, told apart by size.
        unit: `week` is the ISO week.
    """
    try:
        if isinstance(value, str):
            moment = from_iso(value.strip().replace("/", "-")[:_LONGEST_TIME])
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = _from_epoch(value)
        else:
            return None
        stamp = to_iso(moment // SECOND * SECOND)
    except (ValueError, OverflowError):
        return None
    year, month, day = int(stamp[:4]), int(stamp[5:7]), int(stamp[8:10])
    if unit == "week":
        return dt.date(year, month, day).isocalendar().week
    hour, minute = int(stamp[11:13]), int(stamp[14:16])
    return {"year": year, "month": month, "day": day, "hour": hour, "minute": minute}[unit]


def _from_epoch(value: float) -> int:
    for limit, factor in _EPOCHS:
        if 0 <= value < limit:
            return int(value * factor)
    raise ValueError("no time since 1970")


@lru_cache(maxsize=8192)
def regex_search(pattern: str, flags: str) -> Callable[[str], object]:
    """A search in linear time: RE2, or for look-around a matcher of our own on a capped text.

    Raises:
        ValueError: neither takes the pattern.
    """
    whole = f"(?{flags})" + pattern if flags else pattern
    try:
        return _linear([whole], anchored=False)
    except _re2().error:
        pass
    lookaround = import_module("detections.sigma.lookaround")
    search: Callable[[str], bool] = lookaround.lookaround_search(pattern, flags)
    return lambda text: search(text[:LOOKAROUND_TEXT])


def leaf_search(leaf: Regex) -> Callable[[str], object]:
    """The search of a regex leaf."""
    return regex_search(leaf.pattern, leaf.flags)


@lru_cache(maxsize=8192)
def wildcard_match(parts: Parts) -> Callable[[str], object]:
    """Whether a whole text matches parts with wildcards anywhere, in linear time.

    Raises:
        ValueError: the pattern is too large.
    """
    if Wild.ONE in parts:
        pieces = (
            ".*" if part is Wild.MANY else "." if part is Wild.ONE else _re2().escape(part)
            for part in parts
        )
        try:
            return _linear(["(?s)" + "".join(pieces)], anchored=True)
        except _re2().error as error:
            raise ValueError("the pattern of wildcards is too large") from error
    head = parts[0] if isinstance(parts[0], str) else ""
    tail = parts[-1] if isinstance(parts[-1], str) else ""
    middle = [part for part in parts[bool(head) : len(parts) - bool(tail)] if isinstance(part, str)]

    def test(text: str) -> bool:
        end = len(text) - len(tail)
        if not (text.startswith(head) and text.endswith(tail)):
            return False
        at = len(head)
        for part in middle:
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return at <= end

    return test


@cache
def _re2() -> Any:
    """RE2, imported with the first pattern that needs it."""
    return import_module("re2")


def _linear(patterns: list[str], *, anchored: bool) -> Callable[[str], object]:
    """Whether RE2 finds one of the patterns; a set answers without working out positions."""
    re2 = _re2()
    options = re2.Options()
    options.log_errors = False
    kind = re2.Set.FullMatchSet if anchored else re2.Set.SearchSet
    found = kind(options)
    for pattern in patterns:
        found.Add(pattern)
        if "{" not in pattern and len(pattern) < _LARGEST_SET:
            continue
        program = re2.compile(pattern, options)
        if program.programsize > _LARGEST_SET:  # a set that runs out of memory finds nothing
            search = program.fullmatch if anchored else program.search
            return lambda text: search(text.encode("utf-8", "replace"))
    found.Compile()
    return lambda text: found.Match(text.encode("utf-8", "replace"))
