import re

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.conditions import Condition, Not, Regex, Some, Text, Wild
from detections.sigma.literals import FOLDED_TO_ASCII, required, texts_of
from detections.sigma.oracle import holds
from detections.sigma.values import leaf_search


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_an_event_that_meets_a_condition_holds_one_of_its_literals(
    data: st.DataObject,
    conditions: st.SearchStrategy[Condition],
    events: st.SearchStrategy[dict[str, object]],
) -> None:
    condition, event = data.draw(conditions), data.draw(events)
    raw = orjson.dumps(event)
    literals = required(condition)
    if literals is None or any(one in raw for one in FOLDED_TO_ASCII):
        return
    if holds(condition, event):
        assert any(literal in raw.lower() for literal in literals)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Text("a", (Wild.MANY, "\\cmd.exe")), {b"\\\\cmd.exe"}),
        (Text("a", ("häuser-verwaltung",)), {b"user-verwaltung"}),
        (
            Some((Text("a", ("longer-one",)), Text("b", ("longer-two",)))),
            {b"longer-one", b"longer-two"},
        ),
        (Regex("a", "(alpha-one|beta-two)[0-9]+"), {b"alpha-one", b"beta-two"}),
        (Regex("a", "x*needle-here?"), {b"needle-her"}),
    ],
)
def test_the_rarest_literals_are_chosen(condition: Condition, expected: set[bytes]) -> None:
    assert required(condition) == expected


@given(st.text(st.sampled_from('aB0 \\"/\x01\x1f\x7fäK~'), max_size=60))
def test_a_literal_is_the_longest_ascii_run_of_the_written_text(text: str) -> None:
    runs = re.findall(rb"[\x20-\x7e]+", orjson.dumps(text)[1:-1])
    longest = max((run[:48].lower().rstrip(b"\\") for run in runs), key=len, default=b"")
    if len(longest) >= 4:
        assert required(Text("a", (text,))) == frozenset({longest})


def test_nothing_can_be_required_of_a_negation() -> None:
    assert required(Not(Text("a", ("long-enough",)))) is None


@given(
    st.sampled_from(
        [
            r"cmd.{0,5}(?:/c|/r).+power", "(ab|cd)+x?y", "a{2,3}b", "^(?:x|y\\.z)$", "K|k", "(?i)ab",
            "a(b|)c", "[ab]c|de", "\\bab\\b", "ä(ö|ü)",
        ]
    ),
    st.text(st.sampled_from("abcdexyz./mrpowKkäöüAB "), max_size=30),
    st.sampled_from(["", "s", "i"]),
)  # fmt: skip
def test_a_text_that_a_pattern_finds_holds_one_of_each_set(
    pattern: str, text: str, flags: str
) -> None:
    leaf = Regex("f", pattern, flags)
    if leaf_search(leaf)(text):
        assert all(any(one in text for one in needles) for needles in texts_of(leaf))


def test_the_texts_of_a_pattern_are_the_longest_first() -> None:
    found = texts_of(Regex("f", r"cmd.{0,5}(?:/c|/r).+powershell.+(?:input|noexit)"))
    assert found == (("powershell",), ("input", "noexit"), ("cmd",), ("/",))
    assert texts_of(Regex("f", "abc", "i")) == texts_of(Regex("f", "(?i)abc")) == ()
