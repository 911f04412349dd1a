import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import orjson
import pytest
import zstandard

from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.coverage import listing, plan
from detections.sigma.coverage_totals import by_logsource, by_missing_field, states
from detections.sigma.loader import Loaded, LoadedRule, Refused, load, load_text
from detections.sigma.logsources import FOREIGN, WINDOWS, routing
from detections.sigma.matcher import Matcher
from detections.sigma.satisfying import event_for
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


def test_a_rule_that_only_exported_logs_feed_says_so() -> None:
    loaded = rules(("{product: windows, service: security}", "{EventID: 1}"))
    assert plan(loaded.rules)[1][0].reason == (
        "nothing feeds the log source product windows, service security here;"
        " exported logs do, in a hunt (windows, ecs_documents)"
    )


def test_a_correlation_is_as_live_as_what_it_names() -> None:
    text = """title: Known
name: known
logsource: {category: dns}
detection: {s: {query: x}, condition: s}
---
title: Unknown
name: unknown
logsource: {category: dns}
detection: {s: {odd: x}, condition: s}
---
title: Some of them
correlation:
  {type: event_count, rules: [known, unknown], group-by: [source.ip], timespan: 1m, condition: {gte: 2}}
---
title: All of them
correlation: {type: temporal, rules: [known, unknown], group-by: [source.ip], timespan: 1m}
---
title: One of them
correlation: {type: event_count, rules: [known], group-by: [source.ip], timespan: 1m, condition: {gte: 2}}
---
title: Nobody
correlation: {type: event_count, rules: [nobody], group-by: [source.ip], timespan: 1m, condition: {gte: 2}}
"""
    found = list(load_text(text, Path("c.yml")))
    loaded = Loaded(
        tuple(one for one in found if isinstance(one, LoadedRule)),
        tuple(one for one in found if isinstance(one, Refused)),
        tuple(one for one in found if isinstance(one, LoadedCorrelation)),
    )
    rows = {row.title: row for row in listing(loaded)}
    assert {title: row.state for title, row in rows.items()} == {
        "Known": "live", "Unknown": "inert", "Some of them": "partial", "All of them": "inert",
        "One of them": "live", "Nobody": "refused",
    }  # fmt: skip
    assert rows["Some of them"].missing == ("odd",)
    assert "'Unknown' that it names is inert" in rows["All of them"].reason


def test_totals_name_the_field_that_would_bring_most_rules() -> None:
    loaded = rules(
        ("{category: dns}", "{query: x}"),
        ("{category: dns}", "{odd: y}"),
        ("{category: dns}", "[{query: x}, {odd: y}]"),
        ("{category: dns}", "{odd: y, even: z}"),
        ("{category: proxy}", "{even: y}"),
        ("{product: aws}", "{even: y}"),
    )
    rows = listing(loaded)
    assert states(rows) == {"live": 1, "partial": 1, "inert": 4, "refused": 0}
    assert [(one.field, one.logsource, one.rules, one.unlocks) for one in by_missing_field(rows)] == [
        ("odd", "category dns", 3, 2), ("even", "category proxy", 1, 1), ("even", "category dns", 1, 0),
    ]  # fmt: skip
    first = by_logsource(rows)[0]
    assert (first.logsource, first.live, first.partial, first.inert) == ("category dns", 1, 1, 2)
    assert "lacks" in first.reason


