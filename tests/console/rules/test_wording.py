from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detections.sigma
from console.rules.checking import check_text
from console.rules.wording import in_chinese

RULE = """title: x
id: 6d3c2e52-0d05-4d69-8f0e-0c8a3f2f6a11
logsource: {category: dns}
detection:
  s: {query: a}
  condition: s
"""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("query: a", "query|endzwith: a"), ("'endzwith'", "未知的修饰符")),
        (("condition: s", "condition: s and t"), ("'t'", "没有定义")),
        (("title: x\n", ""), ("title",)),
        (("query: a", "query|re: '(a'"), ("正则表达式", "'(a'")),
        (("  s:", "\ts:"), ("制表符",)),
        (("category: dns", "category: nothing"), ("category nothing", "没有数据源")),
        (("title: x\n", "title: x\ntitle: y\n"), ("'title'", "两次")),
    ],
)
def test_what_is_wrong_is_said_in_chinese(change: tuple[str, str], words: tuple[str, ...]) -> None:
    first = check_text(RULE.replace(*change)).faults[0]
    assert all(word in in_chinese(first.message) for word in words)


def test_a_sentence_inside_a_sentence_is_told_too() -> None:
    assert "缺少" in in_chinese("it names 'a', which is refused: a rule needs a title")
    assert in_chinese("nobody has said this") == ""


def test_nearly_all_that_the_loader_says_has_a_sentence() -> None:
    """Plain texts of `raise ValueError("…")` in the loader's modules."""
    folder = Path(str(detections.sigma.__path__[0]))
    said = [
        node.args[0].value
        for name in ("header", "documents", "filters", "selections", "modifiers", "convert")
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if isinstance(node.args[0].value, str) and node.args[0].value.count(" ") > 3
    ]
    assert len(said) > 15
    assert [one for one in said if not in_chinese(one)] == []


def test_why_a_rule_is_not_live_is_said_in_chinese() -> None:
    """Every sentence of the module that says what feeds a rule, with names for its values."""
    source = Path(str(detections.sigma.__path__[0])) / "coverage.py"
    said = {
        "".join(
            str(part.value) if isinstance(part, ast.Constant) else "Name" for part in node.values
        )
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
    } - {"correlation Name"}
    said -= {one for one in said if one.startswith("Name here;")}
    said |= {"it would match every event", "no event can meet its condition"}
    said.add("nothing feeds the log source product x here; exported logs do, in a hunt (windows)")
    assert len(said) > 7
    assert [one for one in said if not in_chinese(one)] == []


@given(st.text(max_size=60))
def test_any_values_are_carried_over(value: str) -> None:
    found = in_chinese(f"the alias {value} has no anchor before it")
    assert not value or value in found
