"""Corners of the specification, decided from its text; engine, batches and oracle must all agree.

`corners.jsonl`, one a line: a detection with the events that it must find and those that it must pass;
a detection without events is no Sigma.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from detections.sigma.hunter import Hunter
from detections.sigma.loaded import LoadedRule, Refused
from detections.sigma.loader import load_text
from detections.sigma.mapping import Logsource
from detections.sigma.oracle import holds

_HEAD = "title: T\nlogsource: {product: acme, category: thing}\nlevel: low\n"
_SOURCE = Logsource("acme", category="thing")
_LINES = Path(__file__).with_name("corners.jsonl").read_bytes().splitlines()
CORNERS: list[dict[str, Any]] = [orjson.loads(line) for line in _LINES]


@pytest.mark.parametrize("corner", CORNERS, ids=[one["name"] for one in CORNERS])
def test_a_corner_is_read_as_specified(corner: dict[str, Any]) -> None:
    (rule,) = load_text(_HEAD + corner["detection"], Path("made.yml"))
    if "found" not in corner:
        assert isinstance(rule, Refused)
        return
    assert isinstance(rule, LoadedRule)
    hunter = Hunter([rule], _SOURCE)
    for kind in ("found", "passed"):
        for event in corner[kind]:
            raw, expected = orjson.dumps(event), kind == "found"
            assert holds(rule.condition, event) == expected, event
            assert bool(hunter.match("", event, raw)) == expected, event
            assert bool(hunter.match_all([(0, "", event, raw)] * 3)) == expected, event
