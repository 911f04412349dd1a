"""Which correlations are live, partial or inert over our own datasets, and why."""

from pathlib import Path

import pytest

from detections.sigma.coverage import Covered, listing
from detections.sigma.loader import load

BASES = """
title: Fed
name: fed
logsource: {product: zeek, service: http}
detection: {s: {status_code: 401}, condition: s}
---
title: Fed too
name: too
logsource: {product: zeek, service: dns}
detection: {s: {query: x}, condition: s}
---
title: Not fed
name: dead
logsource: {product: nobody, service: nothing}
detection: {s: {a: b}, condition: s}
"""


def row(folder: Path, section: str) -> Covered:
    text = f"{BASES}---\ntitle: C\ncorrelation: {{timespan: 1m, {section}}}\n"
    (folder / "r.yml").write_text(text, "utf-8")
    (found,) = [one for one in listing(load([folder])) if one.title == "C"]
    return found


@pytest.mark.parametrize(
    ("section", "state", "reason"),
    [
        ("type: event_count, rules: [fed], condition: {gte: 2}", "live", ""),
        ("type: event_count, rules: [fed, dead], condition: {gte: 2}", "partial", "'Not fed'"),
        ("type: event_count, rules: [dead], condition: {gte: 2}", "inert", "'Not fed'"),
        ("type: temporal, rules: [fed, too]", "live", ""),
        ("type: temporal, rules: [fed, dead]", "inert", "'Not fed'"),
        ("type: temporal, rules: [fed, too, dead], condition: {gte: 2}", "partial", "'Not fed'"),
        ("type: temporal, rules: [fed, dead], condition: fed or dead", "partial", "'Not fed'"),
        ("type: temporal, rules: [fed, dead], condition: fed and dead", "inert", "'Not fed'"),
        ("type: event_count, rules: [fed], group-by: [id.orig_h], condition: {gte: 2}", "live", ""),
        (
            "type: event_count, rules: [fed], group-by: [Nonsense], condition: {gte: 2}",
            "inert",
            "Nonsense",
        ),
        (
            "type: value_count, rules: [fed], condition: {gte: 2, field: Nonsense}",
            "inert",
            "Nonsense",
        ),
        (
            "type: temporal, rules: [fed, too], group-by: [x],"
            " aliases: {x: {fed: id.orig_h, too: id.orig_h}}",
            "live",
            "",
        ),
    ],
)
def test_state_and_reason(tmp_path: Path, section: str, state: str, reason: str) -> None:
    found = row(tmp_path, section)
    assert found.state == state, found.reason
    assert reason in found.reason
    assert bool(found.reason) == (state != "live")
