"""Filed systems over the API: the matrix, one system, evidence, records, repairs, papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.compliance.demonstration import SAMPLES
from fengsui.control import Conformity
from fengsui.store.sql.state import SqlState
from fengsui.system import AssessmentRun, FiledSystem, ItemVerdict, RepairTask
from fengsui.text import Text
from tests.console.api.client import Browser, code
from tests.fengsui.store.sql.samples import T0

SWITCH = (SAMPLES / "core-switch.cfg").read_bytes()
AT = "/api/compliance/systems"


def file_sample(state: SqlState) -> None:
    """One system with a run and a repair."""
    state.put_system(FiledSystem("s1", "portal", "u", "王", 3, 3), 0)
    run = AssessmentRun("r1", "s1", "full", "x", T0, T0, "S3A3", {}, (), (), (), "d")
    bad = ItemVerdict(
        "s1", "L3-PES1-01", "r1", T0, Conformity.DOES_NOT, False, Text("system.reason.not_run", {}),
        {}, (), (), (), "", "d",
    )  # fmt: skip
    state.put_assessment(run, [bad], [])
    state.put_task(
        RepairTask("t1", "s1", "L3-PES1-01", "c", "a", (), "ops", "2099-01-01", "open", T0), 0
    )


@pytest.fixture
def officer(log_in: Callable[[str], Browser], state: SqlState) -> Browser:
    file_sample(state)
    return log_in("compliance")


def test_the_matrix_counts_every_item_of_every_class(officer: Browser) -> None:
    row = officer.get(AT).json()["items"][0]
    assert (row["profile"], row["items"], row["counts"]["does_not"]) == ("S3A3", 211, 1)
    assert [area["prefix"] for area in row["areas"]] == [
        "PES",
        "CNS",
        "ABS",
        "CES",
        "SMC",
        "PSS",
        "ORS",
        "HRS",
        "CMS",
        "MMS",
    ]
    assert sum(sum(area["counts"].values()) for area in row["areas"]) == 211
    assert row["conclusion"]["grade"] == "undecided"


def test_one_system_and_one_item(officer: Browser) -> None:
    page = officer.get(f"{AT}/s1").json()
    assert (len(page["rows"]), len(page["conclusions"]), page["open_tasks"]) == (211, 2, 1)
    assert page["conclusions"][0]["template"] == page["conclusion"]["template"]
    item = officer.get(f"{AT}/s1/items/L3-PES1-01").json()
    assert (item["row"]["verdict"], len(item["history"])) == ("does_not", 1)
    assert code(officer.get(f"{AT}/s1/items/L3-CES1-16")) == "unknown_unit"
    assert officer.get(f"{AT}/s1/items/L2-PES1-01").status_code == 404
    assert code(officer.get(f"{AT}/nowhere")) == "unknown_system"


def test_evidence_is_kept_and_judged_at_once(officer: Browser, state: SqlState) -> None:
    answer = officer.call("POST", f"{AT}/s1/evidence", files={"file": ("sw.cfg", SWITCH)})
    assert answer.json()["file"]["asset"] == "HX-Core-01"
    assert [job.kind for job in state.jobs()] == ["assess"]
    rubbish = officer.call("POST", f"{AT}/s1/evidence", files={"file": ("x", b"\x00\x01")})
    assert rubbish.status_code == 422
    other = officer.call("POST", f"{AT}/s1/evidence?asset=no", files={"file": ("sw.cfg", SWITCH)})
    assert other.status_code == 404


def test_a_document_is_named_by_its_digest(officer: Browser) -> None:
    kept = officer.call("POST", "/api/compliance/attachments", files={"file": ("a.txt", b"x")})
    body: dict[str, Any] = {
        "unit": "L3-PES1-02", "kind": "record", "step": "whole", "holds": True, "statement": "ok",
        "attachment": kept.json()["sha256"],
    }  # fmt: skip
    made = officer.post(f"{AT}/s1/attestations", body).json()
    assert (made["by"], made["attachment"]["name"]) == ("compliance", "a.txt")
    missing = officer.post(f"{AT}/s1/attestations", {**body, "attachment": "0" * 64})
    assert code(missing) == "no_such_file"
    alone = {**body, "kind": "not_applicable", "attachment": ""}
    assert code(officer.post(f"{AT}/s1/attestations", alone)) == "second_person"


@pytest.mark.parametrize(
    "change",
    [{"s_level": 5}, {"filed": "soon"}, {"name": ""}, {"extensions": ["moon"]}, {"more": 1}],
)
def test_rows_that_do_not_fit_are_refused(officer: Browser, change: dict[str, Any]) -> None:
    body = {"id": "s9", "name": "n", "unit": "u", "s_level": 3, "a_level": 3, **change}
    assert officer.post(AT, body).status_code == 422


def test_two_people_do_not_overwrite_each_other(officer: Browser) -> None:
    body = {"name": "n", "unit": "u", "s_level": 3, "a_level": 3}
    assert officer.post(AT, {"id": "s1", **body}).status_code == 409
    assert officer.call("PUT", f"{AT}/s1", json={**body, "version": 1}).status_code == 200
    assert code(officer.call("PUT", f"{AT}/s1", json={**body, "version": 1})) == "version_conflict"
    late = {"kind": "note", "text": "x", "version": 0}
    assert code(officer.post("/api/compliance/tasks/t1/acts", late)) == "version_conflict"


@pytest.mark.parametrize("paper", ["report", "selfcheck", "problems", "results", "poam", "pack"])
def test_papers_are_downloaded_with_a_name(officer: Browser, paper: str) -> None:
    answer = officer.get(f"{AT}/s1/papers/{paper}")
    assert answer.status_code == 200
    assert 'filename="s1-' in answer.headers["content-disposition"]
    assert len(answer.content) > 500
    assert officer.get(f"{AT}/s1/papers/novel").status_code == 422
