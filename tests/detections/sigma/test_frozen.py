from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.detections import OWN_RULES
from detections.sigma.conditions import All, Condition, Number, Truth
from detections.sigma.frozen import FrozenError, frozen, thawed
from detections.sigma.loaded import Loaded
from detections.sigma.loader import load


@given(data=st.data())
def test_a_condition_comes_back_as_it_was(
    data: st.DataObject, conditions: st.SearchStrategy[Condition]
) -> None:
    condition = data.draw(conditions)
    assert repr(thawed(frozen((condition, condition)))) == repr((condition, condition))


def test_equal_numbers_of_other_kinds_stay_apart() -> None:
    whole = All((Number("a", 1), Number("a", 1.0), Truth("a", True)))
    assert repr(thawed(frozen(whole))) == repr(whole)


def test_our_rules_come_back_as_they_were() -> None:
    loaded = load([OWN_RULES])
    back = thawed(frozen(loaded))
    assert isinstance(back, Loaded)
    assert back == loaded
    assert repr(back) == repr(loaded)


@pytest.mark.parametrize("value", [{1, 2}, print, 1 << 80, "\ud800", b"x"])
def test_what_has_no_form_is_refused(value: object) -> None:
    with pytest.raises(FrozenError):
        frozen((value, Path("x")))


@given(st.floats())
def test_floats_come_back_exactly(value: float) -> None:
    assert repr(thawed(frozen((value,)))) == repr((value,))


@pytest.mark.parametrize(
    "rows",
    [
        [["os:system", "true"]],
        [["subprocess:run", "true"]],
        [["builtins:eval", "1"]],
        [["fengsui.text:catalogue"]],
        [["(", [5]]],
        [["detections.sigma.conditions:Text", "a"]],
        [],
        [1],
        {"a": 1},
    ],
)
def test_nothing_but_rules_comes_out(rows: object) -> None:
    with pytest.raises(FrozenError):
        thawed(orjson.dumps(rows))


@given(st.binary())
def test_no_bytes_break_it(data: bytes) -> None:
    with pytest.raises(FrozenError):
        thawed(data)
