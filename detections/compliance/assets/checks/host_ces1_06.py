"""Default accounts and their passwords (L3-CES1-06): a default community decides; the rest needs a test."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.applications import factory_guests
from detections.compliance.assets.host.daemons import factory_users
from detections.compliance.assets.host.shares import communities
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-06", "default_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Communities of a running SNMP agent; root and the rest are open."""
    host = host_of(asset)
    found = [one for one in communities(host.tree, host.services) if one.value == "default"]
    first = [step("communities", False, "snmpd", found)] if found else []
    users = [*factory_users(host.tree, host.services), *factory_guests(host.tree, host.services)]
    if users:
        detail = ", ".join(f"{one.source} {one.value}" for one in users)
        return [*first, step("default_passwords", False, detail, users)]
    return [*first, step("default_passwords", None)]
