"""Stores and file services that answer the network, as their own settings say where and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from detections.compliance.assets.host.daemons import (
    nameless,
    open_firewalls,
    open_proxies,
    open_relays,
)
from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

_LOCAL: Final = re.compile(r"-?(?:127\.\d+\.\d+\.\d+|::1|localhost)$", re.IGNORECASE)
_SMB1: Final = frozenset({"nt1", "core", "coreplus", "lanman1", "lanman2"})


def free_stores(tree: Tree, services: Services) -> list[AssetFact]:
    """Redis, memcached, MongoDB, rsync and others that serve other machines without asking who it is."""
    return [*_redis(tree, services), *_memcached(tree, services), *_mongodb(tree, services),
            *_rsync(tree, services), *nameless(tree, services)]  # fmt: skip


def risky(tree: Tree, services: Services) -> list[AssetFact]:
    """Ports that are open to other machines and that nothing here needs: as above, and the port mapper."""
    found = free_stores(tree, services)
    if services.known and not services.facts("nfs", "nis"):
        found += services.facts("rpcbind")
    return [*found, *_smb1(tree, services), *open_proxies(tree, services),
            *open_relays(tree, services), *open_firewalls(tree, services)]  # fmt: skip


def _words(file: File) -> Iterable[tuple[int, list[str]]]:
    for number, raw in enumerate(file.lines, start=1):
        words = raw.split()
        if words and not words[0].startswith(("#", ";")):
            yield number, words


def _first(tree: Tree, *paths: str) -> File | None:
    return next((file for path in paths if (file := tree.file(path))), None)


def _redis(tree: Tree, services: Services) -> list[AssetFact]:
    """`bind` absent is everywhere, where protected mode answers this machine alone unless it is off."""
    file = _first(tree, "/etc/redis/redis.conf", "/etc/redis.conf")
    if file is None or not services.on("redis"):
        return []
    values = {words[0].lower(): (words[1:], number) for number, words in _words(file)}
    binds, number = values.get("bind", ([], 0))
    here = bool(binds) and all(_LOCAL.match(one) for one in binds)
    guarded = (values.get("protected-mode", (["yes"], 0))[0] or ["yes"])[0].lower() != "no"
    if (
        here
        or (guarded and not binds)
        or "requirepass" in values
        or "user" in values
        or "aclfile" in values
    ):
        return []
    return [] if guarded else [file.fact("redis", " ".join(binds) or "*", number)]


def _memcached(tree: Tree, services: Services) -> list[AssetFact]:
    """memcached(1): without -l everywhere; -S asks for SASL."""
    file = _first(tree, "/etc/memcached.conf", "/etc/sysconfig/memcached")
    if file is None or not services.on("memcached"):
        return []
    text = " ".join(word for _, words in _words(file) for word in words)
    places = re.findall(r"(?:-l|--listen)[= ]*[\"']?([^\s\"']+)", text)
    here = places and all(_LOCAL.match(one) for place in places for one in place.split(","))
    safe = re.search(r"(?:^|[\s\"'])(?:-S|--enable-sasl|-s)(?:[\s\"']|$)", text)
    return [] if here or safe else [file.fact("memcached", places[0] if places else "*")]


def _mongodb(tree: Tree, services: Services) -> list[AssetFact]:
    """MongoDB binds to this machine unless told otherwise (mongod.conf, net.bindIp), and asks nobody."""
    file = _first(tree, "/etc/mongod.conf", "/etc/mongodb.conf")
    if file is None or not services.on("mongodb"):
        return []
    text = "\n".join(line.split("#")[0] for line in file.lines)
    bound = re.search(r"^\s*(?:bindIp|bind_ip)\s*[:=]\s*(.+)$", text, re.MULTILINE)
    wide = re.search(r"^\s*(?:bindIpAll|bind_ip_all)\s*[:=]\s*true", text, re.MULTILINE)
    places = re.findall(r"[^\s,\[\]\"']+", bound[1]) if bound else []
    asks = re.search(r"^\s*(?:authorization\s*:\s*[\"']?enabled|auth\s*=\s*true|keyFile|clusterAuthMode)",
                     text, re.MULTILINE)  # fmt: skip
    out = wide or any(not _LOCAL.match(place) for place in places)
    return [file.fact("mongodb", "*" if wide else ",".join(places))] if out and not asks else []


def _rsync(tree: Tree, services: Services) -> list[AssetFact]:
    """Modules of a running daemon without `auth users` and without `hosts allow` (rsyncd.conf(5))."""
    file = tree.file("/etc/rsyncd.conf")
    if file is None or not services.on("rsync"):
        return []
    limited: dict[str, bool] = {"": False}
    places: dict[str, int] = {}
    section = ""
    for number, raw in enumerate(file.lines, start=1):
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[]").strip()
            places[section] = number
        name = line.partition("=")[0].strip().lower()
        if name in {"auth users", "hosts allow"}:
            limited[section] = True
    if limited[""]:
        return []
    return [file.fact("rsync", f"[{name}]", number)
            for name, number in places.items() if not limited.get(name)]  # fmt: skip


def _smb1(tree: Tree, services: Services) -> list[AssetFact]:
    """SMB version 1 that somebody switched on (smb.conf(5): server min protocol, SMB2_02 by default)."""
    file = tree.file("/etc/samba/smb.conf")
    if file is None or not services.on("smb"):
        return []
    last: AssetFact | None = None
    for number, raw in enumerate(file.lines, start=1):
        name, _, value = (part.strip().lower() for part in raw.partition("="))
        if name in {"server min protocol", "min protocol"}:
            last = file.fact("min_protocol", value, number)
    return [last] if last is not None and last.value in _SMB1 else []
