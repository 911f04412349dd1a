"""YAML with lines, and what is refused."""

from __future__ import annotations

import pytest

from fengsui.errors import RuleError
from playbooks.written import read_yaml


def test_every_value_has_its_line():
    written = read_yaml("a: 1\nb:\n  - c: 真\n    d: [x]\n", "f.yml")
    assert written.value == {"a": 1, "b": [{"c": "真", "d": ["x"]}]}
    assert written.lines["b", 0, "d"] == 4
    assert written.error("wrong", ("b", 0, "missing")).where == "f.yml:3"


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: 1\na: 2",
        "a: &x 1\nb: *x",
        "[1]: 2",
        "a: " + "[" * 3000,
        "x" * 300_000,
        "\x00",
    ],
)
def test_hostile_text_is_an_error_with_a_line(text):
    with pytest.raises(RuleError) as error:
        read_yaml(text, "f.yml")
    assert error.value.where.startswith("f.yml:")
