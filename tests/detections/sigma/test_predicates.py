from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.conditions import All, Condition, Number, Some, Text, Wild
from detections.sigma.oracle import holds
from detections.sigma.predicates import View, compiled


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_compiled_predicates_are_the_oracle(
    data: st.DataObject,
    conditions: st.SearchStrategy[Condition],
    events: st.SearchStrategy[dict[str, object]],
) -> None:
    condition, event = data.draw(conditions), data.draw(events)
    assert bool(compiled(condition)(View(event))) == holds(condition, event)


def test_alternatives_of_one_field_become_one_test() -> None:
    many = Some(
        (
            Text("a", ("Equal",)),
            Text("a", ("start", Wild.MANY)),
            Text("a", (Wild.MANY, "end")),
            Text("a", (Wild.MANY, "inside", Wild.MANY)),
            Text("a", ("o", Wild.MANY, "t")),
            Number("a", 7),
        )
    )
    test = compiled(many)
    for value in ("EQUAL", "Starting", "the END", "x inside y", "ought", 7, "7", ["no", "equal"]):
        assert test(View({"a": value})), value
    for value in ("", "equals", "restart", "ending", "out of", 8, True, None, []):
        assert not test(View({"a": value})), value


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_decided_one_event_changes_nothing_for_the_next(
    data: st.DataObject,
    conditions: st.SearchStrategy[Condition],
    events: st.SearchStrategy[dict[str, object]],
) -> None:
    many = data.draw(st.lists(conditions, min_size=2, max_size=5))
    condition = Some(tuple(many)) if data.draw(st.booleans()) else All(tuple(many))
    test = compiled(condition)
    for event in data.draw(st.lists(events, max_size=8)):
        assert bool(test(View(event))) == holds(condition, event)


@given(st.lists(st.lists(st.sampled_from(["Admin", "aDMIN", "ß", "İ", "x", "K"])), max_size=6))
def test_long_texts_are_found_however_they_are_spelled(texts: list[list[str]]) -> None:
    condition = Some(
        tuple(Text("a", (Wild.MANY, one, Wild.MANY)) for one in ("admin", "XX", "istanbul"))
    )
    test = compiled(condition)
    for words in texts:
        event: dict[str, object] = {"a": "-" * 600 + "".join(words)}
        assert bool(test(View(event))) == holds(condition, event)
