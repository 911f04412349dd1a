"""The worker follows what people decide about rules, and tells what the engine stopped."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.roles import rules as role
from console.roles.rules import WorkerRules
from console.rules.editing import RuleEditor
from console.rules.loading import RuleLibrary
from detections.sigma.loader import Loaded
from fengsui.settings import load_settings
from fengsui.store.sql.state import SqlState, open_state
from tests.console.rules.conftest import ONE, TWO, rule_text


class SampleDetections:
    def __init__(self) -> None:
        self.loaded: list[list[str]] = []
        self.parked_rules: dict[str, str] = {}

    def reload(self, loaded: Loaded) -> None:
        self.loaded.append([f"{rule.id} {rule.status}" for rule in loaded.rules])


class SamplePipeline:
    def __init__(self) -> None:
        self.detections = SampleDetections()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqlState]:
    opened = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def library(tmp_path: Path, state: SqlState, monkeypatch: pytest.MonkeyPatch) -> RuleLibrary:
    monkeypatch.setattr(role, "LOOK", 0.0)
    builtin = tmp_path / "builtin"
    builtin.mkdir()
    (builtin / "one.yml").write_text(rule_text(), "utf-8")
    return RuleLibrary(load_settings({}, home=tmp_path / "home").settings, state, builtin)


@pytest.fixture
def editor(state: SqlState, library: RuleLibrary) -> RuleEditor:
    return RuleEditor(state, library)


def follow(worker: WorkerRules, pipeline: SamplePipeline) -> list[list[str]]:
    given: Any = [pipeline]
    worker.follow(given)
    return pipeline.detections.loaded


def test_what_people_change_is_loaded(
    state: SqlState, library: RuleLibrary, tmp_path: Path
) -> None:
    worker = WorkerRules(library, state)
    people = RuleEditor(state, RuleLibrary(*_same(library)))
    pipeline = SamplePipeline()
    assert follow(worker, pipeline) == []  # no stream has begun
    worker.current()
    assert follow(worker, pipeline) == []
    people.create(rule_text(TWO), "ann", "")
    assert follow(worker, pipeline)[-1] == [f"{ONE} experimental"]  # a draft raises nothing
    people.set_state(TWO, "experimental", "ann", "go", None)
    assert follow(worker, pipeline)[-1] == [f"{ONE} experimental", f"{TWO} experimental"]
    people.set_state(TWO, "stable", "ann", "good", None)
    assert follow(worker, pipeline)[-1][1] == f"{TWO} stable"
    people.park(ONE, "ann", "dear", None)
    assert follow(worker, pipeline)[-1] == [f"{TWO} stable"]
    assert len(follow(worker, pipeline)) == 4


def _same(library: RuleLibrary) -> tuple[Any, Any, Any]:
    return library._settings, library._state, library._builtin


def test_what_the_engine_parks_is_kept(state: SqlState, library: RuleLibrary) -> None:
    worker, pipeline = WorkerRules(library, state), SamplePipeline()
    worker.current()
    pipeline.detections.parked_rules = {ONE: "900 µs an event", "gone": "x"}
    assert follow(worker, pipeline)[-1] == []
    life = state.rule_life(ONE)
    assert (life.parked, life.engine, life.parked_by, life.parked_reason) == (
        True, True, "fengsui", "900 µs an event",
    )  # fmt: skip
    follow(worker, pipeline)
    assert state.rule_life(ONE).revision == 1  # told once
    pipeline.detections.parked_rules = {}
    RuleEditor(state, library).unpark(ONE, "ann", "mended", None)
    assert follow(worker, pipeline)[-1] == [f"{ONE} experimental"]


def test_rules_that_cannot_be_read_leave_the_old_ones(
    state: SqlState,
    library: RuleLibrary,
    editor: RuleEditor,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker, pipeline = WorkerRules(library, state), SamplePipeline()
    worker.current()
    editor.create(rule_text(TWO), "ann", "")
    shutil.rmtree(tmp_path / "builtin")
    library._known = None
    with caplog.at_level(logging.ERROR):
        assert follow(worker, pipeline) == []
        follow(worker, pipeline)
    assert len(caplog.records) == 1  # said once for each change


def test_refused_rules_are_told(
    state: SqlState, library: RuleLibrary, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "builtin" / "bad.yml").write_text("title: [", "utf-8")
    with caplog.at_level(logging.WARNING):
        WorkerRules(library, state).current()
    assert [record.message for record in caplog.records] == ["Rules are refused"]
