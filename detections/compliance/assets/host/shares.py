"""Ways into a host that ask nobody's name: FTP, Samba guests, NFS for all, an open Docker socket, SNMP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from detections.compliance.assets.host.services import Services, commands
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

_KNOWN_NET: Final = 24  # bits of a net that is still one room's
_VSFTPD: Final = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")
_COMMUNITY: Final = frozenset(
    {"rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6", "com2sec", "com2sec6"}
)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "127.0.0.0/8"})
_FREE_TCP: Final = re.compile(r"tcp://(?!127\.|localhost|\[::1\])[^\s\"',]*")


def anonymous_ways(tree: Tree, services: Services) -> list[AssetFact]:
    """Files and settings that are open to whoever comes."""
    return [*_ftp(tree, services), *_proftpd(tree, services), *_samba(tree, services),
            *_exports(tree, services), *_snmp_users(tree, services)]  # fmt: skip


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


def _proftpd(tree: Tree, services: Services) -> list[AssetFact]:
    """A section <Anonymous> of ProFTPD, which lets strangers in."""
    started = [fact for fact in services.facts("ftp") if "proftpd" in str(fact.value)]
    paths = (
        "/etc/proftpd/proftpd.conf",
        "/etc/proftpd.conf",
        *tree.folder("/etc/proftpd/conf.d", ".conf"),
    )
    return [file.fact("anonymous", line.strip()[:80], number) for path in paths if started
            and (file := tree.file(path)) for number, line in enumerate(file.lines, start=1)
            if re.match(r"\s*<Anonymous\b", line, re.I)]  # fmt: skip


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
    if not services.on("nfs"):
        return []
    found: list[AssetFact] = []
    for path in ("/etc/exports", *tree.folder("/etc/exports.d", ".exports")):
        file = tree.file(path)
        for number, raw in enumerate(file.lines if file else (), start=1):
            for client in raw.split("#")[0].split()[1:]:
                host, _, options = client.partition("(")
                words = set(options.rstrip(")").split(","))
                free = host in {"", "*", "0.0.0.0/0"} and words & {"rw", "no_root_squash"}
                if file and (free or ("no_root_squash" in words and _net(host))):
                    found.append(file.fact("export", client[:80], number))
    return found


def _net(host: str) -> bool:
    """A net of more machines than a person knows: root on one of them is root here."""
    size = re.fullmatch(r"\d+\.\d+\.\d+\.\d+/(\d{1,2}|255[\d.]*)", host)
    masks = {"255.0.0.0": 8, "255.255.0.0": 16}
    return (
        size is not None
        and (masks.get(size[1], 32) if "." in size[1] else int(size[1])) < _KNOWN_NET
    )


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
    for fact in commands(tree, "docker.service"):
        seen = _FREE_TCP.search(str(fact.value))
        own = any(str(one.source).startswith(folder) for one in found)
        if seen and not own and "--tlsverify" not in str(fact.value):
            found.append(replace(fact, name="docker_socket", value=seen[0][:80]))
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
