from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from detections.detections import OWN_RULES, Detections, build
from detections.detector import Context, Detector
from fengsui.alert import Alert, alert_id
from fengsui.clock import SECOND, from_iso
from fengsui.errors import RuleError
from fengsui.event import Event, make_event
from fengsui.rule import Rule
from fengsui.severity import Severity
from fengsui.text import Text

NOW = from_iso("2026-11-21T08:00:00Z")
CONTEXT = Context(lambda address: address.startswith("10."))


def event(dataset: str = "dns", number: int = 0, **fields: str) -> Event:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return make_event(
        id=f"{number:032x}", time=NOW + number * SECOND, dataset=dataset, fields=named
    )


def an_alert(rule: str, about: Event, now: int) -> Alert:
    return Alert(
        id=alert_id(rule, "k", "", about.time), rule=rule, title=Text(""), kind="policy",
        severity=Severity.LOW, fidelity=0.5, key="k", entities=(), events=(about.id,),
        first=about.time, last=about.time, raised=now, reason=Text(""),
    )  # fmt: skip


def a_rule(name: str) -> Rule:
    return Rule(name, Text(""), "policy", Severity.LOW, "stable", "live", "", (), ())


class Speaks:
    def __init__(self, name: str = "speaks", datasets: frozenset[str] = frozenset({"dns"})) -> None:
        self.rules = (a_rule(name),)
        self.datasets = datasets
        self.seen: list[Event] = []

    def observe(self, event: Event, now: int) -> Iterable[Alert]:
        self.seen.append(event)
        return [an_alert(self.rules[0].id, event, now)]

    def advance(self, now: int) -> Iterable[Alert]:
        return ()


class Raises(Speaks):
    """Named by this module like the other, so its name is made its own."""

    __module__ = "tests.raises"

    def observe(self, event: Event, now: int) -> Iterable[Alert]:
        if len(self.seen) == 2:
            raise ZeroDivisionError("boom")
        return super().observe(event, now)


def test_events_go_to_the_detectors_of_their_dataset() -> None:
    speaks = Speaks()
    found = Detections([speaks]).observe([event("dns"), event("tls", 1)], NOW)
    assert [one.dataset for one in speaks.seen] == ["dns"]
    assert len(found) == 1


def test_a_detector_that_raises_is_parked_and_the_others_go_on() -> None:
    speaks, raises = Speaks(), Raises("raises")
    detections = Detections([raises, speaks])
    events = [event(number=n) for n in range(5)]
    first = detections.observe(events, NOW)
    assert len(speaks.seen) == 5
    assert [alert.rule for alert in first].count("raises") == 2  # what it said before it failed
    assert detections.losses.as_json() == {
        "detections.raises.failed": 1,
        "detections.raises.unseen": 3,
    }
    assert detections.parked == {"raises": "ZeroDivisionError: boom"}
    detections.observe(events[:2], NOW)
    assert detections.losses.as_json()["detections.raises.unseen"] == 5
    assert {rule.id: rule.status for rule in detections.rules} == {
        "raises": "parked",
        "speaks": "live",
    }


def test_alerts_come_in_order_of_time_and_are_counted() -> None:
    detections = Detections([Speaks()])
    found = detections.observe([event(number=n) for n in (3, 1, 2)], NOW)
    assert [alert.first for alert in found] == sorted(alert.first for alert in found)
    assert detections.hits == {"speaks": 3}
    assert set(detections.cost) == {"test_detections"}


def test_a_flood_of_the_same_is_folded_and_nothing_is_lost() -> None:
    detections = Detections([Speaks()])
    found = detections.observe([event(number=n) for n in range(5000)], NOW)
    assert len(found) == 50
    assert sum(alert.count for alert in found) == 5000
    assert detections.hits["speaks"] == 5000


def test_two_detectors_of_one_name_stop_the_start() -> None:
    with pytest.raises(RuleError, match="same name"):
        Detections([Speaks(), Speaks()])


def test_build_makes_everything_and_indicators_only_when_there_are_lists(tmp_path: Path) -> None:
    plain = build(CONTEXT)
    assert {"sigma"} <= plain.cost.keys()
    assert "indicators" not in plain.cost
    assert len([rule for rule in plain.rules if rule.kind == "sigma"]) >= 25
    known = tmp_path / "bad.txt"
    known.write_text("evil.example\n", "utf-8")
    listed = build(CONTEXT, indicator_files=[known])
    asked = event(source__ip="10.1.1.1", dns__question__name="c2.evil.example")
    (alert,) = [one for one in listed.observe([asked], NOW) if one.kind == "indicator"]
    assert alert.rule == "indicators:bad"


def test_a_wrong_rule_of_the_user_stops_the_start_with_its_place(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "title: Bad\nlogsource: {category: dns}\ndetection: {s: {f|no: 1}, condition: s}\n", "utf-8"
    )
    with pytest.raises(RuleError) as caught:
        build(CONTEXT, [tmp_path])
    assert caught.value.where.startswith(f"{bad}:3")
    assert "Bad" in caught.value.what


def test_what_is_only_not_supported_yet_is_listed(tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text(
        "title: C\ncorrelation: {type: event_count, rules: [x], timespan: 1m, condition: {lt: 1}}\n",
        "utf-8",
    )
    built = build(CONTEXT, [tmp_path])
    (row,) = [row for row in built.coverage if row.state == "refused"]
    assert "a window without events" in row.reason


def test_a_part_without_make_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    import detections.detections as module

    monkeypatch.setattr(
        module, "parts", lambda _shelf: [types.ModuleType("detections.anomalies.odd")]
    )
    with pytest.raises(RuleError, match="no make") as caught:
        build(CONTEXT)
    assert caught.value.where == "detections/anomalies/odd.py"


def test_own_rules_are_in_the_package() -> None:
    assert OWN_RULES.is_dir()
    assert isinstance(replace(a_rule("x"), status="parked"), Rule)
    detector: Detector = Speaks()
    assert detector.rules
