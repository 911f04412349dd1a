"""Two factors of different kind (L3-CES1-04): only what sshd demands is shown; people decide."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-04", "two_factors")


def judge(asset: AssetEvidence) -> list[Step]:
    """Open, with facts."""
    sshd = host_of(asset).sshd
    names = ("authenticationmethods", "passwordauthentication", "pubkeyauthentication")
    return [step("two_factors", None, "", sshd.facts(*names))]
