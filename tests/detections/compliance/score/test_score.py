"""Conclusions: bounds, holes, open items, and repairs that lift."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.profile.profile import parse_profile
from detections.compliance.score.inputs import (
    Risks,
    ScoredItem,
    default_limits,
    limits_with,
    rounded,
)
from detections.compliance.score.score import conclude, template_ids, what_if
from fengsui.control import Conformity
from fengsui.errors import InputError, SettingsError

ITEMS = parse_profile("S3A3").items()
VERDICTS = st.lists(st.sampled_from(list(Conformity)), min_size=1, max_size=60)
C, P, N, NA, INSUFFICIENT = (
    Conformity.CONFORMS,
    Conformity.PARTLY,
    Conformity.DOES_NOT,
    Conformity.NOT_APPLICABLE,
    Conformity.INSUFFICIENT,
)


def scored(verdicts: list[Conformity]) -> list[ScoredItem]:
    return [ScoredItem(item.unit, v) for item, v in zip(ITEMS, verdicts, strict=False)]


def grade(verdicts: list[Conformity], template: str = "2025", **risks: int) -> str:
    return conclude(scored(verdicts), Risks(**risks), template, default_limits()).outcome.grade


@given(VERDICTS, st.sampled_from(["2021", "2025"]))
def test_a_value_lies_between_nought_and_a_hundred_and_open_items_only_lift_it(
    verdicts: list[Conformity], template: str
) -> None:
    found = conclude(scored(verdicts), Risks(), template, default_limits())
    assert 0 <= found.outcome.value <= found.best.value <= 100
    assert found.open_items == verdicts.count(INSUFFICIENT)
    if not found.open_items:
        assert found.outcome == found.best
        assert found.grade == found.outcome.grade


@given(VERDICTS)
def test_the_rate_is_what_conforms_and_half_of_what_partly_does(verdicts: list[Conformity]) -> None:
    counted = len(verdicts) - verdicts.count(NA)
    value = conclude(scored(verdicts), Risks(), "2025", default_limits()).outcome.value
    met = 100 * (verdicts.count(C) + Fraction(verdicts.count(P), 2))
    assert value == (met / counted if counted else 0)


@pytest.mark.parametrize(
    ("conforming", "major", "repaired", "wanted"),
    [
        (91, 0, 0, "conforms"),
        (90, 0, 0, "basically"),  # a hole
        (89, 0, 0, "basically"),
        (61, 5, 0, "basically"),  # whatever the risks
        (60, 0, 0, "basically"),  # a hole
        (59, 0, 0, "does_not"),
        (91, 1, 0, "basically"),  # a hole
        (91, 1, 1, "conforms"),
    ],
)
def test_the_conclusion_of_2025(conforming: int, major: int, repaired: int, wanted: str) -> None:
    verdicts = [C] * conforming + [N] * (100 - conforming)
    assert grade(verdicts, major=major, repaired=repaired) == wanted


def test_a_hole_is_named_in_the_trace_and_filled_by_the_installation(tmp_path: Path) -> None:
    own = tmp_path / "conclusion.toml"
    own.write_text('[holes]\nat_upper = "conforms"\n')
    items = scored([C] * 90 + [N] * 10)
    found = conclude(items, Risks(), "2025", limits_with(own))
    assert found.outcome.grade == "conforms"
    assert found.outcome.trace[-1].name == "hole_at_upper"
    for broken in ("[holes]\nat_moon = 1\n", "not toml", '[holes]\nat_upper = "maybe"\n'):
        own.write_text(broken)
        with pytest.raises(SettingsError):
            conclude(items, Risks(), "2025", limits_with(own))


def test_the_score_of_2021() -> None:
    assert grade([C] * 60, "2021") == "excellent"
    assert grade([C] * 60, "2021", possible=1) == "good"
    assert grade([C] * 60, "2021", high=1) == "poor"
    all_of_them = [ScoredItem(item.unit, N) for item in ITEMS]
    worst = conclude(all_of_them, Risks(), "2021", default_limits()).outcome
    # 96 technical items of 211 lose less than their half: so says the formula, worked by hand.
    assert (worst.value, worst.grade) == (50 - Fraction(96 * 100, 211), "poor")


def test_the_grade_is_undecided_while_open_items_could_change_it() -> None:
    found = conclude(scored([C] * 80 + [INSUFFICIENT] * 20), Risks(), "2025", default_limits())
    assert (found.outcome.grade, found.best.grade, found.grade) == (
        "basically",
        "conforms",
        "undecided",
    )
    assert conclude(scored([N] * 100), Risks(), "2025", default_limits()).grade == "does_not"


@given(VERDICTS, st.sampled_from(["2021", "2025"]))
def test_repairs_stand_by_lift_per_day_and_each_lift_is_true(
    verdicts: list[Conformity], template: str
) -> None:
    items = ITEMS[: len(verdicts)]
    given_verdicts = {item.unit: v for item, v in zip(items, verdicts, strict=True)}
    found = what_if(items, given_verdicts, {}, template, default_limits())
    assert {each.unit for each in found} == {
        u for u, v in given_verdicts.items() if v in {P, N, INSUFFICIENT}
    }
    rates = [each.lift / each.days for each in found]
    assert rates == sorted(rates, reverse=True)
    before = conclude(scored(verdicts), Risks(), template, default_limits()).outcome.value
    for each in found[:3]:
        after = [C if item.unit == each.unit else given_verdicts[item.unit] for item in items]
        value = conclude(scored(after), Risks(), template, default_limits()).outcome.value
        assert value - before == each.lift


def test_templates_are_a_shelf() -> None:
    assert template_ids() == ("2021", "2025")
    with pytest.raises(InputError):
        conclude([], Risks(), "1999", default_limits())
    assert rounded(Fraction(1, 200)) == "0.01"
