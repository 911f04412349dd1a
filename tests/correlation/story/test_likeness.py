"""Likeness is symmetric, 1 for the same, and needs more than a role in common."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.story.likeness import LEAST, WEIGHTS, alike

_marks = st.sets(st.tuples(st.sampled_from(sorted(WEIGHTS)), st.sampled_from("abcde")), max_size=9)


@given(_marks, _marks)
def test_it_is_symmetric_and_bounded(
    one: set[tuple[str, str]], other: set[tuple[str, str]]
) -> None:
    there = alike(one, {"x": other})
    back = alike(other, {"x": one})
    assert [a.likeness for a in there] == [a.likeness for a in back]
    for found in there:
        assert LEAST <= found.likeness <= 1
        assert (found.likeness == 1) == (one == other)
        assert set(found.shared) == one & other


def test_a_role_alone_makes_nothing_alike() -> None:
    assert alike({("role", "c2")}, {"x": {("role", "c2")}}) == []
    (found,) = alike({("rule", "r")}, {"x": {("rule", "r")}, "y": {("rule", "s")}})
    assert (found.incident, found.likeness, found.shared) == ("x", 1.0, (("rule", "r"),))
