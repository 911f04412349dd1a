"""Scheduled detections: what no worker sees alone is found once, whoever runs and however often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console.pipeline import Pipeline, Run
from console.retro import scheduled
from console.retro.scheduled import BY, chosen, run
from console.retro.scheduled_report import PLACE, ROLE, Report, last_report
from console.rules.desk import RuleDesk
from console.wiring import Stores, make_pipeline, open_stores
from detections.detector import Context
from fengsui.clock import MINUTE, SECOND, EventClock
from fengsui.errors import BusyError, InputError, StoreError
from fengsui.event import Event, make_event
from fengsui.settings import Settings, load_settings
from fengsui.store.event_store import EventStore
from fengsui.store.state import CaseFilter

T = 1_790_000_000 * SECOND
MANY = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9bff"
BASE = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9b01"
RULES = f"""title: Bad name
name: bad_name
id: {BASE}
status: stable
level: low
logsource: {{product: fengsui, service: dns}}
detection: {{s: {{dns.question.name: bad.example}}, condition: s}}
---
title: Many
name: many
id: {MANY}
status: stable
correlation:
  type: event_count
  rules: [bad_name]
  group-by: [source.ip]
  timespan: 10m
  condition: {{gte: 6}}
level: critical
"""


def dns(second: int, host: str = "10.0.0.5", name: str = "bad.example", **more: str) -> Event:
    fields = {"source.ip": host, "dns.question.name": name, **more}
    made = f"{second:016x}{host.rpartition('.')[2]:>016}"
    return make_event(id=made, time=T + second * SECOND, dataset="dns", fields=fields)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "many.yml").write_text(RULES, "utf-8")
    given = {
        "FENGSUI_DETECTION_RULES": str(tmp_path / "rules"),
        "FENGSUI_DETECTION_SCHEDULED": f"{MANY},{BASE},nothing",
    }
    return load_settings(given, home=tmp_path / "home").settings


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    with open_stores(settings, writable=True) as opened:
        yield opened


def once(
    settings: Settings, stores: Stores, second: int, *, since: int | None = None, by: str = BY
) -> Report:
    """One run at a time of day."""
    clock = EventClock(T + second * SECOND)
    desk = desk_of(settings, stores)
    return run(settings, stores.events, stores.state, desk, clock, by=by, since=since)


def desk_of(settings: Settings, stores: Stores) -> RuleDesk:
    """With the test's own rules alone."""
    nothing = settings.home / "nothing"
    nothing.mkdir(exist_ok=True)
    context = Context(lambda address: address.startswith("10."))
    return RuleDesk(settings, stores.state, lambda: stores.events, context, nothing)


def worker(settings: Settings, stores: Stores, events: Sequence[Event]) -> Pipeline:
    """A worker of the state that was given these events."""
    rules = desk_of(settings, stores).library.current()
    pipeline = make_pipeline(settings, Run(), stores, rules=rules)
    for event in events:
        pipeline.process(event.raw + b"\n", event.time)
    pipeline.flush()
    return pipeline


def test_what_two_workers_share_is_found_once(settings: Settings, stores: Stores) -> None:
    shared = [dns(second) for second in range(0, 80, 10)]
    for half in (shared[::2], shared[1::2]):
        worker(settings, stores, half)
    assert stores.state.alerts() == []
    found = once(settings, stores, 400)
    assert (found.events, found.hits, found.raised, found.told) == (8, 1, 1, 0)
    (alert,) = stores.state.alerts()
    assert (alert.rule, alert.last, found.alerts) == (MANY, T + 50 * SECOND, [alert.id])
    cases, _ = stores.state.cases(CaseFilter())
    assert [stores.state.alert_ids(case.incident.id) for case in cases] == [[alert.id]]
    assert stores.state.audit_records(1)[0].what == "detections.scheduled"
    for second in (401, 700):
        again = once(settings, stores, second)
        assert (again.events, again.raised) == (0, 0)
    repeated = once(settings, stores, 700, since=T)
    assert (repeated.events, repeated.hits, repeated.raised, repeated.told) == (8, 1, 0, 1)
    assert stores.state.alerts() == [alert]
    assert len(stores.state.cases(CaseFilter())[0]) == 1


def test_what_a_worker_has_raised_is_not_raised_again(settings: Settings, stores: Stores) -> None:
    """Its share completed the correlation later than all shares together do: another event, the same case."""
    shared = [dns(second) for second in range(0, 120, 10)]
    worker(settings, stores, shared[::2])
    worker(settings, stores, shared[1::2])
    told = stores.state.alerts()
    assert told
    found = once(settings, stores, 500)
    assert (found.hits, found.raised, found.told) == (1, 0, 1)
    assert stores.state.alerts() == told


def test_windows_go_on_from_run_to_run(settings: Settings, stores: Stores) -> None:
    stores.events.append([dns(second) for second in range(0, 40, 10)])
    assert once(settings, stores, 200).hits == 0
    stores.events.append([dns(second) for second in (300, 310)])
    found = once(settings, stores, 500)
    assert (found.events, found.raised) == (2, 1)
    (alert,) = stores.state.alerts()
    assert alert.first == T


