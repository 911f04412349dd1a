"""The screen and the console: logins without a password, and screens of a desktop that never lock."""

from __future__ import annotations

import re

from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

_GDM = ("/etc/gdm3/daemon.conf", "/etc/gdm3/custom.conf", "/etc/gdm/custom.conf")
_SCREEN = {("screensaver", "lock-enabled"), ("session", "idle-delay")}
_AUTOLOGIN = re.compile(r"^ExecStart\s*=.*agetty\b.*(?:--autologin|\s-a)\s")


def automatic_logins(tree: Tree) -> tuple[AssetFact, ...]:
    """Settings that log somebody in without asking."""
    found: list[AssetFact] = []
    for path in (*_GDM, *_lightdm(tree)):
        file = tree.file(path)
        values: dict[str, tuple[str, int]] = {}
        for number, line in enumerate(file.lines if file else (), start=1):
            name, _, value = line.split("#")[0].partition("=")
            values[name.strip().lower()] = (value.strip(), number)
        on = values.get("automaticloginenable", ("", 0))
        user = values.get("autologin-user", ("", 0))
        timed = values.get("timedloginenable", ("", 0))
        guest = values.get("autologin-guest", ("", 0))
        for name, (value, number) in (("AutomaticLoginEnable", on), ("TimedLoginEnable", timed),
                                      ("autologin-guest", guest)):  # fmt: skip
            if file and value.lower() in {"true", "1"}:
                found.append(file.fact(name, value, number))
        if file and user[0]:
            found.append(file.fact("autologin-user", user[0], user[1]))
    for path in ("/etc/sddm.conf", *tree.folder("/etc/sddm.conf.d", ".conf")):
        found += _sddm(tree, path)
    for path in sorted(tree.rows):
        if "getty@" in path and path.startswith("/etc/systemd/system/"):
            file = tree.file(path)
            for number, line in enumerate(file.lines if file else (), start=1):
                if file and _AUTOLOGIN.search(line):
                    found.append(file.fact("autologin", line.strip()[:100], number))
    return tuple(found)


def guests(tree: Tree) -> tuple[AssetFact, ...]:
    """Lightdm's session of a guest, switched on ([Seat:*] allow-guest; later files win)."""
    last: AssetFact | None = None
    for path in _lightdm(tree):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            name, _, value = line.split("#")[0].partition("=")
            if file and name.strip() == "allow-guest":
                last = file.fact("allow-guest", value.strip().lower(), number)
    return (last,) if last is not None and last.value == "true" else ()


def _lightdm(tree: Tree) -> tuple[str, ...]:
    """Lightdm's files in the order that it reads them."""
    folders = ("/usr/share/lightdm/lightdm.conf.d", "/etc/lightdm/lightdm.conf.d")
    paths = (path for folder in folders for path in tree.folder(folder, ".conf"))
    return (*paths, "/etc/lightdm/lightdm.conf")


def unlocked_screens(tree: Tree) -> tuple[AssetFact, ...]:
    """GNOME's settings for all (dconf, later files win) that never lock or never find anybody idle."""
    last: dict[str, AssetFact] = {}
    for folder in ("/etc/dconf/db/local.d", "/etc/dconf/db/site.d"):
        for path in tree.folder(folder):
            file, section = tree.file(path), ""
            for number, line in enumerate(file.lines if file else (), start=1):
                name, _, value = (part.strip() for part in line.partition("="))
                if name.startswith("["):
                    section = name.strip("[]").rsplit("/", 1)[-1]
                elif file and (section, name) in _SCREEN:
                    last[name] = file.fact(name, value, number)
    return tuple(fact for fact in last.values() if str(fact.value).split(" ")[-1] in {"false", "0"})


def _sddm(tree: Tree, path: str) -> list[AssetFact]:
    """User under [Autologin] (sddm.conf(5))."""
    file, section = tree.file(path), ""
    for number, line in enumerate(file.lines if file else (), start=1):
        name, _, value = line.split("#")[0].partition("=")
        if name.strip().startswith("["):
            section = name.strip().lower()
        elif file and section == "[autologin]" and name.strip().lower() == "user" and value.strip():
            return [file.fact("autologin-user", value.strip(), number)]
    return []
