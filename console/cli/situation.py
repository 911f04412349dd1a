"""Which installation a command speaks of."""

from __future__ import annotations

from pathlib import Path

from fengsui.settings import Loaded, Settings, load_settings

_home: list[Path | None] = [None]


def set_home(home: Path | None) -> None:
    """Remember `--home` for the command that follows."""
    _home[0] = home


def loaded(home: Path | None = None) -> Loaded:
    """Settings with their origins; `home` of the command wins over `--home` of the program."""
    return load_settings(home=home or _home[0])


def settings(home: Path | None = None) -> Settings:
    """Settings of the installation."""
    return loaded(home).settings
