"""Ways into a host that ask nobody's name: FTP, Samba guests, NFS for all, an open Docker socket, SNMP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

_VSFTPD: Final = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")
_COMMUNITY: Final = frozenset(
    {"rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6", "com2sec", "com2sec6"}
)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "127.0.0.0/8"})
_FREE_TCP: Final = re.compile(r"tcp://(?!127\.|localhost|\[::1\])[^\s\"',]*")


def anonymous_ways(tree: Tree, services: Services) -> list[AssetFact]:
    """Files and settings that are open to whoever comes."""
    return [*_ftp(tree, services), *_samba(tree, services), *_exports(tree, services),
            *_snmp_users(tree, services)]  # fmt: skip


def _ftp(tree: Tree, services: Services) -> list[AssetFact]:
    """Vsftpd lets anybody in unless it is told not to (vsftpd.conf(5): anonymous_enable=YES)."""
    started = [fact for fact in services.facts("ftp") if "vsftpd" in str(fact.value)]
    for path in _VSFTPD if started else ():
        file = tree.file(path)
        if file is None:
            continue
        lines = [line.strip().lower().replace(" ", "") for line in file.lines]
        values = [line.split("=", 1)[1] for line in lines if line.startswith("anonymous_enable=")]
        if not values or values[-1] == "yes":
            return [*started, file.fact("anonymous_enable", "yes")]
    return []


def _samba(tree: Tree, services: Services) -> list[AssetFact]:
    """Strangers become guests, and a share that is switched on takes guests (smb.conf(5))."""
    file = tree.file("/etc/samba/smb.conf")
    if file is None or not services.on("smb"):
        return []
    section, maps = "", False
    shares: dict[str, AssetFact] = {}
    for number, raw in enumerate(file.lines, start=1):
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[]").lower()
        name, _, value = (part.strip().lower() for part in line.partition("="))
        if line[:1] in "#;" or not value:
            continue
        if section == "global" and name == "map to guest":
            maps = value != "never"
        elif name in {"guest ok", "public"} and section not in {"global", "printers", "print$"}:
            shares.pop(section, None)
            if value in {"yes", "true", "1"}:
                shares[section] = file.fact("guest_share", section, number)
    return list(shares.values()) if maps else []


def _exports(tree: Tree, services: Services) -> list[AssetFact]:
    """Exports that every machine may write to, or use as root (exports(5))."""
    file = tree.file("/etc/exports")
    if file is None or not services.on("nfs"):
        return []
    found: list[AssetFact] = []
    for number, raw in enumerate(file.lines, start=1):
        for client in raw.split("#")[0].split()[1:]:
            host, _, options = client.partition("(")
            words = set(options.rstrip(")").split(","))
            if host in {"", "*"} and words & {"rw", "no_root_squash"}:
                found.append(file.fact("export", client[:80], number))
    return found


def open_docker(tree: Tree, services: Services) -> list[AssetFact]:
    """Docker that answers the network without asking who it is: root for whoever comes."""
    if not services.on("docker"):
        return []
    folder = "/etc/systemd/system/docker.service.d"
    found: list[AssetFact] = []
    for path in ("/etc/docker/daemon.json", *tree.folder(folder, ".conf")):
        file = tree.file(path)
        text = "\n".join(file.lines) if file else ""
        if file and not re.search(r"tlsverify\"?\s*[:=]?\s*true|--tlsverify", text):
            found += [file.fact("docker_socket", one[:80]) for one in _FREE_TCP.findall(text)]
    return found


def _agent(tree: Tree, services: Services) -> Iterator[tuple[list[str], Callable[..., AssetFact]]]:
    """Words of each line of a running agent's snmpd.conf, and what makes a fact of that line."""
    file = tree.file("/etc/snmp/snmpd.conf")
    if file is None or not services.on("snmp"):
        return
    for number, raw in enumerate(file.lines, start=1):
        yield raw.split("#")[0].split(), partial(file.fact, line=number)


def _snmp_users(tree: Tree, services: Services) -> list[AssetFact]:
    """Users of SNMP version 3 that prove nothing: `rouser NAME noauth` (snmpd.conf(5))."""
    return [
        fact("snmp_user", words[1][:40])
        for words, fact in _agent(tree, services)
        if len(words) > 2
        and words[0].lower() in {"rouser", "rwuser"}
        and words[2].lower().startswith("noauth")
    ]


def communities(tree: Tree, services: Services) -> list[AssetFact]:
    """SNMP communities that a running agent answers from other machines; the value says if a factory one."""
    return [
        fact("community", "default" if {"public", "private"} & set(words[1:]) else "set")
        for words, fact in _agent(tree, services)
        if len(words) > 1 and words[0].lower() in _COMMUNITY and not _LOOPBACK & set(words[1:])
    ]
