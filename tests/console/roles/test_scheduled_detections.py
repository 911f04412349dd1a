"""Scheduled detections beside the worker: only the one that leads starts them, when they are due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.retro.scheduled_report import ROLE
from console.roles import scheduled_detections
from console.roles.scheduled_detections import ScheduledDetections, run_once
from console.rules.desk import RuleDesk
from console.wiring import Stores, open_stores
from detections.detector import Context
from fengsui.clock import MINUTE, SECOND, EventClock, WallClock, to_iso
from fengsui.event import make_event
from fengsui.settings import Settings, load_settings
from tests.console.retro.test_scheduled import MANY, RULES
from tests.fengsui.store.sql.samples import T0


class Process:
    """One that ends when it is told."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.status: int | None = None

    def poll(self) -> int | None:
        return self.status

    def terminate(self) -> None:
        self.status = -15

    def wait(self, _seconds: float) -> int | None:
        return self.status


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "many.yml").write_text(RULES, "utf-8")
    given = {
        "FENGSUI_DETECTION_RULES": str(tmp_path / "many.yml"),
        "FENGSUI_DETECTION_SCHEDULED": "all",
    }
    return load_settings(given, home=tmp_path / "home").settings


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    with open_stores(settings, writable=True) as opened:
        yield opened


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Processes instead of real ones."""
    processes: list[Process] = []

    def start(words: list[str]) -> Process:
        processes.append(Process(words))
        return processes[-1]

    monkeypatch.setattr(scheduled_detections.subprocess, "Popen", start)
    return processes


def test_the_leader_starts_one_when_it_is_due(
    settings: Settings, stores: Stores, made: list[Process]
) -> None:
    clock = EventClock(T0)
    one = ScheduledDetections(settings, stores.state, clock)
    one.look(leads=False)
    assert not made
    one.look(leads=True)
    assert made[0].words[1:] == [
        "-m", "console.roles.scheduled_detections", str(settings.home)
    ]  # fmt: skip
    clock.advance(T0 + 6 * MINUTE)
    one.look(leads=True)  # the first still runs
    assert len(made) == 1
    made[0].status = 1
    one.look(leads=True)
    assert len(made) == 2
    made[1].status = 0
    one.look(leads=True)
    assert len(made) == 2
    clock.advance(T0 + 11 * MINUTE)
    one.look(leads=True)
    one.stop()
    assert (len(made), made[2].status) == (3, -15)


def test_another_leader_goes_on_with_the_clock_of_the_last_run(
    settings: Settings, stores: Stores, made: list[Process]
) -> None:
    stores.state.put_health(ROLE, T0, {"began": to_iso(T0)})
    clock = EventClock(T0 + 4 * MINUTE)
    one = ScheduledDetections(settings, stores.state, clock)
    one.look(leads=True)
    assert not made
    clock.advance(T0 + 5 * MINUTE)
    one.look(leads=True)
    assert len(made) == 1


def test_nothing_is_started_that_nobody_asked_for(
    settings: Settings, stores: Stores, made: list[Process]
) -> None:
    bare = load_settings({}, home=settings.home).settings
    ScheduledDetections(bare, stores.state, EventClock(T0)).look(leads=True)
    assert not made


def test_a_process_raises_what_it_finds(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def desk(settings: Settings, stores: Stores) -> RuleDesk:
        (settings.home / "nothing").mkdir(exist_ok=True)
        context = Context(lambda _address: False)
        return RuleDesk(
            settings, stores.state, lambda: stores.events, context, settings.home / "nothing"
        )

    monkeypatch.setattr(scheduled_detections, "make_desk", desk)
    now = WallClock().now()
    fields: dict[str, Any] = {"source.ip": "10.0.0.5", "dns.question.name": "bad.example"}
    stores.events.append(
        [
            make_event(
                id=f"{n:032x}", time=now - 200 * SECOND + n * SECOND, dataset="dns", fields=fields
            )
            for n in range(8)
        ]
    )
    run_once(settings)
    run_once(settings)
    assert [alert.rule for alert in stores.state.alerts()] == [MANY]
    holder = stores.state.leader(ROLE)
    assert holder.leads()
    run_once(settings)  # somebody else is at it: nothing to tell
    holder.resign()
