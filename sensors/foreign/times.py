"""Times: when a foreign event happened, from whichever of its fields tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fengsui.clock import from_iso

# In the order of trust: when it happened before when it was written down.
_NAMES: Final = (
    "SystemTime", "TimeCreated", "@timestamp", "UtcTime", "timestamp", "EventTime", "ts", "time",
    "eventTime", "_time", "Timestamp", "TimeGenerated", "date", "winlog.event_data.UtcTime",
)  # fmt: skip
_POWERSHELL: Final = re.compile(r"/Date\((\d{1,16})\)/")
_AUDIT: Final = re.compile(r"audit\((\d{1,12}\.\d{3})")
_LATEST: Final = 253_402_300_799  # end of the year 9999, seconds
_UNITS: Final = ((100_000_000_000, 1), (100_000_000_000_000, 1_000), (10**17, 1_000_000))


def time_of(fields: Mapping[str, Any]) -> int | None:
    """Nanoseconds since the epoch; None where no field is a time. Without a zone it is UTC."""
    for name in _NAMES:
        value = fields.get(name)
        if value is not None and (found := _parsed(value)) is not None:
            return found
    message = fields.get("msg")
    if isinstance(message, str) and (audit := _AUDIT.match(message)):
        return _parsed(audit[1])
    return None


def _parsed(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _epoch(float(value))
    if not isinstance(value, str) or len(value) > 64:
        return None
    if powershell := _POWERSHELL.fullmatch(value):
        return _epoch(float(powershell[1]))
    try:
        if value.replace(".", "", 1).isdecimal() and not _compact(value):
            return _epoch(float(value))
        return from_iso(value.strip().removesuffix(" UTC"))
    except (ValueError, OverflowError):
        return None


def _compact(value: str) -> bool:
    """Whether digits alone are a date (`20261121`)."""
    return len(value) == 8


def _epoch(value: float) -> int | None:
    """Seconds, milliseconds, microseconds or nanoseconds by size."""
    if not 0 < value < 1e19:
        return None
    for limit, per_second in _UNITS:
        if value < limit:
            seconds = value / per_second
            return round(seconds * 1_000_000) * 1_000 if seconds < _LATEST else None
    return int(value)
