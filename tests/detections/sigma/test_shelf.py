from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest

from detections.detections import OWN_RULES
from detections.sigma import quick_loading
from detections.sigma.frozen import FrozenError
from detections.sigma.loaded import Loaded
from detections.sigma.loader import load
from detections.sigma.quick_loading import load_quickly
from detections.sigma.shelf import ShelvedRules, heads_of, packed, unpacked
from detections.sigma.sketch import sketch_of

RULE = """
title: Rule {number}
id: 00000000-0000-4000-8000-{number:012}
logsource: {{product: windows, category: process_creation}}
detection: {{s: {{CommandLine|contains: word{number}}}, condition: s}}
"""


def test_our_rules_come_back_from_the_shelf_and_their_heads_say_the_same() -> None:
    loaded = load([OWN_RULES])
    back = unpacked(packed(loaded))
    assert back == loaded
    assert isinstance(back.rules, ShelvedRules)
    for head, rule in zip(back.rules.heads, loaded.rules, strict=True):
        for name in ("id", "name", "severity", "logsource", "path", "line", "author", "licence"):
            assert getattr(head, name) == getattr(rule, name)
        assert head.title == rule.title
        assert head.sketch() == sketch_of(rule.condition)
    assert back.rules[3] is back.rules[3]
    assert list(back.rules[1:3]) == list(loaded.rules[1:3])
    assert heads_of(loaded.rules) is loaded.rules
    assert packed(back) == packed(loaded)


@pytest.mark.parametrize("data", [b"", b"\0" * 20, (3).to_bytes(8) + b"[1]", b"\xff" * 9])
def test_other_bytes_are_no_shelf(data: bytes) -> None:
    with pytest.raises(FrozenError):
        unpacked(data)


def folder(place: Path, count: int = 6) -> Path:
    for number in range(count):
        (place / f"{number}.yml").write_text(RULE.format(number=number))
    (place / "3b.yml").write_text(RULE.format(number=1))  # an id once more
    (place / "4b.yml").write_text("title: broken")
    (place / "5b.yml").write_text(
        "title: C\ncorrelation: {type: event_count, rules: [x], group-by: [User], timespan: 5m, "
        "condition: {gte: 3}}\n"
    )
    return place


@pytest.mark.parametrize("filtered", [False, True])
def test_two_processes_load_what_one_does(tmp_path: Path, filtered: bool) -> None:
    rules = folder(tmp_path)
    if filtered:
        (rules / "z.yml").write_text(
            "title: F\nlogsource: {product: windows}\n"
            "filter: {rules: any, s: {User: adm}, condition: not s}\n"
        )
    with patch.object(quick_loading, "_pays", return_value=True):
        found = load_quickly([rules], {})
    assert found == load([rules])
    assert len(found.rules) == 6
    assert len(found.refused) == 2
    assert isinstance(found.rules, ShelvedRules) is not filtered


def test_a_child_that_fails_costs_only_time(tmp_path: Path) -> None:
    def fail(*_: object) -> bytes:
        os._exit(3)

    rules = folder(tmp_path)
    with (
        patch.object(quick_loading, "_pays", return_value=True),
        patch.object(quick_loading, "_as_bytes", fail),
    ):
        found: Loaded = load_quickly([rules], {})
    assert found == load([rules])
