"""Pace and hours of a probe: so many connections a second, and only while the window is open."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fengsui.clock import DAY, HOUR, SECOND
from fengsui.errors import ForbiddenError, UsageError

MOST_RATE: Final = 100.0
RATE: Final = 10.0  # connections a second
_MINUTE: Final = 60 * SECOND
_CHINA: Final = 8 * HOUR
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass
class Pace:
    """Waits between connections. `rate`: connections a second; `check` may end the probe."""

    rate: float = RATE
    check: Callable[[], None] | None = field(default=None, repr=False)
    _next: float = field(default=0.0, repr=False)

    def wait(self) -> None:
        """Return when the next connection may be made.

        Raises:
            ForbiddenError: not any more.
        """
        if self.check is not None:
            self.check()
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.rate


def pace_of(rate: float, check: Callable[[], None] | None = None) -> Pace:
    """A pace.

    Raises:
        UsageError: none, or faster than MOST_RATE.
    """
    if not 0.1 <= rate <= MOST_RATE:
        raise UsageError(
            f"{rate:g} connections a second are no pace of a probe",
            next=f"0.1 to {MOST_RATE:g}",
        )
    return Pace(rate, check)


def in_hours(hours: str, now: int) -> bool:
    """Whether a moment (ns) lies in hours such as `22:00-06:00` of China's day; "" is always.

    Raises:
        UsageError: no such hours.
    """
    if not hours:
        return True
    found = _HOURS.fullmatch(hours)
    if found is None:
        raise UsageError(
            f"{hours[:20]} are no hours", next="Such as 22:00-06:00 (UTC+8)", code="bad_hours"
        )
    first, last = (60 * int(found[n]) + int(found[n + 1]) for n in (1, 3))
    minute = (now + _CHINA) % DAY // _MINUTE
    if first <= last:
        return first <= minute < last
    return minute >= first or minute < last


def within_hours(hours: str, now: int, where: str) -> None:
    """Refuse outside of the hours.

    Raises:
        ForbiddenError: the window is closed.
        UsageError: no such hours.
    """
    if not in_hours(hours, now):
        raise ForbiddenError(
            f"The window of this target is {hours} (UTC+8)",
            where=where,
            next="Wait for it, or have other hours approved",
            code="outside_hours",
        )
