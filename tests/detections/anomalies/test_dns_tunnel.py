"""DNS tunnels, and the ordinary names that look a little like them."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from fengsui.alert import Alert
from fengsui.severity import Severity

Feed = Callable[..., list[Alert]]
CODE = "abcdefghijklmnopqrstuvwxyz0123456789"


def _word(dice: random.Random, length: int) -> str:
    return "".join(dice.choices(CODE, k=length))


@pytest.mark.parametrize("kind", ["TXT", "NULL", "KEY", "CNAME", "MX", "TYPE65399"])
def test_odd_types_within_ten_questions(make, feed: Feed, kind: str) -> None:
    dice = random.Random(4)
    names = [f"{_word(dice, 12)}.t.evil.example" for _ in range(10)]
    events = [make.dns(n, name, dns_question_type=kind) for n, name in enumerate(names)]
    [alert] = feed("dns_tunnel", events)
    assert alert.severity == Severity.HIGH
    assert len(alert.events) <= 10


def test_long_names_of_plain_type(make, feed: Feed) -> None:
    dice = random.Random(5)
    events = [make.dns(n, f"{_word(dice, 55)}.evil.example") for n in range(12)]
    assert feed("dns_tunnel", events)


def test_slow_one_within_a_day(make, feed: Feed) -> None:
    dice = random.Random(6)
    events = [make.dns(720 * n, f"{_word(dice, 18)}.evil.example") for n in range(119)]
    alerts = feed("dns_tunnel", events)
    assert [alert.reason.key for alert in alerts] == ["anomaly.dns_tunnel.reason_slow"]


def _benign(kind: str, n: int, dice: random.Random) -> tuple[str, dict[str, object]]:
    octets = ".".join(str(dice.randrange(256)) for _ in range(4))
    return {
        "cdn": (f"r{n % 9}---sn-{_word(dice, 8)}.video-cdn.example", {}),
        "dnsbl": (f"{octets}.zen.blocklist.example", {"dns_resolved_ip": ["127.0.0.2"]}),
        "antivirus": (
            f"{_word(dice, 32)}.avqs.vendor.example",
            {"dns_resolved_ip": ["127.161.0.1"]},
        ),
        "reverse": (f"{octets}.in-addr.arpa", {"dns_question_type": "PTR"}),
        "local": (f"{_word(dice, 20)}.local", {}),
        "mail": (f"selector{n}._domainkey.shop.example", {"dns_question_type": "TXT"}),
        "words": (f"{'branch-office-of-the-' * 2}{n}.hotels.example", {}),
        "repeated": (f"{'q7x9k2' * 6}.widget.example", {}),
        "directory": (
            f"_ldap._tcp.{_word(dice, 30)}.domains._msdcs.corp.example",
            {"dns_question_type": "SRV"},
        ),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    ["cdn", "dnsbl", "antivirus", "reverse", "local", "mail", "words", "repeated", "directory"],
)
def test_ordinary_names_are_none(make, feed: Feed, kind: str) -> None:
    dice = random.Random(8)
    events = []
    for n in range(50):
        name, fields = _benign(kind, n, dice)
        events.append(make.dns(4 * n, name, **fields))
    assert not feed("dns_tunnel", events)
