"""Marks: only in events that meet the query, each on text that meets it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fengsui.query.highlight import MOST, Mark, marks
from fengsui.query.lucene import parse_lucene
from fengsui.query.match import matches
from fengsui.query.tree import Query
from fengsui.query.values import fold, text_of, values_of
from tests.contract.events import fields, queries


def shown(text: str, event: dict[str, object]) -> list[tuple[str, str]]:
    return [(one.field, cut(one, event)) for one in marks(parse_lucene(text), event)]


def cut(mark: Mark, event: dict[str, object]) -> str:
    return text_of(values_of(event[mark.field])[mark.index])[mark.start : mark.end]


EVENT: dict[str, object] = {
    "dns.question.name": "Mail.Example.CN",
    "source.ip": "10.0.0.1",
    "source.port": 443,
    "dns.answers.data": ["烽燧.example", None, "x"],
    "message": "<b>烽燧</b> said Example, example",
}


def test_what_is_marked() -> None:
    assert shown("dns.question.name:*.example.*", EVENT) == [("dns.question.name", ".Example.")]
    assert shown("source.ip:10.0.0.0/8 AND source.port:>400", EVENT) == [
        ("source.ip", "10.0.0.1"),
        ("source.port", "443"),
    ]
    assert shown("example", EVENT) == [
        ("dns.answers.data", "example"),
        ("dns.question.name", "Example"),
        ("message", "Example"),
        ("message", "example"),
    ]
    assert shown("烽燧", EVENT) == [("dns.answers.data", "烽燧"), ("message", "烽燧")]
    assert shown("message:*said*ample*", EVENT) == [("message", "said"), ("message", "ample")]
    assert shown("message:/.*said.*/", EVENT) == [("message", EVENT["message"])]
    assert shown("dns.answers.data:x OR source.port:80", EVENT) == [("dns.answers.data", "x")]
    for text in ("*", "NOT source.port:80", "_exists_:message", "message:*", "absent:1"):
        assert shown(text, EVENT) == []


def test_a_flood_is_bounded() -> None:
    event = {f"x.{n}": "a" * 100_000 for n in range(100)}
    assert len(marks(parse_lucene("a"), event)) == MOST


@given(query=queries(), event=fields())
def test_marks_are_of_what_was_asked(query: Query, event: dict[str, object]) -> None:
    for one in marks(query, event):
        text = text_of(values_of(event[one.field])[one.index])
        assert 0 <= one.start < one.end <= len(text) or text == ""


@given(event=fields(), word=st.sampled_from(["a", "example", "烽燧", "10", "İ"]))
def test_words_are_found_wherever_they_match(event: dict[str, object], word: str) -> None:
    query = parse_lucene(word)
    found = marks(query, event)
    assert bool(found) == matches(query, event)
    assert {fold(cut(one, event)) for one in found} <= {fold(word)}
