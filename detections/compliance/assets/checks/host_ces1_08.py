"""Least privilege and separation (L3-CES1-08): root without being asked is neither."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.daemons import open_socket
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.tree import owners_kept
from detections.compliance.assets.host.upkeep import everybodys_policy
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
        people = [one for one in host.accounts.named(grant.user) if one.uid]
        asked = any(one.by_password or not one.can_login for one in people)
        if not grant.asks and (asked or grant.user == "ALL"):
            found.append(grant.fact)
    if sudoers.no_password is not None and sudoers.grants:
        found.append(sudoers.no_password)
    found += [*_as_root(host), *everybodys_policy(host.tree), *_others_programs(host)]
    found += open_socket(host.tree, host.services)
    state = False if found else None
    facts = found or [grant.fact for grant in sudoers.grants]
    detail = ", ".join(str(fact.value) for fact in found[:5]) or sudoers.open
    return [step("sudo_free", state, detail, facts), step("roles", None)]


def _others_programs(host: HostFacts) -> list[AssetFact]:
    """Programs that sudo runs as root and that are a person's, or everybody's, to change."""
    paths = ("/etc/sudoers", *host.tree.folder("/etc/sudoers.d"))
    lines = [line for path in paths if (file := host.tree.file(path)) for line in file.lines]
    named = {word for line in lines if line.lstrip()[:1] != "#" and not line.startswith("Defaults")
             for word in re.findall(r"/[\w./+-]+", line)}  # fmt: skip
    rows = (host.tree.mode(word) for word in sorted(named))
    kept = owners_kept(host.tree)
    return [AssetFact("program", f"{row.path} uid {row.uid} {row.mode:o}", row.path) for row in rows
            if row is not None and row.mode is not None and row.kind == "m"
            and (row.mode & 0o002 or (kept and row.uid))]  # fmt: skip


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
