"""Accounts of a device have set rights, and factory accounts are off or limited (L3-CES1-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault, Vendor
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("accounts", "L3-CES1-05")
_FACTORY: Final[Mapping[Vendor, frozenset[str]]] = {
    "huawei": frozenset({"admin", "huawei", "audit-admin", "root"}),
    "h3c": frozenset({"admin", "h3c", "root"}),
    "cisco": frozenset({"cisco", "admin", "root"}),
    "ruijie": frozenset({"admin", "ruijie", "root"}),
    "hillstone": frozenset({"hillstone", "admin", "root"}),
    "topsec": frozenset({"superman", "admin", "root"}),
}


def judge(asset: AssetEvidence) -> list[Step]:
    """A factory account that manages decides; the table of accounts and rights is a person's."""
    facts = steps.facts_of(asset)
    faults = [
        Fault("default_account", {"user": one.name}, one.line)
        for one in facts.accounts
        if one.manages and one.name.lower() in _FACTORY[facts.vendor]
    ]
    return [*steps.failed(asset, faults), steps.opened("account_table")]
