from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.conditions import (
    ALWAYS,
    ANY_FIELD,
    NEVER,
    All,
    Compare,
    Condition,
    Missing,
    Network,
    Not,
    Number,
    Present,
    Regex,
    SameAs,
    Some,
    Text,
    TimePart,
    Truth,
    Wild,
)
from detections.sigma.oracle import holds
from detections.sigma.regex_sample import text_found_by
from detections.sigma.satisfying import event_for
from detections.sigma.values import regex_search

CASES: tuple[Condition, ...] = (
    Text("a", ("x",)),
    All((
        Text("a", (Wild.MANY, "in")), Text("a", ("out", Wild.MANY)),
        Text("a", (Wild.MANY, "mid", Wild.MANY)),
    )),
    All((Text("a", (Wild.MANY, "x", Wild.MANY)), Not(Text("a", ("x",))))),
    All((Some((Text("a", ("1",)), Text("a", ("2",)))), Not(Text("a", ("1",))))),
    All((Number("p", 443), Truth("t", value=True), Network("ip", "10.0.0.0/8"), Compare("n", "gt", 5))),
    All((Missing("a"), Present("b"))),
    All((Not(Missing("a")), Not(Missing("b")), Not(SameAs("a", "b")))),
    SameAs("a", "b", starts=True),
    Regex("a", r"^\d{3}-[a-f]+(cmd|sh)$", "i"),
    TimePart("a", "hour", 7),
    Text(ANY_FIELD, (Wild.MANY, "word", Wild.MANY)),
    Not(Text("a", ("x",))),
    Text("a", ()),
)  # fmt: skip


def test_an_event_is_found_for_every_kind_of_demand() -> None:
    for condition in CASES:
        event = event_for(condition)
        assert event is not None, condition
        assert holds(condition, event), condition


def test_what_cannot_be_has_no_event() -> None:
    assert event_for(NEVER) is None
    assert event_for(All((Text("a", ("x",)), Text("a", ("y",))))) is None
    assert event_for(All((Missing("a"), Text("a", ("x",))))) is None
    assert event_for(ALWAYS) == {}


def test_fields_that_the_event_has_anyway_are_kept() -> None:
    assert event_for(Text("a", ("x",)), {"b": 1}) == {"a": "x", "b": 1}


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_it_returns_meets_the_condition(
    data: st.DataObject, conditions: st.SearchStrategy[Condition]
) -> None:
    condition = data.draw(conditions)
    event = event_for(condition)
    assert event is None or holds(condition, event)


def test_texts_of_regular_expressions_are_found_by_them() -> None:
    for pattern in (
        r"adm.n", r"^x+$", r"(cmd|sh)\.exe", r"\d{2,}", r"[^a-z]{3}", r"\\[A-Z]:\\", r"(a)(b)\2", r"\s\S\w\W",
        r"(?:x|y)?z", r"[\d\-]{4}", r"a{1000}",
    ):  # fmt: skip
        text = text_found_by(pattern)
        assert text is not None
        if r"\2" not in pattern:  # no engine of linear time looks back
            assert regex_search(pattern, "")(text), pattern
    assert text_found_by("(") is None
    assert text_found_by("x{5000}") is None
