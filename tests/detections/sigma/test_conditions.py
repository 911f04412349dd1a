from hypothesis import given
from hypothesis import strategies as st

from detections.sigma.conditions import (
    ALWAYS,
    NEVER,
    All,
    Condition,
    Missing,
    Not,
    Number,
    Some,
    Text,
    leaves,
    replaced,
    simplified,
)
from detections.sigma.oracle import holds

A, B = Text("a", ("x",)), Number("b", 1)

conditions = st.recursive(
    st.sampled_from([ALWAYS, NEVER, A, B, Missing("a")]),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=3).map(lambda many: All(tuple(many))),
        st.lists(inner, max_size=3).map(lambda many: Some(tuple(many))),
    ),
    max_leaves=12,
)
events = st.fixed_dictionaries(
    {}, optional={"a": st.sampled_from(["x", "y"]), "b": st.integers(0, 2)}
)


@given(conditions, events)
def test_simplifying_changes_nothing(condition: Condition, event: dict[str, object]) -> None:
    assert holds(simplified(condition), event) == holds(condition, event)


@given(conditions)
def test_simplified_is_stable_and_free_of_constants_inside(condition: Condition) -> None:
    once = simplified(condition)
    assert simplified(once) == once
    assert once in (ALWAYS, NEVER) or not any(one in (ALWAYS, NEVER) for one in _inside(once))


def test_repeated_children_and_nested_groups_become_one() -> None:
    assert simplified(All((A, All((A, B)), A))) == All((A, B))
    assert simplified(Some((A,))) == A
    assert simplified(Not(Not(A))) == A


def test_leaves_are_replaced_with_their_sign() -> None:
    signs: list[tuple[object, bool]] = []

    def change(leaf: Condition, positive: bool) -> Condition:
        signs.append((leaf, positive))
        return leaf

    replaced(All((A, Not(Some((B, Not(A)))))), change)
    assert signs == [(A, True), (B, False), (A, True)]
    assert list(leaves(Not(All((A, B))))) == [A, B]


def _inside(condition: Condition) -> list[Condition]:
    match condition:
        case Not(child):
            return [child, *_inside(child)]
        case All(children) | Some(children):
            return [*children, *(one for child in children for one in _inside(child))]
        case _:
            return []
