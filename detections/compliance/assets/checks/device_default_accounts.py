"""Factory accounts and communities are renamed or have other passwords (L3-CES1-06)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("default_accounts", "L3-CES1-06")
_FACTORY: Final = frozenset({"admin", "huawei", "h3c", "cisco", "ruijie", "root", "audit-admin"})


def judge(asset: AssetEvidence) -> list[Step]:
    """A factory community that answers decides; passwords need a test with leave."""
    facts = steps.facts_of(asset)
    faults = [
        Fault("snmp_default", {"rights": "write" if one.writes else "read"}, one.line)
        for one in facts.communities
        if one.default
    ]
    named = sorted({one.name for one in facts.accounts if one.name.lower() in _FACTORY})
    if faults:
        return steps.failed(asset, faults)
    return [
        steps.opened("factory_names", names=", ".join(named))
        if named
        else steps.opened("factory_test")
    ]
