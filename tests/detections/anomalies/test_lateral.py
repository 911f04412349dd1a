"""New administration edges, and the servers that everybody uses."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.alert import Alert
from fengsui.severity import Severity

Feed = Callable[..., list[Alert]]
HOUR = 3600


def _clients(make, target: str, count: int, port: int = 445):
    return [
        make.flow(n, source_ip=f"10.1.3.{n}", destination_ip=target, destination_port=port)
        for n in range(1, count)
    ]


def test_learning_is_said(make, feed: Feed) -> None:
    events = [
        make.flow(9 * n, destination_ip=f"10.1.7.{n}", destination_port=445) for n in range(1, 9)
    ]
    [alert] = feed("lateral", events)
    assert alert.reason.key == "anomaly.lateral.reason_learning"
    assert alert.severity == Severity.MEDIUM


def test_after_the_first_hour_three_are_enough(make, feed: Feed) -> None:
    quiet = [make.flow(0, destination_ip="10.1.0.80")]
    edges = [
        make.flow(2 * HOUR + n, destination_ip=f"10.1.7.{n}", destination_port=3389)
        for n in range(1, 4)
    ]
    [alert] = feed("lateral", quiet + edges)
    assert alert.severity == Severity.HIGH


def test_known_edges_are_usual(make, feed: Feed) -> None:
    daily = [
        make.flow(day * 24 * HOUR + 9 * n, destination_ip=f"10.1.7.{n}", destination_port=22)
        for day in range(5)
        for n in range(1, 6)
    ]
    assert not feed("lateral", daily)


def test_servers_are_not_targets(make, feed: Feed) -> None:
    servers = [f"10.1.0.{n}" for n in range(1, 8)]
    learned = [event for server in servers for event in _clients(make, server, 8)]
    new = [
        make.flow(2 * HOUR + n, destination_ip=server, destination_port=445)
        for n, server in enumerate(servers)
    ]
    assert not feed("lateral", learned + new)
