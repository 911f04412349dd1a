"""Smaller detectors: dead contacts, sprays, generated domains, ports, mail, mining."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.alert import Alert
from fengsui.severity import Severity

Feed = Callable[..., list[Alert]]


def test_retries_of_one_attempt_count_once(make, feed: Feed) -> None:
    assert not feed("dead_contacts", [make.dead(n) for n in range(20)])


def test_a_place_that_answers_is_not_dead(make, feed: Feed) -> None:
    events = [make.dead(90 * n) if n % 4 else make.flow(90 * n) for n in range(20)]
    assert not feed("dead_contacts", events)


def test_a_list_of_the_dead(make, feed: Feed) -> None:
    events = [make.dead(60 * n, destination_ip=f"203.0.113.{9 * n}") for n in range(1, 9)]
    [alert] = feed("dead_contacts", events)
    assert alert.reason.key == "anomaly.dead_contacts.reason_list"


def test_blocked_network_is_low(make, feed: Feed) -> None:
    events = [
        make.dead(60 * n + h, source_ip=f"10.1.3.{h}", destination_ip=f"203.0.113.{9 * n}")
        for n in range(1, 9)
        for h in range(1, 9)
    ]
    alerts = feed("dead_contacts", events)
    assert [a.severity for a in alerts] == [Severity.MEDIUM] * 4 + [Severity.LOW] * 4


def test_broken_ipv6_is_no_infection(make, feed: Feed) -> None:
    events = [
        make.dead(60 * n, source_ip="fd00::5", destination_ip=f"2001:db8::{n}")
        for n in range(1, 20)
    ]
    assert not feed("dead_contacts", events)


def test_spray_in_a_row_is_worse(make, feed: Feed) -> None:
    def cast(address: str) -> list[Alert]:
        return feed(
            "spray",
            [
                make.dead(
                    n,
                    destination_ip=address.format(n),
                    destination_port=6892,
                    network_transport="udp",
                )
                for n in range(1, 60)
            ],
        )

    assert cast("203.0.113.{}")[0].severity == Severity.HIGH
    assert cast("11.{}.3.4")[0].severity == Severity.MEDIUM


def test_many_web_servers_are_no_spray(make, feed: Feed) -> None:
    assert not feed("spray", [make.flow(n, destination_ip=f"11.1.{n}.9") for n in range(200)])


def test_misspelt_words_are_no_dga(make, feed: Feed) -> None:
    words = ("weather", "tickets", "library", "harbour", "council", "mountain", "holiday")
    events = [
        make.dns(n, f"{word}online.example", dns_response_code="NXDOMAIN")
        for n, word in enumerate(words)
    ]
    assert not feed("dga", events)


def test_subdomains_of_one_domain_are_no_dga(make, feed: Feed) -> None:
    events = [
        make.dns(n, f"x{n * 7919}q.typo.example", dns_response_code="NXDOMAIN") for n in range(90)
    ]
    assert not feed("dga", events)


def test_ports_and_protocols(make, feed: Feed) -> None:
    def said(port: int, protocol: str, count: int = 1) -> list[Alert]:
        events = [
            make.flow(n, destination_port=port, network_protocol=protocol) for n in range(count)
        ]
        return feed("protocol_port", events)

    assert said(443, "ssh")[0].severity == Severity.MEDIUM
    assert said(443, "http")
    assert said(4117, "tls", 4)[0].severity == Severity.LOW
    assert not said(4117, "tls", 2)
    assert not said(443, "tls", 50)
    assert not said(8080, "http", 50)


def test_mail_servers_may_deliver(make, feed: Feed) -> None:
    received = make.flow(0, source_ip="203.0.113.5", destination_ip="10.1.2.3", destination_port=25)
    sent = [
        make.flow(n, destination_ip=f"203.0.113.{n}", destination_port=25) for n in range(1, 60)
    ]
    assert not feed("spam", [received, *sent])


def test_reading_about_a_pool_is_not_mining(make, feed: Feed) -> None:
    assert not feed("mining", [make.dns(n, "www.nanopool.org") for n in range(2)])
