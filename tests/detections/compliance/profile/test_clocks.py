"""What falls due, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.profile.clocks import certificate_ends, clocks, years_after
from fengsui.errors import InputError
from fengsui.system import FiledSystem

SYSTEM = FiledSystem("x", "x", "u", "王", 3, 3)
DAYS = st.dates(date(2025, 3, 8), date(2035, 1, 1))


def by_name(system: FiledSystem, today: date) -> dict[str, tuple[str, str, int]]:
    return {each.name: (each.state, each.due, each.days) for each in clocks(system, today)}


@given(DAYS, st.integers(-40, 40))
def test_filing_is_due_thirty_days_after_grading(graded: date, offset: int) -> None:
    today = graded + timedelta(days=30 + offset)
    found = by_name(replace(SYSTEM, graded=graded.isoformat()), today)["filing"]
    assert found[1:] == ((graded + timedelta(days=30)).isoformat(), -offset)
    assert found[0] == ("overdue" if offset > 0 else "soon" if offset >= -30 else "running")
    filed = replace(SYSTEM, graded=graded.isoformat(), filed=today.isoformat())
    assert by_name(filed, today)["filing"][0] == "done"


@given(DAYS, st.integers(1, 900))
def test_the_certificate_lasts_three_years_and_one_more_after_an_assessment(
    given_on: date, later: int
) -> None:
    system = replace(SYSTEM, certified=given_on.isoformat())
    assert certificate_ends(system) == years_after(given_on, 3)
    assessed = (given_on + timedelta(days=later)).isoformat()
    assert certificate_ends(replace(system, assessed=assessed)) == years_after(given_on, 4)
    before = (given_on - timedelta(days=later)).isoformat()
    assert certificate_ends(replace(system, assessed=before)) == years_after(given_on, 3)


def test_old_certificates_count_from_2025() -> None:
    assert certificate_ends(replace(SYSTEM, certified="2021-06-01")) == date(2028, 1, 1)


def test_renewal_is_asked_in_the_last_three_months() -> None:
    system = replace(SYSTEM, certified="2025-06-01")
    assert "renewal" not in by_name(system, date(2028, 3, 2))
    assert by_name(system, date(2028, 3, 4))["renewal"] == ("soon", "2028-06-01", 89)
    assert "renewal" not in by_name(system, date(2028, 6, 2))


@pytest.mark.parametrize(
    ("level", "due"), [(3, "2027-03-01"), (4, "2027-03-01"), (2, "2028-03-01")]
)
def test_assessment_is_yearly_from_level_three(level: int, due: str) -> None:
    system = replace(SYSTEM, s_level=level, a_level=level, assessed="2026-03-01")
    assert by_name(system, date(2026, 11, 21))["assessment"][1] == due


def test_level_one_is_not_filed_and_records_are_kept_a_year_in_public() -> None:
    low = replace(SYSTEM, s_level=1, a_level=1)
    assert by_name(low, date(2026, 1, 1)) == {"retention": ("running", "", 184)}
    assert by_name(replace(SYSTEM, public=True), date(2026, 1, 1))["retention"][2] == 366


def test_systems_filed_before_the_forms_of_2025_file_again() -> None:
    old = by_name(replace(SYSTEM, filed="2024-05-01"), date(2026, 1, 1))
    assert old["refiling"][0] == "overdue"
    assert "refiling" not in by_name(replace(SYSTEM, filed="2025-05-01"), date(2026, 1, 1))


def test_leap_days_and_what_is_no_day() -> None:
    assert years_after(date(2028, 2, 29), 3) == date(2031, 2, 28)
    with pytest.raises(InputError):
        clocks(replace(SYSTEM, certified="soon"), date(2026, 1, 1))
