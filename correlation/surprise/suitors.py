"""Suitors: the cases that a case would be one with, were it known that both are of one site."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from correlation.surprise.case import Case, survivor


def woo(case: Case, wooed: Iterable[tuple[Case, float]]) -> None:
    """Remember which cases an item of this one would have joined, and by how many bits."""
    for other, value in ((survivor(other), value) for other, value in wooed):
        if other is not case:
            case.suitors[other.number] = case.suitors.get(other.number, 0.0) + value
            other.suitors[case.number] = other.suitors.get(case.number, 0.0) + value


def pass_on(merged: Case, heir: Case, find: Callable[[int], Case | None]) -> None:
    """The suitors of a case that was merged are those of the case that it became a part of."""
    for number, value in merged.suitors.items():
        suitor = find(number)
        if suitor is None or suitor is heir:
            continue
        suitor.suitors.pop(merged.number, None)
        suitor.suitors[heir.number] = suitor.suitors.get(heir.number, 0.0) + value
        heir.suitors[number] = heir.suitors.get(number, 0.0) + value
    heir.suitors.pop(merged.number, None)
    merged.suitors = {}
