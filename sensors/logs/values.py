"""Values of foreign logs, checked on the way in: what does not fit its type is left out."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from fengsui.clock import SECOND, from_iso
from fengsui.event import Value
from sensors.enrich.community_id import ICMP, ICMP6, community_id, packed_address
from sensors.logs.parser import LineError

LONGEST_TEXT: Final = 32_768  # characters kept of one value
MOST_ITEMS: Final = 256  # members kept of one list
_LATEST: Final = 253_402_300_799 * SECOND  # end of the year 9999

PROTOCOL_NUMBERS: Final = {
    "icmp": 1,
    "igmp": 2,
    "tcp": 6,
    "udp": 17,
    "gre": 47,
    "esp": 50,
    "ipv6-icmp": 58,
    "icmp6": 58,
    "sctp": 132,
}


def text(value: object) -> str | None:
    """Bounded text of a scalar; None for nothing, lists and objects."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT] or None
    return None if value is None or isinstance(value, bool | list | dict) else str(value)


def texts(value: object) -> list[str] | None:
    """Bounded list of texts; one text counts as a list of one."""
    if isinstance(value, str):
        return [value[:LONGEST_TEXT]]
    if not isinstance(value, list):
        return None
    found = [text(item) for item in value[:MOST_ITEMS]]
    return [item for item in found if item] or None


def first(value: object) -> str | None:
    """First text of a list."""
    found = texts(value)
    return found[0] if found else None


def whole(value: object) -> int | None:
    """A count of 0 to 2^63 - 1."""
    if value is None:
        return None
    if type(value) is int:
        return value if 0 <= value < 1 << 63 else None
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) else None
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else None
    return value if isinstance(value, int) and 0 <= value < 1 << 63 else None


def flag(value: object) -> bool | None:
    """A boolean, also as Zeek's T and F."""
    if isinstance(value, bool):
        return value
    return {"T": True, "F": False, "true": True, "false": False}.get(str(value))


def span(value: object) -> int | None:
    """Nanoseconds of a duration in seconds."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    ns = round(seconds * 1_000_000) * 1_000 if math.isfinite(seconds) else -1
    return ns if 0 <= ns < _LATEST else None


def instant(value: object) -> int:
    """Nanoseconds since the epoch of seconds (number or text) or of an ISO 8601 time.

    Microseconds are kept; what is finer is noise of a double at today's size.

    Raises:
        LineError: not a time from 1970 to 9999.
    """
    ns: int | None = None
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
            ns = from_iso(value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            ns = round(float(value) * 1_000_000) * 1_000
    except (ValueError, OverflowError):
        ns = None
    if ns is None or not 0 <= ns <= _LATEST:
        raise LineError(f"not a time: {value!r:.60}")
    return ns


@lru_cache(maxsize=65_536)
def _place(address: str) -> tuple[str, bytes] | None:
    bare = address.partition("%")[0]
    packed = packed_address(bare)
    return (bare, packed) if packed is not None else None


def endpoints(
    source: object,
    source_port: object,
    destination: object,
    destination_port: object,
    transport: object,
    known_id: object = None,
) -> dict[str, Value | None]:
    """Address fields of a record, and its Community ID where the log has none.

    Ports of ICMP are type and code, as in Zeek. What is no address stands in `*.address`.
    """
    protocol = str(transport or "").lower()
    a, b = str(source or ""), str(destination or "")
    left, right = _place(a), _place(b)
    six = left is not None and len(left[1]) == 16
    if protocol in {"icmp", "icmp6", "ipv6-icmp"}:
        protocol = "ipv6-icmp" if six else "icmp"
    number = PROTOCOL_NUMBERS.get(protocol)
    p, q = whole(source_port), whole(destination_port)
    p, q = (p if p is None or p < 65_536 else None), (q if q is None or q < 65_536 else None)
    fields: dict[str, Value | None] = {
        "source.ip": left[0] if left else None,
        "source.address": None if left else text(a),
        "destination.ip": right[0] if right else None,
        "destination.address": None if right else text(b),
        "network.transport": protocol or None,
        "network.type": ("ipv6" if six else "ipv4") if left else None,
        "network.iana_number": str(number) if number is not None else None,
        "network.community_id": text(known_id),
    }
    icmp = number in {ICMP, ICMP6}
    fields["icmp.type" if icmp else "source.port"] = p
    fields["icmp.code" if icmp else "destination.port"] = q
    if known_id is None and left and right and number is not None:
        fields["network.community_id"] = community_id(left[1], right[1], number, p or 0, q or 0)
    return fields


def address(value: object) -> str | None:
    """Textual address where it is one."""
    found = _place(str(value)) if value else None
    return found[0] if found else None
