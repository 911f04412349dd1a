"""Micro cases of the specification and of what engines are known to get wrong."""

import pytest

from detections.sigma.conditions import (
    ANY_FIELD,
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
from detections.sigma.oracle import holds, like, matched

MANY, ONE = Wild.MANY, Wild.ONE


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        (Text("a", ("Admin",)), {"a": "ADMIN"}, True),
        (Text("a", ("Admin",), cased=True), {"a": "ADMIN"}, False),
        (Text("a", ("ÄPFEL",)), {"a": "äpfel"}, True),
        (Text("a", ("x_y%",)), {"a": "xzy!"}, False),
        (Text("a", (MANY, "b", MANY)), {"a": "one\nb\ntwo"}, True),
        (Text("a", ("a", ONE, "c")), {"a": "ac"}, False),
        (Text("a", ()), {"a": ""}, True),
        (Text("a", ()), {}, False),
        (Text("a", (MANY,)), {"a": ""}, True),
        (Text("a", (MANY,)), {}, False),
        (Text("a", ("true",)), {"a": True}, True),
        (Text("a", ("4624",)), {"a": 4624}, True),
        (Text("a", ("x",)), {"a": ["y", "X"]}, True),
        (Text("a", ("x",)), {"a": None}, False),
        (Text(ANY_FIELD, (MANY, "katz", MANY)), {"z": ["-", "MimiKatz.exe"]}, True),
        (Not(Text("a", ("x",))), {}, True),
        (Number("a", 4624), {"a": "4624"}, True),
        (Number("a", 1), {"a": True}, False),
        (Truth("a", value=True), {"a": "TRUE"}, True),
        (Truth("a", value=False), {"a": False}, True),
        (Compare("a", "gte", 10), {"a": "9"}, False),
        (Compare("a", "gt", 10), {"a": "11.5"}, True),
        (Compare("a", "lt", 10), {"a": "nine"}, False),
        (Compare("a", "lt", 10), {}, False),
        (Missing("a"), {}, True),
        (Missing("a"), {"a": None}, True),
        (Missing("a"), {"a": ""}, False),
        (Present("a"), {"a": None}, True),
        (Present("a"), {}, False),
        (Regex("a", "^ab"), {"a": "AB"}, False),
        (Regex("a", "^ab", "i"), {"a": "xAB"}, False),
        (Regex("a", "b.c", "s"), {"a": "ab\nc"}, True),
        (Regex("a", "(?=.*x).*y"), {"a": "y x"}, True),
        (Network("a", "10.0.0.0/8"), {"a": "10.255.1.1"}, True),
        (Network("a", "10.0.0.0/8"), {"a": "10.evil"}, False),
        (Network("a", "2001:db8::/32"), {"a": "2001:0DB8::1"}, True),
        (Network("a", "::/0"), {"a": "1.2.3.4"}, False),
        (SameAs("a", "b"), {"a": "X", "b": "x"}, True),
        (SameAs("a", "b", ends=True), {"a": "www.x", "b": ["y", "X"]}, True),
        (SameAs("a", "b"), {"a": "x"}, False),
        (TimePart("a", "hour", 7), {"a": "2026-11-21T07:49:45.123Z"}, True),
        (TimePart("a", "week", 47), {"a": "2026-11-21T07:49:45Z"}, True),
        (TimePart("a", "year", 2026), {"a": "yesterday"}, False),
    ],
)
def test_micro_case(condition: Condition, event: dict[str, object], expected: bool) -> None:
    assert holds(condition, event) is expected


def test_like_walks_all_ways_through_wildcards() -> None:
    assert like("aaab", (MANY, "a", ONE, MANY, "b"))
    assert not like("aab", ("a", ONE, ONE, ONE))


def test_matched_names_the_leaves_that_were_met_outside_of_negations() -> None:
    a, b, c = Text("a", ("x",)), Text("b", ("y",)), Text("c", ("z",))
    condition = All((Some((a, b)), Not(c)))
    assert list(matched(condition, lambda one: holds(one, {"a": "x", "b": "n"}))) == [a]
