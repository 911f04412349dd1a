"""What a story says holds for any alerts: nothing is lost, nothing is added, order means nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.entities import CorrelationContext
from correlation.story.cast import ACTIVITIES
from correlation.story.picking import Web
from correlation.story.story import Story, tell
from correlation.story.timeline import ENTRIES
from fengsui.alert import Alert, Entity, Fact
from fengsui.clock import HOUR, MINUTE, SECOND
from fengsui.severity import Severity
from fengsui.text import Text, catalogue, literal

START = 1_790_000_000 * SECOND
CONTEXT = CorrelationContext(
    is_internal=lambda address: address.startswith("10."),
    unit_of=lambda address: "教育局" if address == "10.0.0.1" else "",
)
BEHAVIOURS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("T1046",), ("discovery",)),
    (("T1110",), ("credential-access",)),
    (("T1021.002",), ("lateral-movement",)),
    (("T1071",), ("command-and-control",)),
    (("T1105",), ("command-and-control",)),
    (("T1071.004", "T1048"), ("command-and-control", "exfiltration")),
    (("T1041",), ("exfiltration",)),
    (("T1496",), ("impact",)),
    ((), ()),
)
_addresses = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "203.0.113.9", "198.51.100.7"])
_hostile = st.text(max_size=12) | st.sampled_from(
    ["\u202egnp.exe", "<b>", "a" * 4000, "{actor}", ""]
)
_entities = st.builds(
    lambda kind, address, text, role: Entity(
        kind,
        address if kind == "host" else text,
        role,
        kind == "host" and address.startswith("10."),
    ),
    st.sampled_from(["host", "host", "host", "domain", "user", "url"]),
    _addresses,
    _hostile,
    st.sampled_from(["source", "target", "victim", "attacker", "c2", "peer"]),
)


@st.composite
def _alerts(draw: st.DrawFn, most: int = 12) -> list[Alert]:
    found: list[Alert] = []
    for number in range(draw(st.integers(1, most))):
        techniques, tactics = draw(st.sampled_from(BEHAVIOURS))
        first = START + draw(st.integers(0, 40 * HOUR))
        found.append(
            Alert(
                id=f"a{number}",
                rule=draw(st.sampled_from(["r1", "r2", "r3"])),
                title=literal(draw(_hostile), draw(_hostile)),
                kind=draw(st.sampled_from(["sigma", "anomaly", "indicator"])),
                severity=draw(st.sampled_from(list(Severity))),
                fidelity=draw(st.floats(0, 1)),
                key="",
                entities=tuple(draw(st.lists(_entities, max_size=6))),
                events=(),
                first=first,
                last=first + draw(st.integers(0, HOUR)),
                raised=first,
                reason=draw(
                    st.sampled_from([Text("anomaly.brute_force.entered"), literal("原因", "why")])
                ),
                facts=tuple(
                    draw(
                        st.lists(
                            st.sampled_from(
                                [
                                    Fact("megabytes_out", 61.2, None, "MB/h"),
                                    Fact("failed_hosts", 42),
                                    Fact("guesses", 60),
                                    Fact("failed_hosts", float("nan")),
                                    Fact("x", -5.0, None, "B"),
                                ]
                            ),
                            max_size=2,
                        )
                    )
                ),
                techniques=techniques,
                tactics=tactics,
                count=draw(st.integers(1, 9)),
            )
        )
    return found


def told(alerts: list[Alert]) -> Story:
    return tell(alerts, min(a.first for a in alerts), max(a.last for a in alerts), CONTEXT)


@settings(deadline=None, max_examples=25)
@given(_alerts(), st.randoms(use_true_random=False))
def test_the_order_of_alerts_changes_nothing(alerts: list[Alert], random: Any) -> None:
    other = list(alerts)
    random.shuffle(other)
    assert orjson.dumps(told(alerts).document) == orjson.dumps(told(other).document)
    assert told(alerts).web == told(other).web
    assert told(alerts).marks == told(other).marks


@settings(deadline=None, max_examples=25)
@given(_alerts())
def test_no_alert_is_lost_and_each_is_found_again(alerts: list[Alert]) -> None:
    story = told(alerts)
    document, web = story.document, Web(story.web)
    line = document["timeline"]
    repeats = sum(alert.count for alert in alerts)
    assert document["alerts"] == story.size == len(alerts)
    assert document["repeats"] == repeats == sum(e["repeats"] for e in line["entries"])
    for parts in (document["sentences"], line["entries"], document["kinds"]):
        assert sum(part["alerts"] for part in parts) == len(alerts)
    assert sum(sum(bar["alerts"]) for bar in line["bars"]) == len(alerts)
    for part in (*document["sentences"], *line["entries"]):
        pick = web.pick(part["id"])
        assert pick is not None
        since, until = web.span(pick)
        rules = web.rules_of(pick)
        mine = [a for a in alerts if web.has(pick, a)]
        assert len(mine) == part["alerts"]
        assert all(since <= a.first < until and (not rules or a.rule in rules) for a in mine)


@settings(deadline=None, max_examples=25)
@given(_alerts())
def test_the_graph_sums_to_the_alerts(alerts: list[Alert]) -> None:
    web = Web(told(alerts).web)
    graph = web.drawn()
    assert sum(line.alerts for line in web.lines) == len(alerts)
    on_edges = {line for edge in graph.edges for line in edge.lines}
    assert on_edges | set(graph.alone) == {line.number for line in web.lines}
    assert not on_edges & set(graph.alone)
    ids = {node.id for node in graph.nodes}
    assert len(ids) == len(graph.nodes)
    assert len({(node.column, node.row) for node in graph.nodes}) == len(graph.nodes)
    for edge in graph.edges:
        assert {edge.source, edge.target} <= ids
        pick = web.pick(edge.id)
        assert pick is not None
        assert sum(web.has(pick, alert) for alert in alerts) == edge.alerts
    for node in graph.nodes:
        pick = web.pick(node.id)
        assert pick is not None
        assert sum(web.has(pick, alert) for alert in alerts) == node.alerts


@settings(deadline=None, max_examples=25)
@given(_alerts())
def test_every_number_of_a_sentence_is_a_fact_and_every_sentence_is_whole(
    alerts: list[Alert],
) -> None:
    things = {(entity.kind, entity.value) for alert in alerts for entity in alert.entities}
    rules = {alert.rule for alert in alerts}
    for sentence in told(alerts).document["sentences"]:
        text = sentence["text"]
        values = text["values"]
        assert values["alerts"] == sentence["alerts"] <= len(alerts)
        assert 1 <= values["kinds"] <= len(rules)
        assert values["actors"] <= max(1, len(things))
        assert values["objects"] <= max(42, len(things))
        assert values["guesses"] in {0, 60}
        assert values["size"] in {"0 B", "61.2 MB"}
        assert text["key"] in catalogue()
        for language in ("zh", "en"):
            names = set(re.findall(r"\{(\w+)\}", catalogue()[text["key"]][language]))
            assert names <= set(values), text["key"]


@settings(deadline=None, max_examples=25)
@given(_alerts())
def test_hostile_text_stays_text_and_ends(alerts: list[Alert]) -> None:
    story = told(alerts)
    for sentence in story.document["sentences"]:
        for language in ("zh", "en"):
            assert len(sentence["text"][language]) < 700
            assert not set("\u202e\n\x00") & set(sentence["text"][language])
    assert all(len(thing["label"]) <= 80 for thing in story.web["things"])


def alert(number: int, source: str, to: str, at: int = 0, **changes: Any) -> Alert:
    named = [Entity("host", source, "source", source.startswith("10."))]
    if to:
        named.append(Entity("host", to, "target", to.startswith("10.")))
    first = START + at
    values: dict[str, Any] = {
        "rule": "scan",
        "title": literal("扫描", "A scan"),
        "severity": Severity.MEDIUM,
        "techniques": ("T1046",),
        "tactics": ("discovery",),
        **changes,
    }
    return Alert(
        id=f"a{number}",
        kind="sigma",
        fidelity=0.8,
        key="",
        entities=tuple(named),
        events=(),
        first=first,
        last=first,
        raised=first,
        reason=literal("原因", "why"),
        **values,
    )


def test_many_alike_are_one_node_that_opens() -> None:
    web = Web(told([alert(n, "10.0.0.1", f"10.0.1.{n}") for n in range(90)]).web)
    graph = web.drawn()
    group = next(node for node in graph.nodes if node.many > 1)
    assert (group.many, group.alerts, len(graph.nodes), len(graph.edges)) == (90, 90, 2, 1)
    opened = web.drawn({group.group})
    assert (len(opened.nodes), len(opened.edges)) == (91, 90)
    places = {node.id: (node.column, node.row) for node in opened.nodes}
    assert places == {node.id: (node.column, node.row) for node in web.drawn({group.group}).nodes}


def test_five_hundred_things_and_many_rules_stay_within_bounds() -> None:
    alerts = [
        alert(
            n,
            f"10.0.0.{n % 40}",
            f"10.{n % 7}.1.{n % 251}",
            at=n * 40 * SECOND,
            rule=f"rule {n % 90}",
        )
        for n in range(2600)
    ]
    story = told(alerts)
    web = Web(story.web)
    assert len(web.lines) <= ACTIVITIES
    assert sum(line.alerts for line in web.lines) == len(alerts)
    assert len(story.document["timeline"]["entries"]) <= ENTRIES
    assert sum(e["alerts"] for e in story.document["timeline"]["entries"]) == len(alerts)
    assert sum(s["alerts"] for s in story.document["sentences"]) == len(alerts)
    assert len(orjson.dumps(story.document)) < 300_000
    assert len(orjson.dumps(story.web)) < 1_500_000
    pick = web.pick(web.drawn().edges[0].id)
    assert pick is not None
    assert sum(web.has(pick, each) for each in alerts) == web.drawn().edges[0].alerts


def test_gaps_have_their_length() -> None:
    story = told([alert(0, "10.0.0.1", ""), alert(1, "10.0.0.1", "", at=3 * HOUR)])
    (gap,) = story.document["timeline"]["gaps"]
    assert (gap["since"], gap["until"]) == (START, START + 3 * HOUR)
    close = told([alert(0, "10.0.0.1", ""), alert(1, "10.0.0.1", "", at=9 * MINUTE)])
    assert close.document["timeline"]["gaps"] == []


def test_roles() -> None:
    taken = alert(0, "203.0.113.9", "10.0.0.1", rule="guess", techniques=("T1110",))
    onward = [alert(n, "10.0.0.1", f"10.0.0.{n + 1}", at=MINUTE) for n in (1, 2)]
    from_others = [alert(n, f"10.0.0.{n}", "10.0.0.9", at=HOUR) for n in (6, 7, 8)]
    calls = replace(
        alert(
            5,
            "10.0.0.5",
            "",
            rule="beacon",
            techniques=("T1071",),
            tactics=("command-and-control",),
        ),
        entities=(
            Entity("host", "10.0.0.5", "victim", True),
            Entity("domain", "c2.example", "c2"),
        ),
    )
    things = told([taken, *onward, *from_others, calls]).web["things"]
    roles = {thing["label"]: thing["role"] for thing in things}
    assert roles["203.0.113.9"] == "attacker"
    assert roles["10.0.0.1"] == "pivot"
    assert roles["10.0.0.2"] == "target"
    assert roles["10.0.0.9"] == "server"
    assert (roles["10.0.0.5"], roles["c2.example"]) == ("controlled", "c2")


def test_alerts_of_other_tools_are_told_by_their_kinds() -> None:
    bare: dict[str, Any] = {"techniques": (), "tactics": ()}
    web = {"rule": "suricata:1", "title": literal("ET WEB_SERVER", "ET WEB_SERVER"), **bare}
    alerts = [alert(n, "203.0.113.9", f"10.0.0.{n + 2}", **web) for n in range(3)]
    alerts.append(
        alert(9, "10.0.0.1", "", MINUTE, rule="wazuh:2", **{**bare, "title": literal("", "")})
    )
    sentences = [one["text"]["zh"] for one in told(alerts).document["sentences"]]
    assert sentences == [
        "203.0.113.9上出现告警“ET WEB_SERVER”，涉及 10.0.0.4 等 3 个对象",
        "10.0.0.1（教育局）上出现告警“wazuh:2”",
    ]


@pytest.mark.parametrize(
    ("techniques", "tactics", "severity", "said"),
    [
        (("T1071",), ("command-and-control",), Severity.HIGH, "疑似受控通信"),
        (("T1071",), ("command-and-control",), Severity.LOW, "被归为“命令与控制”"),
        (("T1016", "T1071.001"), ("command-and-control",), Severity.HIGH, "被归为"),
        (("T1105",), ("command-and-control",), Severity.HIGH, "取得了可疑程序或文件"),
        (("T1071.004", "T1048"), ("exfiltration",), Severity.HIGH, "疑似经 c2.example 的 DNS 隧道"),
    ],
)
def test_no_more_is_claimed_than_the_alert_says(
    techniques: tuple[str, ...], tactics: tuple[str, ...], severity: Severity, said: str
) -> None:
    one = replace(
        alert(0, "10.0.0.1", "", techniques=techniques, tactics=tactics, severity=severity),
        entities=(
            Entity("host", "10.0.0.1", "source", True),
            Entity("domain", "c2.example", "c2"),
        ),
    )
    (sentence,) = told([one]).document["sentences"]
    assert said in sentence["text"]["zh"]
    assert sentence["text"]["zh"].startswith("10.0.0.1（教育局）")
