"""Whoever manages a device is identified one by one, with a password that has rules (L3-CES1-01)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("identity", "L3-CES1-01")


def judge(asset: AssetEvidence) -> list[Step]:
    """Every line asks who it is and local passwords have rules; how old each is stays open."""
    facts = steps.facts_of(asset)
    faults = [
        Fault(key, {"way": way.name}, way.line)
        for way in steps.reachable(facts)
        for login, key in (("none", "no_login"), ("password", "shared_password"))
        if way.login == login
    ]
    faults += [
        Fault("empty_password", {"user": one.name}, one.line)
        for one in facts.accounts
        if one.form == "none"
    ]
    if not steps.remote_only(facts) and any(one.manages for one in facts.accounts):
        faults += facts.policy
    return [*steps.failed(asset, faults), *steps.unread(asset), steps.opened("password_age")]
