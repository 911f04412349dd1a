"""Kinds: what a foreign kind of alert stands for: an echo of another alert, stages of an attack."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fengsui.attack import TACTIC_ORDER
from fengsui.severity import Severity

# Bits that the tool's own severity adds: less than a surprise in full, for tools cry wolf.
_SEVERITY_BITS = {Severity.CRITICAL: 12.0, Severity.HIGH: 8.0, Severity.MEDIUM: 3.0}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alert of one tool."""

    tool: str
    key: str
    title: str
    severity: Severity | None

    @property
    def bits(self) -> float:
        """Bits that its severity adds."""
        return _SEVERITY_BITS.get(self.severity, 0.0) if self.severity is not None else 0.0

    @property
    def is_echo(self) -> bool:
        """Whether it only repeats another tool's alert."""
        title = self.title.lower()
        return any(words in title for words in _echoes().get(self.tool, ()))

    @property
    def stages(self) -> tuple[str, ...]:
        """ATT&CK tactics that its title speaks of, in their order."""
        title = self.title.lower()
        found = {t for t, words in _stages().items() if any(word in title for word in words)}
        return tuple(tactic for tactic in TACTIC_ORDER if tactic in found)


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8"))


def _echoes() -> dict[str, list[str]]:
    return _tables()["echoes"]


def _stages() -> dict[str, list[str]]:
    return _tables()["stages"]
