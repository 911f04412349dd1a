"""A fresh state on disk for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengsui.clock import EventClock
from fengsui.store.sql.state import SqlState, open_state
from tests.fengsui.store.sql.samples import T0


@pytest.fixture
def clock() -> EventClock:
    return EventClock(T0)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state.sqlite'}"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty state, to be copied: migrating takes a tenth of a second."""
    path = tmp_path_factory.mktemp("template") / "state.sqlite"
    open_state(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def state(url: str, clock: EventClock, template: Path, tmp_path: Path) -> Iterator[SqlState]:
    shutil.copy(template, tmp_path / "state.sqlite")
    opened = open_state(url, clock)
    yield opened
    opened.close()
