"""An installation with a few rules: built-in ones of the test's own, a state, a store in memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.rules.desk import RuleDesk
from detections.detector import Context
from fengsui.clock import EventClock
from fengsui.settings import Settings, load_settings
from fengsui.store.sql.state import SqlState, open_state
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0

ONE = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9b01"
TWO = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9b02"
THREE = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9b03"


def rule_text(
    id_: str = ONE, *, level: str = "high", name: str = "bad.example", more: str = ""
) -> str:
    return f"""title: Asked for {name}
id: {id_}
status: experimental
author: Ann
level: {level}
logsource:
  product: fengsui
  service: dns
detection:
  selection:
    dns.question.name: {name}
  condition: selection
{more}"""


SAMPLES = """fengsui:
  samples:
    fire:
      - dns.question.name: bad.example
    quiet:
      - dns.question.name: good.example
"""


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    folder = tmp_path / "builtin"
    folder.mkdir()
    (folder / "one.yml").write_text(rule_text(more=SAMPLES), "utf-8")
    return folder


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "state.sqlite"
    open_state(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def state(tmp_path: Path, empty_state: Path) -> Iterator[SqlState]:
    (tmp_path / "home").mkdir()
    path = shutil.copy(empty_state, tmp_path / "home" / "state.sqlite")
    opened = open_state(f"sqlite:///{path}", EventClock(T0))
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, home=tmp_path / "home").settings


@pytest.fixture
def events() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def make_desk(
    settings: Settings, state: SqlState, events: MemoryStore, builtin: Path
) -> Callable[[], RuleDesk]:
    """Another process's desk over the same installation, each time it is called."""
    context = Context(lambda address: address.startswith("10."))
    return lambda: RuleDesk(settings, state, lambda: events, context, builtin)


@pytest.fixture
def desk(make_desk: Callable[[], RuleDesk]) -> RuleDesk:
    return make_desk()
