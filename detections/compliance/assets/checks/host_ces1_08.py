"""Least privilege and separation (L3-CES1-08): root without being asked is neither."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-08", "least_privilege")


def judge(asset: AssetEvidence) -> list[Step]:
    """Everything as root without being asked, for an account that has a password to be asked for."""
    host = host_of(asset)
    sudoers = host.sudoers
    found: list[AssetFact] = []
    for grant in sudoers.grants:
        asked = any(one.by_password and one.uid for one in host.accounts.named(grant.user))
        if not grant.asks and (asked or grant.user == "ALL"):
            found.append(grant.fact)
    if sudoers.no_password is not None and sudoers.grants:
        found.append(sudoers.no_password)
    state = False if found else None
    facts = found or [grant.fact for grant in sudoers.grants]
    return [step("sudo_free", state, sudoers.open, facts), step("roles", None)]
