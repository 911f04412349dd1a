"""Memory with a cap: what detectors remember, and how they forget without losing count of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from fengsui.loss import Losses

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Map of at most `cap` keys: the one unused longest goes first and is counted.

    Evictions are counted in `losses` as `<name>.evicted`: a flood of made-up sources shows there.
    """

    __slots__ = ("_cap", "_losses", "_make", "_map", "_name")

    def __init__(self, cap: int, make: Callable[[], V], losses: Losses, name: str) -> None:
        self._map: OrderedDict[K, V] = OrderedDict()
        self._cap = cap
        self._make = make
        self._losses = losses
        self._name = f"{name}.evicted"

    def take(self, key: K) -> V:
        """Value of a key, made when it is new; it becomes the youngest."""
        value = self._map.get(key)
        if value is None:
            if len(self._map) >= self._cap:
                self._map.popitem(last=False)
                self._losses.add(self._name)
            value = self._map[key] = self._make()
        else:
            self._map.move_to_end(key)
        return value

    def find(self, key: K) -> V | None:
        """Value of a key, or None; its age stays as it is."""
        return self._map.get(key)

    def drop(self, key: K) -> None:
        """Forget a key that is no longer of interest (not counted as a loss)."""
        self._map.pop(key, None)

    def items(self) -> Iterator[tuple[K, V]]:
        """Keys and values, oldest use first."""
        return iter(self._map.items())

    def __len__(self) -> int:
        return len(self._map)

    def __contains__(self, key: K) -> bool:
        return key in self._map


class Recent(Generic[K]):
    """Distinct items of the last `window` ns of event time, at most `cap` of them.

    Times may come in any order. Forgetting is lazy, an eighth of the window late at most; items
    beyond the cap are not kept, so that the count stops at the cap.
    """

    __slots__ = ("_cap", "_items", "_newest", "_swept", "_window")

    def __init__(self, window: int, cap: int) -> None:
        self._items: dict[K, int] = {}
        self._window = window
        self._cap = cap
        self._newest = 0
        self._swept = 0

    def add(self, item: K, time: int) -> bool:
        """Remember an item; True when it was not there."""
        if time > self._newest:
            self._newest = time
            if time - self._swept > self._window // 8:
                self._sweep()
        known = self._items.get(item)
        if known is None:
            if len(self._items) >= self._cap or time < self._newest - self._window:
                return False
            self._items[item] = time
            return True
        if time > known:
            self._items[item] = time
        return False

    def _sweep(self) -> None:
        oldest = self._newest - self._window
        self._swept = self._newest
        if any(time < oldest for time in self._items.values()):
            self._items = {item: time for item, time in self._items.items() if time >= oldest}

    def when(self, item: K) -> int | None:
        """Latest time of an item, or None."""
        return self._items.get(item)

    def discard(self, item: K) -> None:
        """Forget an item."""
        self._items.pop(item, None)

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: K) -> bool:
        return item in self._items


class Sum:
    """Amounts of the last `window` ns of event time, in `parts` buckets; any order of arrival."""

    __slots__ = ("_buckets", "_newest", "_parts", "_width")

    def __init__(self, window: int, parts: int = 12) -> None:
        self._width = window // parts
        self._parts = parts
        self._buckets: dict[int, float] = {}
        self._newest = 0

    def add(self, amount: float, time: int) -> None:
        """Count an amount at its time; one older than the window is left out."""
        bucket = time // self._width
        if bucket > self._newest:
            self._newest = bucket
            floor = bucket - self._parts
            self._buckets = {b: v for b, v in self._buckets.items() if b > floor}
        if bucket > self._newest - self._parts:
            self._buckets[bucket] = self._buckets.get(bucket, 0.0) + amount

    @property
    def total(self) -> float:
        """Sum over the window that ends with the newest event."""
        return sum(self._buckets.values())


class Ladder:
    """Says when to speak again: at `start`, then each time the value has grown by `factor`."""

    __slots__ = ("_factor", "_next", "start")

    def __init__(self, start: float, factor: float = 3.0) -> None:
        self.start = start
        self._next = start
        self._factor = factor

    def reached(self, value: float) -> bool:
        """Whether the value has reached the next rung; if so the rung after it is set."""
        if value < self._next:
            return False
        self._next = value * self._factor
        return True

    def within_reach(self, value: float) -> bool:
        """Whether the value would reach the next rung."""
        return value >= self._next

    @property
    def climbed(self) -> bool:
        """Whether it has spoken at all."""
        return self._next > self.start
