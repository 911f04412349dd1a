"""Accounts have set rights; anonymous and default accounts are disabled or limited (L3-CES1-05).

Root that logs in over the network with its password is a default account without limits. The table
of accounts and rights is a person's: that step stays open.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.applications import anonymous_pages
from detections.compliance.assets.host.greeter import guests
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.shares import anonymous_ways
from detections.compliance.assets.host.sshd import Sshd, only
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-05", "accounts")
_SYSTEM: Final = frozenset(
    [
        "bin",
        "daemon",
        "adm",
        "lp",
        "mail",
        "news",
        "uucp",
        "operator",
        "games",
        "gopher",
        "ftp",
        "nobody",
        "sys",
        "man",
        "proxy",
        "backup",
        "list",
        "irc",
        "gnats",
        "sync",
        "shutdown",
        "halt",
        "www-data",
    ]
)


def judge(asset: AssetEvidence) -> list[Step]:
    """Root over SSH, system accounts, anonymous ways, everybody's sudo; the table is open."""
    host = host_of(asset)
    return [
        _root(host),
        _system(host),
        _anonymous(host),
        _everybody(host),
        step("account_table", None),
    ]


def _root(host: HostFacts) -> Step:
    found = [_root_by(host, sshd) for sshd in host.sshds]
    return next((one for one in found if one.state is False), found[0])


def _root_by(host: HostFacts, sshd: Sshd) -> Step:
    root = host.accounts.one("root")
    if sshd.there is False:
        return step("root_remote", True)
    allowed = sshd.every("permitrootlogin")
    facts = sshd.facts("permitrootlogin", "passwordauthentication")
    if allowed is None:
        return step("root_remote", None, sshd.open or "PermitRootLogin", facts)
    if only(allowed, "no"):
        return step("root_remote", True, "", facts)
    ways = [sshd.every(n) for n in ("passwordauthentication", "kbdinteractiveauthentication")]
    pam = sshd.every("usepam")
    by_word = only(ways[0], "yes") or (only(ways[1], "yes") and only(pam, "yes"))
    sure = only(allowed, "yes") or "yes" in sshd.for_many("permitrootlogin")
    if sure and by_word and root is not None and root.by_password:
        return step("root_remote", False, "PermitRootLogin yes", facts)
    return step("root_remote", None, ", ".join(sorted(allowed)), facts)


def _system(host: HostFacts) -> Step:
    shadow = host.accounts.shadow
    if shadow is None or not host.accounts.known:
        return step("system_accounts", None, "/etc/shadow")
    found = [one.name for one in host.accounts.all if one.name in _SYSTEM and one.by_password]
    facts = [shadow.fact("system_account", name) for name in found]
    return step("system_accounts", not found, ", ".join(found[:5]), facts)


def _anonymous(host: HostFacts) -> Step:
    found = [
        *anonymous_ways(host.tree, host.services),
        *anonymous_pages(host.tree, host.services),
        *(guests(host.tree) if host.services.on("desktop") else ()),
    ]
    detail = ", ".join(f"{fact.source} {fact.value}" for fact in found[:3])
    return step("anonymous", False if found else None, detail, found)


def _everybody(host: HostFacts) -> Step:
    sudoers = host.sudoers
    # "Defaults targetpw" asks for root's own password: then ALL is no gift.
    target = any(
        "targetpw" in line and line.lstrip().startswith("Defaults") and "!targetpw" not in line
        for path in ("/etc/sudoers", *host.tree.folder("/etc/sudoers.d"))
        if (file := host.tree.file(path))
        for line in file.lines
    )
    found = [grant.fact for grant in sudoers.grants if grant.user == "ALL" and not target]
    state = False if found else (None if sudoers.open or target else True)
    return step("everybody_root", state, sudoers.open or "ALL", found)
