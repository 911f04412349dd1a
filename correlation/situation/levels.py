"""Levels of a gauge, with hysteresis: worse is told at once, better only past a margin and a day later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from correlation.situation.reading import HIGH_IS_GOOD, GaugeName, Reading
from correlation.situation.weights import number, steps
from fengsui.clock import HOUR

LevelWord = Literal["steady", "watch", "strained", "critical"]
LEVELS: Final[tuple[LevelWord, ...]] = ("steady", "watch", "strained", "critical")


@dataclass(frozen=True, slots=True)
class Level:
    """A level and since when (ns) it has stood."""

    word: LevelWord
    since: int

    @property
    def rank(self) -> int:
        """0 steady to 3 critical."""
        return LEVELS.index(self.word)


def level(gauge: GaugeName, value: float, now: int, before: Level | None = None) -> Level:
    """The level of a value at a time (ns), after the level that stood before.

    Without one before, the plain thresholds decide.
    """
    badness = 100.0 - value if gauge in HIGH_IS_GOOD else value
    thresholds = steps(f"{gauge}.levels")
    if before is None:
        return Level(LEVELS[sum(badness >= each for each in thresholds)], now)
    rise, fall = number("level.rise"), number("level.fall")
    up = sum(badness >= each + rise for each in thresholds)
    if up > before.rank:
        return Level(LEVELS[up], now)
    down = sum(badness >= each - fall for each in thresholds)
    if down < before.rank and now - before.since >= number("level.hold_hours") * HOUR:
        return Level(LEVELS[down], now)
    return before


def level_of(reading: Reading, now: int, before: Level | None = None) -> Level | None:
    """The level of a reading; None where it is unknown."""
    return None if reading.value is None else level(reading.gauge, reading.value, now, before)


def is_held(reading: Reading, shown: Level | None) -> bool:
    """Whether a level is worse than the value alone would make it."""
    plain = level_of(reading, 0)
    return plain is not None and shown is not None and plain.rank < shown.rank


def changes(gauge: GaugeName, values: Iterable[tuple[int, float]]) -> list[Level]:
    """The levels that a series of (time, value) runs through, each once."""
    found: list[Level] = []
    for at, value in values:
        now = level(gauge, value, at, found[-1] if found else None)
        if not found or now != found[-1]:
            found.append(now)
    return found
