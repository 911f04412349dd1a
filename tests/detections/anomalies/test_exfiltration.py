"""Uploads to rare places, and uploads that are nobody's worry."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.alert import Alert
from fengsui.severity import Severity

Feed = Callable[..., list[Alert]]
MB = 1 << 20


def test_names_the_place(make, feed: Feed) -> None:
    events = [make.tls(0, "drop.evil.example"), make.flow(1, client_bytes=20 * MB, seconds=60)]
    [alert] = feed("exfiltration", events)
    assert "drop.evil.example" in alert.reason.render("zh")


def test_hard_limit_is_high(make, feed: Feed) -> None:
    [alert] = feed("exfiltration", [make.flow(0, client_bytes=300 * MB, seconds=600)])
    assert alert.severity == Severity.HIGH


def test_downloads_are_none(make, feed: Feed) -> None:
    assert not feed("exfiltration", [make.flow(0, client_bytes=20 * MB, server_bytes=900 * MB)])


def test_a_place_of_many_is_none(make, feed: Feed) -> None:
    events = [
        make.flow(n, client_bytes=20 * MB, source_ip=f"10.1.3.{n}", seconds=30)
        for n in range(1, 40)
    ]
    alerts = feed("exfiltration", events)
    assert len(alerts) <= 2  # the first two could not know


def test_own_backup_is_usual(make, feed: Feed) -> None:
    nightly = [make.flow(3600 * n, client_bytes=12 * MB, seconds=60) for n in range(12)]
    late = [alert for alert in feed("exfiltration", nightly[:11]) if alert.first > nightly[7].time]
    assert not late


def test_inside_is_none(make, feed: Feed) -> None:
    assert not feed(
        "exfiltration", [make.flow(0, client_bytes=900 * MB, destination_ip="10.1.0.9")]
    )
