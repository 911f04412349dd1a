"""Loss: everything that was dropped, cut, refused or not understood, counted where it happened."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import Final

from fengsui.clock import MINUTE


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


class LatelyLost:
    """How much each count grew within the last hour, told of growing totals.

    A status that looks at totals stays red for ever after one loss, and nobody looks any more.
    Memory: the names' growth in twelve steps of five minutes. A total falls where a
    replay ended: what grew then is held to be nothing.
    """

    STEP: Final = 5 * MINUTE
    KEPT: Final = 12

    def __init__(self) -> None:
        self._before: Mapping[str, int] = {}
        self._steps: deque[tuple[int, Counter[str]]] = deque(maxlen=self.KEPT)

    def tell(self, totals: Mapping[str, int], now: int) -> dict[str, int]:
        """Take the totals of `now` (ns); the growth since an hour before, by name, sorted."""
        step = now // self.STEP
        if not self._steps or self._steps[-1][0] != step:
            self._steps.append((step, Counter()))
        grown = self._steps[-1][1]
        for name, total in totals.items():
            before = self._before.get(name, 0)
            if total > before:
                grown[name] += total - before
        self._before = dict(totals)
        lately: Counter[str] = Counter()
        for at, counts in self._steps:
            if step - at < self.KEPT:
                lately.update(counts)
        return dict(sorted(lately.items()))
