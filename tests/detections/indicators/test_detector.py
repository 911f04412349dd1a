import time
from pathlib import Path

import pytest

from detections.detector import Context
from detections.indicators.detector import IndicatorDetector
from detections.indicators.lists import Indicator, Kind, read_text
from fengsui.clock import DAY, from_iso
from fengsui.event import Event, Value, make_event

NOW = from_iso("2026-11-21T08:00:00Z")
CONTEXT = Context(lambda address: address.startswith("10."))


def event(fields: dict[str, Value], dataset: str = "dns") -> Event:
    return make_event(
        id="0" * 32, time=NOW, dataset=dataset, fields={"source.ip": "10.1.1.1", **fields}
    )


def detector(text: str) -> IndicatorDetector:
    return IndicatorDetector(list(read_text(text, Path("own.txt"))), CONTEXT)


@pytest.mark.parametrize(
    ("listed", "fields", "kind"),
    [
        ("203.0.113.9", {"destination.ip": "203.0.113.9"}, "host"),
        ("203.0.113.9", {"dns.resolved_ip": ["192.0.2.1", "203.0.113.9"]}, "host"),
        ("203.0.113.0/24", {"destination.ip": "203.0.113.200"}, "host"),
        ("2001:db8::/32", {"destination.ip": "2001:db8:1::5"}, "host"),
        ("evil.example", {"dns.question.name": "a.b.evil.example"}, "domain"),
        ("evil.example", {"dns.answers.data": ["cdn.evil.example"]}, "domain"),
        ("evil.example", {"tls.client.server_name": "EVIL.example"}, "domain"),
        ("http://evil.example/drop/", {"url.full": "http://evil.example/drop/x.exe"}, "url"),
        ("evil.example/drop?id=1", {"url.full": "http://evil.example/drop?id=1"}, "url"),
        ("a" * 64, {"file.hash.sha256": "A" * 64}, "hash"),
        ("t13d1516h2_8daaf6152771_b186095e22b6",
         {"tls.client.ja4": "t13d1516h2_8daaf6152771_b186095e22b6"}, "ja4"),
    ],
)  # fmt: skip
def test_a_listed_value_is_found_where_events_hold_it(
    listed: str, fields: dict[str, Value], kind: str
) -> None:
    (alert,) = detector(listed).observe(event(fields), NOW)
    assert alert.kind == "indicator"
    assert alert.entities[-1].kind == kind
    assert alert.entities[-1].role == "c2"
    for language in ("zh", "en"):
        assert "own" in alert.reason.render(language)


@pytest.mark.parametrize(
    "fields",
    [
        {"dns.question.name": "notevil.example"},
        {"dns.question.name": "evil.example.org"},
        {"destination.ip": "203.0.114.1"},
        {"url.full": "http://evil.example/dropped"},
        {"destination.ip": "not an address"},
    ],
)
def test_what_only_looks_alike_is_not_found(fields: dict[str, Value]) -> None:
    found = detector("evil.example\n203.0.113.0/24\nevil.example/drop\n")
    kinds = [fact.value for alert in found.observe(event(fields), NOW) for fact in alert.facts[:1]]
    assert kinds in ([], ["evil.example"] if "url.full" in fields else [])


def test_an_expired_indicator_is_silent_at_the_events_own_time() -> None:
    def of(expires: int) -> IndicatorDetector:
        one = Indicator("domain", "evil.example", "l", "l:1", added=NOW - DAY, expires=expires)
        return IndicatorDetector([one], CONTEXT)

    asked = event({"dns.question.name": "evil.example"})
    assert list(of(NOW).observe(asked, NOW + 9 * DAY)) == []
    (alert,) = of(NOW + 1).observe(asked, NOW + 9 * DAY)
    assert "2026-11-20" in alert.reason.render("zh")


def test_one_alert_a_list_and_value_however_often_the_event_holds_it() -> None:
    asked = event({"dns.question.name": "a.evil.example", "dns.answers.data": ["b.evil.example"]})
    assert len(list(detector("evil.example").observe(asked, NOW))) == 1


def test_lists_are_rules() -> None:
    (rule,) = detector("evil.example\nworse.example").rules
    assert rule.id == "indicators:own"
    assert "own" in rule.title.render("en")


def test_a_large_list_costs_no_more_than_a_small_one() -> None:
    kind: Kind = "domain"
    many = [Indicator(kind, f"d{n}.example", "l", "l:1") for n in range(200_000)]
    found = IndicatorDetector(many, CONTEXT)
    asked = event({"dns.question.name": "a.b.c.nothing.example"})
    started = time.perf_counter()
    for _ in range(1000):
        assert list(found.observe(asked, NOW)) == []
    assert time.perf_counter() - started < 1
