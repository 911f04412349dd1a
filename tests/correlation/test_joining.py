"""The graph: edges, hubs, time."""

from __future__ import annotations

from correlation.joining import FAN_OUT, HUB_SOURCES, Graph
from fengsui.clock import HOUR


def groups(context, alerts, window: int = 24 * HOUR) -> int:
    graph = Graph(context, window)
    for alert in alerts:
        graph.put(alert)
    return len(graph.components(graph.nodes))


def test_one_host_within_the_window(make_alert, context):
    alerts = [make_alert("a", "10.0.0.1"), make_alert("b", "10.0.0.1", at=3600)]
    assert groups(context, alerts) == 1
    assert groups(context, alerts, window=HOUR - 1) == 2


def test_long_alerts_bridge_time(make_alert, context):
    alerts = [
        make_alert("a", "10.0.0.1", lasts=7200),
        make_alert("b", "10.0.0.1", at=100),
        make_alert("c", "10.0.0.1", at=7300),
    ]
    assert groups(context, alerts, window=HOUR) == 1


def test_two_that_are_hit_by_different_hosts_stay_apart(make_alert, context):
    alerts = [make_alert("guess", f"10.0.0.{n}", to="10.0.0.9") for n in (1, 2)]
    assert groups(context, alerts) == 2


def test_a_wide_rule_is_no_lateral_movement(make_alert, context):
    hosts = [f"10.1.0.{n}" for n in range(FAN_OUT + 1)]
    moves = [make_alert("move", "10.0.0.1", to=host) for host in hosts]
    acts = [make_alert("odd", host, at=60) for host in hosts]
    assert groups(context, [*moves[:2], *acts[:2]]) == 1
    assert groups(context, [*moves, *acts]) == 1 + len(hosts)


def test_a_hub_stops_joining_and_joins_again_when_it_is_none(make_alert, context):
    graph = Graph(context, 24 * HOUR)
    own = [make_alert(rule, "10.0.0.9", at=60) for rule in ("a", "b")]
    for alert in own:
        graph.put(alert)
    hits = [make_alert("q", f"10.1.0.{n}", to="10.0.0.9", at=120) for n in range(HUB_SOURCES + 1)]
    for alert in hits:
        graph.put(alert)
    assert len(graph.components(graph.nodes)) == 2 + len(hits)
    assert ("ours", "10.0.0.9") in graph.remove(hits[-1].id)
    assert len(graph.components([a.id for a in own])) == 1


def test_taking_all_out_leaves_nothing(make_alert, context):
    graph = Graph(context, HOUR)
    alerts = [
        make_alert("a", "10.0.0.1", to="10.0.0.2", domain="evil.example"),
        make_alert("a", "10.0.0.1", to="10.0.0.3", domain="evil.example"),
    ]
    for alert in (*alerts, *alerts):
        graph.put(alert)
    for alert in alerts:
        graph.remove(alert.id)
    assert not graph.nodes
    assert not graph.hosts_of_rule
    assert graph.sharing([("ours", "10.0.0.1"), ("domain", "evil.example")]) == set()
