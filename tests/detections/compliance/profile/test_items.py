"""Laws over the catalogue: counts, ids, references, and the traps that generators fall into."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from detections.compliance.profile.editions import editions, in_use
from detections.compliance.profile.items import canonical_unit, item_of, items
from detections.compliance.profile.objects import covered
from detections.compliance.profile.points import DIGITS, GENERAL, LEVELS, points
from detections.compliance.profile.steps import steps_of
from detections.compliance.risk.high_risk import high_risk_cases
from detections.compliance.risk.major_risk import triggers
from fengsui.errors import FengsuiError

# Points and items as they were counted in the text (GB/T 22239-2019) [V].
READ = {
    (1, GENERAL): (None, 55),
    (2, GENERAL): (68, 135),
    (3, GENERAL): (71, 211),
    (4, GENERAL): (71, 228),
    (2, "cloud"): (13, 29),
    (3, "cloud"): (16, 46),
    (2, "mobile"): (7, 14),
    (3, "mobile"): (9, 19),
    (2, "iot"): (4, 7),
    (3, "iot"): (8, 20),
    (2, "ics"): (9, 15),
    (3, "ics"): (9, 21),
}
AREAS_2 = {
    "PES": 15,
    "CNS": 4,
    "ABS": 11,
    "CES": 23,
    "SMC": 4,
    "PSS": 6,
    "ORS": 9,
    "HRS": 7,
    "CMS": 25,
    "MMS": 31,
}
AREAS_3 = {
    "PES": 22,
    "CNS": 8,
    "ABS": 20,
    "CES": 34,
    "SMC": 12,
    "PSS": 7,
    "ORS": 14,
    "HRS": 12,
    "CMS": 34,
    "MMS": 48,
}
EVERYTHING = [item for level in LEVELS for name in DIGITS for item in items(level, name)]


@pytest.mark.parametrize("place", READ, ids=str)
def test_counts_are_those_of_the_text(place: tuple[int, str]) -> None:
    found = points(*place)
    wanted_points, wanted_items = READ[place]
    assert wanted_points is None or len(found) == wanted_points
    assert sum(point.items for point in found) == wanted_items
    clauses = {(item.control.clause, item.control.item) for item in items(*place)}
    assert len(clauses) == wanted_items


def test_what_is_not_carried_is_empty() -> None:
    carried = {(level, name) for level in LEVELS for name in DIGITS if points(level, name)}
    assert carried == set(READ)


def test_items_by_class() -> None:
    assert Counter(item.prefix for item in items(2)) == AREAS_2
    assert Counter(item.prefix for item in items(3)) == AREAS_3


def test_ids_are_unique_and_say_level_and_extension() -> None:
    assert len({item.unit for item in EVERYTHING}) == len(EVERYTHING)
    for item in EVERYTHING:
        digit = DIGITS[item.extension]
        assert re.fullmatch(rf"L{item.level}-[A-Z]{{3}}{digit}-\d\d", item.unit)
        assert item.control.clause.startswith(f"{item.level + 5}.{digit}.")


def test_the_sequence_jumps_over_sixteen() -> None:
    assert "L3-CES1-16" not in {item.unit for item in EVERYTHING}
    assert {"L3-CES1-15", "L3-CES1-17", "L3-CES1-35"} <= {item.unit for item in items(3)}
    with pytest.raises(FengsuiError):
        item_of("L3-CES1-16")


def test_misprinted_units_are_understood_at_level_three_only() -> None:
    for number in ("06", "07", "08"):
        assert item_of(canonical_unit(f"L4-ORS1-{number}")).unit == f"L3-ORS1-{number}"
        assert canonical_unit(f"L4-ORS1-{number}", level=4) == f"L4-ORS1-{number}"
    assert canonical_unit("L4-ORS1-05") == "L4-ORS1-05"


def test_iot_has_eleven_units_for_ten_items_of_its_computing_environment() -> None:
    mine = [item for item in items(3, "iot") if item.prefix == "CES"]
    assert len(mine) == 11
    assert len({(item.control.clause, item.control.item) for item in mine}) == 10
    assert Counter(item.control.clause for item in mine)["8.4.3.2"] == 5


def test_what_was_not_read_is_marked() -> None:
    assert {item.mark[0] for item in EVERYTHING} == {"V", "M"}
    unread = [item.unit for item in items(3) if item.mark != "V"]
    assert unread == ["L3-HRS1-06", "L3-MMS1-16"]
    assert all(item.mark.startswith("M") for item in EVERYTHING if item.extension != GENERAL)


def test_automation_of_level_three() -> None:
    assert Counter(item.automation for item in items(3)) == {"A": 58, "S": 74, "M": 79}


def test_steps_are_known_where_software_decides_or_assists() -> None:
    for item in items(3):
        known = steps_of(item.unit)
        assert (known.names == ("whole",)) == (item.automation == "M"), item.unit
        assert all(name in known.names for branch in known.enough for name in branch)
    branched = {item.unit for item in items(3) if steps_of(item.unit).enough}
    assert branched == {"L3-CES1-06", "L3-SMC1-08", "L3-CES1-23", "L3-MMS1-26"}


def test_risks_are_complete_and_what_items_name_is_there() -> None:
    cases = high_risk_cases("guide-2025")
    assert Counter(case.part for case in cases) == {
        "general": 42, "cloud": 16, "mobile": 10, "iot": 4, "ics": 9,
    }  # fmt: skip
    assert [code for code, _, _ in triggers()] == [f"A-{n:02}" for n in range(1, 33)]
    assert {i.high_risk_case for i in EVERYTHING} - {""} <= {case.id for case in cases}
    assert {i.major_risk for i in EVERYTHING} - {""} <= {code for code, _, _ in triggers()}
    with pytest.raises(FengsuiError):
        high_risk_cases("tiseaa-2020")


def test_each_check_is_under_a_unit_of_level_three() -> None:
    assert set(covered()) <= {item.unit for item in items(3)}


def test_editions_are_dated_and_the_newest_is_in_use() -> None:
    assert {each.kind for each in editions()} == {
        "requirements",
        "assessment",
        "high_risk",
        "score",
    }
    assert in_use("score", "2025-03-19").id == "2021"
    assert in_use("score", "2025-03-20").id == "2025"
    assert in_use("high_risk", "2026-01-01").id == "guide-2025"
