"""Decisions: obeyed whatever the order, the newest one winning over those that it contradicts."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.clusters import Clusters, Link
from fengsui.incident import Decision

ALERTS = [f"a{n}" for n in range(8)]


def decision(
    number: int, kind: str, together: list[str], apart: list[str], undone: bool
) -> Decision:
    by = "somebody" if undone else ""
    return Decision(
        f"d{number}",
        kind,
        "",
        "li",
        number,
        "",
        tuple(together),
        tuple(apart),
        undone_by=by,  # type: ignore[arg-type]
    )


@st.composite
def decisions(draw: st.DrawFn) -> list[Decision]:
    made: list[Decision] = []
    for number in range(draw(st.integers(0, 4))):
        some = draw(st.lists(st.sampled_from(ALERTS), min_size=2, max_size=5, unique=True))
        cut = draw(st.integers(1, len(some) - 1))
        split = draw(st.booleans())
        kind = "split" if split else "merge"
        sides = (some[:cut], some[cut:]) if split else (some, [])
        made.append(decision(number, kind, *sides, undone=draw(st.booleans())))
    return made


pairs = st.lists(st.tuples(st.sampled_from(ALERTS), st.sampled_from(ALERTS), st.integers(0, 9)))


def grouped(alerts: list[str], made: list[Decision], links: list[Link]) -> set[frozenset[str]]:
    clusters = Clusters(sorted(alerts), made)
    for link in sorted(links):
        clusters.join(link)
    assert len(clusters.links) == len(alerts) - len(clusters.groups())  # a forest: why for each
    return {frozenset(group) for group in clusters.groups()}


@settings(max_examples=200, deadline=None)
@given(made=decisions(), some=pairs, seed=st.integers(0, 99))
def test_the_newest_decision_holds_and_order_changes_nothing(
    made: list[Decision], some: list[tuple[str, str, int]], seed: int
) -> None:
    links = [Link(gap, "host", "h", min(a, b), max(a, b)) for a, b, gap in some if a != b]
    groups = grouped(ALERTS, made, links)
    mixed = random.Random(seed)
    others = [mixed.sample(each, len(each)) for each in (ALERTS, made, links)]
    assert grouped(*others) == groups  # type: ignore[arg-type]
    standing = [one for one in made if one.stands]
    if standing:
        newest = standing[-1]
        here = [group for group in groups if group & set(newest.together)]
        assert len(here) == 1
        assert here[0] >= set(newest.together)
        assert not here[0] & set(newest.apart)


def test_what_is_taken_back_has_no_effect() -> None:
    taken = decision(0, "merge", ["a0", "a1"], [], undone=True)
    assert grouped(["a0", "a1"], [taken], []) == {frozenset({"a0"}), frozenset({"a1"})}
