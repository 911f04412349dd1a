"""Other tools' alerts through the pipeline: folded items, an incident apart from our own, restarts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console import pipeline as pipelines
from console.foreign import ForeignAlerts
from console.pipeline import Pipeline, Run
from console.rules.loading import RuleSet
from console.wiring import NO_RULES, Stores, make_pipeline, open_stores
from fengsui.clock import DAY, HOUR, SECOND, WallClock
from fengsui.event import Event, join_lines, make_event
from fengsui.ids import event_id
from fengsui.settings import Settings, load_settings
from fengsui.store.state import CaseFilter

START = 1_700_000_000 * SECOND
WITHOUT = RuleSet((0, 0), NO_RULES, (), {}, {})  # loading all rules takes seconds


def alert(at: int, kind: str, host: str = "10.0.0.5", level: str = "", **more: object) -> Event:
    fields = {
        "event.kind": "alert",
        "event.module": "wazuh",
        "observer.name": "s",
        "rule.id": kind,
        "rule.name": f"Alert {kind}",
        "host.ip": [host],
        "source.ip": host,
        "log.level": level,
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    made = event_id("ids", at, "test", f"{kind}{host}{at}".encode())
    return make_event(id=made, time=at, dataset="ids", fields=fields)  # type: ignore[arg-type]


def week() -> list[Event]:
    """Five days of a login failure now and then on ten hosts, then an attack on one of them."""
    usual = [
        alert(START + n * HOUR // 3, "login", f"10.0.0.{n % 10}", "low") for n in range(5 * 24 * 3)
    ]
    attack = [
        alert(START + 5 * DAY + n * 30 * SECOND, f"odd{n % 12}", level="high") for n in range(60)
    ]
    return usual + attack


def sent(pipeline: Pipeline, events: list[Event], *, end: bool = True) -> None:
    for begin in range(0, len(events), 50):
        some = events[begin : begin + 50]
        pipeline.process(join_lines(some), max(event.time for event in some))
        pipeline.flush()
    if end:
        pipeline.finish()


def queue(stores: Stores) -> dict[str, tuple[float, str, int, int]]:
    cases, _ = stores.state.cases(CaseFilter(), limit=100)
    return {
        case.incident.id: (
            case.incident.score,
            case.incident.severity.word,
            len(stores.state.alert_ids(case.incident.id)),
            case.incident.count,
        )
        for case in cases
    }


def test_an_attack_is_one_incident_of_folded_items(settings: Settings, stores: Stores) -> None:
    pipeline = make_pipeline(settings, Run("r1", "replay"), stores, rules=WITHOUT)
    sent(pipeline, week())
    cases, _ = stores.state.cases(CaseFilter(origin="foreign"), limit=100)
    worst = cases[0].incident
    assert worst.severity.word in {"high", "critical"}
    assert sum(part.points for part in worst.parts) == pytest.approx(worst.score, abs=1e-6)
    alerts = stores.state.alerts(stores.state.alert_ids(worst.id))
    assert len(alerts) == 12  # one a kind, however often it was repeated
    assert sum(one.count for one in alerts) == worst.count == 60
    assert {one.kind for one in alerts} == {"foreign"}
    assert {one.fidelity for one in alerts} == {0.0}
    assert stores.events.get(alerts[0].events[0]) is not None
    assert {join.alert for join in worst.joins} == {one.id for one in alerts[1:]}
    assert all(
        "{" not in text.render("zh") for text in (worst.title, *(p.why for p in worst.parts))
    )


def test_a_worker_that_was_killed_goes_on_and_says_what_it_had_to_rebuild(
    settings: Settings, stores: Stores
) -> None:
    events = week()
    cut = len(events) - 30
    sent(
        make_pipeline(settings, Run(), stores, rules=WITHOUT), events[:cut], end=False
    )  # then kill -9
    sent(make_pipeline(settings, Run(), stores, rules=WITHOUT), events[cut:])
    resumed = queue(stores)
    kept = settings.home / "foreign_alerts.json"
    kept.write_bytes(kept.read_bytes()[:100])
    again = make_pipeline(settings, Run(), stores, rules=WITHOUT)
    sent(again, [alert(START + 6 * DAY, "login")])
    assert again.all_losses().as_json()["correlation.foreign.state_rebuilt"] == 1
    assert {id_: row[:2] for id_, row in queue(stores).items()} == {
        id_: row[:2] for id_, row in resumed.items()
    }
    with open_stores(
        load_settings({}, home=settings.home.parent / "whole").settings, writable=True
    ) as other:
        sent(make_pipeline(settings, Run("r", "replay"), other, rules=WITHOUT), events)
        assert max(row[:3] for row in queue(other).values()) == max(
            row[:3] for row in resumed.values()
        )


def test_a_live_stream_that_falls_silent_is_judged_to_its_end(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = make_pipeline(settings, Run(), stores, rules=WITHOUT)
    sent(pipeline, week(), end=False)
    waiting = max(row[3] for row in queue(stores).values())
    monkeypatch.setattr(pipelines, "SILENCE", -1.0)
    pipeline.flush()
    assert max(row[3] for row in queue(stores).values()) == 60 > waiting


def test_order_within_a_minute_changes_nothing(settings: Settings, stores: Stores) -> None:
    events = week()
    sent(make_pipeline(settings, Run("a", "replay"), stores, rules=WITHOUT), events)
    one = queue(stores)
    swapped = [*events[:-4], *reversed(events[-4:])]
    with open_stores(
        load_settings({}, home=settings.home.parent / "other").settings, writable=True
    ) as other:
        sent(make_pipeline(settings, Run("a", "replay"), other, rules=WITHOUT), swapped)
        assert queue(other) == one


def test_an_analyst_parts_them_and_a_later_alert_does_not_join_them_again(
    settings: Settings, stores: Stores
) -> None:
    from console.correlating import make_regrouping
    from console.regrouping import Seen

    events = week()
    pipeline = make_pipeline(settings, Run(), stores, rules=WITHOUT)
    sent(pipeline, events[:-20], end=False)
    pipeline.process(join_lines([alert(events[-20].time + HOUR, "login")]), events[-20].time + HOUR)
    pipeline.flush()
    case = stores.state.cases(CaseFilter(origin="foreign"), limit=1)[0][0]
    alerts = stores.state.alert_ids(case.incident.id)
    regrouping = make_regrouping(settings, stores.events, stores.state)
    parted = regrouping.split(Seen(case.incident.id, 0), alerts[:2], "li", "")
    assert len(stores.state.alert_ids(parted.apart.incident.id)) in {2, len(alerts) - 2}
    pipeline.obey()
    sent(pipeline, [replace_time(one, 2 * HOUR) for one in events[-20:]])
    held = [set(stores.state.alert_ids(id_)) for id_ in queue(stores)]
    assert not any(set(alerts[:2]) & one and set(alerts[2:]) & one for one in held)
    assert any(set(alerts[:2]) <= one for one in held)


def replace_time(event: Event, later: int) -> Event:
    return alert(event.time + later, event.text("rule.id"), event.text("host.ip"), "high")


def test_bad_alerts_are_kept_counted_and_harmless(settings: Settings, stores: Stores) -> None:
    hostile = "<script>alert(1)</script>{0}{host}\u202e" + "A" * 400
    events = [
        alert(START, hostile, hostile),
        alert(START + 1, "timeless", fengsui__parse="no_time"),
        alert(START + 2, "hostless", host=""),
        alert(START + 2000 * DAY, "later"),
        *(alert(START + n * SECOND, "flood", level="critical") for n in range(2000)),
    ]
    pipeline = make_pipeline(settings, Run("r", "replay"), stores, rules=WITHOUT)
    sent(pipeline, events)
    assert pipeline.counts.added == len(events)
    losses = pipeline.all_losses().as_json()
    assert losses["correlation.foreign.without_time"] == 1
    assert losses["correlation.foreign.without_host"] == 1
    assert len(stores.state.alerts(limit=1000)) < 10
    for incident in pipeline.incidents():
        assert incident.title.render("zh")
    assert isinstance(pipeline.foreign, ForeignAlerts)
    assert replace(pipeline.run) == pipeline.run


def test_alerts_that_come_days_late_are_judged_at_their_own_time(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = week()
    usual, attack = events[:360], events[360:]
    pipeline = make_pipeline(settings, Run(), stores, rules=WITHOUT)
    sent(pipeline, [*usual[:100], *usual[250:], *attack], end=False)
    sent(pipeline, usual[100:250], end=False)
    assert pipeline.all_losses().as_json()["correlation.foreign.behind"] > 100
    monkeypatch.setattr("console.foreign._QUIET", -1.0)
    pipeline.flush()
    late = queue(stores)
    with open_stores(
        load_settings({}, home=settings.home.parent / "whole").settings, writable=True
    ) as other:
        sent(make_pipeline(settings, Run("r", "replay"), other, rules=WITHOUT), events)
        whole = queue(other)  # the live one still waits with alerts of its last minute
        assert {id_: row[:3] for id_, row in late.items()} == {
            id_: row[:3] for id_, row in whole.items()
        }


def test_a_clock_far_ahead_does_not_stop_a_live_stream(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = WallClock().now()
    usual = week()
    shift = (now - usual[-1].time) // HOUR * HOUR
    moved = [
        alert(one.time + shift, one.text("rule.id"), one.text("source.ip"), one.text("log.level"))
        for one in usual
    ]
    pipeline = make_pipeline(settings, Run(), stores, rules=WITHOUT)
    sent(pipeline, [*moved[:200], alert(now + 20 * HOUR, "odd"), *moved[200:]], end=False)
    assert pipeline.clock <= WallClock().now() + HOUR
    monkeypatch.setattr("console.foreign._QUIET", -1.0)
    pipeline.flush()
    assert max(row[3] for row in queue(stores).values()) >= 60


def test_a_missing_state_is_built_again_and_said(settings: Settings, stores: Stores) -> None:
    sent(make_pipeline(settings, Run(), stores, rules=WITHOUT), week(), end=False)
    (settings.home / "foreign_alerts.json").unlink()
    again = make_pipeline(settings, Run(), stores, rules=WITHOUT)
    sent(again, [alert(START + 6 * DAY, "login")])
    assert again.all_losses().as_json()["correlation.foreign.state_rebuilt"] == 1
