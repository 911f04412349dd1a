"""An installation with one filed system and a switch whose configuration can be repaired."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.compliance.assessing import Order, assess
from console.compliance.demonstration import SAMPLES
from console.compliance.desk import Desk
from console.wiring import Stores, make_home, make_state, open_stores
from fengsui.asset import Asset
from fengsui.clock import DAY, EventClock, from_iso
from fengsui.settings import Settings, load_settings
from fengsui.store.state import Plan
from fengsui.system import AssessmentRun, FiledSystem
from tests.detections.compliance.conftest import MemoryStore

NOW = from_iso("2026-11-21T08:00:00Z")
SYSTEM = FiledSystem("portal", "区门户", "大数据中心", "王敏", 3, 3, assets=("sw",), number="110-1")
FAULTY = (SAMPLES / "core-switch.cfg").read_text("utf-8")
MENDED = FAULTY.replace(
    "telnet server enable\nstelnet", "undo telnet server enable\nstelnet"
).replace(
    "snmp-agent community read cipher %^%#sample%^%#\nsnmp-agent sys-info version v2c",
    "snmp-agent sys-info version v3",
)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once, to be copied."""
    home = tmp_path_factory.mktemp("empty") / "home"
    open_stores(load_settings({}, home=home).settings, writable=True).__exit__(None, None, None)
    return home


@pytest.fixture
def settings(empty_home: Path, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    shutil.copytree(empty_home, home)
    made = load_settings({}, home=home).settings
    make_home(made)
    return made


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    nothing: Any = MemoryStore([])
    with Stores(nothing, make_state(settings)) as opened:
        opened.state.put_plan(
            Plan(assets=(Asset("sw", "HX-Core-01", ("10.0.0.2",), kind="network"),))
        )
        yield opened


@pytest.fixture
def clock() -> EventClock:
    return EventClock(NOW)


@pytest.fixture
def desk(settings: Settings, stores: Stores, clock: EventClock) -> Desk:
    made = Desk(settings, stores.state, clock)
    made.file_system(SYSTEM, "王敏")
    return made


@pytest.fixture
def bring(desk: Desk, tmp_path: Path) -> Callable[[str], None]:
    """Bring a configuration of the switch."""

    def act(text: str) -> None:
        path = tmp_path / "core.cfg"
        path.write_text(text, "utf-8")
        desk.bring(path, path.name, "portal", "王敏")

    return act


@pytest.fixture
def run(settings: Settings, stores: Stores, clock: EventClock) -> Callable[[], AssessmentRun]:
    """Run all checks; each run a minute-fraction of a day later than the one before."""
    number = [0]

    def act() -> AssessmentRun:
        number[0] += 1
        now = clock.advance(clock.now() + DAY // 1440)
        order = Order(f"r{number[0]}", "portal", "full", "王敏", now)
        return assess(settings, stores, order, lambda *_: None)

    return act
