"""A back-test finds what the rule would have raised, and says what it did not look at."""

from __future__ import annotations

import pytest

from console.rules import backtest
from console.rules.backtest import BackTest, Bounds
from console.rules.desk import RuleDesk
from fengsui.clock import DAY, SECOND
from fengsui.errors import RuleError
from fengsui.event import Event, make_event
from fengsui.store.event_store import ALWAYS, TimeRange
from tests.console.api.memory_store import MemoryStore
from tests.console.rules.conftest import TWO, rule_text
from tests.fengsui.store.sql.samples import T0

MANY = Bounds(1_000_000, 60)


def dns(number: int, name: str, time: int) -> Event:
    fields = {"source.ip": f"10.0.0.{number % 3}", "dns.question.name": name}
    return make_event(id=f"{number:032x}", time=time, dataset="dns", fields=fields)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def filled(events: MemoryStore) -> None:
    """Ten days, ten events an hour apart each day; the first of each is bad."""
    events.append(
        [
            dns(day * 100 + hour, "bad.example" if hour == 0 else "good.example", time)
            for day in range(10)
            for hour in range(10)
            for time in [T0 + day * DAY + hour * 3600 * SECOND]
        ]
    )
    events.append(
        [make_event(id="f" * 32, time=T0, dataset="flow", fields={"source.ip": "10.0.0.1"})]
    )


def test_everything_is_counted(desk: RuleDesk) -> None:
    found = desk.test(rule_text(TWO), ALWAYS, MANY)
    row = found.as_json()
    assert (row["hits"], row["events"], row["partial"], row["keys"]) == (10, 100, False, 3)
    assert row["since"] == "2026-09-21T13:33:20Z"[:10] + row["since"][10:]
    assert [one["count"] for one in row["days"]] == [1] * 10
    assert row["per_day"] == pytest.approx(10 / 9.375, abs=0.01)
    assert len(row["sample"]) == 10
    assert row["sample"][0]["event"]["dns.question.name"] == "bad.example"
    assert row["sample"][0]["facts"] == [{"name": "dns.question.name", "value": "bad.example"}]
    assert {one["key"] for one in row["entities"]} >= {"bad.example"}
    assert (row["health"], row["rules"]) == ("live", [TWO])


def test_of_a_chosen_time(desk: RuleDesk) -> None:
    found = desk.test(rule_text(TWO), TimeRange(T0 + DAY, T0 + 3 * DAY), MANY)
    assert (found.hits, found.events) == (2, 20)


def test_bounds_are_said(desk: RuleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = desk.test(rule_text(TWO), ALWAYS, Bounds(25, 60))
    assert (found.events, found.hits, found.why_partial) == (25, 3, "events")
    newest = desk.test(rule_text(TWO), ALWAYS, Bounds(25, 60, newest=True))
    assert newest.events <= 25
    assert (newest.since > T0 + 5 * DAY, newest.why_partial) == (True, "events")
    monkeypatch.setattr(backtest, "_LOOK", 10)
    stopped = desk.test(rule_text(TWO), ALWAYS, Bounds(1_000, 0.0))
    assert (stopped.why_partial, stopped.as_json()["partial"]) == ("seconds", True)


def test_a_cancel_keeps_what_was_found(desk: RuleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest, "_LOOK", 10)
    told: list[int] = []

    def tell(found: BackTest) -> bool:
        told.append(found.events)
        assert found.total == 100
        return len(told) < 4

    found = desk.test(rule_text(TWO), ALWAYS, MANY, tell)
    assert (told, found.hits, found.why_partial) == ([0, 10, 20, 30], 3, "cancelled")


def test_rules_that_nothing_feeds_look_at_nothing(desk: RuleDesk) -> None:
    text = rule_text(TWO).replace("product: fengsui\n  service: dns", "product: zos")
    found = desk.test(text, ALWAYS, MANY)
    assert (found.events, found.health.health) == (0, "inert")
    with pytest.raises(RuleError):
        desk.test("title: x", ALWAYS, MANY)


CORRELATION = """title: Many
id: 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9bff
correlation:
  type: event_count
  rules: [bad_name]
  group-by: [dns.question.name]
  timespan: 3d
  condition:
    gte: 3
level: high
"""


def test_correlations_count_over_the_store(desk: RuleDesk) -> None:
    base = rule_text(TWO).replace("status:", "name: bad_name\nstatus:")
    found = desk.test(f"{base}---\n{CORRELATION}", ALWAYS, MANY)
    assert found.hits > 0
    assert {one["rule"] for one in found.sample} == {"5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9bff"}
    desk.editor.create(base, "ann", "")  # a rule that is known already is found by name
    found = desk.test(CORRELATION, ALWAYS, MANY)
    assert found.hits > 0
    with pytest.raises(RuleError, match="bad_names"):
        desk.test(CORRELATION.replace("bad_name", "bad_names"), ALWAYS, MANY)
