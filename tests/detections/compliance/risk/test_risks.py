"""High-risk cases and major risks: raised by verdicts, decided by two people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from detections.compliance.profile.attested import Attested
from detections.compliance.profile.profile import parse_profile
from detections.compliance.risk.high_risk import high_risk_cases, raised_cases
from detections.compliance.risk.major_risk import major_risks
from fengsui.control import Conformity
from fengsui.system import Attestation, FiledSystem

SYSTEM = FiledSystem("x", "x", "u", "王", 3, 3)
ITEMS = parse_profile("S3A3").items()
GOOD = {item.unit: Conformity.CONFORMS for item in ITEMS}


def decision(kind: Any, step: str, *, holds: bool, approver: str = "李四") -> Attestation:
    return Attestation(
        step, "x", "", kind, step, "", holds, "E6", "why", "", "王敏", approver, 1, 100
    )


def states(system: FiledSystem = SYSTEM, words: Any = (), **verdicts: Conformity) -> dict[str, str]:
    given = GOOD | {f"L3-{unit.replace('_', '-')}": v for unit, v in verdicts.items()}
    found = raised_cases(system, ITEMS, given, Attested(list(words), 50), "guide-2025")
    return {each.case.id: each.state for each in found}


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Conformity.DOES_NOT, "raised"),
        (Conformity.PARTLY, "possible"),
        (Conformity.INSUFFICIENT, "undecided"),
    ],
)
def test_a_failing_item_raises_its_case(verdict: Conformity, state: str) -> None:
    assert states(CES1_03=verdict) == {"6.4.1.2": state}
    assert states() == {}


def test_scope_is_level_and_need() -> None:
    assert "6.2.1.1" not in states(CNS1_01=Conformity.DOES_NOT)
    needy = replace(SYSTEM, continuity=True)
    assert states(needy, CNS1_01=Conformity.DOES_NOT) == {"6.2.1.1": "raised"}
    assert "6.3.3.3" not in states(ABS1_12=Conformity.DOES_NOT)
    key = replace(SYSTEM, key_industry=True)
    assert states(key, ABS1_12=Conformity.DOES_NOT) == {"6.3.3.3": "raised"}


def test_a_mitigation_counts_where_one_is_accepted_and_two_people_say_so() -> None:
    bad = {"CES1_03": Conformity.DOES_NOT}
    word = decision("high_risk", "6.4.1.2", holds=True)
    assert states(words=[word], **bad) == {"6.4.1.2": "mitigated"}
    assert states(words=[replace(word, approver="")], **bad) == {"6.4.1.2": "raised"}
    assert states(words=[replace(word, approver="王敏")], **bad) == {"6.4.1.2": "raised"}
    kept = decision("high_risk", "6.5.1.2", holds=True)
    assert states(words=[kept], SMC1_10=Conformity.DOES_NOT) == {"6.5.1.2": "raised"}


def test_a_person_may_know_of_a_risk_that_no_item_shows() -> None:
    assert states(words=[decision("high_risk", "6.4.1.1", holds=False)]) == {"6.4.1.1": "raised"}


def test_cases_without_mitigation_are_those_of_the_guide() -> None:
    none = {case.id for case in high_risk_cases("guide-2025") if not case.mitigable}
    assert {"6.5.1.1", "6.5.1.2", "6.2.1.1", "6.10.1.2"} <= none
    assert not {"6.4.1.1", "6.4.1.2", "6.3.2.1"} & none


def test_major_risks_are_proposed_set_and_repaired() -> None:
    bad = GOOD | {"L3-CES1-01": Conformity.DOES_NOT}
    word = decision("major_risk", "A-18", holds=False)

    def found(
        verdicts: dict[str, Conformity], words: list[Attestation]
    ) -> list[tuple[str, str, bool]]:
        made = major_risks(ITEMS, verdicts, Attested(words, 50))
        return [(each.code, each.set_by, each.repaired) for each in made]

    assert found(bad, []) == [("A-18", "", False)]
    assert found(bad, [word]) == [("A-18", "王敏", False)]
    assert found(GOOD, [word]) == [("A-18", "王敏", True)]
    assert found(GOOD, []) == []
