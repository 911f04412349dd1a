"""Papers: complete, readable by Word, Excel and OSCAL's rules, and the pack proves its files."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import orjson
import pytest

from console.compliance.desk import Desk, Word
from console.compliance.papers.content import facts_of
from console.compliance.papers.papers import PAPERS, make_paper
from console.compliance.reading import standing
from console.wiring import Stores
from fengsui.clock import EventClock
from fengsui.errors import InputError
from fengsui.hashes import sm3
from fengsui.settings import Settings
from fengsui.system import AssessmentRun
from tests.console.compliance.conftest import FAULTY
from tests.detections.compliance.oscal.test_oscal import UUID, nodes

Make = Callable[[Any], bytes]


@pytest.fixture
def paper(
    desk: Desk,
    settings: Settings,
    stores: Stores,
    clock: EventClock,
    bring: Callable[[str], None],
    run: Callable[[], AssessmentRun],
) -> Make:
    bring(FAULTY)
    word = Word(
        "L3-CES1-11", "not_applicable", "", holds=True, statement="=cmd|calc", approver="李四"
    )
    desk.attest("portal", word, "王敏")
    run()
    place = ("L3-CES1-03", "HX-Core-01", "device_remote_management")
    desk.assign("portal", place, "=HYPERLINK(1)", "2026-12-20", "王敏")

    def make(kind: Any) -> bytes:
        stand = standing(settings, stores.state, "portal", clock.now(), desk.today())
        return make_paper(kind, stand, settings, stores.state, clock.now()).data

    return make


def text_of(document: Any) -> str:
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_report_names_every_item_the_sum_and_what_was_not_verified(paper: Make) -> None:
    text = text_of(docx.Document(io.BytesIO(paper("report"))))
    assert text.count("L3-CES1-") >= 34
    for needed in ("区门户", "110-1", "王敏", "待定", "符合率", "6.4.1.2", "V2", "L3-HRS1-06"):
        assert needed in text
    assert "paper." not in text  # every sentence is in the catalogue
    assert "system." not in text


def test_the_self_check_report_shows_fact_and_repair(paper: Make) -> None:
    text = text_of(docx.Document(io.BytesIO(paper("selfcheck"))))
    assert "Telnet 服务已开启 ← " in text
    assert "core.cfg:" in text
    assert "paper." not in text


def test_the_problem_list_runs_nothing_that_evidence_says(paper: Make) -> None:
    book = openpyxl.load_workbook(io.BytesIO(paper("problems")))
    assert book.sheetnames == ["问题清单", "整改计划", "整改效益"]
    rows = list(book["问题清单"].iter_rows(values_only=True))
    assert any("L3-CES1-03" in row and "HX-Core-01" in row for row in rows)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert "=HYPERLINK(1)" in [cell.value for cell in book["整改计划"][2]]


def test_oscal_papers_hold_together(paper: Make) -> None:
    results = orjson.loads(paper("results"))["assessment-results"]
    result = results["results"][0]
    assert len(result["findings"]) == 211
    known = {each["uuid"] for each in result["observations"]}
    for finding in result["findings"]:
        for related in finding.get("related-observations", []):
            assert related["observation-uuid"] in known
    items = {each["uuid"] for each in result["local-definitions"]["inventory-items"]}
    assert all(s["subject-uuid"] in items for o in result["observations"] for s in o["subjects"])
    poam = orjson.loads(paper("poam"))["plan-of-action-and-milestones"]
    risks = {each["uuid"] for each in poam["risks"]}
    assert {r["risk-uuid"] for i in poam["poam-items"] for r in i["related-risks"]} <= risks
    assert any(each["status"] == "remediating" and each["deadline"] for each in poam["risks"])
    for node in (*nodes(results), *nodes(poam)):
        assert UUID.fullmatch(node.get("uuid", results["uuid"]))
        assert [] not in node.values()


def test_the_pack_proves_each_of_its_files(paper: Make) -> None:
    with zipfile.ZipFile(io.BytesIO(paper("pack"))) as pack:
        rows = list(csv.reader(io.StringIO(pack.read("index.csv").decode("utf-8-sig"))))[1:]
        assert {row[0] for row in rows} == set(pack.namelist()) - {"index.csv"}
        for path, _, size, digest, other, *_ in rows:
            data = pack.read(path)
            assert (len(data), hashlib.sha256(data).hexdigest(), sm3(data)) == (
                int(size),
                digest,
                other,
            )
    assert any(row[0].endswith("core.cfg") for row in rows)


def test_the_hand_over_lists_what_is_there_and_what_is_missing(paper: Make) -> None:
    with zipfile.ZipFile(io.BytesIO(paper("handover"))) as pack:
        assert sorted(pack.namelist()) == [
            "01-checklist.docx", "02-network-survey.xlsx", "03-supply-chain.xlsx", "04-report.docx",
            "05-problems.xlsx", "06-evidence.zip",
        ]  # fmt: skip
        document = docx.Document(io.BytesIO(pack.read("01-checklist.docx")))
        rows = [tuple(cell.text for cell in row.cells) for row in document.tables[1].rows]
        book = openpyxl.load_workbook(io.BytesIO(pack.read("02-network-survey.xlsx")))
    states = {name: state for name, state, _ in rows[1:]}
    assert states["备案证明编号"] == "已具备"
    assert states["漏洞扫描报告"] == "缺少"
    assert states["关键供应链调查表"] == "待人工确认"
    assert "HX-Core-01" in {row[1].value for row in book["设备"].iter_rows()}


def test_the_work_plan_is_around_assets_risks_and_repairs(paper: Make) -> None:
    document = docx.Document(io.BytesIO(paper("workplan")))
    heads = [p.text.partition("　")[2] for p in document.paragraphs if p.style.name == "Heading 1"]
    assert heads == [
        "保护对象与资产",
        "已有保护措施与结果",
        "高风险判例",
        "问题与原因",
        "整改任务",
        "下一步工作",
    ]
    assert "{" not in "".join(p.text for p in document.paragraphs)


def test_there_is_no_other_paper(paper: Make) -> None:
    assert len(PAPERS) == 8
    with pytest.raises(InputError):
        paper("novel")


def test_facts_of_a_problem_are_those_that_fail() -> None:
    good = {"name": "minlen", "value": 10, "limit": 8, "mark": "PRACTICE", "step": "complexity"}
    bad = {
        "name": "unit",
        "value": "dockerd",
        "source": "docker.service:4",
        "step": "authenticated",
    }
    steps = [{"name": "complexity", "state": "true"}, {"name": "authenticated", "state": "false"}]
    assert (
        facts_of({"steps": steps, "facts": [good, bad]}) == "服务单元 = dockerd ← docker.service:4"
    )
    assert facts_of({"facts": [good]}).startswith("minlen = 10")
