"""Dialects: what the readers of several vendors have in common."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import DeviceFacts, Fault, Interface, Rule

_DEFAULT_COMMUNITIES: Final = frozenset({"public", "private"})
_SPARE: Final = re.compile(
    r"unused|not[-_ ]?used|\bspare\b|\bidle\b|\breserved?\b|空闲|闲置|未使用|备用|预留",
    re.IGNORECASE,
)
_REFERRED: Final = 2  # lines with a name: its own and one more
LINES_READ: Final = 100  # login lines; a device has a few dozen
_VIRTUAL: Final = re.compile(
    r"^(?:vlan|loopback|null|inloop|tunnel|eth-trunk|bridge|port-channel|aggregate|virtual|cellular|nve|bvi|dialer)",
    re.IGNORECASE,
)
_MANAGEMENT: Final = re.compile(
    r"^(?:meth|m-gigabit|m-ethernet|mgmt|management|fastethernet0$)", re.IGNORECASE
)
_MANAGEMENT_VRF: Final = re.compile(r"m(?:gmt|anage|gt|eth)|oob|带外|管理", re.IGNORECASE)


def factory_community(name: str, kind: str = "") -> bool | None:
    """Whether a community is a factory word; None when it is kept as cipher text."""
    if kind == "cipher" or name.startswith(("%", "$c$")):
        return None
    return name.lower().strip('"') in _DEFAULT_COMMUNITIES


def seconds(words: tuple[str, ...]) -> int | None:
    """Minutes and seconds of a time-out; None when they are no numbers."""
    found = [int(word) for word in words[:2] if word.isdecimal() and len(word) < 6]
    if not found:
        return None
    return found[0] * 60 + (found[1] if len(found) > 1 else 0)


def host_address(words: Iterable[str]) -> str:
    """The first word that is an address of another machine; "" when there is none."""
    for word in words:
        try:
            address = ipaddress.ip_address(word)
        except ValueError:
            continue
        return "" if address.is_loopback or address.is_unspecified else word
    return ""


def first_number(words: Iterable[str]) -> int | None:
    """The first whole number among words."""
    return next((int(word) for word in words if word.isdecimal() and len(word) < 9), None)


def interfaces(root: Node, facts: DeviceFacts) -> None:
    """Ports with what the text says of them."""
    for block in root.all("interface"):
        name = "".join(block.words[1:])
        addressed = any(
            node.starts("ip", "address") and not node.negated and len(node.low) > 2
            for node in block.children
        )
        vrf = block.after("ip", "binding", "vpn-instance") or block.after("vrf", "forwarding")
        vrf = vrf or block.after("ip", "vrf", "forwarding")
        note = block.last("description")
        spare = note is not None and bool(_SPARE.search(" ".join(note.words[1:])))
        physical = not _VIRTUAL.match(name) and "." not in name
        facts.interfaces.append(
            Interface(
                name,
                block.state("shutdown") is True,
                addressed and not name.lower().startswith(("loopback", "inloop")),
                bool(_MANAGEMENT.match(name) or (vrf and _MANAGEMENT_VRF.search(vrf))),
                spare and physical,
                physical and not block.children,
                block.number,
            )
        )


# Words before the algorithms of an SSH server: VRP, Comware, IOS, RGOS.
_SSH: Final = (
    ("ssh", "server", "cipher"), ("ssh", "server", "hmac"), ("ssh", "server", "key-exchange"),
    ("ssh2", "algorithm", "cipher"), ("ssh2", "algorithm", "mac"), ("ssh2", "algorithm", "key-exchange"),
    ("ip", "ssh", "server", "algorithm", "encryption"),
    ("ip", "ssh", "server", "algorithm", "mac"), ("ip", "ssh", "server", "algorithm", "kex"),
     ("ip", "ssh", "cipher-mode"), ("ip", "ssh", "hmac-algorithm"),
)  # fmt: skip
_WEAK_SSH: Final = frozenset(
    ["des", "3des", "des-cbc", "3des-cbc", "arcfour", "arcfour128", "arcfour256", "blowfish-cbc", "none",
     "md5", "md5-96", "hmac-md5", "hmac-md5-96", "dh-group1-sha1", "diffie-hellman-group1-sha1", "others"]
)  # fmt: skip
_PROOF: Final = frozenset({"authentication", "privacy", "auth", "priv"})


def clear_management(root: Node, facts: DeviceFacts) -> None:
    """Algorithms of SSH that somebody chose and that are broken; SNMP version 3 that asks for no proof."""
    for prefix in _SSH:
        node = root.last(*prefix)
        if node is not None and not node.negated:
            words = {word.replace("_", "-") for word in node.low[len(prefix) :]}
            weak = sorted(words & _WEAK_SSH)
            if weak:
                facts.clear.append(Fault("ssh_weak", {"names": ", ".join(weak)}, node.number))
    proved = any("authentication-mode" in node.low or "auth" in node.low
                 for form in ("snmp-agent", "snmp-server") for node in root.all(form))  # fmt: skip
    for form in (("snmp-agent", "group", "v3"), ("snmp-server", "group")):
        for node in root.all(*form):
            words = set(node.low[len(form) :])
            told = words & {"noauthentication", "noauth"}
            bare = form[0] == "snmp-agent" and not words & _PROOF and not proved
            if "v3" in node.low and (told or bare):
                facts.clear.append(Fault("snmp_noauth", {}, node.number))


def ipsec(root: Node, facts: DeviceFacts) -> None:
    """Proposals without encryption, or with DES, MD5 or no integrity, that something refers to."""
    uses = Counter(word for node in root.walk() for word in set(node.low[1:]))
    for node in root.children:
        if (
            node.negated
            or len(node.low) < 3
            or not (
                node.starts("ipsec", "proposal")
                or node.starts("ipsec", "transform-set")
                or node.starts("crypto", "ipsec", "transform-set")
            )
        ):
            continue
        words = {word for child in node.walk() if not child.negated for word in child.low[1:]}
        words |= set(node.low[4:]) if node.low[0] == "crypto" else set()
        name = "".join(node.low[3:4] if node.starts("crypto") else node.low[2:][-1:])
        if uses[name] < _REFERRED:
            continue
        if words & {"esp-null", "null", "des", "esp-des", "des-cbc"}:
            facts.weak_ipsec.append(Fault("ipsec_bare", {"name": name}, node.number))
        if words & {"md5", "esp-md5-hmac", "ah-md5-hmac", "hmac-md5"}:
            facts.weak_ipsec.append(Fault("ipsec_md5", {"name": name}, node.number))


def take_lists(
    root: Node, facts: DeviceFacts, found: Iterable[tuple[str, int, list[Rule], str]]
) -> None:
    """Address lists with their rules, and which of them nothing refers to by name or number."""
    words: dict[str, set[int]] = {}
    for node in root.walk():
        if not node.starts("description"):
            for word in node.low[1:]:
                words.setdefault(word, set()).add(node.number)
    for name, line, rules, number in found:
        facts.lists[name] = line
        if number:
            facts.numbers[number] = name
        own = {line, *(rule.line for rule in rules)}
        if not (words.get(name, set()) | words.get(number, set())) - own:
            facts.unused.append((name, line))
        facts.rules.extend(rules)
    facts.ways = [
        replace(way, sources=facts.numbers.get(way.sources, way.sources)) for way in facts.ways
    ]
