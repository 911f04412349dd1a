"""The item set is a function of S, A and the extensions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.profile.items import items
from detections.compliance.profile.points import EXTENSIONS, points
from detections.compliance.profile.profile import make_profile, parse_profile
from fengsui.errors import InputError

LEVEL = st.integers(1, 4)


@given(LEVEL, LEVEL)
def test_s_a_and_g_items_come_from_their_own_levels(s: int, a: int) -> None:
    profile = make_profile(s, a)
    wanted = {
        item.unit
        for letter, level in (("S", s), ("A", a), ("G", max(s, a)))
        for item in items(level)
        if item.sag == letter
    }
    assert profile.units() == wanted
    assert len(profile.items()) == len(wanted)


@given(st.sampled_from([2, 3]), st.sets(st.sampled_from(EXTENSIONS)))
def test_extensions_add_their_items_and_nothing_else(level: int, names: set[str]) -> None:
    profile = make_profile(level, level, names)
    more = {item.unit for name in names for item in items(level, name)}
    assert profile.units() == make_profile(level, level).units() | more
    assert parse_profile(str(profile)) == profile


def test_a_system_of_s2a3() -> None:
    found = {item.control.control_point.render("zh") for item in parse_profile("S2A3").items()}
    assert "数据保密性" not in found  # level 2 does not know it
    assert len(parse_profile("S2A3G3").items()) == 202


def test_items_stand_in_the_order_of_classes() -> None:
    order = [item.prefix for item in parse_profile("S2A3+cloud+iot").items()]
    assert list(dict.fromkeys(order)) == [
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
    assert order == sorted(order, key=list(dict.fromkeys(order)).index)


@pytest.mark.parametrize(
    "text", ["", "S5A3", "S3", "S3A3+moon", "S4A4+cloud", "s3a3", "S0A1", "S3A3 cloud"]
)
def test_others_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_profile(text)


def test_every_point_has_letters_for_its_items() -> None:
    for level in (1, 2, 3, 4):
        assert all(len(point.letters) == point.items for point in points(level))
