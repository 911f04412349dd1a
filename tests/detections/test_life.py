"""Which rules may raise."""

from __future__ import annotations

import pytest

from detections.life import may_raise, raising, state_of
from detections.sigma.engine import fidelity
from fengsui.store.rule_states import RuleLife
from tests.detections.test_samples import COUNTED, PLAIN, loaded

A, MANY = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9c01", "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9c02"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("stable", "stable"),
        ("test", "experimental"),
        ("experimental", "experimental"),
        ("deprecated", "retired"),
        ("unsupported", "retired"),
    ],
)
def test_what_the_status_of_a_file_means(status: str, state: str) -> None:
    assert state_of(status, None) == state
    assert state_of(status, RuleLife("r")) == state
    assert state_of(status, RuleLife("r", "draft")) == "draft"
    assert may_raise(status, None) == (state != "retired")
    assert not may_raise(status, RuleLife("r", "stable", parked=True))


def test_fidelity_follows_the_state() -> None:
    rules = loaded(PLAIN)
    (stable,) = raising(rules, {A: RuleLife(A, "stable")}).rules
    (fresh,) = raising(rules, {A: RuleLife(A, "experimental")}).rules
    assert fidelity(stable) > fidelity(fresh)


def test_a_draft_serves_a_correlation_and_a_parked_rule_serves_nobody() -> None:
    rules = loaded(PLAIN, COUNTED)
    draft = raising(rules, {A: RuleLife(A, "draft")})
    assert [one.id for one in draft.rules] == [A]
    parked = raising(rules, {A: RuleLife(A, "stable", parked=True)})
    assert (parked.rules, len(parked.correlations)) == ((), 1)
    both = raising(rules, {A: RuleLife(A, "draft"), MANY: RuleLife(MANY, "draft")})
    assert (both.rules, both.correlations) == ((), ())
    speaking = loaded(PLAIN, COUNTED.replace("timespan: 10s", "timespan: 10s\n  generate: true"))
    assert raising(speaking, {A: RuleLife(A, "draft")}).rules == ()
