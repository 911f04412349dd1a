"""Scheduled detections over each store: events of several writers, one alert."""

from __future__ import annotations

from pathlib import Path

from console.retro.scheduled import BY, run
from console.rules.desk import RuleDesk
from detections.detector import Context
from fengsui.clock import SECOND, EventClock
from fengsui.settings import load_settings
from fengsui.store.event_store import EventStore
from fengsui.store.sql.state import open_state
from tests.console.retro.test_scheduled import MANY, RULES, T, dns


def test_one_alert_of_many_shares(store: EventStore, tmp_path: Path) -> None:
    (tmp_path / "many.yml").write_text(RULES, "utf-8")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "home").mkdir()
    given = {
        "FENGSUI_DETECTION_RULES": str(tmp_path / "many.yml"),
        "FENGSUI_DETECTION_SCHEDULED": "all",
    }
    settings = load_settings(given, home=tmp_path / "home").settings
    state = open_state(settings.state_url)
    context = Context(lambda address: address.startswith("10."))
    shared = [dns(second) for second in range(0, 80, 10)]
    quiet = [dns(second, "10.0.0.6", "good.example") for second in range(80)]
    for share in (shared[::2], quiet, shared[1::2], [dns(5).in_run("drill")]):
        store.append(share)
    desk = RuleDesk(settings, state, lambda: store, context, tmp_path / "nothing")
    found = []
    for second, since in ((150, None), (170, None), (400, None), (400, T)):
        clock = EventClock(T + second * SECOND)
        one = run(settings, store, state, desk, clock, by=BY, since=since)
        found.append((one.events, one.raised, one.told))
    assert found == [(3, 0, 0), (2, 0, 0), (3, 1, 0), (8, 0, 1)]
    assert [(alert.rule, alert.last) for alert in state.alerts()] == [(MANY, T + 50 * SECOND)]
    state.close()
