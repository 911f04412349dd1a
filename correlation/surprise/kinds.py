"""Kinds: what a foreign kind of alert stands for: an echo of another alert, stages of an attack."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from fengsui.attack import TACTIC_ORDER, in_order
from fengsui.severity import Severity

# Bits that the tool's own severity adds: less than a surprise in full, for tools cry wolf.
_SEVERITY_BITS = {
    Severity.CRITICAL: 12.0,
    Severity.HIGH: 8.0,
    Severity.MEDIUM: 4.0,
    Severity.LOW: 1.0,
    Severity.INFO: 0.0,
}
_UNKNOWN = 4.0  # where nobody says how grave it is and nothing teaches what is usual


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alert of one tool.

    Attributes:
        tactics: of ATT&CK that the tool itself names.
    """

    tool: str
    key: str
    title: str
    severity: Severity | None
    tactics: tuple[str, ...] = ()

    def bits(self, *, unknown: bool = False) -> float:
        """Bits that its severity adds where it is not usual.

        Args:
            unknown: whether a kind of unknown severity counts for something.
        """
        if self.severity is None:
            return _UNKNOWN if unknown else 0.0
        return _SEVERITY_BITS[self.severity]

    def joined(self, other: Kind) -> Kind:
        """The same kind by two of its alerts: as grave as the worse, and as well known."""
        severity = max((s for s in (self.severity, other.severity) if s is not None), default=None)
        tactics = in_order({*self.tactics, *other.tactics}) if other.tactics else self.tactics
        title = min(self.title, other.title)
        if (severity, tactics, title) == (self.severity, self.tactics, self.title):
            return self
        return replace(self, severity=severity, tactics=tactics, title=title)

    @property
    def is_echo(self) -> bool:
        """Whether it only repeats another tool's alert."""
        title = self.title.lower()
        return any(words in title for words in _echoes().get(self.tool, ()))

    @property
    def stages(self) -> tuple[str, ...]:
        """ATT&CK tactics that its tool or its title speaks of, in their order."""
        if self.tactics:
            return tuple(tactic for tactic in TACTIC_ORDER if tactic in self.tactics)
        return _spoken(self.title.lower())

    @property
    def stage(self) -> int:
        """The first of its stages, from 1 in their order; 0 where it speaks of none."""
        return next((TACTIC_ORDER.index(tactic) + 1 for tactic in self.stages), 0)


@lru_cache(maxsize=4_096)
def _spoken(title: str) -> tuple[str, ...]:
    """Tactics whose words a title (lower case) holds, in their order."""
    found = {tactic for tactic, words in _stages().items() if words.search(title)}
    return tuple(tactic for tactic in TACTIC_ORDER if tactic in found)


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8"))


def _echoes() -> dict[str, list[str]]:
    return _tables()["echoes"]


@cache
def _stages() -> dict[str, re.Pattern[str]]:
    """Words of each stage: those in English begin a word, so that WordPress is no RDP."""
    return {
        tactic: re.compile(r"(?<![a-z0-9])(?:{})|{}".format(*_by_alphabet(words)))
        for tactic, words in _tables()["stages"].items()
    }


def _by_alphabet(words: Sequence[str]) -> tuple[str, str]:
    english = [re.escape(word) for word in words if word.isascii()]
    return "|".join(english), "|".join(word for word in words if not word.isascii()) or "(?!)"
