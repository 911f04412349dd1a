"""Loss: everything that was dropped, cut, refused or not understood, counted where it happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Losses:
    """Named counts, `place.kind` such as `decoder.cut_packets`; adding is the only way to change one."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self._counts: Counter[str] = Counter(counts or {})

    def add(self, name: str, count: int = 1) -> None:
        """Count `count` more of `name`; nothing is recorded for 0."""
        if count:
            self._counts[name] += count

    def merge(self, other: Losses) -> None:
        """Count in what another part lost."""
        self._counts.update(other._counts)

    def clear(self) -> None:
        """Forget all counts: they were merged elsewhere."""
        self._counts.clear()

    def as_json(self) -> dict[str, int]:
        """Counts by name, sorted."""
        return dict(sorted(self._counts.items()))
