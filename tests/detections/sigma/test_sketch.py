from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma import sketch as module
from detections.sigma.conditions import ALWAYS, Condition, Text, Wild
from detections.sigma.literals import FOLDED_TO_ASCII
from detections.sigma.matcher import Later, Matcher
from detections.sigma.oracle import holds
from detections.sigma.sketch import sketch_of
from detections.sigma.targets import Names, Target


@pytest.fixture(scope="module", autouse=True)
def routed() -> Iterator[None]:
    with patch.object(module, "ROUTED", frozenset({"a", "b.c"})):
        yield


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_meets_a_condition_meets_its_sketch(
    data: st.DataObject,
    conditions: st.SearchStrategy[Condition],
    events: st.SearchStrategy[dict[str, object]],
) -> None:
    condition, event = data.draw(conditions), data.draw(events)
    sketch = sketch_of(condition)
    if not holds(condition, event):
        return
    assert holds(sketch.when, event)
    raw = orjson.dumps(event)
    if sketch.literals is not None and not any(one in raw for one in FOLDED_TO_ASCII):
        assert any(literal in raw.lower() for literal in sketch.literals)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_rules_known_by_their_sketch_find_what_the_oracle_finds_singly_and_in_batches(
    data: st.DataObject,
    conditions: st.SearchStrategy[Condition],
    events: st.SearchStrategy[dict[str, object]],
) -> None:
    many = data.draw(st.lists(conditions, min_size=1, max_size=8))
    seen = data.draw(st.lists(events, min_size=1, max_size=8))
    portable = data.draw(st.booleans())
    routing = {"x": data.draw(st.sampled_from([(), ("a",), ("a", "b.c")]))}
    expected = [[n for n, one in enumerate(many) if holds(one, event)] for event in seen]
    raws = [orjson.dumps(event) for event in seen]
    for _ in range(2):
        entries = [later(number, one) for number, one in enumerate(many)]
        matcher = Matcher(entries, routing, portable=portable)
        rows = dict(matcher.match_all("x", seen, raws))
        assert [rows.get(place, []) for place in range(len(seen))] == expected
        singly = [matcher.match("x", *one) for one in zip(seen, raws, strict=True)]
        assert singly == expected


def later(number: int, condition: Condition) -> Later:
    sketch = sketch_of(condition)
    return Later(number, "x", sketch.when, lambda: condition, sketch.literals)


def test_a_sketch_holds_for_other_names_only_where_it_speaks_of_none() -> None:
    def renamed(condition: Condition, names: Names) -> bool:
        return sketch_of(condition).renamed(names) is not None

    text, other = ending("word"), Names({"f": Target(("g",))})
    assert renamed(text, Names({}, others=""))
    assert renamed(text, other)
    assert not renamed(text, Names({"f": Target(("g",), scale=1000)}))
    assert not renamed(text, Names({}))
    assert not renamed(ending("x"), other)  # its literal is the field's name
    assert sketch_of(text).when == ALWAYS


def ending(word: str) -> Condition:
    return Text("f", (Wild.MANY, word))
