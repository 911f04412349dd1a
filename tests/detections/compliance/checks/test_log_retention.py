"""Collected, arriving, kept."""

from __future__ import annotations

from dataclasses import replace

from detections.compliance.checks.log_retention import judge
from fengsui.asset import Asset
from fengsui.clock import DAY, HOUR
from fengsui.control import Conformity
from fengsui.store.state import SourceSeen


def test_a_young_store_proves_nothing_about_keeping(make_evidence, ordinary, all_records):
    found = judge(make_evidence(ordinary(days=10)), all_records)
    assert (found.verdict, found.reason.key) == (
        Conformity.INSUFFICIENT,
        "compliance.log_retention.young",
    )
    assert "10 天" in found.reason.render("zh")


def test_one_asset_that_never_sent_makes_it_partly(make_evidence, ordinary, all_records):
    found = judge(make_evidence(ordinary(days=200, without=("10.1.9.1",))), all_records)
    assert found.verdict is Conformity.PARTLY
    assert "摄像机" in found.reason.render("zh")


def test_an_asset_that_fell_silent_makes_it_partly(make_evidence, ordinary, all_records):
    now = make_evidence([]).now
    events = [
        e for e in ordinary(days=200) if e.text("source.ip") != "10.1.0.2" or e.time < now - 4 * DAY
    ]
    found = judge(make_evidence(events), all_records)
    assert found.verdict is Conformity.PARTLY
    assert "1 个已中断" in found.reason.render("zh")


def test_all_absent_does_not_conform(make_evidence, make_flow, all_records):
    evidence = make_evidence([make_flow("10.1.0.3", "198.51.100.1", make_evidence([]).now - HOUR)])
    found = judge(replace(evidence, sources=()), all_records)
    assert found.verdict is Conformity.DOES_NOT


def test_a_source_whose_early_records_are_gone_is_short(make_evidence, ordinary, all_records):
    evidence = make_evidence(ordinary(days=100))
    early = evidence.now - 300 * DAY
    sources = [SourceSeen("sensor-1", "flow", 1, early, evidence.now)]
    old = Asset("old", "老系统", ("10.1.0.1",), logs=("flow",), first=early)
    plan = replace(evidence.plan, assets=(old,))
    found = judge(replace(evidence, sources=sources, plan=plan), all_records)
    assert found.verdict is Conformity.PARTLY
    assert "2 个留存不足" in found.reason.render("zh")


def test_a_gap_of_the_sensor_is_short(make_evidence, ordinary, all_records):
    now = make_evidence([]).now
    events = [e for e in ordinary(days=200) if not now - 50 * DAY < e.time < now - 45 * DAY]
    found = judge(make_evidence(events), all_records)
    assert found.verdict is Conformity.PARTLY
    assert next(f.value for f in found.facts if f.name == "empty_days") == 5


def test_public_applications_need_a_year(make_evidence, ordinary, all_records):
    evidence = make_evidence(ordinary(days=200))
    public = tuple(replace(asset, zone="dmz") for asset in evidence.plan.assets)
    found = judge(replace(evidence, plan=replace(evidence.plan, assets=public)), all_records)
    assert found.verdict is Conformity.INSUFFICIENT
    assert {row["required_days"] for row in found.rows} == {366, 184}


def test_values_from_the_register_cannot_write_the_query(make_evidence, ordinary):
    evidence = make_evidence(ordinary(days=2))
    hostile = Asset('x" OR *:*', "y\\", ("10.1.0.99",), logs=('flow" OR *',))
    found = judge(replace(evidence, plan=replace(evidence.plan, assets=(hostile,))), [])
    assert found.rows[0]["collected"] is False
