"""Least privilege and separation (L3-CES1-08): root without being asked is neither."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

_ROOTS: Final = ("root", "disk", "shadow", "kmem", "docker", "lxd", "incus-admin")
CHECK: Final = host_check("L3-CES1-08", "least_privilege")


def judge(asset: AssetEvidence) -> list[Step]:
    """Everything as root without being asked; accounts of keys alone have nothing to be asked for."""
    host = host_of(asset)
    sudoers = host.sudoers
    found: list[AssetFact] = []
    for grant in sudoers.grants:
        # A person that has a password to be asked for, or a daemon that nobody logs in as.
        people = (one for one in host.accounts.named(grant.user) if one.uid)
        asked = any(one.by_password or not one.can_login for one in people)
        if not grant.asks and (asked or grant.user == "ALL"):
            found.append(grant.fact)
    if sudoers.no_password is not None and sudoers.grants:
        found.append(sudoers.no_password)
    found += _as_root(host)
    state = False if found else None
    facts = found or [grant.fact for grant in sudoers.grants]
    detail = ", ".join(str(fact.value) for fact in found[:5]) or sudoers.open
    return [step("sudo_free", state, detail, facts), step("roles", None)]


def _as_root(host: HostFacts) -> list[AssetFact]:
    """People in groups whose members are root without being asked: by the disk, by a container."""
    file = host.tree.file("/etc/group")
    found: list[AssetFact] = []
    for group in _ROOTS:
        if file is None or group not in host.accounts.groups:
            continue
        people = (one for one in host.accounts.named(f"%{group}") if one.uid and one.by_password)
        found += [file.fact("member", f"{one.name}: {group}") for one in people]
    return found
