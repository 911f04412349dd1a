"""58 of 58: every unit that software may decide is decided on complete evidence, and none on less.

Complete is: a host, a switch and a firewall read with full rights, telemetry of the whole period with
its registers, and a signed record for each step that the verdict itself names as open.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from detections.compliance.assets.device.reader import evidence_of
from detections.compliance.assets.judging import judge_asset
from detections.compliance.check import run_checks
from detections.compliance.evidence import Record
from detections.compliance.profile.attested import Attested
from detections.compliance.profile.combine import Material, judge_item
from detections.compliance.profile.items import items
from detections.compliance.profile.objects import covered
from fengsui.clock import DAY
from fengsui.control import Conformity
from fengsui.system import Attestation
from tests.detections.compliance.assets.conftest import collect, debian, write
from tests.detections.compliance.assets.device.configurations import HUAWEI, USG
from tests.detections.compliance.conftest import NOW
from tests.detections.compliance.events.test_queries import whole  # noqa: F401 - a fixture

from detections.compliance.assets.host.host import read_host  # isort: skip

C = Conformity.CONFORMS
DECIDABLE = [item for item in items(3) if item.automation == "A"]
ASSISTED = [item for item in items(3) if item.automation == "S"]
ASSETS = {"web": "host", "sw": "network", "fw": "security"}


def test_there_are_58_and_74():
    assert (len(DECIDABLE), len(ASSISTED)) == (58, 74)


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """Evidence as if it were taken on the running target; texts alone (E0) never conform."""
    folder = tmp_path_factory.mktemp("host")
    host = read_host(collect(write(folder / "root", debian()), folder / "host.tar.gz"))
    devices = {
        "sw": evidence_of(HUAWEI.encode(), "sw.cfg"),
        "fw": evidence_of(USG.encode(), "fw.cfg"),
    }
    found = []
    for name, asset in {"web": host, **devices}.items():
        taken = replace(asset, name=name, kind=ASSETS[name], level="E1", collected=NOW - DAY)
        found += judge_asset(taken)
    return found


def signed(unit: str, step: str, level: str = "E5") -> Attestation:
    return Attestation(
        f"{unit}:{step}", "x", unit, "record", step, "", True, level, "seen", "all", "王敏", "",
        NOW - DAY, NOW + 30 * DAY,
    )  # fmt: skip


def material(evidence, findings, words) -> Material:
    # Its registers and audit records are no sources of their own.
    evidence = replace(evidence, sources=[each for each in evidence.sources if each.sensor])
    attested = Attested(words, NOW)
    records: list[Record] = attested.records()
    return Material(findings, run_checks(evidence, records), attested, ASSETS, covered())


@pytest.fixture(scope="module")
def complete(whole, findings):  # noqa: F811
    """Records for what each verdict names as open, until nothing is."""
    words: list[Attestation] = []
    for _ in range(4):
        made = material(whole, findings, words)
        wanted = {
            (item.unit, step)
            for item in [*DECIDABLE, *ASSISTED]
            for judged in [judge_item(item, made)]
            if judged.verdict is not C
            for step in judged.open_steps
        }
        if not wanted:
            break
        words += [signed(unit, step) for unit, step in sorted(wanted)]
    return words


def verdicts(some, made) -> dict[str, Conformity]:
    return {item.unit: judge_item(item, made).verdict for item in some}


def test_58_of_58_are_decided_on_complete_evidence(whole, findings, complete):  # noqa: F811
    found = verdicts(DECIDABLE, material(whole, findings, complete))
    undecided = [unit for unit, verdict in found.items() if verdict is Conformity.INSUFFICIENT]
    assert undecided == []
    against = {unit: verdict.value for unit, verdict in found.items() if verdict is not C}
    assert against == {}


def test_none_is_decided_for_without_records(whole, findings):  # noqa: F811
    found = verdicts(DECIDABLE, material(whole, findings, []))
    assert C not in found.values()


def test_none_stays_when_one_record_is_taken_away(whole, findings, complete):  # noqa: F811
    by_unit: dict[str, list[Attestation]] = {}
    for word in complete:
        by_unit.setdefault(word.unit, []).append(word)
    first = {words[0].id for words in by_unit.values()}
    left = [word for word in complete if word.id not in first]
    found = verdicts([*DECIDABLE, *ASSISTED], material(whole, findings, left))
    # Its steps are "1, or 2 and 3": the other branch is whole.
    assert {unit for unit, verdict in found.items() if verdict is C} == {"L3-MMS1-26"}


def test_assisted_and_others_are_a_form(whole, findings, complete):  # noqa: F811
    """Each of the 74 names what is open, so that a form can be filled in; filled in, it conforms."""
    before = material(whole, findings, [])
    for item in ASSISTED:
        judged = judge_item(item, before)
        assert judged.verdict is not C
        assert judged.open_steps or judged.verdict is Conformity.PARTLY
    after = verdicts(ASSISTED, material(whole, findings, complete))
    assert {unit for unit, verdict in after.items() if verdict is Conformity.INSUFFICIENT} == set()
    for item in items(3):
        if item.automation == "M":
            assert judge_item(item, before).open_steps


def test_the_same_evidence_gives_the_same_verdict_byte_for_byte(whole, findings, complete):  # noqa: F811
    one, other = (material(whole, findings, complete) for _ in range(2))
    for item in items(3):
        assert judge_item(item, one).digest == judge_item(item, other).digest
