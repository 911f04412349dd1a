"""A repair is closed and opened again by the same check only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.profile.repairs import acted, followed, holds_now, is_overdue
from fengsui.control import Conformity
from fengsui.errors import InputError
from fengsui.system import RepairTask, TaskAct

TASK = RepairTask("t", "x", "L3-CES1-03", "c", "web", ("a", "b"), "运维部", "2026-12-01", "open", 1)
STATE = st.sampled_from([True, False, None])


def act(task: RepairTask, kind: Any, by: str = "王敏", **values: str) -> RepairTask:
    return acted(task, TaskAct(kind, by, 2, values))


@given(STATE, STATE, STATE)
def test_only_the_steps_that_failed_count(
    a: bool | None, b: bool | None, other: bool | None
) -> None:
    holds = holds_now(TASK, {"a": a, "b": b, "other": other}, None)
    assert holds == (False if False in {a, b} else None if None in {a, b} else True)


def test_without_evidence_nothing_is_known() -> None:
    assert holds_now(TASK, None, Conformity.CONFORMS) is None
    plain = replace(TASK, steps=())
    assert holds_now(plain, None, Conformity.INSUFFICIENT) is None
    assert holds_now(plain, None, Conformity.CONFORMS) is True
    assert holds_now(plain, None, Conformity.PARTLY) is False


@pytest.mark.parametrize("status", ["open", "proved", "closed"])
@pytest.mark.parametrize("holds", [True, False, None])
def test_a_run_closes_and_opens(status: Any, holds: bool | None) -> None:
    after = followed(replace(TASK, status=status), holds, "run", 5)
    wanted = {
        (True, "open"): "closed", (True, "proved"): "closed",
        (False, "closed"): "open", (False, "proved"): "open",
    }.get((holds, status))  # type: ignore[call-overload]  # fmt: skip
    assert (after.status if after else None) == wanted
    if after:
        assert after.history[-1].values == {"run": "run"}


def test_people_prove_and_ask_but_do_not_close() -> None:
    assert act(TASK, "prove", text="done").status == "proved"
    for kind in ("close", "reopen", "made"):
        with pytest.raises(InputError):
            act(TASK, kind)


def test_an_extension_is_decided_by_another_person() -> None:
    asked = act(TASK, "ask_extension", due="2026-12-31", text="why")
    assert (asked.due, asked.wish) == ("2026-12-01", "2026-12-31")
    with pytest.raises(InputError):
        act(asked, "extend")
    assert (act(asked, "extend", "李四").due, act(asked, "refuse_extension", "李四").due) == (
        "2026-12-31",
        "2026-12-01",
    )
    for broken in ({"due": "2026-11-01"}, {"due": ""}):
        with pytest.raises(InputError):
            act(TASK, "ask_extension", **broken)
    with pytest.raises(InputError):
        act(TASK, "extend", "李四")


def test_overdue_is_after_the_day_and_never_when_closed() -> None:
    assert not is_overdue(TASK, "2026-12-01")
    assert is_overdue(TASK, "2026-12-02")
    assert not is_overdue(replace(TASK, status="closed"), "2027-01-01")
    with pytest.raises(InputError):
        act(replace(TASK, status="closed"), "prove")
