"""The registry of fields is well formed, and every sentence exists in both languages."""

from __future__ import annotations

import re

from fengsui.ecs import TABLES, registry
from fengsui.text import catalogue

TYPES = {"keyword", "text", "ip", "long", "float", "boolean", "date"}


def test_registry_is_well_formed() -> None:
    fields = registry()
    assert len(fields) > 100
    assert all(field.type in TYPES for field in fields.values())
    rows = [row for table in TABLES for row in table.read_text("utf-8").splitlines()[1:]]
    names = [row.split(",")[0] for row in rows if row]
    assert len(names) == len(set(names)), "a field is listed twice"


def test_every_sentence_has_the_same_values_in_both_languages() -> None:
    # A value that is a word itself comes in both languages: {severity_zh}, {severity_en}.
    hole = re.compile(r"{(\w+?)(?:_zh|_en)?[}:]")
    unequal = [
        key
        for key, entry in catalogue().items()
        if set(hole.findall(entry["zh"])) != set(hole.findall(entry["en"]))
    ]
    assert not unequal


def test_no_chinese_sentence_is_left_in_english() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    # A sentence, and not a name with its number: it ends like one.
    left = [
        key
        for key, entry in catalogue().items()
        if entry["zh"] == entry["en"]
        and not han.search(entry["zh"])
        and entry["en"].endswith((".", "?", "!"))
    ]
    assert not left
