"""Gauges by day, traffic by hour, what is counted of alerts, and warnings with their clocks."""

from __future__ import annotations

import pytest

from fengsui.clock import DAY, HOUR, MINUTE, EventClock
from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.severity import Severity
from fengsui.store.event_store import ALWAYS
from fengsui.store.situation_states import GaugeStand, TrafficHour
from fengsui.store.sql.state import SqlState
from tests.fengsui.store.sql.samples import T0, make_alert, make_incident, make_warning


def _stand(value: float | None, level: str | None, at: int) -> GaugeStand:
    return GaugeStand("whole", "", "threat", value, level, at, at)


def test_a_gauge_stands_and_its_day_holds_its_range(state: SqlState) -> None:
    noon = T0 // DAY * DAY + 12 * HOUR
    state.put_gauges([_stand(10, "steady", noon)])
    state.put_gauges([_stand(80, "critical", noon + HOUR)])
    state.put_gauges([_stand(None, None, noon + 2 * HOUR)])
    state.put_gauges([_stand(60, "strained", noon + 3 * HOUR)])
    assert [each.value for each in state.gauges()] == [60]
    (day,) = state.gauge_days("whole", "", noon // DAY, noon // DAY)
    assert (day.value, day.low, day.high, day.level) == (60, 10, 80, "strained")
    assert day.changes == 1  # to and from unknown is no change of level


def test_traffic_adds_up_by_run(state: SqlState) -> None:
    row = TrafficHour("unit", "edu", T0 // HOUR * HOUR, 100, 1)
    state.saw_traffic("", [row, row])
    state.saw_traffic("d1", [row])
    (found,) = state.traffic("", "unit", 0, T0 + DAY)
    assert (found.name, found.bytes, found.flows) == ("edu", 200, 2)
    assert state.traffic("", "plane", 0, T0 + DAY) == []
    state.purge_run("d1")
    assert state.traffic("d1", "unit", 0, T0 + DAY) == []


def test_alerts_are_counted_by_hour_and_host(state: SqlState) -> None:
    state.put_alerts(
        [make_alert("a1"), make_alert("a2", first=T0 + HOUR), make_alert("a3", run="d1")]
    )
    assert sum(state.alert_hours("", 0, T0 + DAY).values()) == 2
    assert all(hour % HOUR == 0 for hour in state.alert_hours("", 0, T0 + DAY))
    (row,) = state.alert_hosts("", 0, T0 + DAY)
    assert (row.host, row.severity, row.alerts) == ("10.1.1.5", Severity.HIGH, 2)


def test_lone_alerts_stand_in_no_incident(state: SqlState) -> None:
    low = make_alert("low", severity=Severity.LOW)
    state.put_alerts([make_alert("a1"), low, make_alert("alone")])
    state.put_incidents([make_incident("i1", alerts=("a1",))], {})
    assert [each.id for each in state.lone_alerts("", ALWAYS, 10)] == ["alone", "low"]
    assert [each.id for each in state.lone_alerts("", ALWAYS, 1)] == ["alone"]


def test_a_warning_is_proposed_once_and_decided_with_a_reason(
    state: SqlState, clock: EventClock
) -> None:
    assert [each.id for each in state.put_warnings([make_warning("w1")])] == ["w1"]
    assert state.put_warnings([make_warning("w1")]) == []
    with pytest.raises(InputError, match="reason"):
        state.decide_warning("w1", "confirm", by="li", reason=" ", version=1)
    with pytest.raises(InputError):
        state.decide_warning("w1", "lift", by="li", reason="no", version=1)
    with pytest.raises(NotFoundError):
        state.decide_warning("none", "confirm", by="li", reason="no", version=1)
    clock.advance(T0 + MINUTE)
    done = state.decide_warning("w1", "confirm", by="li", reason="seen", version=1, colour="red")
    assert (done.status, done.colour, done.proposed_colour) == ("confirmed", "red", "orange")
    assert done.answered == T0 + MINUTE
    with pytest.raises(BusyError):
        state.decide_warning("w1", "lift", by="wang", reason="over", version=1)
    lifted = state.decide_warning("w1", "lift", by="wang", reason="over", version=2)
    assert [act.deed for act in lifted.history] == ["confirm", "lift"]
    assert state.warnings("") == [lifted]


def test_a_worse_proposal_overtakes_a_lighter_one_and_never_the_other_way(state: SqlState) -> None:
    state.put_warnings([make_warning("w1", "yellow")])
    assert state.put_warnings([make_warning("w0", "blue")]) == []
    assert [each.id for each in state.put_warnings([make_warning("w2", "red")])] == ["w2"]
    assert {each.id: each.status for each in state.warnings("")} == {
        "w1": "overtaken",
        "w2": "proposed",
    }


def test_what_nobody_answers_is_escalated_once(state: SqlState) -> None:
    state.put_warnings([make_warning("w1"), make_warning("w2", incident="i2")])
    state.decide_warning("w2", "dismiss", by="li", reason="a test", version=1)
    due = make_warning().due
    assert state.escalate_warnings(due - 1) == []
    assert [each.id for each in state.escalate_warnings(due)] == ["w1"]
    assert state.escalate_warnings(due + DAY) == []


def test_a_purged_run_takes_its_warnings_along(state: SqlState) -> None:
    state.put_warnings([make_warning("w1", run="d1")])
    state.purge_run("d1")
    assert state.warnings(None) == []
