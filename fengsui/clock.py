"""Time: integers of nanoseconds since the epoch, UTC; text only at the edges.

This is the one place that may ask the machine for the time, so that a replay can run on the
clock of its capture and a test on one of its own.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol

MICROSECOND: Final = 1_000
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR


class Clock(Protocol):
    """Tells the time of the run that it belongs to."""

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        ...


class WallClock:
    """The machine's own time."""

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        return time.time_ns()


class EventClock:
    """The time of the newest event seen: a replay's clock. It never goes back."""

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC; `start` before the first event."""
        return self._now

    def advance(self, to: int) -> int:
        """Move forward to `to` (ns) if it is later; return the time after the move."""
        self._now = max(self._now, to)
        return self._now


def to_iso(ns: int) -> str:
    """RFC 3339 with microseconds and Z: the form of `@timestamp` and of every JSON document."""
    seconds, rest = divmod(ns, SECOND)
    return f"{_whole_second(seconds)}.{rest // MICROSECOND:06d}Z"


@lru_cache(maxsize=1024)
def _whole_second(seconds: int) -> str:
    """Events come many to a second, and formatting one costs more than all the rest of its line."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def from_iso(text: str) -> int:
    """Nanoseconds of an ISO 8601 time; without a zone it is UTC.

    Raises:
        ValueError: `text` is not an ISO 8601 time.
    """
    stamp = datetime.fromisoformat(text)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
    whole = int(stamp.replace(microsecond=0).timestamp())
    return whole * SECOND + stamp.microsecond * MICROSECOND
