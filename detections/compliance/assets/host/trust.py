"""Ways in that ask for no password: hosts and groups that are believed, shells without a login."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from detections.compliance.assets.host.accounts import Accounts
from detections.compliance.assets.host.kernel import boot_word
from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.sshd import Sshd
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

# Words of the kernel's command line by which the machine comes up as root without a login.
_BARE: Final = ("init=/bin/bash", "init=/bin/sh", "init=/usr/bin/bash", "init=/sysroot/bin/sh",
                "systemd.debug-shell", "systemd.debug-shell=1", "systemd.debug_shell")  # fmt: skip
_SINGLE: Final = ("rescue", "emergency")
_SULOGIN: Final = re.compile(r"sulogin")
_FORCED: Final = re.compile(r"SYSTEMD_SULOGIN_FORCE=[\"']?(?:1|yes|true|on)\b")


def trust_files(tree: Tree, accounts: Accounts) -> tuple[AssetFact, ...]:
    """Files of hosts that are believed, with a line in force (hosts.equiv(5), rhosts(5))."""
    homes = dict.fromkeys(account.home for account in accounts.all)
    names = ("/etc/hosts.equiv", "/etc/ssh/shosts.equiv",
             *(f"{home}/.{kind}" for home in homes for kind in ("rhosts", "shosts")))  # fmt: skip
    files = (tree.file(path) for path in names)
    return tuple(
        file.fact("trusted_hosts", len(lines))
        for file in files
        if file and (lines := [one for one in file.lines if one.strip() and one[0] not in "#-"])
    )


def trusted_hosts(
    tree: Tree, accounts: Accounts, services: Services, sshd: Sshd
) -> tuple[AssetFact, ...]:
    """What believes another host: rsh and rlogin by their files, sshd where it is told to."""
    found: tuple[AssetFact, ...] = ()
    if services.on("rsh") or services.on("rlogin"):
        found = trust_files(tree, accounts)
    users = ("root", *(one.name for one in accounts.all if one.can_login))
    values = [pair for user in dict.fromkeys(users)
              for pair in sshd.values("hostbasedauthentication", user) or ()]  # fmt: skip
    return (*found, *dict.fromkeys(fact for value, fact in values if value == "yes"))


def free_shells(tree: Tree, services: Services) -> tuple[AssetFact, ...]:
    """A shell of root on a console that asks nobody: systemd's debug shell, single user without sulogin."""
    found = [*services.facts("debug_shell")]
    word = boot_word(tree, *_BARE)
    found += [word] if word is not None else []
    for name in _SINGLE:
        folder = f"/etc/systemd/system/{name}.service"
        found += _single(tree, (folder, *tree.folder(f"{folder}.d", ".conf")))
    init = tree.file("/etc/sysconfig/init")
    for number, line in enumerate(init.lines if init else (), start=1):
        if init and re.match(r"\s*SINGLE=\S*sushell\b", line):
            found.append(init.fact("single_user", line.strip()[:100], number))
    return tuple(found)


def _single(tree: Tree, paths: Iterable[str]) -> list[AssetFact]:
    """The last ExecStart in force; an empty one takes the earlier ones back (systemd.service(5))."""
    last: AssetFact | None = None
    forced: list[AssetFact] = []
    for path in paths:
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            name, _, value = line.strip().partition("=")
            if file and name.strip() == "ExecStart":
                last = file.fact("single_user", value.strip()[:100], number) if value else None
            elif file and _FORCED.search(line) and name.strip() == "Environment":
                forced.append(file.fact("single_user", value.strip()[:100], number))
    bare = last is not None and not _SULOGIN.search(str(last.value))
    return [*forced, *([last] if last is not None and bare else [])]