# What SigmaHQ's rules of 2026-08-05 find here: (live, partial, inert) by log source of the network.
NETWORK = {
    "category dns": (11, 0, 0),
    "category proxy": (55, 1, 0),  # cookies are not kept
    "category webserver": (86, 0, 0),
    "category firewall": (2, 0, 0),
    "product zeek, service dce_rpc": (4, 0, 0),
    "product zeek, service dns": (5, 0, 0),
    "product zeek, service http": (5, 0, 0),
    "product zeek, service kerberos": (1, 0, 0),
    "product zeek, service rdp": (1, 0, 0),
    "product zeek, service smb_files": (7, 0, 0),
    "product zeek, service x509": (1, 0, 0),
    "product cisco, service aaa": (13, 0, 0),
    "product cisco, service bgp": (1, 0, 0),
    "product cisco, service ldp": (1, 0, 0),
    "product cisco, service syslog": (1, 0, 0),
    "product cisco, service duo": (0, 0, 1),  # of a cloud service
    "product fortigate, service event": (7, 0, 0),
    "product fortios, service sslvpnd": (1, 0, 0),
    "product huawei, service bgp": (1, 0, 0),
    "product juniper, service bgp": (1, 0, 0),
    "product paloalto, category appliance, service globalprotect": (1, 0, 0),
    # files on the appliance's own disk
    "product paloalto, category file_event, service globalprotect": (0, 0, 1),
}
# Rules that no event can meet: their own conditions contradict themselves.
IMPOSSIBLE = {"Eventlog Cleared", "COM Object Execution via Xwizard.EXE"}


# Rules on what is not there: an empty field (our events leave such out), no internal address.
ON_ABSENCE = {"HTTP Request With Empty User Agent", "Publicly Accessible RDP Service"}


@pytest.fixture(scope="module")
def public(bench: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    packed = bench("sigma/sigmahq_rules.tar.zst").read_bytes()
    content = zstandard.ZstdDecompressor().stream_reader(BytesIO(packed)).read()
    folder = tmp_path_factory.mktemp("public")
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
    return load([folder])


@pytest.mark.bench
def test_all_public_rules_load_or_say_why(public: Loaded) -> None:
    assert len(public.rules) + len(public.refused) == 3757
    assert all("%known_cdcs%" in one.reason and not one.supported for one in public.refused)
    rows = listing(public)
    assert all(row.reason for row in rows if row.state != "live")
    totals = {one.logsource: one for one in by_logsource(rows)}
    found = {
        name: (totals[name].live, totals[name].partial, totals[name].inert) for name in NETWORK
    }
    assert found == NETWORK
    assert sum(map(sum, NETWORK.values())) == 24 + 11 + 56 + 2 + 86 + 29
    lacking = [(one.field, one.unlocks) for one in by_missing_field(rows)]
    assert ("Image", 44) in lacking


@pytest.mark.bench
def test_every_windows_linux_and_macos_rule_is_live_over_exported_logs(public: Loaded) -> None:
    rules = [one for one in public.rules if one.logsource.product in ("windows", "linux", "macos")]
    rows = plan(rules[::3], [*ecs.DATASETS, *FOREIGN])[1]
    dead = {row.logsource for row in rows if row.state != "live"}
    assert dead == set()


@pytest.mark.bench
def test_every_live_rule_fires_on_an_event_made_from_its_condition(public: Loaded) -> None:
    """Through the real tables and the real matcher; without one field that it needs, it is quiet."""
    entries, _ = plan(public.rules)
    matcher = Matcher(entries, routing())
    assert len({entry.rule for entry in entries}) > 280

    def fires(rule: int, dataset: str, event: dict[str, object]) -> bool:
        return rule in matcher.match(dataset, event, orjson.dumps(event))

    for entry in entries:
        event = event_for(entry.condition)
        title = public.rules[entry.rule].title.render("en")
        assert event is not None, title
        assert fires(entry.rule, entry.dataset, event), (title, event)
        without = [{n: v for n, v in event.items() if n != name} for name in event]
        kept = all(fires(entry.rule, entry.dataset, less) for less in without)
        assert kept == (title in ON_ABSENCE), title
        assert not fires(entry.rule, "files" if entry.dataset != "files" else "flow", event)


@pytest.mark.bench
def test_windows_rules_fire_on_events_made_from_their_conditions(public: Loaded) -> None:
    rules = [one for one in public.rules if one.logsource.product == "windows"][::7]
    entries, _ = plan(rules, [WINDOWS])
    matcher = Matcher(entries, routing())
    for entry in entries:
        title = rules[entry.rule].title.render("en")
        event = event_for(entry.condition)
        assert event is not None or title in IMPOSSIBLE, title
        if event is not None:
            assert entry.rule in matcher.match(WINDOWS, event, orjson.dumps(event)), title
