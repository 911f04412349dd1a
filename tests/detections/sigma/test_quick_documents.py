from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.containers import Items, Map
from detections.sigma.documents import Document, read_by_event
from detections.sigma.places import rule_files
from detections.sigma.quick_documents import quick_document

RULES = Path(__file__).parents[3] / "detections" / "rules"


def told(value: object) -> object:
    """All that is known of a value."""
    if isinstance(value, Map):
        rows = [(name, told(one)) for name, one in value.items()]
        return "map", value.line, list(value.lines.items()), value.written, rows
    if isinstance(value, Items):
        return "list", value.line, value.lines, value.written, [told(one) for one in value]
    return type(value), value


def is_quick(text: str) -> bool:
    """Whether a text is read quickly; then it must be read as by event."""
    quick = quick_document(text)
    if quick is None:
        return False
    (slow,) = read_by_event(text)
    assert isinstance(slow, Document), (text, slow)
    assert (slow.line, told(slow.content)) == (quick.line, told(quick)), text
    return True


SCALARS = st.sampled_from([
    "", "x", "a b ", "7", "0x17", "yes", "NO", "1.10", "~", "null", "-1", "-x", "- x", "---", "--- x",
    "...", "'it''s'", "'a' ", "'a'b", "'a: b'", "'", "''", "' # '", '"b"', '""', '"a\\n"', '"', "a: b",
    "a:b", "a:", ":",
    "a #b", "a#b", "#", " #c", "x # c", "http://h/p", r"C:\Windows\*", "*a", "&a b", "!t x", "[a, b]",
    "{a: b}",
    "a, [b] {c}", "| ", "|-", "|", "|+", "|2", ">", "%x", "@x", "`x`", "?", "? x", "?x", ":x", "=",
    "<<", "é中",
    "\u2028", "\t", "x\t", "\U0001f600", "\x07", "\r", "\x85", "\xa0", "a\xa0#b", "a ", ",", "]", "a'b",
    'a"b', "+",
])  # fmt: skip
KEYS = st.sampled_from([
    "", "a:", "b:", "a|contains:", "c.d:", "on:", "1:", "<<:", "'q':", "a b:", "a :", "é:", "k" * 127 + ":",
    "k" * 128 + ":", "k" * 200 + ":", "a:b:", "-", "--",
])  # fmt: skip
LINES = st.tuples(
    st.integers(0, 6), st.sampled_from(["", "", "- ", "-   ", "- - ", "-"]), KEYS,
    st.sampled_from(["", " ", "   "]), SCALARS,
)  # fmt: skip


def written(lines: Sequence[tuple[int, str, str, str, str]], end: str) -> str:
    return "\n".join(" " * indent + "".join(rest) for indent, *rest in lines) + end


@settings(max_examples=300)
@given(st.lists(LINES, min_size=1, max_size=7), st.sampled_from(["\n", "\n", "", "\n\n", "\n  \n"]))
def test_lines_of_any_kind(lines: list[tuple[int, str, str, str, str]], end: str) -> None:
    is_quick(written(lines, end))


TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b|re", "c.d", "on"]), inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def block(value: object, indent: str, step: str) -> str:
    """A tree in block style, each level a step deeper."""
    if isinstance(value, str):
        return f" {value}\n{indent}  text\n" if value == "|" else f" {value}\n"
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        rows = "".join(f"{indent}{key}:{block(one, indent + step, step)}" for key, one in pairs)
        return "\n" + rows
    items = cast("list[object]", value)
    return "\n" + "".join(f"{indent}-{block(one, indent + '  ', step)}" for one in items)


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from("abc"), TREES, min_size=1), st.sampled_from(["", " ", "    "])
)
def test_trees_in_block_style(tree: dict[str, object], step: str) -> None:
    is_quick(block(tree, "", step)[1:])


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "# head\n\na: 'x' # why\nb:\n- 1\n-   c: 2\n    d:\n    - yes\n    e:\nf:\n",
        "a: |\n  one\n\n    # two\n\n\nb: |-\n x\n\n# end\n",
        "  a:\n     b: http://x/#y\n  c: é\n",
    ],
)
def test_plain_documents_are_quick(text: str) -> None:
    assert is_quick(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "- a\n", "a\n", "a: 1", "a: 1\na: 2\n", "a: b\n  c\n", "a:\n  b\n", "a: |\nb: 1\n",
        "a: |\n \n  x\n",
        "a: |\n  x\n \nb: 1\n", "a:\n    b: 1\n  c: 2\n", "---\na: 1\n", "a: 1\n---\nb: 1\n",
        "%YAML 1.1\n---\na: 1\n",
        "".join(" " * n + "a:\n" for n in range(40)),
    ],
)  # fmt: skip
def test_all_else_is_left_to_the_events(text: str) -> None:
    assert not is_quick(text)


@pytest.mark.parametrize(
    "line", ["a: b" + " " * 150_000 + ": c", "a: '" + "''" * 70_000, "a" * 190_000]
)
def test_a_long_line_is_read_once(line: str) -> None:
    assert not is_quick(line + "\n")


def test_our_own_rules() -> None:
    texts = [Path(name).read_text("utf-8") for name, _ in rule_files(RULES)]
    quick = [is_quick(text) for text in texts]
    assert len(quick) > 100
