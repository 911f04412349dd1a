"""Traffic by hour, counted as flows pass: for the capacity of links and for fair rates of units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from fengsui.clock import HOUR
from fengsui.event import Event
from fengsui.store.situation_states import TrafficHour

MOST_HOURS: Final = 48  # a flow that lasted longer has its bytes laid over its first hours
_Key = tuple[str, str, int]


class Traffic:
    """Bytes and flows by hour of the whole, of units and of planes.

    A flow's bytes are laid evenly over the hours that it lasted. A flow between two units counts for
    both. Bounded: what was counted is taken with each flush.
    """

    def __init__(self) -> None:
        self._counts: dict[_Key, tuple[int, int]] = {}

    def note(self, events: Iterable[Event]) -> None:
        """Count the flows among events."""
        for event in events:
            if event.fields.get("event.dataset") == "flow":
                self._flow(event)

    def taken(self) -> list[TrafficHour]:
        """What was counted since the last time."""
        counts, self._counts = self._counts, {}
        return [
            TrafficHour(kind, name, hour, amount, flows)
            for (kind, name, hour), (amount, flows) in counts.items()
        ]

    def _flow(self, event: Event) -> None:
        amount = int(event.number("source.bytes") + event.number("destination.bytes"))
        units = {event.text("cn.source.unit"), event.text("cn.destination.unit")} - {""}
        keys = [("whole", ""), *(("unit", unit) for unit in sorted(units))]
        if plane := event.text("cn.plane"):
            keys.append(("plane", plane))
        for hour, share, first in _hours(event.time, int(event.number("event.duration")), amount):
            for kind, name in keys:
                known, flows = self._counts.get((kind, name, hour), (0, 0))
                self._counts[kind, name, hour] = (known + share, flows + first)


def _hours(start: int, duration: int, amount: int) -> Iterator[tuple[int, int, int]]:
    """(hour, bytes in it, 1 for the first): even over the time that a flow lasted."""
    begin = start // HOUR * HOUR
    end = min(start + max(duration, 0), begin + MOST_HOURS * HOUR - 1)
    hours = range(begin, end + 1, HOUR)
    if len(hours) == 1:
        yield begin, amount, 1
        return
    left = amount
    for hour in hours:
        part = min(hour + HOUR, end) - max(hour, start)
        share = left if hour == hours[-1] else min(left, amount * part // max(end - start, 1))
        left -= share
        yield hour, share, int(hour == begin)
