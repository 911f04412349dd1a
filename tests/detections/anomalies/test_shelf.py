"""Laws that every anomaly detector keeps."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import ModuleType

import pytest

from detections.detector import Context
from fengsui.alert import EVENTS_KEPT, Alert
from fengsui.clock import MINUTE
from fengsui.event import Event
from fengsui.severity import Severity
from fengsui.text import Text, catalogue

NAMES = (
    "beacon",
    "brute_force",
    "dead_contacts",
    "dga",
    "dns_tunnel",
    "exfiltration",
    "infection",
    "lateral",
    "mining",
    "protocol_port",
    "remote_execution",
    "scan",
    "spam",
    "spray",
    "tool_transfer",
)
Attacks = dict[str, list[Event]]
Feed = Callable[..., list[Alert]]


def test_every_module_has_a_scenario(modules: dict[str, ModuleType], attacks: Attacks) -> None:
    assert sorted(modules) == sorted(attacks) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_rules_tell_about_themselves(name: str, modules: dict[str, ModuleType]) -> None:
    detector = modules[name].make(Context(lambda _address: True))
    assert detector.rules
    for rule in detector.rules:
        assert rule.kind == "anomaly"
        assert rule.techniques
        assert rule.tactics, f"{rule.id}: no tactic for {rule.techniques}"
        assert {rule.title.key, rule.description.key} <= set(catalogue())


@pytest.mark.parametrize("name", NAMES)
def test_speaks_and_explains_itself(name: str, attacks: Attacks, feed: Feed) -> None:
    alerts = feed(name, attacks[name])
    assert alerts
    for alert in alerts:
        assert alert.severity >= Severity.MEDIUM
        assert alert.facts
        assert any(entity.internal for entity in alert.entities)
        assert alert.first <= alert.last <= alert.raised
        assert 0 < len(alert.events) <= EVENTS_KEPT
        assert 0 < alert.fidelity <= 1
        assert alert.techniques
        for text in (alert.reason, alert.title):
            assert text.key in catalogue()
            for language in ("zh", "en"):
                assert "{" not in text.render(language), text.render(language)
        for fact in alert.facts:
            assert f"anomaly.fact.{fact.name}" in catalogue(), fact.name


@pytest.mark.parametrize("name", NAMES)
def test_same_events_same_alerts(name: str, attacks: Attacks, feed: Feed) -> None:
    once, again = feed(name, attacks[name]), feed(name, attacks[name])
    assert [alert.as_json() for alert in once] == [alert.as_json() for alert in again]


@pytest.mark.parametrize("name", NAMES)
def test_order_within_a_minute_does_not_matter(name: str, attacks: Attacks, feed: Feed) -> None:
    dice = random.Random(3)
    late = sorted(attacks[name], key=lambda event: event.time + dice.randrange(MINUTE))
    assert _keys(feed(name, late)) == _keys(feed(name, attacks[name]))


@pytest.mark.parametrize("name", NAMES)
def test_run_is_kept(name: str, attacks_in_drill: Attacks, attacks: Attacks, feed: Feed) -> None:
    drill, real = feed(name, attacks_in_drill[name]), feed(name, attacks[name])
    assert {alert.run for alert in drill} == {"drill-1"}
    assert not {alert.id for alert in drill} & {alert.id for alert in real}


@pytest.mark.parametrize("name", NAMES)
def test_repeats_grow_rarer(name: str, attacks: Attacks, feed: Feed) -> None:
    assert len(feed(name, attacks[name])) <= 6


@pytest.mark.parametrize("name", NAMES)
def test_broken_fields_are_survived(name: str, attacks: Attacks, feed: Feed) -> None:
    for event in attacks[name]:
        for field in event.fields:
            if field not in {"event.id", "@timestamp", "event.dataset"}:
                kept = {k: v for k, v in event.fields.items() if k != field}
                feed(name, [Event(event.raw, kept)])


def test_title_without_values() -> None:
    assert "{" not in Text("anomaly.beacon.title").render("zh")


def _keys(alerts: list[Alert]) -> set[tuple[str, str]]:
    return {(alert.rule, alert.key) for alert in alerts}
