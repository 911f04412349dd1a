"""Stores and file services that answer the network, as their own settings say where and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from detections.compliance.assets.host.applications import needless
from detections.compliance.assets.host.daemons import nameless, open_proxies, open_relays
from detections.compliance.assets.host.services import Services, commands
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
            *open_relays(tree, services), *needless(tree, services)]  # fmt: skip


def _words(file: File) -> Iterable[tuple[int, list[str]]]:
    for number, raw in enumerate(file.lines, start=1):
        words = raw.split()
        if words and not words[0].startswith(("#", ";")):
            yield number, words


def _first(tree: Tree, *paths: str) -> File | None:
    return next((file for path in paths if (file := tree.file(path))), None)


def _redis(tree: Tree, services: Services) -> list[AssetFact]:
    """Redis that other machines use without a password.

    `bind` absent is everywhere, where protected mode answers this machine alone unless it is off. Later
    lines win, includes stand where they are named, options of the command line come last; an ACL file
    takes the place of requirepass (redis.conf, ACL).
    """
    starts = [
        fact for unit in ("redis-server.service", "redis.service") for fact in commands(tree, unit)
    ]
    named = [path for fact in starts for path in re.findall(r"\s(/\S+\.conf)\b", str(fact.value))]
    file = _first(tree, *named, "/etc/redis/redis.conf", "/etc/redis.conf")
    if file is None or not services.on("redis"):
        return []
    told = _redis_words(tree, file, 0)
    for fact in starts:
        told |= _redis_options(fact)
    values = {
        name: [one.strip("\"'") for one in str(fact.value).split()] for name, fact in told.items()
    }
    binds = values.get("bind", [])
    here = bool(binds) and all(_LOCAL.match(one) for one in binds)
    guarded = (values.get("protected-mode") or ["yes"])[0].lower() != "no"
    default = told.get("user default") or _default_user(tree, values.get("aclfile", []))
    if default is not None:
        asks = (
            not {"nopass"} & set(str(default.value).split()) or "off" in str(default.value).split()
        )
    else:
        asks = "".join(values.get("requirepass", [])) != "" or "aclfile" in values
    if values.get("requirepass") == ["WEAK"] and not here:
        return [told["requirepass"]]
    if here or asks or (guarded and default is None):
        return []
    return [default or file.fact("redis", " ".join(binds) or "*", 0)]


def _redis_words(tree: Tree, file: File, depth: int) -> dict[str, AssetFact]:
    told: dict[str, AssetFact] = {}
    for number, words in _words(file):
        name = words[0].lower()
        inner = tree.file(words[1]) if name == "include" and len(words) > 1 else None
        if inner is not None and depth < 4:
            told |= _redis_words(tree, inner, depth + 1)
        key = "user default" if [name, *words[1:2]] == ["user", "default"] else name
        told[key] = file.fact(key, " ".join(words[1:])[:100], number)
    return told


def _redis_options(fact: AssetFact) -> dict[str, AssetFact]:
    """`--name value` on the command line."""
    found = re.findall(r"\s--([a-z-]+)\s+((?:(?!--)\S+\s*)*)", f" {fact.value}")
    return {name: replace(fact, name=name, value=value.strip()) for name, value in found}


def _default_user(tree: Tree, paths: list[str]) -> AssetFact | None:
    file = tree.file(paths[0]) if paths else None
    for number, words in _words(file) if file else ():
        if file and words[:2] == ["user", "default"]:
            return file.fact("user default", " ".join(words[2:])[:100], number)
    return None


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
    # YAML in the flow style says the same in one line.
    text = "\n".join(
        re.sub(r"[{}]|,(?=\s*[A-Za-z.]+\s*:)", "\n", line.split("#")[0]) for line in file.lines
    )
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
