"""Source: anything that yields events, whatever it reads: captures, logs, interfaces.

The interface; its implementations are `sensors.packet.capture` and `sensors.logs.reader`, and
`sensors.intake.open_input` chooses between them by content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from fengsui.loss import Losses


@dataclass(frozen=True, slots=True)
class Batch:
    """Events as JSON lines (each a `fengsui.event.Event.raw` and a newline).

    Attributes:
        lines: empty, or whole lines.
        count: number of events in `lines`.
        clock: newest time seen in the input so far, ns: the clock of a replay.
        done: bytes of the input read so far, for progress; compressed size where compressed.
    """

    lines: bytes
    count: int
    clock: int
    done: int


@dataclass(slots=True)
class Summary:
    """What a source read. Complete once its iterator has ended.

    Attributes:
        kinds: packets by what they are (`ipv4.tcp`, `arp`, `ipv6.icmp`, `llc`, …) or log lines by
            format; the sum is `records`: nothing read is left out.
        events: events written, by dataset.
    """

    records: int = 0
    bytes: int = 0
    first: int = 0
    last: int = 0
    kinds: dict[str, int] = field(default_factory=dict[str, int])
    events: dict[str, int] = field(default_factory=dict[str, int])
    losses: Losses = field(default_factory=Losses)


class Source(Protocol):
    """One input, read once."""

    name: str
    size: int  # bytes of the input where known, else 0

    def __iter__(self) -> Iterator[Batch]:
        """Batches until the input ends.

        Raises:
            InputError: nothing of the input can be used; where a part can, it is yielded and the
                rest counted in `summary.losses`.
        """
        ...

    @property
    def summary(self) -> Summary:
        """Counts so far."""
        ...
