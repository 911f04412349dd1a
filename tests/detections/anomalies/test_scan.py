"""Scans: shapes, directions, and what is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detections.anomalies.scan import SOURCES, Scan
from detections.detector import Context
from fengsui.alert import Alert
from fengsui.event import split_lines
from fengsui.severity import Severity
from sensors.logs.reader import LogReader

Feed = Callable[..., list[Alert]]


def _ping(make, n: int, *, answered: bool, **fields):
    return make.event(
        "flow",
        n / 10,
        {
            "destination.ip": f"10.1.9.{n}",
            "network.transport": "icmp",
            "icmp.type": 8,
            "zeek.connection.state": "SF" if answered else "S0",
            "destination.packets": int(answered),
            **fields,
        },
    )


def test_inside_is_high_outward_medium(make, feed: Feed) -> None:
    inside = [make.dead(n, destination_ip=f"10.1.9.{n}", destination_port=22) for n in range(1, 10)]
    outward = [
        make.dead(n, destination_ip=f"203.0.113.{n}", destination_port=22) for n in range(1, 10)
    ]
    [first], [second] = feed("scan", inside), feed("scan", outward)
    assert (first.severity, second.severity) == (Severity.HIGH, Severity.MEDIUM)
    assert first.rule == second.rule == "anomaly.scan"


def test_vertical(make, feed: Feed) -> None:
    events = [make.dead(n / 9, destination_ip="10.1.0.9", destination_port=n) for n in range(1, 40)]
    assert [a.reason.key for a in feed("scan", events)] == ["anomaly.scan.vertical"] * 2


def test_from_outside_is_low(make, feed: Feed) -> None:
    events = [
        make.dead(n, source_ip="203.0.113.5", destination_ip=f"10.1.9.{n}", destination_port=22)
        for n in range(1, 40)
    ]
    assert {(a.rule, a.severity) for a in feed("scan", events)} == {
        ("anomaly.scan_from_outside", Severity.LOW)
    }


def test_sweep(make, feed: Feed) -> None:
    silent = [_ping(make, n, answered=n % 2 == 0) for n in range(1, 20)]
    monitoring = [_ping(make, n, answered=True) for n in range(1, 20)]
    assert feed("scan", silent)
    assert not feed("scan", monitoring)


def test_who_mostly_succeeds_does_not_scan(make, feed: Feed) -> None:
    events = [make.flow(n, destination_ip=f"10.1.8.{n}", destination_port=443) for n in range(60)]
    events += [make.dead(60 + n, destination_ip=f"10.1.9.{n}") for n in range(1, 12)]
    assert not feed("scan", events)


def test_one_dead_server_is_no_scan(make, feed: Feed) -> None:
    assert not feed("scan", [make.dead(n, destination_ip="10.1.0.9") for n in range(500)])


def test_flood_of_sources_is_bounded_and_counted(make) -> None:
    detector = Scan(Context(lambda address: address.startswith("10.")))
    for n in range(SOURCES + 50):
        event = make.dead(n / 100, source_ip=f"203.{n >> 16}.{(n >> 8) & 255}.{n & 255}")
        assert not list(detector.observe(event, event.time))
    assert detector.losses.as_json() == {"scan.others.evicted": 50}


@pytest.mark.bench
@pytest.mark.parametrize("name", ["horizontal", "vertical"])
def test_scans_of_the_bench(bench: Callable[[str], Path], name: str) -> None:
    path = bench(f"zeek/port_scans/{name}.conn.log")
    detector = Scan(Context(lambda address: address.startswith(("10.", "192.168."))))
    found: list[Alert] = []
    for batch in LogReader(path, name=path.name, sensor="test"):
        for event in split_lines(batch.lines):
            found.extend(detector.observe(event, batch.clock))
    assert next(alert.reason.key for alert in found) == f"anomaly.scan.{name}"
