"""The kernel as it is told to start and to behave: words of its command line, and sysctl(8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

# Values that open a host to packets which no server needs; none of them is a default.
_LOOSE: Final[Mapping[str, str]] = {
    "accept_source_route": "1",
    "accept_redirects": "1",
    "tcp_syncookies": "0",
    "icmp_echo_ignore_broadcasts": "0",
}
# The same of the kernel itself: memory laid out as an attacker expects it, cores of privileged programs.
_WEAK: Final[Mapping[str, frozenset[str]]] = {
    "kernel.randomize_va_space": frozenset({"0", "1"}),
    "fs.suid_dumpable": frozenset({"1"}),
    "fs.protected_hardlinks": frozenset({"0"}),
    "fs.protected_symlinks": frozenset({"0"}),
}
_SYSCTL: Final = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d")


def boot_word(tree: Tree, *words: str) -> AssetFact | None:
    """One of some words on the kernel's command line, running or as the boot loader has it."""
    live = tree.output("cat /proc/cmdline")
    if live is not None:
        seen = [word for word in live.text.split() if word in words]
        return live.fact("cmdline", seen[0]) if seen else None
    entries = tree.folder("/boot/loader/entries", ".conf")
    grub = ("/etc/default/grub", *tree.folder("/etc/default/grub.d", ".cfg"))
    for path in (*grub, "/etc/kernel/cmdline", "/boot/grub2/grubenv", *entries):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            found = line.replace("=", " ", 1).replace('"', " ").replace("'", " ").split()
            first = line.startswith(("GRUB_CMDLINE_LINUX", "kernelopts", "options"))
            seen = [word for word in found if word in words]
            if file and seen and (first or path == "/etc/kernel/cmdline"):
                return file.fact("cmdline", seen[0], number)
    return None


def loose_network(tree: Tree, services: Services) -> list[AssetFact]:
    """Settings that take routes from strangers, or pass packets on where nothing here is a router."""
    last = settings(tree)
    found = [fact for key, fact in last.items() if _LOOSE.get(key.rsplit(".", 1)[-1]) == fact.value]
    forward = last.get("net.ipv4.ip_forward") or last.get("net.ipv4.conf.all.forwarding")
    router = services.facts("routes", "docker", "firewall")
    if forward is not None and forward.value == "1" and services.known and not router:
        found.append(forward)
    return found + [fact for key, fact in last.items() if fact.value in _WEAK.get(key, ())]


def settings(tree: Tree) -> dict[str, AssetFact]:
    """Values of sysctl.d by key: files by name, one of /etc hides its namesakes (sysctl.d(5)).

    sysctl.conf is last, as `sysctl --system` reads it; Debian's 99-sysctl.conf is a link to it.
    """
    paths: dict[str, str] = {}
    for folder in _SYSCTL:
        for path in tree.folder(folder, ".conf"):
            paths.setdefault(path.rsplit("/", 1)[-1], path)
    last: dict[str, AssetFact] = {}
    for path in (*(paths[name] for name in sorted(paths)), "/etc/sysctl.conf"):
        file = tree.file(path)
        for number, raw in enumerate(file.lines if file else (), start=1):
            name, _, value = raw.split("#")[0].partition("=")
            key = name.strip().lstrip("-").replace("/", ".")
            if file and value.strip() and not raw.lstrip().startswith(";"):
                last[key] = file.fact(key, value.strip(), number)
    return last
