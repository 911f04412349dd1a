"""Warnings: coloured by harm and importance, with reasons, worst first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.situation.warnings import Threatened, due_at, propose
from fengsui.clock import MINUTE
from fengsui.severity import Severity
from fengsui.text import literal
from fengsui.warning import COLOURS

threatened = st.builds(
    Threatened,
    incident=st.uuids().map(str),
    title=st.just(literal("事", "what")),
    severity=st.sampled_from(list(Severity)),
    importance=st.integers(1, 4),
    important=st.sampled_from(["", "portal"]),
    units=st.lists(st.text(min_size=1, max_size=3), max_size=5, unique=True).map(tuple),
    stages=st.integers(0, 14),
)


@given(st.lists(threatened, max_size=20))
def test_worst_first_each_with_reasons_that_can_be_read(found: list[Threatened]) -> None:
    made = propose(found)
    ranks = [COLOURS.index(each.colour) for each in made]
    assert ranks == sorted(ranks)
    for each in made:
        assert each.reasons
        assert all("{" not in reason.render("zh") + reason.render("en") for reason in each.reasons)


@given(threatened, st.integers(1, 4))
def test_more_importance_or_harm_never_lightens(one: Threatened, importance: int) -> None:
    def rank(each: Threatened) -> int:
        made = propose([each])
        return -COLOURS.index(made[0].colour) if made else -len(COLOURS)

    from dataclasses import replace

    if importance >= one.importance:
        assert rank(replace(one, importance=importance)) >= rank(one)
    if one.severity < Severity.CRITICAL:
        assert rank(replace(one, severity=Severity(one.severity + 1))) >= rank(one)


def test_a_worse_colour_must_be_answered_sooner() -> None:
    times = [due_at(colour, 0) for colour in COLOURS]
    assert times == sorted(times)
    assert times[0] == 15 * MINUTE
