"""Slots: the time of an incident in at most sixty equal pieces of a length that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.clock import DAY, HOUR, MINUTE, SECOND

MOST: Final = 60
_WIDTHS: Final = (
    *(n * SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14, 28, 91, 364, 3640)),
)


@dataclass(frozen=True, slots=True)
class Slots:
    """`count` slots of `width` ns from `start` ns; `start` is a multiple of `width`."""

    start: int
    width: int
    count: int

    def of(self, time: int) -> int:
        """Number of the slot of a time; what lies outside counts into the nearest."""
        return min(max((time - self.start) // self.width, 0), self.count - 1)


def slots_of(first: int, last: int, most: int = MOST) -> Slots:
    """The finest slots for a span (ns, both ends inside)."""
    last = max(first, last)
    for width in _WIDTHS:
        start = first // width * width
        count = (last - start) // width + 1
        if count <= most:
            return Slots(start, width, count)
    width = (last - first) // (most - 1) + 1  # centuries: a clock that was never set
    start = first // width * width
    return Slots(start, width, (last - start) // width + 1)
