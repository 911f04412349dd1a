"""The page of the situation says what the weights say, and every weight has its mark and reason."""

from __future__ import annotations

from console.situation.reference import FILE, REMAKE, page
from correlation.situation.levels import LEVELS
from correlation.situation.reading import GAUGES
from correlation.situation.weights import by_word, colours, steps, weights
from fengsui.severity import Severity
from fengsui.warning import COLOURS


def test_the_page_is_what_the_weights_make() -> None:
    assert FILE.read_text("utf-8") == page(), f"make it again: {REMAKE}"


def test_every_weight_has_a_mark_and_a_reason() -> None:
    for weight in weights().values():
        assert weight.mark in {"V", "M", "J"}
        assert len(weight.why) > 20


def test_tables_name_every_word() -> None:
    words = {each.word for each in Severity}
    for name in (
        "threat.alert_strength",
        "response.take_minutes",
        "response.close_hours",
        "response.severity_weight",
    ):
        assert set(by_word(name)) == words
    assert set(by_word("warning.confirm_minutes")) == set(COLOURS)
    assert all(set(row) <= {*COLOURS, ""} and len(row) == 4 for row in colours().values())
    for gauge in GAUGES:
        row = list(steps(f"{gauge}.levels"))
        assert row == sorted(row)
        assert len(row) == len(LEVELS) - 1


def test_one_low_alert_is_at_most_a_point() -> None:
    assert by_word("threat.alert_strength")["low"] <= 1
