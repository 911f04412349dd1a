"""A configuration judged: verdict and failed steps by unit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from detections.compliance.assets.device.reader import evidence_of
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity

Judged = dict[str, tuple[Conformity, tuple[str, ...]]]


def judged(text: str | bytes) -> Judged:
    """Verdict and keys of failed steps of each device check, by unit."""
    data = text.encode() if isinstance(text, str) else text
    return {
        one.check.unit: (
            one.verdict,
            tuple(step.name for step in one.steps if step.state is False),
        )
        for one in judge_asset(evidence_of(data, "device.cfg"))
        if one.check.id.startswith("device_")
    }


@pytest.fixture
def judge() -> Callable[[str | bytes], Judged]:
    """The function above."""
    return judged
