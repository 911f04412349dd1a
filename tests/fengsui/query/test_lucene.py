"""Laws of `fengsui.query`: what texts mean, where faults are, and that rendering is undone by parsing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.query.lucene import DEEPEST, LONGEST, parse_lucene
from fengsui.query.pattern import escape, has_wildcards
from fengsui.query.render import to_lucene
from fengsui.query.scanner import QueryError
from fengsui.query.tree import (
    All,
    Any,
    Anywhere,
    Everything,
    Exists,
    Not,
    Query,
    Range,
    Regex,
    Term,
)

A, B, C = Term("a", "1"), Term("b", "2"), Term("c", "3")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        ("  *  ", Everything()),
        ("*:*", Everything()),
        ("a:1 b:2", All((A, B))),
        ("a:1 AND b:2 && c:3", All((A, B, C))),
        ("a:1 OR b:2 c:3", Any((A, All((B, C))))),
        ("a:1 || b:2", Any((A, B))),
        ("(a:1 OR b:2) c:3", All((Any((A, B)), C))),
        ("NOT a:1 -b:2 !c:3", All((Not(A), Not(B), Not(C)))),
        ("+a:1 +b:2", All((A, B))),
        ("NOT NOT a:1", Not(Not(A))),
        ("not", Anywhere("not")),
        ("a:(1 OR 2)", Any((A, Term("a", "2")))),
        ("a:(1 -2)", All((A, Not(Term("a", "2"))))),
        ("source.ip:10.0.0.0/8", Term("source.ip", "10.0.0.0/8")),
        ("source.ip:2001:db8::/32", Term("source.ip", "2001:db8::/32")),
        ('source.ip:"::1"', Term("source.ip", "::1")),
        ("2001:db8::1", Anywhere("2001:db8::1")),
        ("::1", Anywhere("::1")),
        ("00:1b:21:aa:bb:cc", Anywhere("00:1b:21:aa:bb:cc")),
        ("http://a.cn/x", Anywhere("http://a.cn/x")),
        ("@timestamp:2026-11-21T08:00:00Z", Term("@timestamp", "2026-11-21T08:00:00Z")),
        ("f:[1 TO 2}", Range("f", "1", "2", True, False)),
        ("f:{* TO *]", Range("f", None, None, False, True)),
        ('f:["a b" TO "*"]', Range("f", "a b", "*")),
        ("f:>=5", Range("f", "5", None)),
        ("f:>5", Range("f", "5", None, False)),
        ("f:<-5", Range("f", None, "-5", True, False)),
        ("f:<=5", Range("f", None, "5")),
        (r"f:/a\/b\d+/", Regex("f", r"a/b\d+")),
        ("_exists_:f.g", Exists("f.g")),
        ("f:*", Exists("f")),
        ("f:a*b?", Term("f", "a*b?", True)),
        (r"f:a\*b", Term("f", "a*b")),
        (r"f:a\*b*", Term("f", r"a\*b*", True)),
        (r"f:C\:\\Windows", Term("f", r"C:\Windows")),
        (r'"C:\\Win*"', Anywhere(r"C:\\Win\*")),
        ("Weird\\ Name:x", Term("Weird Name", "x")),
        ("烽燧:平安*", Term("烽燧", "平安*", True)),
    ],
)
def test_meaning(text: str, tree: Query) -> None:
    assert parse_lucene(text) == tree


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a AND", 5),
        ("AND a", 0),
        ("a OR OR b", 5),
        ("(a", 0),
        ("a:1 (b:2", 4),
        ("a)", 1),
        ("()", 1),
        ("f:", 2),
        ("f: x", 2),
        (":x", 0),
        ("f:[1 2]", 5),
        ("f:[1 TO 2", 2),
        ("f:/(/", 2),
        ("f:/abc", 2),
        ("f:/cgi-bin/test", 11),
        ("/etc/passwd", 0),
        ('x "abc', 2),
        ("word^2", 4),
        ("word~", 4),
        ('f:"x y"~2', 7),
        ("x -", 3),
        ("da*.x:y", 0),
        ("f:>", 3),
        ("_exists_:", 9),
        ("a\\", 1),
        ("a [b", 2),
        ("(" * (DEEPEST + 1) + "a", DEEPEST),
        ("x" * (LONGEST + 1), LONGEST),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse_lucene(text)
    assert caught.value.position == position
    assert caught.value.where == f"character {position + 1}"
    assert caught.value.code == "bad_query"
    assert caught.value.next


names = st.text(min_size=1, max_size=6).filter(
    lambda n: "*" not in n and n not in {"_exists_", "AND", "OR", "NOT"} and n.isprintable()
)
texts = st.text(max_size=8)
patterns = st.lists(
    st.sampled_from(["*", "?"]) | texts.filter(bool).map(escape), min_size=1, max_size=4
).map("".join)


def leaves() -> st.SearchStrategy[Query]:
    return st.one_of(
        st.just(Everything()),
        st.builds(Term, names, texts),
        st.builds(Term, names, patterns.filter(lambda p: has_wildcards(p) and p != "*"), st.just(True)),
        texts.map(escape).map(Anywhere),
        patterns.filter(lambda p: p != "*").map(Anywhere),
        st.builds(Exists, names),
        st.builds(Range, names, st.none() | texts, st.none() | texts, st.booleans(), st.booleans()),
        st.builds(Regex, names, st.sampled_from(["a/b", r"\d+", "", r"a\\/", "[/]", "(x|y)*"])),
    )  # fmt: skip


trees = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Any(tuple(parts))),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_parsing_undoes_rendering(tree: Query) -> None:
    assert parse_lucene(to_lucene(tree)) == tree


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30) | st.text('ab:()[]{}"/\\ANDORT *?<>=!+-~^&|', max_size=30))
def test_hostile_text_is_a_tree_or_a_fault_inside_it(text: str) -> None:
    position = 0
    try:
        tree = parse_lucene(text)
    except QueryError as error:
        position = error.position
    else:
        assert parse_lucene(to_lucene(tree)) == tree
    assert 0 <= position <= len(text)


def test_empty_groups_of_a_made_tree_are_written_as_what_they_mean() -> None:
    assert parse_lucene(to_lucene(All(()))) == Everything()
    assert parse_lucene(to_lucene(Any(()))) == Not(Everything())
