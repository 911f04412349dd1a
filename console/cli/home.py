"""`--home`: which installation a command speaks of. Apart from the settings, which not all need."""

from __future__ import annotations

from pathlib import Path

_home: list[Path | None] = [None]


def set_home(home: Path | None) -> None:
    """Remember `--home` for the command that follows."""
    _home[0] = home


def chosen_home() -> Path | None:
    """What `--home` said, None where it was not given."""
    return _home[0]
