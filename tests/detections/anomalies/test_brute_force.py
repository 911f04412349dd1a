"""Password guessing, its success, and logins that are none of it."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.alert import Alert
from fengsui.severity import Severity

Feed = Callable[..., list[Alert]]
SSH = {"destination_ip": "10.1.0.9", "destination_port": 22}


def _guesses(make, count: int, **fields):
    return [make.flow(3 * n, server_bytes=1800 + n % 5, **(SSH | fields)) for n in range(count)]


def test_success_after_guessing_is_critical(make, feed: Feed) -> None:
    entered = make.flow(60, server_bytes=60_000, seconds=200, **SSH)
    guessing, success = feed("brute_force", [*_guesses(make, 15), entered])
    assert (guessing.severity, success.severity) == (Severity.HIGH, Severity.CRITICAL)
    assert success.reason.key == "anomaly.brute_force.entered"


def test_work_by_ssh_is_none(make, feed: Feed) -> None:
    assert not feed(
        "brute_force", [make.flow(9 * n, server_bytes=40_000, **SSH) for n in range(60)]
    )


def test_from_the_internet_is_low_and_folded_by_target(make, feed: Feed) -> None:
    events = [
        event for n in range(1, 20) for event in _guesses(make, 12, source_ip=f"203.0.113.{n}")
    ]
    alerts = feed("brute_force", sorted(events, key=lambda event: event.time))
    assert {(a.key, a.severity) for a in alerts} == {("outside|10.1.0.9|ssh", Severity.LOW)}
    assert len(alerts) <= 3


def test_spraying(make, feed: Feed) -> None:
    events = [
        make.flow(10 * n + m, server_bytes=1500, destination_ip=f"10.1.9.{n}", destination_port=22)
        for n in range(1, 9)
        for m in range(3)
    ]
    assert [a.reason.key for a in feed("brute_force", events)] == ["anomaly.brute_force.spray"]


def test_negotiated_http_login_is_none(make, feed: Feed) -> None:
    status = [401, 401, 200] * 60
    events = [
        make.http(n, destination_ip="10.1.0.80", http_response_status_code=code)
        for n, code in enumerate(status)
    ]
    assert not feed("brute_force", events)


def test_http_guessing(make, feed: Feed) -> None:
    events = [
        make.http(n, destination_ip="10.1.0.80", http_response_status_code=401) for n in range(25)
    ]
    events.append(make.http(30, destination_ip="10.1.0.80"))
    assert [a.severity for a in feed("brute_force", events)] == [Severity.HIGH, Severity.CRITICAL]


def test_refused_kerberos_names_its_users(make, feed: Feed) -> None:
    events = [
        make.event(
            "kerberos",
            n,
            {
                "destination.ip": "10.1.0.53",
                "kerberos.error": "KDC_ERR_PREAUTH_FAILED",
                "kerberos.client": f"user{n}/CORP",
            },
        )
        for n in range(12)
    ]
    [alert] = feed("brute_force", events)
    assert "user3/CORP" in {entity.value for entity in alert.entities if entity.kind == "user"}
