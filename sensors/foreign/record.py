"""Record: one foreign event on its way to the rules, and what could not become one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Dataset of an event: one of ours (`flow`, `windows`), a log source as (product, category, service)
# whose field names are its own, or "" for a shape that is not known.
Origin = str | tuple[str, str, str]


# One event: its place in the file, from 0 (`sensors.foreign.files` says what is counted); what it is;
# its fields, flat, values scalars or lists of them; and the same as JSON bytes, in which every name and
# text stands as orjson writes it. A bare tuple, because there are millions.
Record = tuple[int, Origin, dict[str, Any], bytes]


@dataclass(slots=True)
class Problem:
    """One kind of trouble in a file: how often, and the first place."""

    kind: str
    count: int
    number: int
    example: str


class Problems:
    """What could not be read of one file, by kind: counted, with the first example."""

    def __init__(self) -> None:
        self._by_kind: dict[str, Problem] = {}

    def add(self, kind: str, number: int, example: str) -> None:
        """Count one; `example` is kept of the first only, cut to a line."""
        known = self._by_kind.get(kind)
        if known is None:
            self._by_kind[kind] = Problem(kind, 1, number, example[:200])
        else:
            known.count += 1

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._by_kind.values())

    def as_json(self) -> list[dict[str, object]]:
        """One object a kind."""
        return [
            {"what": one.kind, "count": one.count, "number": one.number, "example": one.example}
            for one in self._by_kind.values()
        ]
