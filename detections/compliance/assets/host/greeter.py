"""Logins without a password at the screen or console: GDM, LightDM, agetty."""

from __future__ import annotations

import re

from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

_GDM = ("/etc/gdm3/daemon.conf", "/etc/gdm3/custom.conf", "/etc/gdm/custom.conf")
_AUTOLOGIN = re.compile(r"^ExecStart\s*=.*agetty\b.*(?:--autologin|\s-a)\s")


def automatic_logins(tree: Tree) -> tuple[AssetFact, ...]:
    """Settings that log somebody in without asking."""
    found: list[AssetFact] = []
    lightdm = ("/etc/lightdm/lightdm.conf", *tree.folder("/etc/lightdm/lightdm.conf.d", ".conf"))
    for path in (*_GDM, *lightdm):
        file = tree.file(path)
        values: dict[str, tuple[str, int]] = {}
        for number, line in enumerate(file.lines if file else (), start=1):
            name, _, value = line.split("#")[0].partition("=")
            values[name.strip().lower()] = (value.strip(), number)
        on = values.get("automaticloginenable", ("", 0))
        user = values.get("autologin-user", ("", 0))
        if file and on[0].lower() in {"true", "1"}:
            found.append(file.fact("AutomaticLoginEnable", on[0], on[1]))
        if file and user[0]:
            found.append(file.fact("autologin-user", user[0], user[1]))
    for path in sorted(tree.rows):
        if "getty@" in path and path.startswith("/etc/systemd/system/"):
            file = tree.file(path)
            for number, line in enumerate(file.lines if file else (), start=1):
                if file and _AUTOLOGIN.search(line):
                    found.append(file.fact("autologin", line.strip()[:100], number))
    return tuple(found)
