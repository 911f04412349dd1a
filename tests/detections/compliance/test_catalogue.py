"""The catalogue of level-3 units."""

from __future__ import annotations

import csv
import re

import pytest

from detections.compliance.catalogue import UNITS_FILE, control, controls
from fengsui.errors import NotFoundError


def test_all_211_units_are_there_once_with_both_languages():
    found = controls()
    assert len({one.unit for one in found}) == len(found) == 211
    for one in found:
        assert re.fullmatch(r"L3-[A-Z]{3}1-\d\d", one.unit)
        assert re.fullmatch(r"8\.1\.\d+\.\d+", one.clause)
        for text in (one.area, one.control_point, one.title):
            assert text.render("zh")
            assert text.render("en")
    assert len({one.clause for one in found}) == 71
    assert len({one.area.render("zh") for one in found}) == 10


def test_a_unit_by_name():
    assert control("L3-SMC1-10").title.render("zh") == "审计汇集与留存六月"
    with pytest.raises(NotFoundError):
        control("L3-XXX1-01")


def test_every_row_says_where_it_comes_from():
    with UNITS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] and row["verified"] for row in rows)
    assert sum(row["verified"] == "by sequence" for row in rows) == 2
