import pytest

from detections.sigma.documents import MOST_VALUES, Document, Items, Map, documents, plain
from detections.sigma.faults import WrongRule


def one(text: str) -> object:
    (found,) = documents(text)
    assert isinstance(found, Document), found
    return found.content


def fault(text: str) -> WrongRule:
    (found,) = documents(text)
    assert isinstance(found, WrongRule), found
    return found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("4624", 4624), ("-1", -1), ("1.5", 1.5), ("0x17", 23), ("0b11", 3), ("1_000", 1000),
        ("true", True), ("No", False), ("ON", True), ("~", None), ("null", None), ("", None),
        ("0755", "0755"), ("12:30", "12:30"), ("2026-11-21", "2026-11-21"), (".nan", ".nan"),
        (".inf", ".inf"), ("1e5", "1e5"), ("9" * 21, "9" * 21), ("18446744073709551615", 2**64 - 1),
        ("'4624'", "4624"), ('"true"', "true"), ("!!str 1", "1"), ("!!int 7", 7), ("=", "="),
        ("y", "y"), ("-", ["-"]), ("+", "+"), ("1.1.1.1", "1.1.1.1"), ("1.e", "1.e"),
    ],
)  # fmt: skip
def test_scalars(written: str, value: object) -> None:
    if written == "-":
        assert plain(one("k: ['-']")) == {"k": ["-"]}
    else:
        found = one(f"k: {written}")
        assert isinstance(found, Map)
        assert found["k"] == value
        assert type(found["k"]) is type(value)


def test_odd_spellings_are_kept() -> None:
    found = one("a: 0x17\nb: 1.10\nc: yes\nd: 7\ne: [1.0, 2, off]\nf: TRUE\n")
    assert isinstance(found, Map)
    assert found.written == {"a": "0x17", "b": "1.10", "c": "yes"}
    assert isinstance(found["e"], Items)
    assert found["e"].written == {2: "off"}


def test_lines_of_keys_and_values() -> None:
    found = one("# head\na: 1\nb:\n  c: 2\n  d:\n    - x\n    - y\n")
    assert isinstance(found, Map)
    assert (found.line, found.lines) == (2, {"a": 2, "b": 3})
    assert found["b"].lines == {"c": 4, "d": 5}
    assert found["b"]["d"].lines == [6, 7]


def test_keys_are_text_whatever_they_look_like() -> None:
    assert plain(one("on: 1\n1: 2\nnull: 3\n")) == {"on": 1, "1": 2, "null": 3}


def test_anchors_aliases_and_merges() -> None:
    text = (
        "b: &b {x: 1, y: 2}\nc: {<<: *b, y: 3}\nd: {<<: [{z: 1}, *b]}\ne: *b\nf: &s one\n*s : two\n"
    )
    assert plain(one(text)) == {
        "b": {"x": 1, "y": 2},
        "c": {"x": 1, "y": 3},
        "d": {"x": 1, "y": 2, "z": 1},
        "e": {"x": 1, "y": 2},
        "f": "one",
        "one": "two",
    }


def test_documents_end_and_begin() -> None:
    found = list(documents("a: 1\n--- # next\nb: 2\n...\n---\nc: 3\n---\n"))
    assert [one.line for one in found] == [1, 3, 6, 8]
    assert [plain(one.content) for one in found if isinstance(one, Document)] == [
        {"a": 1}, {"b": 2}, {"c": 3}, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "twice in one map, first on line 1"),
        ("a: &a [*a]\n", 1, "inside its own anchor"),
        ("a: &a {b: {c: *a}}\n", 1, "inside its own anchor"),
        ("a: *b\n", 1, "undefined alias|no anchor"),
        ("a: !!python/object:x.y {}\n", 1, "the tag"),
        ("a: !odd 1\n", 1, "the tag"),
        ("[a]: 1\n", 1, "a key is a text"),
        ("a: {<<: 3}\n", 1, "<< takes a map"),
        ("a:\n\tb: 1\n", 2, "a tab"),
        ("a: [1\n", 2, "not YAML"),
        ("a: \x07\n", 1, "not YAML"),
        ("a: " + "[" * 500 + "]" * 500, 1, "nested deeper"),
        ("- " * 100_000, 1, "nested deeper"),
    ],
)
def test_faults_have_lines(text: str, line: int, reason: str) -> None:
    import re

    found = fault(text)
    assert re.search(reason, str(found))
    assert found.line == line


def test_aliases_cost_what_they_unfold_to() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 10))
    assert f"more than {MOST_VALUES}" in str(fault(f"l0: &l0 [{', '.join('x' * 10)}]\n{levels}"))
