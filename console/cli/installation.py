"""Which installation a command speaks of."""

from __future__ import annotations

from pathlib import Path

from console.cli.home import chosen_home
from fengsui.settings import Loaded, Settings, load_settings


def loaded(home: Path | None = None) -> Loaded:
    """Settings with their origins; `home` of the command wins over `--home` of the program."""
    return load_settings(home=home or chosen_home())


def settings(home: Path | None = None) -> Settings:
    """Settings of the installation."""
    return loaded(home).settings
