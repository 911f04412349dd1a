"""Results of OpenSCAP, Lynis and Wazuh: what decides, what stays open, what is refused."""

from __future__ import annotations

from contextlib import suppress

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.evidence import run_evidence
from detections.compliance.assets.checks.scans import UNITS
from detections.compliance.assets.judging import judge_asset
from detections.compliance.assets.reading import read_evidence
from detections.compliance.assets.scan.results import meanings, meanings_of
from detections.compliance.catalogue import control
from fengsui.control import Conformity
from fengsui.errors import FengsuiError, InputError
from fengsui.text import catalogue

RULE = "xccdf_org.ssgproject.content_rule_"
XCCDF = """<?xml version="1.0" encoding="UTF-8"?>
<Benchmark xmlns="http://checklists.nist.gov/xccdf/{version}" id="b"><Rule id="r"><title>x</title></Rule>
<TestResult id="t" start-time="2026-11-20T01:00:00+08:00" end-time="2026-11-20T01:05:00+08:00">
<profile idref="standard"/><target>db-1</target>{results}</TestResult></Benchmark>"""
ARF = (
    '<arf:asset-report-collection xmlns:arf="http://scap.nist.gov/schema/asset-reporting-format/1.1">'
    "<arf:reports><arf:report id='x'><arf:content>{inner}</arf:content></arf:report></arf:reports>"
    "</arf:asset-report-collection>"
)
LYNIS = """# Lynis Report
report_version_major=1
lynis_version=3.0.8
hostname=db-1
{lines}
report_datetime_end=2026-11-20 10:00:00
tests_executed=AUTH-9204|AUTH-9208|PKGS-7392|
finish=true
"""
CHECK = {
    "id": 1,
    "policy_id": "cis_debian12",
    "title": "Ensure no duplicate UIDs exist",
    "result": "failed",
}
SHAPES = {
    "api": {"data": {"affected_items": [CHECK], "total_affected_items": 1}, "error": 0},
    "alert": {
        "timestamp": "2026-11-20T10:00:00.000+0800",
        "agent": {"name": "db-1"},
        "data": {"sca": {"type": "check", "policy": "CIS", "check": CHECK}},
    },
    "indexer": {"_source": {"agent": {"name": "db-1"}, "check": {**CHECK, "name": CHECK["title"]},
                            "policy": {"name": "CIS"}, "rationale": ""}},
}  # fmt: skip


def xccdf(version: str = "1.2", **outcomes: str) -> str:
    rows = "".join(
        f'<rule-result idref="{RULE}{name}"><result>{word}</result></rule-result>'
        for name, word in outcomes.items()
    )
    return XCCDF.format(version=version, results=rows)


@pytest.fixture
def judged(tmp_path):
    def make(text: str | bytes):
        path = tmp_path / "result"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        asset = read_evidence(path)
        return asset, {finding.check.unit: finding for finding in judge_asset(asset)}

    return make


def test_the_table_is_well_formed():
    for meaning in meanings():
        assert control(meaning.unit)
        assert meaning.limits in {"", "threshold", "explicit", "present", "part"}
    assert len(UNITS) >= 15


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_failure_that_decides_and_one_that_does_not(judged, version):
    asset, found = judged(
        xccdf(
            version,
            accounts_no_uid_except_zero="fail",
            accounts_tmout="fail",
            no_netrc_files="pass",
        )
    )
    assert (asset.name, asset.kind) == ("db-1", "scan")
    assert asset.problems == ("1 of 3 rules speak for no unit",)
    assert found["L3-CES1-01"].verdict is Conformity.PARTLY
    assert found["L3-CES1-02"].verdict is Conformity.INSUFFICIENT
    assert set(found) == {"L3-CES1-01", "L3-CES1-02"}
    assert {fact.mark for step in found["L3-CES1-02"].steps for fact in step.facts} == {"threshold"}


def test_passes_never_conform(judged):
    _, found = judged(
        xccdf(**dict.fromkeys(["accounts_no_uid_except_zero", "accounts_tmout"], "pass"))
    )
    assert {finding.verdict for finding in found.values()} == {Conformity.INSUFFICIENT}


def test_an_arf_is_read_as_its_result(judged):
    inner = xccdf(security_patches_up_to_date="fail").partition("?>")[2]
    _, found = judged(ARF.format(inner=inner))
    assert found["L3-CES1-21"].verdict is Conformity.PARTLY


def test_lynis_warnings_decide_and_suggestions_do_not(judged):
    _, bad = judged(LYNIS.format(lines="warning[]=AUTH-9208|Multiple users with the same UID|-|-|"))
    assert bad["L3-CES1-01"].verdict is Conformity.PARTLY
    asset, open_ = judged(LYNIS.format(lines="suggestion[]=PKGS-7392|Update your system|-|-|"))
    assert open_["L3-CES1-21"].verdict is Conformity.INSUFFICIENT
    assert asset.name == "db-1"
    asset, _ = judged(LYNIS.format(lines="").replace("finish=true", ""))
    assert "the run of Lynis did not end" in asset.problems


@pytest.mark.parametrize("shape", sorted(SHAPES))
@pytest.mark.parametrize("many", [1, 3])
def test_wazuh_in_its_three_shapes(judged, shape, many):
    text = (
        b"\n".join([orjson.dumps(SHAPES[shape])] * many)
        if shape != "api"
        else orjson.dumps(SHAPES[shape])
    )
    asset, found = judged(text)
    assert found["L3-CES1-01"].verdict is Conformity.PARTLY
    assert asset.name == ("result" if shape == "api" else "db-1")


def test_checks_of_two_hosts_are_refused(judged):
    other = {**SHAPES["alert"], "agent": {"name": "db-2"}}
    with pytest.raises(InputError) as caught:
        judged(orjson.dumps([SHAPES["alert"], other]))
    assert caught.value.code == "several_hosts"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, FILE, '<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">'])
def test_document_types_and_entities_are_refused(judged, doctype):
    text = xccdf(accounts_tmout="fail").replace("<Benchmark", f"{doctype}<Benchmark")
    with pytest.raises(InputError) as caught:
        judged(text)
    assert caught.value.code == "hostile_xml"


@pytest.mark.parametrize(
    "text", ["<Benchmark>TestResult", "<TestResult", "<xccdf/>", '{"sca": 1}', '{"sca": [']
)
def test_what_has_no_result_is_refused(judged, text):
    with pytest.raises(InputError):
        judged(text)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_result_is_judged_or_refused_and_never_conforms(data, judged):
    base = data.draw(
        st.sampled_from(
            [
                xccdf(accounts_tmout="fail").encode(),
                LYNIS.encode(),
                *map(orjson.dumps, SHAPES.values()),
            ]
        )
    )
    at = data.draw(st.integers(0, len(base)))
    noise = data.draw(st.binary(max_size=20))
    with suppress(FengsuiError):
        _, found = judged(base[:at] + noise + base[at + len(noise) :])
        assert Conformity.CONFORMS not in {finding.verdict for finding in found.values()}


def test_sentences_and_bytes(judged, tmp_path):
    _, found = judged(xccdf(accounts_no_uid_except_zero="fail", accounts_tmout="pass"))
    for finding in found.values():
        for step in finding.steps:
            assert step.text.key in catalogue()
            assert step.repair is None or step.repair.key in catalogue()
    one, other = (run_evidence([tmp_path / "result"]).as_json() for _ in range(2))
    assert one == other
    assert meanings_of("wazuh", "Ensure updates, patches are installed")
