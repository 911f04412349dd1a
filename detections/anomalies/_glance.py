"""What nearly every detector asks of an event, read once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from detections.anomalies._telling import time_of
from fengsui.event import Event


@dataclass(frozen=True, slots=True)
class Glance:
    """`time`: ns, when it began. Absent texts are empty, absent numbers 0."""

    dataset: str
    source: str
    target: str
    port: int
    transport: str
    protocol: str
    session: str
    time: int


@lru_cache(maxsize=4_096)  # a batch is shown to one detector after the other
def glance(event: Event) -> Glance:
    """Read an event's common fields."""
    return Glance(
        dataset=event.dataset,
        source=event.text("source.ip"),
        target=event.text("destination.ip"),
        port=int(event.number("destination.port")),
        transport=event.text("network.transport"),
        protocol=event.text("network.protocol"),
        session=event.text("zeek.session_id"),
        time=time_of(event),
    )
