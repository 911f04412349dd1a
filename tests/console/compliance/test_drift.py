"""The drift alarm: an alert and its incident where a verdict turned for the worse, else nothing."""

from __future__ import annotations

from dataclasses import replace

from console.compliance.drift import RULE, drift_alert
from fengsui.asset import Asset
from fengsui.control import Conformity
from fengsui.severity import Severity
from fengsui.store.state import CaseFilter, Plan
from fengsui.system import Drift
from tests.console.compliance.conftest import FAULTY, MENDED, NOW, SYSTEM


def alarms(stores):
    return [alert for alert in stores.state.alerts(run="") if alert.rule == RULE]


def test_a_turn_for_the_worse_is_an_alert_with_an_incident(bring, run, stores):
    bring(MENDED)
    run()
    assert alarms(stores) == []
    bring(FAULTY + "#\n")
    turned = run()
    (alert,) = alarms(stores)
    assert {fact.name for fact in alert.facts} == {e.unit for e in turned.drift if e.worse}
    assert "区门户" in alert.title.render("zh")
    cases, _ = stores.state.cases(CaseFilter(run=""))
    assert [case.incident.alerts for case in cases] == [(alert.id,)]
    run()  # it is no turn any more
    assert len(alarms(stores)) == 1
    bring(MENDED + "#\n")
    run()  # better is not told
    assert len(alarms(stores)) == 1
    assert stores.state.verify_audit() == []


def test_what_was_met_and_is_not_weighs_most(bring, run):
    bring(MENDED)
    made = run()
    lost = Drift("L3-CES1-03", Conformity.CONFORMS, Conformity.DOES_NOT)
    faded = Drift("L3-CES1-03", Conformity.CONFORMS, Conformity.INSUFFICIENT)
    better = Drift("L3-CES1-03", Conformity.PARTLY, Conformity.CONFORMS)
    assert drift_alert(SYSTEM, replace(made, drift=(better,))) is None
    assert drift_alert(SYSTEM, replace(made, drift=(lost,))).severity is Severity.HIGH
    found = drift_alert(SYSTEM, replace(made, drift=(faded, better)))
    assert (found.severity, len(found.facts)) == (Severity.MEDIUM, 1)
    assert found.first >= NOW


def test_an_asset_that_turned_is_told_where_another_holds_its_item(bring, run, stores, desk):
    stores.state.put_plan(
        Plan(
            assets=tuple(
                Asset(each, name, (address,), kind="network")
                for each, name, address in (
                    ("sw", "HX-Core-01", "10.0.0.2"),
                    ("sw2", "HX-Core-02", "10.0.0.3"),
                    ("sw3", "HX-Core-03", "10.0.0.4"),  # nothing is known of it
                )
            )
        )
    )
    desk.file_system(replace(SYSTEM, assets=("sw", "sw2", "sw3"), version=1), "王敏")
    bring(FAULTY.replace("HX-Core-01", "HX-Core-02") + "#2\n")
    bring(MENDED)
    run()
    bring(FAULTY + "#\n")
    turned = [each for each in run().drift if each.unit == "L3-CES1-03"]
    assert [(each.asset, each.worse) for each in turned] == [("HX-Core-01", True)]
    (alert,) = alarms(stores)
    assert "L3-CES1-03 HX-Core-01" in {fact.name for fact in alert.facts}
