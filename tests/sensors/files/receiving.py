"""A sink and a counter for the tests of carried files."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fengsui import ecs


class Received:
    """Takes the bytes of one body."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.data = b""
        self.largest = 0
        self.missing = 0
        self.is_cut = False
        self.ended = 0

    def write(self, data: bytes) -> None:
        self.data += data
        self.largest = max(self.largest, len(data))

    def skip(self, size: int) -> None:
        self.missing += size

    def cut(self) -> None:
        self.is_cut = True

    def end(self, time: int) -> None:
        del time
        self.ended += 1


class Swallowed(Received):
    """Counts only."""

    size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self.largest = max(self.largest, len(data))


class Counted:
    """Counts losses."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __call__(self, what: str, count: int) -> None:
        self.counts[what] += count


class Events:
    """Takes events of carried files, and holds each against the registry."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self.times: list[int] = []

    def __call__(self, time: int, fields: Any) -> None:
        kept = {key: value for key, value in fields.items() if value not in (None, "", [])}
        assert ecs.faults(kept) == []
        self.all.append(kept)
        self.times.append(time)

    def of_body(self, key: object, side: int, time: int, fields: Any) -> None:
        self(time, fields)
        self.all[-1]["key"] = (key, side)
