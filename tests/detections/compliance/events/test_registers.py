"""Registers as files: GBK and UTF-8, rows that are not read, files that are none."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.assets.judging import judge_asset
from detections.compliance.assets.reading import read_evidence
from detections.compliance.events.ledger import moment
from detections.compliance.events.registers import parse_register, written
from fengsui.clock import to_iso
from fengsui.errors import FengsuiError, InputError

TEXT = "#fengsui-register: leavers\r\naccount,kind,end,removed,returned\r\n张三,leaver,2026/6/30 18:00,,\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_register_is_evidence(encoding, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(TEXT.replace("2026/6/30", "2026/06/30").encode(encoding))
    found = read_evidence(path)
    assert (found.kind, found.name, found.problems) == ("register", "register:leavers", ())
    assert found.facts.rows[0]["account"] == "张三"
    assert judge_asset(found) == []


def test_rows_that_are_not_read_are_listed():
    found = parse_register(TEXT.encode(), "x")
    assert not found.rows
    assert "line 3" in found.problems[0]


@pytest.mark.parametrize(
    "text", ["#fengsui-register: nothing\na\n1", "#fengsui-register: leavers\nname\nx"]
)
def test_what_is_no_register_is_refused(text):
    with pytest.raises(InputError):
        parse_register(text.encode(), "x")


def test_a_day_is_of_china():
    assert to_iso(moment("2026-11-21"))[:16] == "2026-11-20T16:00"
    assert to_iso(moment("2026-11-21 09:30"))[:16] == "2026-11-21T01:30"
    assert to_iso(moment("2026-11-21T09:30:00Z"))[:16] == "2026-11-21T09:30"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    head = (
        b"#fengsui-register: backups\n" + b"data,kind,time,result,size,interval_hours,lag_seconds\n"
    )
    with suppress(FengsuiError):
        parse_register(head + data, "x")


ZH = (
    "#fengsui-register: leavers\n账号,类型,终止时间,权限收回时间,物品交还时间\n"
    "zhang,离职人员,2026-06-30,,\nli,外包,2026-07-01 18:00,,\nwang,VENDOR,2026-07-01,,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_heads_and_kinds_are_the_same(encoding):
    found = parse_register(ZH.encode(encoding), "x")
    assert found.problems == ()
    assert [row["kind"] for row in found.rows] == ["leaver", "vendor", "vendor"]
    assert found.rows[1]["end"] == "2026-07-01 18:00"


def test_a_kind_that_is_not_known_is_a_row_that_is_not_read():
    found = parse_register(ZH.replace("外包", "某某").encode(), "x")
    assert len(found.rows) == 2
    assert "line 4" in found.problems[0]


CELLS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(st.lists(st.tuples(CELLS, st.sampled_from(["leaver", "vendor"])), max_size=5))
def test_what_is_written_is_read_again(rows):
    given_ = [{"account": a, "kind": kind, "end": "2026-06-30"} for a, kind in rows]
    found = parse_register(written("leavers", given_), "x")
    assert found.problems == ()
    assert [(row["account"], row["kind"]) for row in found.rows] == rows
