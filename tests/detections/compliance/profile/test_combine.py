"""Findings, records and inheritance as verdicts: what may close a step, and what never conforms."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetCheck, AssetFinding, Step, finding_of
from detections.compliance.profile.attested import Attested
from detections.compliance.profile.combine import Material, closed_verdict, judge_item
from detections.compliance.profile.items import item_of
from detections.compliance.profile.steps import by_hand, steps_of
from fengsui.clock import DAY
from fengsui.control import Conformity
from fengsui.system import Attestation
from fengsui.text import Text

NOW = 1_800_000_000 * 10**9
UNIT = "L3-CES1-01"
STATE = st.sampled_from([True, False, None])
BAD = {Conformity.PARTLY, Conformity.DOES_NOT}


def found(
    states: list[bool | None], asset: str = "web", *, unit: str = UNIT, age: int = 1, **more: Any
) -> AssetFinding:
    evidence = AssetEvidence(
        asset, "host", "x.tar.gz", "0" * 64, NOW - age * DAY, more.get("level", "E1"), None
    )
    check = AssetCheck("a_check", unit, ("host",), Text("claim"), more.get("single", False))
    steps = [Step(f"s{n}", state, Text("why")) for n, state in enumerate(states)]
    return finding_of(check, evidence, steps)


def word(step: str, **more: Any) -> Attestation:
    given: dict[str, Any] = {
        "id": f"{step}{sorted(more.items())}", "system": "x", "unit": UNIT, "kind": "record",
        "step": step, "asset": "", "holds": True, "level": "E6", "statement": "seen", "sample": "",
        "by": "王敏", "approver": "", "at": NOW - DAY, "expires": NOW + DAY,
    }  # fmt: skip
    return Attestation(**{**given, **more})


def material(
    findings: list[AssetFinding], words: list[Attestation] | None = None, **more: Any
) -> Material:
    kinds: Any = more.get("assets", {each.asset.name: "host" for each in findings})
    return Material(
        findings,
        (),
        Attested(words or [], NOW),
        kinds,
        {UNIT: frozenset({"host"}), "L3-SMC1-08": frozenset({"host"})},
        more.get("inherited", {}),
    )


def verdict(item: str, made: Material) -> Conformity:
    return judge_item(item_of(item), made).verdict


@given(st.lists(st.lists(STATE, min_size=1, max_size=4), min_size=1, max_size=4), st.data())
def test_conforms_only_when_every_step_of_every_asset_was_carried_out_and_holds(
    states: list[list[bool | None]], data: st.DataObject
) -> None:
    made = [found(each, f"a{n}") for n, each in enumerate(states)]
    order = data.draw(st.permutations(made))
    result = judge_item(item_of(UNIT), material(order))
    whole = all(step is True for each in states for step in each)
    assert (result.verdict is Conformity.CONFORMS) == whole
    assert (False in {s for each in states for s in each}) == (result.verdict in BAD)
    assert result.assets == judge_item(item_of(UNIT), material(made)).assets


@given(st.lists(STATE, min_size=1, max_size=4), st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_record_closes_open_steps_and_changes_no_other(
    states: list[bool | None], said: list[bool]
) -> None:
    words = [word(f"s{n}", holds=holds) for n, holds in enumerate(said)]
    closed = closed_verdict(found(states), Attested(words, NOW))
    effective = [said[n] if state is None else state for n, state in enumerate(states)]
    assert closed is closed_verdict(found(list(effective)), Attested([], NOW))


@pytest.mark.parametrize(
    "more", [{"at": NOW + 1}, {"expires": NOW}, {"unit": "L3-CES1-02"}, {"asset": "db"}]
)
def test_a_record_that_is_not_in_force_closes_nothing(more: dict[str, Any]) -> None:
    assert (
        verdict(UNIT, material([found([True, None])], [word("s1", **more)]))
        is Conformity.INSUFFICIENT
    )


def test_the_word_about_the_asset_wins_and_the_newest_counts() -> None:
    general, own = word("s0"), word("s0", asset="web", holds=False)
    assert closed_verdict(found([None]), Attested([general, own], NOW)) is Conformity.DOES_NOT
    newer = word("s0", asset="web", at=NOW - 1)
    assert closed_verdict(found([None]), Attested([own, newer], NOW)) is Conformity.CONFORMS


@pytest.mark.parametrize(("age", "level"), [(31, "E1"), (-1, "E1"), (1, "E0")])
def test_old_offline_or_future_evidence_never_conforms_and_still_fails(
    age: int, level: str
) -> None:
    assert (
        closed_verdict(found([True], age=age, level=level), Attested([], NOW))
        is Conformity.INSUFFICIENT
    )
    assert (
        closed_verdict(found([False], age=age, level=level), Attested([], NOW))
        is Conformity.DOES_NOT
    )


def test_an_asset_without_evidence_leaves_the_item_open() -> None:
    made = material([found([True])], assets={"web": "host", "db": "database", "sw": "network"})
    result = judge_item(item_of(UNIT), made)
    assert result.verdict is Conformity.INSUFFICIENT
    assert set(result.assets) == {"web", "db", "sw"}  # all are objects of this unit
    alone = material([found([True])], assets={"web": "host"})
    assert verdict(UNIT, alone) is Conformity.CONFORMS


def test_not_applicable_needs_another_person() -> None:
    bad = [found([False])]
    for approver, wanted in (
        ("", Conformity.DOES_NOT),
        ("王敏", Conformity.DOES_NOT),
        ("李四", Conformity.NOT_APPLICABLE),
    ):
        words = [word("", kind="not_applicable", approver=approver)]
        assert verdict(UNIT, material(bad, words)) is wanted


def test_an_adjustment_never_changes_a_verdict() -> None:
    words = [word("", kind="adjustment", approver="李四")]
    assert verdict(UNIT, material([found([False])], words)) is Conformity.DOES_NOT


def test_inherited_controls_follow_the_giver() -> None:
    for given_verdict in Conformity:
        made = material([found([True])], inherited={UNIT: ("platform", given_verdict)})
        assert verdict(UNIT, made) is given_verdict
    unknown = material([found([True])], inherited={UNIT: ("platform", None)})
    assert verdict(UNIT, unknown) is Conformity.INSUFFICIENT


def test_the_secure_path_is_never_partly() -> None:
    unit = "L3-SMC1-08"
    for states in product([True, False, None], repeat=2):
        both = [found([state], f"d{n}", unit=unit) for n, state in enumerate(states)]
        result = verdict(unit, material(both))
        assert (result is Conformity.DOES_NOT) == (False in states)
        assert result is not Conformity.PARTLY


@given(st.data())
def test_by_hand_conforms_only_by_all_steps_or_one_whole_branch(data: st.DataObject) -> None:
    unit = data.draw(
        st.sampled_from([UNIT, "L3-CES1-06", "L3-CES1-23", "L3-MMS1-26", "L3-PES1-01"])
    )
    known = steps_of(unit)
    states = {name: state for name in known.names if (state := data.draw(STATE)) is not None}
    ways = known.enough or (known.names,)
    wanted = any(all(states.get(name) for name in way) for way in ways)
    assert (by_hand(unit, states) is Conformity.CONFORMS) == wanted
