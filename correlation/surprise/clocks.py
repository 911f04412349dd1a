"""Clocks: what comes by the clock, and how far the hosts' own clocks differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from correlation.surprise.parameters import Parameters

LONGEST_LAG = 120  # s
_WIDEST = 30  # s; wider windows join what only happens at the same time
_MEASURED = 12  # lags of one kind, so that a busy one does not set the window for all
_ENOUGH = 40.0  # onsets beyond chance before the window is measured
_RHYTHMS_KEPT = 200_000
_GRID = 300  # s: what a job looks at every five, ten, fifteen or sixty minutes
_GRID_SLACK = 5  # s


@dataclass(slots=True)
class _Rhythm:
    """Mean and spread of the logarithm of the gaps (Welford)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, gap: float) -> None:
        value = math.log(gap)
        self.count += 1
        away = value - self.mean
        self.mean += away / self.count
        self.squares += away * (value - self.mean)

    def is_periodic(self, spread: float) -> bool:
        return self.count >= 4 and math.sqrt(self.squares / self.count) < spread


class Clocks:
    """Rhythms of kinds on hosts, and the window within which two beginnings are one occasion.

    Attributes:
        window: s, by the hosts' clocks as they are.
        right: s, between hosts whose clocks were set right.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._rhythms: dict[tuple[int, int], _Rhythm] = {}
        self._lags = [0] * (LONGEST_LAG + 1)
        self._measured: Counter[int] = Counter()
        self.window = self.right = parameters.onset_window

    def beat(self, host: int, kind: int, gap: int) -> None:
        """A kind was seen again after a gap (s)."""
        rhythm = self._rhythms.get((host, kind))
        if rhythm is None:
            if len(self._rhythms) >= _RHYTHMS_KEPT:
                return
            rhythm = self._rhythms[host, kind] = _Rhythm()
        rhythm.add(gap)

    def keeps(self, host: int, kind: int) -> bool:
        """Whether a kind comes by the clock on a host."""
        rhythm = self._rhythms.get((host, kind))
        return rhythm is not None and rhythm.is_periodic(self._parameters.periodic_spread)

    def know(self, pair: tuple[int, int], kind: int) -> bool:
        """Whether a kind comes by the clock on both hosts."""
        return self.keeps(pair[0], kind) and self.keeps(pair[1], kind)

    def on_grid(self, gap: int) -> bool:
        """Whether two occasions lie whole times five minutes apart (s).

        Two jobs that each speak only at their turns meet at the same second of the same minute
        whenever both have something to say; by their gaps neither comes by the clock.
        """
        away = gap % _GRID
        return min(away, _GRID - away) <= min(self.window, _GRID_SLACK)

    def measure(self, kind: int, lag: int) -> None:
        """The same kind began on two hosts, so many seconds apart."""
        if lag <= LONGEST_LAG and self._measured[kind] < _MEASURED:
            self._measured[kind] += 1
            self._lags[lag] += 1

    def measured(self) -> None:
        """Set the window by the lags so far."""
        self.window = onset_window(self._lags, self._parameters.onset_window)

    def set_right(self, lags: Iterable[tuple[int, int]]) -> None:
        """Set the window by kinds and lags (s) between hosts whose clocks were set right."""
        held, measured = [0] * (LONGEST_LAG + 1), Counter[int]()
        for kind, lag in lags:
            if lag <= LONGEST_LAG and measured[kind] < _MEASURED:
                measured[kind] += 1
                held[lag] += 1
        self.right = onset_window(held, self._parameters.onset_window)

    @property
    def differ(self) -> bool:
        """Whether the hosts' clocks are seen to differ; then much begins together by chance."""
        return self.window > self._parameters.onset_window

    def state(self) -> dict[str, Any]:
        """What is known, for JSON."""
        return {
            "rhythms": [
                [*key, one.count, one.mean, one.squares] for key, one in self._rhythms.items()
            ],
            "lags": self._lags,
            "measured": list(self._measured.items()),
            "windows": [self.window, self.right],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self._rhythms = {(h, k): _Rhythm(n, mean, sq) for h, k, n, mean, sq in state["rhythms"]}
        self._lags = list(state["lags"])
        self._measured = Counter(dict(state["measured"]))
        self.window, self.right = state["windows"]


def onset_window(lags: Sequence[int], least: int) -> int:
    """Seconds that hold most of what began together: twice the median of the lags beyond chance.

    Lags beyond a minute are chance; what the shorter ones have more than that began together. Where
    the hosts' clocks agree, that stands within a few seconds.

    Args:
        lags: onsets of one kind on two hosts, by the seconds between them, to two minutes.
        least: the window to begin with.
    """
    half = len(lags) // 2
    chance = sum(lags[half + 1 :]) / half
    beyond = [count - chance for count in lags[: half + 1]]
    total = sum(beyond)
    if total < _ENOUGH:
        return least
    held = 0.0
    for lag, count in enumerate(beyond):
        held += count
        if held >= total / 2:
            return least if lag <= least else min(2 * lag, _WIDEST)
    return least
