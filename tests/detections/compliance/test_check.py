"""All checks together: labelled cases, drills left out, and the law of evidence."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detections.compliance.check import checks, run_checks, unit_verdicts
from detections.compliance.evidence import Record
from fengsui.clock import DAY, HOUR
from fengsui.control import Conformity
from fengsui.text import catalogue

C, P, N = Conformity.CONFORMS, Conformity.PARTLY, Conformity.DOES_NOT
I, NA = Conformity.INSUFFICIENT, Conformity.NOT_APPLICABLE  # noqa: E741


OLD = {"log_retention", "sensor_coverage", "cleartext_management", "cleartext_devices"}


def verdicts(findings) -> dict[str, Conformity]:
    """Of the checks whose records `all_records` has; event queries are tested beside it."""
    return {finding.check: finding.verdict for finding in findings if finding.check in OLD}


def test_every_check_has_a_unit_limits_and_sentences():
    for check in checks():
        assert check.limits
        assert check.claim.key in catalogue()


def test_nothing_at_all_is_insufficient(make_evidence):
    found = run_checks(make_evidence([]))
    assert {f.verdict for f in found} == {I}
    for finding in found:
        assert len(finding.result_hash) == 64
        assert finding.reason.key in catalogue()
        assert finding.repair.key in catalogue()


def test_telemetry_alone_never_conforms(make_evidence, ordinary):
    found = run_checks(make_evidence(ordinary(days=200)))
    assert {finding.verdict for finding in found} == {I}


def test_telemetry_and_records_conform(make_evidence, ordinary, all_records):
    found = run_checks(make_evidence(ordinary(days=200)), all_records)
    assert set(verdicts(found).values()) == {C}
    assert unit_verdicts(found)["L3-SMC1-10"] is C


def test_stale_records_do_not_count(make_evidence, ordinary, all_records):
    stale = [replace(record, time=record.time - 31 * DAY) for record in all_records]
    assert set(verdicts(run_checks(make_evidence(ordinary(days=200)), stale)).values()) == {I}


def test_a_record_against_it_is_no_conformity(make_evidence, ordinary, all_records):
    against = [replace(record, holds=False) for record in all_records]
    found = verdicts(run_checks(make_evidence(ordinary(days=200)), against))
    assert found == {
        "log_retention": P,
        "sensor_coverage": P,
        "cleartext_management": N,
        "cleartext_devices": N,
    }


def test_not_applicable_needs_a_signed_fresh_record(make_evidence, ordinary):
    evidence = make_evidence(ordinary(days=2))
    signed = Record("L3-ABS1-16", "not_applicable", "E6", True, evidence.now - DAY, "王敏", "0")
    assert verdicts(run_checks(evidence, [signed]))["sensor_coverage"] is NA
    old = replace(signed, time=evidence.now - 366 * DAY)
    assert verdicts(run_checks(evidence, [old]))["sensor_coverage"] is I


def test_a_drill_is_no_evidence_unless_asked_for(make_evidence, ordinary, make_flow):
    telnet = make_flow(
        "10.1.0.9", "10.1.0.1", make_evidence([]).now - HOUR, network__protocol="telnet"
    ).in_run("drill-1")
    events = [*ordinary(days=2), telnet]
    assert verdicts(run_checks(make_evidence(events)))["cleartext_management"] is I
    only = make_evidence(events, run="drill-1")
    found = run_checks(only)
    assert verdicts(found)["cleartext_management"] is N
    assert 'fengsui.run:"drill-1"' in found[0].query
    of_drill = make_evidence([event.in_run("drill-2") for event in ordinary(days=200)])
    assert set(verdicts(run_checks(of_drill)).values()) == {I}


def test_the_same_evidence_has_the_same_hash(make_evidence, ordinary):
    events = ordinary(days=3)
    one = run_checks(make_evidence(events))
    random.Random(1).shuffle(events)
    assert [f.as_json() for f in run_checks(make_evidence(events))] == [f.as_json() for f in one]
    other = run_checks(make_evidence(events[1:]))
    assert [f.result_hash for f in other] != [f.result_hash for f in one]


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000), days=st.sampled_from([3, 190]))
def test_less_evidence_never_makes_it_conform(
    seed, days, make_evidence, ordinary, all_records, make_flow
):
    chance = random.Random(seed)
    events = ordinary(days=days)
    if chance.random() < 0.5:
        at = make_evidence([]).now - chance.randrange(20) * DAY - HOUR
        events.append(make_flow("10.1.7.7", "10.1.0.2", at, network__protocol="telnet"))
    records = [r for r in all_records if chance.random() < 0.9]
    full = make_evidence(events)
    before = verdicts(run_checks(full, records))
    fewer_assets = [a for a in full.plan.assets if chance.random() < 0.8]
    blind = {a for asset in full.plan.assets[:2] for a in asset.addresses}
    dark = full.now - chance.randrange(29) * DAY
    less = [
        # Single events leave no trace; what fails in life are mirrors, sensors and registers.
        (make_evidence([e for e in events if e.text("source.ip") not in blind]), records),
        (make_evidence([e for e in events if not dark - 2 * DAY < e.time < dark]), records),
        (full, [r for r in records if chance.random() < 0.5]),
        (replace(full, sources=full.sources[:0]), records),
        (replace(full, plan=replace(full.plan, networks=())), records),
        (replace(full, plan=replace(full.plan, assets=tuple(fewer_assets))), records),
    ]
    for evidence, some in less:
        for check, verdict in verdicts(run_checks(evidence, some)).items():
            assert verdict is not C or before[check] is C, check


@pytest.mark.parametrize(
    ("found", "unit"), [([C, I], I), ([C, P, I], P), ([N, C], N), ([NA, C], C), ([NA], NA), ([], I)]
)
def test_a_unit_is_its_worst_check(found, unit):
    from detections.compliance.verdict import of_checks

    assert of_checks(found) is unit
