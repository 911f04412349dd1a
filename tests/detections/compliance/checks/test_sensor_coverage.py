"""Who is seen, in which stack and plane."""

from __future__ import annotations

from dataclasses import replace

from detections.compliance.checks.sensor_coverage import judge
from fengsui.clock import HOUR
from fengsui.control import Conformity


def test_a_stack_that_is_not_seen_makes_it_partly(make_evidence, ordinary, all_records):
    found = judge(make_evidence(ordinary(days=2, without=("2001:db8::1",))), all_records)
    assert found.verdict is Conformity.PARTLY
    assert "门户" in found.reason.render("zh")
    facts = {fact.name: (fact.value, fact.baseline) for fact in found.facts}
    assert facts["seen_ipv6"] == (0, 1)
    assert facts["seen_ipv4"] == (4, 4)
    assert facts["seen_plane_video"] == (1, 1)


def test_all_seen_needs_records(make_evidence, ordinary, all_records):
    assert judge(make_evidence(ordinary(days=32)), []).verdict is Conformity.INSUFFICIENT
    assert judge(make_evidence(ordinary(days=32)), all_records).verdict is Conformity.CONFORMS
    young = judge(make_evidence(ordinary(days=5)), all_records)
    assert (young.verdict, young.reason.key) == (
        Conformity.INSUFFICIENT,
        "compliance.sensor_coverage.blind",
    )


def test_none_seen_by_a_living_store_does_not_conform(make_evidence, make_flow, all_records):
    flow = make_flow("198.51.100.1", "198.51.100.2", make_evidence([]).now - HOUR)
    assert judge(make_evidence([flow]), all_records).verdict is Conformity.DOES_NOT


def test_being_talked_to_without_an_answer_is_not_being_seen(
    make_evidence, ordinary, make_flow, all_records
):
    now = make_evidence([]).now
    probe = make_flow("10.1.0.2", "10.1.9.1", now - HOUR, destination__bytes=0)
    found = judge(make_evidence([*ordinary(days=2, without=("10.1.9.1",)), probe]), all_records)
    assert found.verdict is Conformity.PARTLY


def test_an_own_address_that_nobody_registered_bars_conformity(
    make_evidence, ordinary, make_flow, all_records
):
    stray = make_flow("10.1.200.200", "198.51.100.1", make_evidence([]).now - HOUR)
    found = judge(make_evidence([*ordinary(days=2), stray]), all_records)
    assert (found.verdict, found.reason.key) == (
        Conformity.INSUFFICIENT,
        "compliance.sensor_coverage.unregistered",
    )
    evidence = make_evidence([*ordinary(days=2), stray])
    bare = replace(evidence, plan=replace(evidence.plan, networks=()))
    assert judge(bare, all_records).verdict is Conformity.INSUFFICIENT
