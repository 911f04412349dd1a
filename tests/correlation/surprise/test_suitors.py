"""Which cases would be one, were it known where their subnets belong."""

from __future__ import annotations

from correlation.surprise.case import Case
from correlation.surprise.suitors import pass_on, woo


def test_both_sides_remember_and_a_merged_case_hands_on_what_it_had() -> None:
    first, second, third = (Case(number, 0, 0) for number in range(3))
    cases = {case.number: case for case in (first, second, third)}
    woo(first, [(second, 7.0), (third, 6.5), (first, 9.0)])
    woo(third, [(second, 8.0)])
    assert first.suitors == {1: 7.0, 2: 6.5}
    assert second.suitors == {0: 7.0, 2: 8.0}
    second.merged = first
    pass_on(second, first, cases.get)
    assert first.suitors == {2: 14.5} == {2: third.suitors[0]}
    assert third.suitors == {0: 14.5}
    assert not second.suitors
    woo(third, [(second, 1.0)])  # what was merged stands for its heir
    assert third.suitors == {0: 15.5} == {0: first.suitors[2]}
