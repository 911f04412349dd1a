"""A system's year: evidence → verdicts → a repair → proof → re-check → closed → drift → open again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.compliance.assessing import Order, StoppedError, assess
from console.compliance.desk import KIND, Desk, Word
from console.compliance.folders import evidence_folder
from console.compliance.working import Assessments, ask_due, run_job
from console.wiring import Stores
from fengsui.clock import DAY, EventClock
from fengsui.control import Conformity
from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.settings import Settings
from fengsui.system import AssessmentRun, Inherited
from tests.console.compliance.conftest import FAULTY, MENDED, NOW, SYSTEM

UNIT, CHECK, ASSET = "L3-CES1-03", "device_remote_management", "HX-Core-01"
Run = Callable[[], AssessmentRun]
Bring = Callable[[str], None]


def verdict(stores: Stores, unit: str = UNIT) -> Conformity:
    return next(e.verdict for e in stores.state.item_verdicts("portal") if e.unit == unit)


def test_a_finding_is_mended_checked_closed_and_opened_again(
    desk: Desk, bring: Bring, run: Run, stores: Stores
) -> None:
    bring(FAULTY)
    first = run()
    assert sum(first.counts.values()) == 211
    assert verdict(stores) is Conformity.DOES_NOT
    task = desk.assign("portal", (UNIT, ASSET, CHECK), "运维部", "2026-12-20", "王敏")
    assert set(task.steps) == {"telnet_on", "snmp_clear"}
    with pytest.raises(InputError):  # it is a task already
        desk.assign("portal", (UNIT, ASSET, CHECK), "运维部", "2026-12-20", "王敏")
    desk.act(task.id, "prove", {"text": "关闭 Telnet"}, "赵工", task.version)
    run()
    assert stores.state.tasks()[0].status == "open"  # proof alone mends nothing
    bring(MENDED)
    second = run()
    assert stores.state.tasks()[0].status == "closed"
    assert verdict(stores) is Conformity.INSUFFICIENT  # mended, and not yet shown to conform
    turned = {each.unit: (each.before, each.after, each.worse) for each in second.drift}
    assert turned[UNIT] == (Conformity.DOES_NOT, Conformity.INSUFFICIENT, False)
    bring(FAULTY + "#\n")
    third = run()
    assert next(each for each in third.drift if each.unit == UNIT).worse
    reopened = stores.state.tasks()[0]
    assert reopened.status == "open"
    assert [act.kind for act in reopened.history] == ["made", "prove", "reopen", "close", "reopen"]
    assert stores.state.verify_audit() == []


def test_the_same_evidence_gives_the_same_digest(bring: Bring, run: Run) -> None:
    bring(FAULTY)
    assert run().digest == run().digest


def test_evidence_that_changed_or_went_is_said_and_never_judged(
    settings: Settings, bring: Bring, run: Run, stores: Stores
) -> None:
    bring(FAULTY)
    (path,) = evidence_folder(settings).glob("*/core.cfg")
    path.write_text(MENDED, "utf-8")
    assert "changed" in run().problems[0]
    assert verdict(stores) is Conformity.INSUFFICIENT
    path.unlink()
    assert run().problems


def test_a_record_with_its_document_decides_what_only_a_person_sees(
    desk: Desk, run: Run, stores: Stores, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"jpeg")
    word = Word("L3-PES1-01", "record", "whole", holds=True, statement="看过验收报告")
    kept = desk.attest("portal", word, "王敏", (photo, "photo.jpg"))
    assert kept.attachment is not None
    assert kept.attachment.size == 4
    run()
    assert verdict(stores, "L3-PES1-01") is Conformity.CONFORMS
    run_later = replace(kept, id="later", holds=False, at=kept.at + 1)
    stores.state.put_attestation(run_later)
    run()
    assert verdict(stores, "L3-PES1-01") is Conformity.DOES_NOT


def test_a_control_is_inherited_from_the_platform(
    desk: Desk, settings: Settings, stores: Stores, clock: EventClock
) -> None:
    desk.file_system(replace(SYSTEM, id="platform", name="云平台", assets=()), "王敏")
    word = Word("L3-PES1-01", "record", "whole", holds=True, statement="看过")
    desk.attest("platform", word, "王敏")
    mine = stores.state.system("portal")
    assert mine is not None
    desk.file_system(replace(mine, inherited=(Inherited("L3-PES1-01", "platform"),)), "王敏")
    for name in ("portal", "platform", "portal"):
        before = verdict(stores, "L3-PES1-01") if stores.state.assessments("portal") else None
        now = clock.advance(clock.now() + 1)
        assess(settings, stores, Order(f"{name}{now}", name, "full", "王敏", now), lambda *_: None)
    assert before is Conformity.INSUFFICIENT  # nothing to take over yet
    assert verdict(stores, "L3-PES1-01") is Conformity.CONFORMS


def test_the_desk_refuses_what_does_not_fit(desk: Desk, stores: Stores, tmp_path: Path) -> None:
    mine = stores.state.system("portal")
    assert mine is not None
    for change in (
        {"s_level": 5},
        {"extensions": ("moon",)},
        {"filed": "yesterday"},
        {"name": " "},
        {"inherited": (Inherited("L3-CES1-16", "platform"),)},
        {"high_risk_edition": "tiseaa-2020"},
        {"score_edition": "1999"},
    ):
        with pytest.raises(InputError):
            desk.file_system(replace(mine, **change), "王敏")
    with pytest.raises(BusyError):
        desk.file_system(replace(mine, version=0), "王敏")
    rubbish = tmp_path / "x.bin"
    rubbish.write_bytes(b"\x00\x01")
    with pytest.raises(InputError):
        desk.bring(rubbish, "x.bin", "portal", "王敏")
    with pytest.raises(NotFoundError):
        desk.ask_run("nowhere", "full", "王敏")
    for word in (
        Word("L3-CES1-99", "record", "s", holds=True, statement="x"),
        Word("L2-CES1-01", "record", "s", holds=True, statement="x"),
        Word(UNIT, "record", "s", holds=True, statement=" "),
        Word(UNIT, "not_applicable", "", holds=True, statement="x"),
        Word(UNIT, "not_applicable", "", holds=True, statement="x", approver="王敏"),
        Word(UNIT, "record", "s", holds=True, statement="x", days=400),
    ):
        with pytest.raises((InputError, NotFoundError)):
            desk.attest("portal", word, "王敏")


def test_a_job_runs_is_stopped_and_survives_a_crash(
    desk: Desk, settings: Settings, stores: Stores
) -> None:
    state = stores.state
    first = desk.ask_run("portal", "full", "王敏")
    assert desk.ask_run("portal", "change", "王敏") == first  # one that waits is enough
    taken = state.take_job((KIND,))
    assert taken is not None
    Assessments(settings, state)  # a worker that starts finds it left over
    again = state.job(first.id)
    assert again is not None
    assert again.status == "queued"
    state.take_job((KIND,))
    run_job(settings, first.id)
    done = state.job(first.id)
    assert done is not None
    assert (done.status, done.result["system"]) == ("done", "portal")
    assert state.assessments("portal")[0].id == first.id


def test_a_run_that_is_stopped_keeps_nothing(
    desk: Desk, settings: Settings, stores: Stores
) -> None:
    def stop(*_: object) -> None:
        raise StoppedError("stopped")

    with pytest.raises(StoppedError):
        assess(settings, stores, Order("r", "portal", "full", "王敏", NOW), stop)
    assert stores.state.assessments("portal") == []


def test_each_system_is_run_once_a_day(desk: Desk, run: Run, stores: Stores) -> None:
    assert ask_due(stores.state, desk, NOW) == []  # the first run is asked for by people
    started = run().started
    assert ask_due(stores.state, desk, started + DAY - 1) == []
    assert ask_due(stores.state, desk, started + DAY) == ["portal"]
