"""Histograms of whole segments, kept for the next time they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict


class Histograms:
    """Events by interval of segments, which never change: the latest that were asked for."""

    def __init__(self, capacity: int = 500_000) -> None:
        self._capacity = capacity
        self._held = 0
        self._found: OrderedDict[tuple[str, int], dict[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int]) -> dict[int, int] | None:
        """Of a segment's path and an interval."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: tuple[str, int], counts: dict[int, int]) -> None:
        """Remember; what was not asked for longest is forgotten."""
        with self._lock:
            self._held += len(counts) - len(self._found.pop(key, ()))
            self._found[key] = counts
            while self._held > self._capacity:
                self._held -= len(self._found.popitem(last=False)[1])
