"""Back-tests as jobs: done in a process of their own, cancelled, begun again after a stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.roles import back_tests, beside
from console.roles.back_tests import BackTests, run_job
from console.rules.desk import RuleDesk
from console.wiring import Stores, open_stores
from detections.detector import Context
from fengsui.settings import Settings
from fengsui.store.state import Job
from tests.console.api.conftest import make_records
from tests.console.rules.conftest import TWO, rule_text
from tests.fengsui.store.sql.samples import T0

RULE = rule_text(TWO, name="a.bad.example")


@pytest.fixture
def stores(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    (tmp_path / "builtin").mkdir()

    def desk(settings: Settings, stores: Stores) -> RuleDesk:
        context = Context(lambda _address: False)
        events = lambda: stores.events  # noqa: E731
        return RuleDesk(settings, stores.state, events, context, tmp_path / "builtin")

    monkeypatch.setattr(back_tests, "make_desk", desk)
    with open_stores(settings, writable=True) as opened:
        opened.events.append(make_records())
        yield opened


def asked(stores: Stores, source: str = RULE) -> Job:
    arguments = {
        "source": source, "since": 0, "until": 2**62, "limit": 1000, "seconds": 60, "rule": "",
    }  # fmt: skip
    job = Job("j1", "backtest", arguments, "queued", "ann", T0)
    stores.state.put_job(job)
    return job


def known(stores: Stores) -> Job:
    job = stores.state.job("j1")
    assert job is not None
    return job


def test_a_result(settings: Settings, stores: Stores) -> None:
    asked(stores)
    run_job(settings, "j1")
    assert known(stores).status == "queued"  # only what was taken is done
    stores.state.take_job(("backtest",))
    run_job(settings, "j1")
    job = known(stores)
    assert (job.status, job.done, job.total) == ("done", 1, 1)
    assert (job.result["hits"], job.result["partial"]) == (1, False)
    run_job(settings, "none")


def test_a_rule_that_does_not_load(settings: Settings, stores: Stores) -> None:
    asked(stores, "title: [")
    stores.state.take_job(("backtest",))
    run_job(settings, "j1")
    job = known(stores)
    assert (job.status, job.result["error"]["code"]) == ("failed", "bad_rule")


def test_a_cancel_keeps_what_was_found(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(stores)
    job = stores.state.take_job(("backtest",))
    assert job is not None
    monkeypatch.setattr(back_tests, "_TELL", -1.0)
    stores.state.put_job(replace(job, status="cancelled"))
    job = replace(job, status="running")
    monkeypatch.setattr(type(stores.state), "job", _once_running(type(stores.state).job))
    run_job(settings, "j1")
    monkeypatch.undo()
    found = known(stores)
    assert (found.status, found.result["why_partial"]) == ("cancelled", "cancelled")


def _once_running(real: Any) -> Any:
    """The job is running when it is looked at first, and cancelled from then on."""
    seen: list[str] = []

    def job(self: Any, id_: str) -> Job | None:
        found: Job | None = real(self, id_)
        if found is not None and not seen:
            seen.append(id_)
            return replace(found, status="running")
        return found

    return job


class SampleProcess:
    made: list[SampleProcess]

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.status: int | None = None
        self.ended = 0
        SampleProcess.made.append(self)

    def poll(self) -> int | None:
        return self.status

    def terminate(self) -> None:
        self.ended += 1
        self.status = -15

    def wait(self, _seconds: float | None = None) -> int:
        return self.status or 0


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[SampleProcess]:
    SampleProcess.made = []
    monkeypatch.setattr(beside.subprocess, "Popen", SampleProcess)
    return SampleProcess.made


def test_one_at_a_time(settings: Settings, stores: Stores, processes: list[SampleProcess]) -> None:
    runner = BackTests(settings, stores.state)
    runner.look()
    assert processes == []
    asked(stores)
    runner.look()
    stores.state.put_job(replace(asked(stores), id="j2", created=T0 + 1))
    runner.look()
    assert len(processes) == 1
    assert processes[0].command[-2:] == [str(settings.home), "j1"]
    processes[0].status = 1  # it died: nobody waits for it for ever
    runner.look()
    assert known(stores).status == "queued"
    runner.look()
    assert len(processes) == 2


def test_a_process_that_died(
    settings: Settings, stores: Stores, processes: list[SampleProcess]
) -> None:
    runner = BackTests(settings, stores.state)
    asked(stores)
    runner.look()
    processes[0].status = -9
    runner.look()
    job = known(stores)
    assert (job.status, job.result["error"]["code"]) == ("failed", "ended")


def test_a_cancel_ends_a_process_that_does_not_hear(
    settings: Settings, stores: Stores, processes: list[SampleProcess]
) -> None:
    runner = BackTests(settings, stores.state)
    asked(stores)
    runner.look()
    stores.state.put_job(replace(known(stores), status="cancelled"))
    for _ in range(20):
        runner.look()
    assert processes[0].ended == 1
    assert known(stores).status == "cancelled"


def test_a_stop_puts_it_back(
    settings: Settings, stores: Stores, processes: list[SampleProcess]
) -> None:
    runner = BackTests(settings, stores.state)
    runner.stop()
    asked(stores)
    runner.look()
    runner.stop()
    assert (processes[0].ended, known(stores).status) == (1, "queued")
