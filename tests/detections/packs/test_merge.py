"""Laws of the three-way merge: nothing of either side is lost silently."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from detections.packs.merge import changes, merge

_lines = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "title: x", "  - y"]), max_size=12)
texts = st.builds(
    lambda lines, end: "\n".join(lines) + ("\n" if end and lines else ""), _lines, st.booleans()
)


@given(texts, texts)
def test_without_a_local_change_upstream_comes(base: str, upstream: str) -> None:
    assert merge(base, base, upstream).text == upstream
    assert merge(base, base, upstream).clean


@given(texts, texts)
def test_without_an_upstream_change_local_stays(base: str, local: str) -> None:
    assert merge(base, local, base).text == local
    assert merge(base, local, base).clean


@given(texts, texts)
def test_the_same_change_on_both_sides_is_no_conflict(base: str, both: str) -> None:
    assert merge(base, both, both).text == both


def _added(base: str, side: str) -> Counter[str]:
    return Counter(side.splitlines()) - Counter(base.splitlines())


def _removed(base: str, side: str) -> Counter[str]:
    return Counter(base.splitlines()) - Counter(side.splitlines())


@settings(max_examples=300)
@given(texts, texts, texts)
def test_no_line_is_lost_silently(base: str, local: str, upstream: str) -> None:
    merged = merge(base, local, upstream)
    found = Counter(merged.text.splitlines())
    for one, other in ((local, upstream), (upstream, local)):
        # What one side holds is there, but for what the other side removed.
        for line, count in Counter(one.splitlines()).items():
            assert found[line] >= count - _removed(base, other)[line], line
    if merged.clean:
        assert "<<<<<<<" not in merged.text
        # And nothing stands there that neither side brought.
        for line, count in found.items():
            most = base.splitlines().count(line)
            assert count <= most + _added(base, local)[line] + _added(base, upstream)[line]
    else:
        for conflict in merged.conflicts:
            lines = merged.text.splitlines()
            assert lines[conflict.line - 1] == "<<<<<<< local"


@given(texts, texts, texts)
def test_sides_are_alike(base: str, local: str, upstream: str) -> None:
    one, other = merge(base, local, upstream), merge(base, upstream, local)
    assert one.clean == other.clean
    if one.clean:
        assert one.text == other.text


def test_hunks_apart_are_merged() -> None:
    base = "title: T\nid: 1\nlevel: low\ndetection: x\ntags: y\n"
    local = base.replace("level: low", "level: high")
    upstream = base.replace("tags: y", "tags: z")
    assert merge(base, local, upstream).text == (
        "title: T\nid: 1\nlevel: high\ndetection: x\ntags: z\n"
    )


def test_hunks_that_touch_are_a_conflict() -> None:
    base = "a\nb\nc\nd\n"
    merged = merge(base, "a\nB\nc\nd\n", "a\nb\nC\nd\n")
    assert [(c.line, c.base, c.local, c.upstream) for c in merged.conflicts] == [
        (2, ("b\n", "c\n"), ("B\n", "c\n"), ("b\n", "C\n"))
    ]
    assert merged.text.startswith("a\n<<<<<<< local\nB\nc\n=======\nb\nC\n>>>>>>> upstream\nd")


def test_huge_texts_are_not_compared() -> None:
    many = "x\n" * 20_001
    assert not merge("a\n", many, many + "y\n").clean
    assert "too many lines" in changes(many, "b\n", "1", "2")


@given(texts, texts)
def test_a_diff_is_empty_only_for_equals(older: str, newer: str) -> None:
    assert (changes(older, newer, "1", "2") == "") == (older == newer)
