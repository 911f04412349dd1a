"""Management terminals are limited (L3-CES1-19): a limit may stand before the host; facts only here."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.database_files import from_everywhere
from detections.compliance.assets.host.firewalls import open_firewalls, ssh_for_everybody
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-19", "terminals", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Open, with what the host itself limits."""
    host = host_of(asset)
    facts = (
        *host.sshd.facts("allowusers", "allowgroups", "listenaddress"),
        *host.services.facts("firewall"),
    )
    wide = [*_wide_users(host), *_wide_lists(host), *from_everywhere(host.tree, host.services),
            *open_firewalls(host.tree, host.services)]  # fmt: skip
    wide += [] if _limited(host) else ssh_for_everybody(host.tree, host.services)
    if wide:
        return [
            step("terminals", False, ", ".join(f"{one.source} {one.value}" for one in wide), wide)
        ]
    return [step("terminals", None, "", facts)]


def _limited(host: HostFacts) -> bool:
    """Whether sshd, or a list of who may come, tells addresses apart too: then that may be the limit."""
    told = host.sshd.facts("allowusers", "listenaddress")
    lists = (host.tree.file(path) for path in (*_LISTS, "/etc/hosts.deny"))
    said = (line.split("#")[0].strip() for file in lists if file for line in file.lines)
    rules = any(setting.name == "allowusers" or setting.criteria for setting in host.sshd.settings)
    return bool(told) or rules or any(said)


def _wide_users(host: HostFacts) -> list[AssetFact]:
    """AllowUsers that names an address for each, and with it every address."""
    found = [fact for sshd in host.sshds for _, fact in sshd.values("allowusers") or ()]
    every = re.compile(r"@(?:\*|0\.0\.0\.0/0|::/0)$")
    return [fact for fact in found if any(every.search(word) for word in str(fact.value).split())]


def _wide_lists(host: HostFacts) -> list[AssetFact]:
    """Lists of who may come that say everybody: hosts_access(5), access.conf(5)."""
    found: list[AssetFact] = []
    for path, pattern in _LISTS.items():
        file = host.tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            if file and pattern.match(line):
                found.append(file.fact("terminals", line.strip()[:80], number))
    return found


_LISTS: Final = {
    "/etc/hosts.allow": re.compile(r"\s*(?:ALL|sshd)\s*:\s*ALL\s*(?::\s*ALLOW\s*)?$", re.I),
    "/etc/security/access.conf": re.compile(r"\s*\+\s*:\s*ALL\s*:\s*ALL\s*$", re.I),
}
