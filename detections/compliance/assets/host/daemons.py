"""Servers on a host as their own settings say it: who is asked, who may come, and what is encrypted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from detections.compliance.assets.host.applications import asks_nobody
from detections.compliance.assets.host.database_files import believed, without_rights
from detections.compliance.assets.host.services import Services, commands
from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.host.webservers import uncommented
from detections.compliance.assets.judging import AssetFact

_LOCAL: Final = re.compile(r"(?:127\.\d+\.\d+\.\d+|_local_|localhost|\[?::1\]?|/\S*)$", re.I)


def nameless(tree: Tree, services: Services) -> list[AssetFact]:
    """Servers that other machines use without saying who they are."""
    return [*_elastic(tree, services), *without_rights(tree, services), *believed(tree, services),
            *_screens(tree, services), *asks_nobody(tree, services)]  # fmt: skip


def _elastic(tree: Tree, services: Services) -> list[AssetFact]:
    """Elasticsearch that is told to ask nobody; without a network.host it serves this machine alone."""
    file = tree.file("/etc/elasticsearch/elasticsearch.yml")
    if file is None or not services.on("elasticsearch"):
        return []
    last = _last(file, ":", quotes="\"'")
    places = [last[n] for n in ("network.host", "http.host", "network.bind_host") if n in last]
    off = last.get("xpack.security.enabled")
    out = any(not _LOCAL.match(str(one.value).strip("[] ")) for one in places)
    return [off] if off is not None and off.value == "false" and out else []


def _screens(tree: Tree, services: Services) -> list[AssetFact]:
    """VNC that asks for nothing, reachable from other machines."""
    return [fact for fact in _vnc_lines(tree, services)
            if re.search(r"SecurityTypes[= ]+[\"']?None\b", str(fact.value), re.I)
            or re.search(r"x11vnc\b(?!.*-(?:rfbauth|passwd|usepw|unixpw))", str(fact.value))]  # fmt: skip


def clear_screens(tree: Tree, services: Services) -> list[AssetFact]:
    """VNC, which encrypts nothing unless it is told to, reachable from other machines."""
    safe = re.compile(r"SecurityTypes[= ]+\S*(?:TLS|X509)|-(?:ssl|stunnel)\b", re.I)
    return [one for one in _vnc_lines(tree, services) if not safe.search(str(one.value))]


def _vnc_lines(tree: Tree, services: Services) -> Iterator[AssetFact]:
    here = re.compile(
        r"-(?:localhost(?!\s*=?\s*(?:no|0))|listen\s+(?:127\.|localhost)|interface\s+127)"
    )
    for unit in dict.fromkeys(str(fact.source) for fact in services.facts("vnc")):
        name = unit.split(":")[0].rsplit("/", 1)[-1]
        stem, at, _ = name.partition("@")
        for fact in commands(tree, f"{stem}@.service" if at else name):
            if "vnc" in str(fact.value).lower() and not here.search(str(fact.value)):
                yield fact


def open_proxies(tree: Tree, services: Services) -> list[AssetFact]:
    """Squid that passes on for everybody: the first http_access that fits decides (squid.conf)."""
    file = tree.file("/etc/squid/squid.conf")
    if file is None or not services.on("squid"):
        return []
    for number, line in _lines(file):
        words = line.split()
        if words[0] == "http_access" and words[2:3] == ["all"] and len(words) == 3:
            return [file.fact("http_access", line[:80], number)] if words[1] == "allow" else []
    return []


def open_relays(tree: Tree, services: Services) -> list[AssetFact]:
    """Postfix that relays for everybody: mynetworks takes in every address (postconf(5))."""
    file = tree.file("/etc/postfix/main.cf")
    if file is None or not services.on("mail"):
        return []
    last = _last(file, "=", most=100)
    nets = re.split(r"[\s,]+", str(last["mynetworks"].value)) if "mynetworks" in last else []
    here = str(last["inet_interfaces"].value) if "inet_interfaces" in last else "all"
    wide = {"0.0.0.0/0", "::/0", "[::]/0"} & set(nets) and here not in {
        "loopback-only",
        "localhost",
    }
    return [last["mynetworks"]] if wide else []


def open_socket(tree: Tree, services: Services) -> list[AssetFact]:
    """Docker's socket, and with it root, for every local user (systemd.socket(5), SocketMode)."""
    last: AssetFact | None = None
    folder = "/etc/systemd/system/docker.socket"
    for path in (folder, *tree.folder(f"{folder}.d", ".conf")):
        file = tree.file(path)
        for number, line in _lines(file) if file else ():
            seen = re.match(r"SocketMode\s*=\s*0?([0-7]{3})$", line)
            last = file.fact("SocketMode", seen[1], number) if file and seen else last
    wide = last is not None and int(str(last.value), 8) & 0o002
    return [last] if last is not None and wide and services.on("docker") else []


def factory_users(tree: Tree, services: Services) -> list[AssetFact]:
    """Users of Tomcat's manager with a factory password (the script says only that it is one)."""
    found: list[AssetFact] = []
    for path in sorted(one for one in tree.rows if one.endswith("/tomcat-users.xml")):
        file = tree.file(path)
        for number, line in enumerate(uncommented(file) if file else (), start=1):
            if file and "word=FACTORY" in line and "<user" in line:
                name = re.search(r"(?:username|name)=\"([^\"]{0,40})\"", line)
                found.append(file.fact("factory_user", name[1] if name else "-", number))
    return found


def clear_directory(tree: Tree, services: Services) -> list[AssetFact]:
    """Passwords asked of a directory over the wire as they are: nslcd without TLS (nslcd.conf(5))."""
    file = tree.file("/etc/nslcd.conf")
    if file is None or not services.on("ldap"):
        return []
    words = [(number, line.split()) for number, line in _lines(file)]
    if any(
        [one.lower() for one in line[:2]] in (["ssl", "start_tls"], ["ssl", "on"])
        for _, line in words
    ):
        return []
    return [file.fact("uri", " ".join(line[1:])[:100], number) for number, line in words
            if line[0].lower() == "uri" and any(one.startswith("ldap://") and not re.match(
                r"ldap://(?:127\.|localhost)", one) for one in line[1:])]  # fmt: skip


def _last(
    file: File, between: str, *, quotes: str = "", most: int | None = None
) -> dict[str, AssetFact]:
    """Settings by name, of which the last line counts; `most`: characters of a value that are shown."""
    last: dict[str, AssetFact] = {}
    for number, line in _lines(file):
        name, _, value = (part.strip() for part in line.partition(between))
        last[name] = file.fact(name, value.strip(quotes)[:most], number)
    return last


def _lines(file: File) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(file.lines, start=1):
        line = raw.strip()
        if line and line[0] not in "#;":
            yield number, line.split(" #")[0].strip()