@pytest.mark.parametrize("kept", [0, 1 << 20])
def test_killed_anywhere_it_goes_on(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """Also where the windows were too many to be kept: the timespan before is read again."""
    monkeypatch.setattr(scheduled, "_LOOK", 1)
    monkeypatch.setattr(scheduled, "_STEP", -1.0)
    monkeypatch.setattr(scheduled, "MOST_WINDOWS", kept)
    hosts = ("10.0.0.5", "10.0.0.6", "10.0.0.7")
    stores.events.append([dns(second, host) for second in range(0, 80, 10) for host in hosts])
    desk, clock = desk_of(settings, stores), EventClock(T + 400 * SECOND)
    left = [0]

    def kill(_report: Report) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    for alive in range(0, 36, 5):
        left[0] = alive
        try:
            run(
                settings, stores.events, stores.state, desk, clock, by=BY, on_progress=kill
            )  # fmt: skip
        except KeyboardInterrupt:
            assert last_report(stores.state)["status"] in {"ended", "done"}
    alerts = stores.state.alerts()
    assert sorted(alert.key for alert in alerts) == list(hosts)
    assert {(alert.last, alert.count) for alert in alerts} == {(T + 50 * SECOND, 1)}
    held = [a for case in stores.state.cases(CaseFilter())[0]
            for a in stores.state.alert_ids(case.incident.id)]  # fmt: skip
    assert sorted(held) == sorted(alert.id for alert in alerts)


def test_killed_between_incident_and_alert(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.events.append([dns(second) for second in range(0, 80, 10)])

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(stores.state), "put_alerts", killed)
        with pytest.raises(KeyboardInterrupt):
            once(settings, stores, 400)
    assert once(settings, stores, 400).raised == 1
    (case,) = stores.state.cases(CaseFilter())[0]
    assert stores.state.alert_ids(case.incident.id) == [stores.state.alerts()[0].id]


def test_lateness(settings: Settings, stores: Stores) -> None:
    """What is stored later than the time of events by less than the lateness is seen; else it is counted."""
    stores.events.append([dns(second) for second in range(0, 50, 10)])
    assert once(settings, stores, 160).events == 4  # until 40 s
    stores.events.append([dns(45)])
    assert once(settings, stores, 200).raised == 1
    stores.events.append([dns(46)])
    late = once(settings, stores, 210)
    assert (late.late_events, late.losses["late_events"]) == (1, 1)
    assert once(settings, stores, 220).late_events == 0
    assert once(settings, stores, 220, since=T).events == 7


def test_a_bounded_run_goes_on_with_the_next(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled, "_LOOK", 3)
    stores.events.append([dns(second) for second in range(0, 80, 10)])
    hasty = settings.detection.model_copy(update={"scheduled_run_seconds": 1e-9})
    short = settings.model_copy(update={"detection": hasty})
    part = once(short, stores, 400)
    assert (part.events, part.why_partial, part.losses["partial_runs"]) == (3, "seconds", 1)
    assert part.as_json()["behind_seconds"] == 260
    rest = once(settings, stores, 400)
    assert (rest.events, rest.why_partial, rest.raised) == (5, "", 1)
    assert rest.as_json()["behind_seconds"] == 0


def test_drills_are_not_live_telemetry(settings: Settings, stores: Stores) -> None:
    stores.events.append([dns(second).in_run("drill-1") for second in range(0, 80, 10)])
    assert once(settings, stores, 400).events == 0


def test_a_rule_that_changed_begins_with_its_timespan(settings: Settings, stores: Stores) -> None:
    stores.events.append([dns(second) for second in range(0, 40, 10)])
    assert once(settings, stores, 400).hits == 0
    changed = RULES.replace("gte: 6", "gte: 4")
    (Path(settings.detection.rules[0]) / "many.yml").write_text(changed, "utf-8")
    found = once(settings, stores, 460)
    assert (found.events, found.raised) == (4, 1)


def test_who_may_run(settings: Settings, stores: Stores) -> None:
    picked = chosen(settings, desk_of(settings, stores).library.current())
    assert [one.id for one in picked.rules] == [MANY]
    assert dict(picked.left_out) == {
        BASE: "this is no correlation: each worker finds all that it can",
        "nothing": "no rule has this id or name",
    }
    other = stores.state.leader(ROLE)
    assert other.leads()
    with pytest.raises(BusyError):
        once(settings, stores, 0)
    other.resign()
    none = settings.model_copy(
        update={"detection": settings.detection.model_copy(update={"scheduled": ["nothing"]})}
    )
    with pytest.raises(InputError):
        once(none, stores, 0)
    assert last_report(stores.state) == {}


def test_a_store_that_fails_is_told(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.events.append([dns(second) for second in range(0, 80, 10)])
    once(settings, stores, 130)
    place = stores.state.health()[ROLE][1][PLACE]

    def broken(*_given: object) -> EventStore:
        raise StoreError("gone", where="there", next="look", code="timeout")

    with monkeypatch.context() as patch:
        patch.setattr(type(stores.events), "scroll", broken)
        with pytest.raises(StoreError):
            once(settings, stores, 400)
    document = stores.state.health()[ROLE][1]
    assert (document["status"], document["problem"]["what"]) == ("failed", "gone")
    assert (document[PLACE], document["losses"]["failed_runs"]) == (place, 1)
    assert once(settings, stores, 400 + int(MINUTE / SECOND)).raised == 1


def test_a_report_is_what_was_published(settings: Settings, stores: Stores) -> None:
    stores.events.append([dns(second) for second in range(0, 80, 10)])
    found = once(settings, stores, 400, by="command line")
    assert last_report(stores.state) == replace(found).as_json()
    assert stores.state.audit_records(1)[0].by == "command line"
