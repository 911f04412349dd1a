"""An installation of its own for each test: settings of an empty home, and its stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.wiring import Stores, open_stores
from fengsui.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, home=tmp_path / "home").settings


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    with open_stores(settings, writable=True) as opened:
        yield opened
