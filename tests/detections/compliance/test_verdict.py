"""Steps, assets, gates (GB/T 28449-2018 8.2.1)."""

from __future__ import annotations

import pytest

from detections.compliance.verdict import of_assets, of_steps, with_gates
from fengsui.control import Conformity

C, P, N = Conformity.CONFORMS, Conformity.PARTLY, Conformity.DOES_NOT
OPEN, NA = Conformity.INSUFFICIENT, Conformity.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ([True, True], C),
        ([True, False], P),
        ([False, False], N),
        ([True, None], OPEN),
        ([False, None], N),
        ([True, False, None], P),
        ([], OPEN),
    ],
)
def test_steps(steps, verdict):
    assert of_steps(steps) is verdict


@pytest.mark.parametrize(
    ("assets", "verdict"),
    [([C, C], C), ([N, N], N), ([C, N], P), ([C, OPEN], OPEN), ([N, OPEN], P), ([NA, C], C)],
)
def test_assets(assets, verdict):
    assert of_assets(assets) is verdict


def test_gates_only_lower():
    assert with_gates(C, [True, None]) is OPEN
    assert with_gates(C, [True, False, None]) is P
    assert with_gates(C, [True]) is C
    assert with_gates(P, [None]) is P
