"""Filed systems in the state: what is read back is what was written, and nobody overwrites another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fengsui.control import Conformity
from fengsui.errors import BusyError
from fengsui.store.sql.state import SqlState
from fengsui.system import (
    AssessmentRun,
    AssetVerdict,
    Attachment,
    Attestation,
    Drift,
    EvidenceFile,
    FiledSystem,
    Inherited,
    ItemVerdict,
    RepairTask,
    TaskAct,
)
from fengsui.text import Text

SYSTEM = FiledSystem(
    "portal",
    "门户",
    "u",
    "王",
    3,
    2,
    ("cloud",),
    "110-1",
    inherited=(Inherited("L3-PES1-01", "p"),),
)
WORD = Attestation(
    "w1", "portal", "L3-PES1-01", "record", "step_1", "", True, "E6", "看过", "2 of 9", "王", "", 5, 9,
    Attachment("a.pdf", 3, "1" * 64, "2" * 64),
)  # fmt: skip
FILE = EvidenceFile("3" * 64, "portal", "h.tgz", "web", "host", "E1", 4, 5, "王", 10, ("cut",))
RUN = AssessmentRun(
    "r1", "portal", "full", "王", 10, 11, "S3A2", {"partly": 1}, ("3" * 64,), ("x",),
    (Drift("L3-PES1-01", Conformity.CONFORMS, Conformity.PARTLY),), "d",
)  # fmt: skip
VERDICT = ItemVerdict(
    "portal", "L3-PES1-01", "r1", 10, Conformity.PARTLY, True, Text("k", {"n": 1}),
    {"web": "partly"}, ("s1",), ("f1",), ("w1",), "", "d",
)  # fmt: skip
FINDING = AssetVerdict("portal", "L3-PES1-01", "web", "c1", {"steps": [{"name": "s1"}]})
TASK = RepairTask(
    "t1", "portal", "L3-PES1-01", "c1", "web", ("s1",), "运维部", "2026-12-01", "open", 1,
    history=(TaskAct("made", "王", 1, {"due": "2026-12-01"}),),
)  # fmt: skip


def test_what_is_read_is_what_was_written(state: SqlState) -> None:
    kept = state.put_system(SYSTEM, 0)
    assert kept == replace(SYSTEM, version=1)
    assert (state.system("portal"), state.systems(), state.system("x")) == (kept, [kept], None)
    state.put_attestation(WORD)
    state.put_evidence(FILE)
    state.put_evidence(FILE)
    assert (state.attestations("portal"), state.evidence("portal")) == ([WORD], [FILE])
    task = state.put_task(TASK, 0)
    assert (state.task("t1"), state.tasks("portal"), state.tasks("x")) == (task, [task], [])


def test_history_stays_and_findings_are_those_of_the_newest_run(state: SqlState) -> None:
    assert state.item_verdicts("portal") == []
    state.put_assessment(RUN, [VERDICT], [FINDING])
    later = replace(VERDICT, run="r2", time=20, verdict=Conformity.CONFORMS)
    other = replace(FINDING, asset="db")
    state.put_assessment(replace(RUN, id="r2", started=20), [later], [other])
    assert [run.id for run in state.assessments("portal")] == ["r2", "r1"]
    assert state.item_verdicts("portal") == [later]
    assert state.item_verdicts("portal", run="r1") == [VERDICT]
    assert state.item_verdicts("portal", unit="L3-PES1-01") == [later, VERDICT]
    assert state.asset_verdicts("portal") == [other]
    assert state.asset_verdicts("portal", "L3-CES1-01") == []


def test_nobody_overwrites_what_was_not_looked_at(state: SqlState) -> None:
    state.put_system(SYSTEM, 0)
    state.put_task(TASK, 0)
    for put in (
        lambda seen: state.put_system(SYSTEM, seen),
        lambda seen: state.put_task(TASK, seen),
    ):
        with pytest.raises(BusyError):
            put(0)
        put(1)


def test_changes_are_told(state: SqlState) -> None:
    number, _ = state.changes()
    state.put_system(SYSTEM, 0)
    assert state.changes(number)[1] == {"systems": ["portal"]}
