"""Format: one kind of log, and how a line of it becomes an event.

The interface of the shelf `sensors.logs.parsers`: each of its modules has `PARSER`, a Format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fengsui.event import Event


class LineError(ValueError):
    """A line that its parser cannot use; the reader counts it and goes on."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one line became.

    Attributes:
        kind: the log's own name for it, such as `conn` or `alert`: a key of `Summary.kinds`.
        event: None for a header or comment.
        time: time of the event, ns.
        clock: when the line can have been written at the earliest, ns (a flow's line: its end).
    """

    kind: str
    event: Event | None = None
    dataset: str = ""
    time: int = 0
    clock: int = 0


class LineParser(Protocol):
    """Reads the lines of one file in order; may keep what a header said."""

    def parse(self, line: bytes) -> Parsed:
        """Event of one line, given without its line break.

        Raises:
            LineError: the line is not of this format.
        """
        ...


class Format(Protocol):
    """A log format that is recognised by content."""

    name: str  # prefix of kinds and losses: `zeek`, `eve`

    def sniff(self, first_lines: list[bytes]) -> float:
        """0 (not this format) to 1 (certainly), from the first non-blank lines of a file."""
        ...

    def start(self, file_name: str, sensor: str) -> LineParser:
        """A parser for one file; `sensor` becomes `observer.name`."""
        ...
