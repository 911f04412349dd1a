"""Beacons: what is one, and what only looks like one."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from detections.anomalies.beacon import Beacon
from detections.detector import Context
from fengsui.alert import Alert
from fengsui.event import split_lines
from fengsui.severity import Severity
from sensors.logs.reader import LogReader

C2 = "c2.evil.example"
Feed = Callable[..., list[Alert]]


def _jittered(make, seconds: float, share: float, count: int = 40, name: str = C2):
    dice = random.Random(1)
    return [
        make.http(n * seconds + dice.uniform(-share, share) * seconds, url_domain=name)
        for n in range(count)
    ]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("seconds", [60, 300, 3600])
def test_intervals_with_jitter(make, feed: Feed, seconds: int, share: float) -> None:
    [alert, *_] = feed("beacon", _jittered(make, seconds, share))
    assert alert.severity == Severity.MEDIUM  # one source: rarity is not claimed
    assert alert.reason.key == "anomaly.beacon.reason_few_hosts"
    assert [e.role for e in alert.entities] == ["victim", "c2", "c2"]


def test_half_an_hour_is_enough(make, feed: Feed) -> None:
    assert feed("beacon", _jittered(make, 60, 0.2, count=30))


def test_keep_alive_connection(make, feed: Feed) -> None:
    events = [make.http(60 * n, url_domain=C2, zeek_session_id="C1") for n in range(30)]
    events.append(make.flow(0, zeek_session_id="C1", destination_port=80, seconds=1800))
    assert len({alert.key for alert in feed("beacon", events)}) == 1


def test_browsing_is_none(make, feed: Feed) -> None:
    dice = random.Random(2)
    at, events = 0.0, []
    for _ in range(400):
        at += dice.choice([0.2, 0.4, 1.3, 2.5, 8, 40, 300]) * dice.random()
        events.append(make.http(at, url_original="/" + "x" * dice.randrange(200)))
    assert not feed("beacon", events)


@pytest.mark.parametrize("name", ["ctldl.windowsupdate.com", "time.pool.ntp.org", "ours.example"])
def test_known_services_are_none(make, feed: Feed, name: str) -> None:
    allowed = frozenset({"ours.example"})
    assert not feed("beacon", _jittered(make, 60, 0.0, name=name), allowed_domains=allowed)


def test_what_everybody_calls_is_none(make, feed: Feed) -> None:
    events = [
        make.http(60 * n + host, url_domain="news.example.org", source_ip=f"10.1.5.{host}")
        for n in range(30)
        for host in range(1, 30)
    ]
    assert not feed("beacon", events)


def test_rare_among_many_is_high(make, feed: Feed) -> None:
    others = [make.tls(n, "mail.example.org", source_ip=f"10.1.5.{n}") for n in range(1, 30)]
    alerts = feed("beacon", others + [make.tls(60 + 60 * n, C2) for n in range(40)])
    assert next((a.severity, a.reason.key) for a in alerts) == (
        Severity.HIGH,
        "anomaly.beacon.reason",
    )


def test_outside_caller_must_be_odd(make, feed: Feed) -> None:
    probe = {"source_ip": "203.0.113.5", "destination_ip": "10.1.0.80"}
    crowd = [
        make.http(n, source_ip=f"203.0.113.{n}", destination_ip="10.1.0.80") for n in range(6, 60)
    ]
    usual = [make.http(60 + 60 * n, **probe) for n in range(40)]
    odd = [
        make.http(60 + 60 * n, user_agent_original="Modzilla/0.0001", **probe) for n in range(40)
    ]
    assert not feed("beacon", crowd + usual)
    assert feed("beacon", crowd + odd)


@pytest.mark.bench
def test_c2_of_the_bench(bench: Callable[[str], Path]) -> None:
    path = bench("zeek/c2_beacon_72h/http.2024-04-19.log.zst")
    detector = Beacon(Context(lambda address: address.startswith("10.")))
    found: list[Alert] = []
    for batch in LogReader(path, name=path.name, sensor="test"):
        for event in split_lines(batch.lines):
            if event.dataset == "http":
                found.extend(detector.observe(event, batch.clock))
    keys = {alert.key for alert in found}
    assert "73.54.23.243|64.225.56.201|80" in keys
    assert len(keys) <= 3
    assert "Modzilla" in next(a for a in found if a.key.startswith("73.")).reason.render("zh")
