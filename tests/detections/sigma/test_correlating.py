"""Correlations through the whole of detections: alerts, what they say, a restart."""

from pathlib import Path

import orjson

from detections.detections import Detections, build
from detections.detector import Context
from fengsui.alert import Alert
from fengsui.clock import MINUTE, SECOND
from fengsui.event import Event, make_event

CONTEXT = Context(lambda address: address.startswith("10."))
START = 1_800_000_000 * SECOND
RULES = """
title: One refused login
id: 11111111-1111-4111-8111-111111111111
name: refused_login
logsource: {product: zeek, service: http}
detection:
  selection: {status_code: 401}
  condition: selection
level: low
---
title: Password guessing
id: 22222222-2222-4222-8222-222222222222
tags: [attack.t1110.001]
correlation:
  type: event_count
  rules: [refused_login]
  group-by: [id.orig_h, id.resp_h]
  timespan: 5m
  condition: {gte: 3}
level: high
---
title: Few logins only
id: 33333333-3333-4333-8333-333333333333
correlation:
  type: event_count
  rules: [refused_login]
  group-by: [id.resp_h]
  timespan: 1m
  condition: {lt: 3}
level: low
---
title: Names what is not there
id: 44444444-4444-4444-8444-444444444444
correlation: {type: event_count, rules: [nobody], timespan: 1m, condition: {gte: 3}}
"""


def built(folder: Path) -> Detections:
    (folder / "rules.yml").write_text(RULES, "utf-8")
    return build(CONTEXT, [folder])


def login(number: int, seconds: float, source: str = "10.1.1.1") -> Event:
    return make_event(
        id=f"{number:032x}",
        time=START + int(seconds * SECOND),
        dataset="http",
        fields={
            "source.ip": source,
            "destination.ip": "10.9.9.9",
            "http.request.method": "POST",
            "http.response.status_code": 401,
        },
    )


def about(alerts: list[Alert], digit: str) -> list[Alert]:
    return [
        alert
        for alert in alerts
        if alert.rule == digit * 8 + f"-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}"
    ]


def test_the_base_rule_is_silent_and_the_third_login_raises_an_alert(tmp_path: Path) -> None:
    detections = built(tmp_path)
    first = detections.observe([login(n, n) for n in range(2)], START + SECOND)
    assert not about(first, "1")
    assert not about(first, "2")
    later = detections.observe([login(2, 10), login(3, 11)], START + 11 * SECOND)
    assert not about(later, "1")
    (alert,) = about(later, "2")
    assert alert.severity.word == "high"
    assert (alert.first, alert.last) == (START, START + 10 * SECOND)
    assert alert.events == tuple(f"{n:032x}" for n in range(3))
    assert [(one.value, one.role) for one in alert.entities] == [
        ("10.1.1.1", "source"),
        ("10.9.9.9", "target"),
    ]
    said = alert.reason.render("en")
    assert "3 events" in said
    assert "5 min" in said
    assert "≥ 3" in said
    assert "10.1.1.1" in said
    assert "5 min内出现 3 次" in alert.reason.render("zh")
    assert alert.key == "10.1.1.1|10.9.9.9"
    assert alert.techniques == ("T1110.001",)


def test_another_source_is_another_group(tmp_path: Path) -> None:
    detections = built(tmp_path)
    events = [login(n, n, f"10.1.1.{n}") for n in range(5)]
    assert not about(detections.observe(events, START + 5 * SECOND), "2")


def test_few_is_known_when_the_time_is_over(tmp_path: Path) -> None:
    detections = built(tmp_path)
    assert not about(detections.observe([login(1, 0), login(2, 5)], START + 5 * SECOND), "3")
    assert not about(detections.advance(START + MINUTE), "3")
    (alert,) = about(detections.advance(START + 3 * MINUTE), "3")
    assert alert.last == START
    assert "2 events" in alert.reason.render("en")
    assert alert.raised == START + 3 * MINUTE


def test_an_input_that_ends_closes_all_windows(tmp_path: Path) -> None:
    detections = built(tmp_path)
    detections.observe([login(1, 0)], START)
    assert about(detections.finish(START), "3")


def test_rows_say_what_is_live_and_what_does_not_link(tmp_path: Path) -> None:
    detections = built(tmp_path)
    status = {rule.title.render("en"): rule.status for rule in detections.rules}
    assert status["Password guessing"] == "live"
    states = {row.title: (row.state, row.reason, row.line) for row in detections.coverage}
    state, reason, line = states["Names what is not there"]
    assert state == "refused"
    assert "'nobody'" in reason
    assert line > 30


def test_a_restart_goes_on_with_the_windows(tmp_path: Path) -> None:
    before = built(tmp_path)
    before.observe([login(0, 0), login(1, 1)], START + SECOND)
    document = orjson.loads(orjson.dumps(before.windows()))
    after = built(tmp_path)
    assert after.take_windows(document) == len(document["correlations"])
    (alert,) = about(after.observe([login(2, 2)], START + 2 * SECOND), "2")
    assert len(alert.events) == 3
    assert about(after.advance(START + 5 * MINUTE), "3") == []
    # Without the windows the third login is the first.
    assert not about(built(tmp_path).observe([login(2, 2)], START + 2 * SECOND), "2")


def test_a_changed_correlation_begins_anew(tmp_path: Path) -> None:
    before = built(tmp_path)
    before.observe([login(0, 0), login(1, 1)], START + SECOND)
    document = before.windows()
    after = built(tmp_path)
    (tmp_path / "rules.yml").write_text(RULES.replace("gte: 3", "gte: 2"), "utf-8")
    changed = build(CONTEXT, [tmp_path])
    assert changed.take_windows(document) == len(document["correlations"]) - 1
    assert not about(changed.observe([login(2, 2)], START + 2 * SECOND), "2")
    assert after.take_windows({"version": 99}) == 0


def test_losses_are_told(tmp_path: Path) -> None:
    detections = built(tmp_path)
    event = make_event(
        id="0" * 32,
        time=START,
        dataset="http",
        fields={"http.request.method": "GET", "http.response.status_code": 401},
    )
    detections.observe([event], START)
    assert detections.losses.as_json()["correlations.ungrouped"] == 2
