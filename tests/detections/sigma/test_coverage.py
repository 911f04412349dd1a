import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import zstandard

from detections.sigma.coverage import listing, plan
from detections.sigma.loader import Loaded, load, load_text
from detections.sigma.mapping import routing
from detections.sigma.matcher import Matcher
from fengsui import ecs


def rules(*logsources_and_selections: tuple[str, str]) -> Loaded:
    texts = [
        f"title: R{n}\nlogsource: {source}\ndetection: {{s: {selection}, condition: s}}\n"
        for n, (source, selection) in enumerate(logsources_and_selections)
    ]
    found = [one for n, text in enumerate(texts) for one in load_text(text, Path(f"{n}.yml"))]
    return Loaded(tuple(found), ())  # type: ignore[arg-type]


def test_each_rule_says_whether_it_is_live_and_why_not() -> None:
    loaded = rules(
        ("{category: dns}", "{query: x}"),
        ("{category: dns}", "[{query: x}, {odd: y}]"),
        ("{category: dns}", "{odd: y}"),
        ("{product: aws, service: cloudtrail}", "{eventName: x}"),
        ("{category: firewall}", "{action: deny}"),
    )
    entries, rows = plan(loaded.rules)
    assert [(row.state, row.reason) for row in rows] == [
        ("live", ""),
        ("partial", "the dataset dns lacks the fields odd"),
        ("inert", "needs fields that the dataset dns lacks: odd"),
        ("inert", "nothing feeds the log source product aws, service cloudtrail"),
        ("inert", "no event can meet its condition"),
    ]
    assert {entry.rule for entry in entries} == {0, 1}


def test_windows_rules_are_inert_until_something_feeds_them() -> None:
    loaded = rules(("{product: windows, category: process_creation}", "{Image: x}"))
    assert plan(loaded.rules)[1][0].state == "inert"
    entries, rows = plan(loaded.rules, [*ecs.DATASETS, "windows"])
    assert (rows[0].state, rows[0].datasets) == ("live", ("windows",))
    matcher = Matcher(entries, routing())
    event: dict[str, object] = {
        "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Image": "x",
    }  # fmt: skip
    assert matcher.match("windows", event, b'{"Image":"x"}') == [0]
    assert matcher.match("windows", {**event, "EventID": 3}, b'{"Image":"x"}') == []


@pytest.mark.bench
def test_all_public_rules_load_or_say_why(bench: Callable[[str], Path], tmp_path: Path) -> None:
    packed = bench("sigma/sigmahq_rules.tar.zst").read_bytes()
    content = zstandard.ZstdDecompressor().stream_reader(BytesIO(packed)).read()
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        archive.extractall(tmp_path, filter="data")
    loaded = load([tmp_path])
    assert len(loaded.rules) + len(loaded.refused) == 3757
    assert all("%known_cdcs%" in one.reason and not one.supported for one in loaded.refused)
    rows = listing(loaded)
    assert all(row.reason for row in rows if row.state != "live")
    network = [
        row
        for row in rows
        if row.logsource.startswith(("product zeek", "category dns", "category proxy"))
        or row.logsource in ("category firewall", "category webserver")
    ]
    assert len(network) == 24 + 11 + 56 + 2 + 86
    assert {row.title for row in network if row.state == "inert"} == {
        "Suspicious DNS Z Flag Bit Set",  # no sensor of ours keeps the Z bits
        "Default Cobalt Strike Certificate",  # nor the serial of a certificate
    }
