"""Management terminals are limited (L3-CES1-19): a limit may stand before the host; facts only here."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-19", "terminals", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Open, with what the host itself limits."""
    host = host_of(asset)
    facts = (
        *host.sshd.facts("allowusers", "allowgroups", "listenaddress"),
        *host.services.facts("firewall"),
    )
    return [step("terminals", None, "", facts)]
