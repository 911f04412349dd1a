from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.conditions import Condition, Number, Some, Text, Wild
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
