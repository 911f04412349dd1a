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


# Names of zones that face strangers.
OUTSIDE: Final = re.compile(r"untrust|internet|wan\b|outside|外", re.IGNORECASE)
_CLOCKS: Final[tuple[tuple[str, ...], ...]] = (
                  ("ntp-service", "unicast-server"), ("ntp-service", "unicast-peer"), ("ntp", "server"),
                  ("ntp", "peer"), ("sntp", "server"), ("ntp", "unicast-server"), ("ntp", "unicast-peer"),
                  ("ntp-service", "ipv6"), ("ntp", "ipv6"), ("ntp-service", "broadcast-client"),
                  ("ntp-service", "multicast-client"), ("ntp-service", "refclock-master"), ("ntp", "master"),
                  ("sntp", "unicast-server"), ("ptp", "enable"), ("clock", "protocol"),
                  ("ntp", "broadcast"), ("ntp-service", "server"))  # fmt: skip
_CLOCK_ON: Final[frozenset[tuple[str, ...]]] = frozenset(
    [("ntp-service", "enable"), ("ntp", "enable"), ("ntp",), ("ntp-service",)]
)
_CLOCK_OFF: Final = frozenset([("ntp-service", "disable"), ("ntp", "disable")])
# Levels below which neither logins nor commands are sent: they are told at notice and information.
_TOO_HIGH: Final = frozenset(
    ["emergency", "emergencies", "alert", "alerts", "critical", "error", "errors", "warning", "warnings",
     "0", "1", "2", "3", "4"]
)  # fmt: skip


def clocks(root: Node, facts: DeviceFacts) -> None:
    """Sources of time by whatever form, on the system or on a port; and a switch that is off."""
    for form in _CLOCKS:
        facts.clocks += [" ".join(one.low[len(form) :]) for one in root.all(*form)]
    for block in root.all("interface"):
        said = [one for one in block.children if one.low[0] in {"ntp-service", "ntp"}]
        said = [one for one in said if not one.negated and "disable" not in one.low]
        facts.clocks += [" ".join(one.low[1:]) for one in said]
    for node in root.children:
        if node.low in (_CLOCK_ON if node.negated else _CLOCK_OFF):
            facts.clock_off = node.number


def log_level(facts: DeviceFacts, level: str, line: int) -> None:
    """A level of logs sent that leaves out logins and commands."""
    if level in _TOO_HIGH:
        facts.log_level.append(Fault("log_level", {"level": level}, line))


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
    return next((int(word) for word in words if word.isdecimal() and len(word) < 12), None)


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
            if (
                "v3" in node.low
                and words & {"authentication", "auth"}
                and not words & {"privacy", "priv"}
            ):
                facts.clear.append(Fault("snmp_readable", {}, node.number))
            bare = form[0] == "snmp-agent" and not words & _PROOF and not proved
            if "v3" in node.low and (told or bare):
                facts.clear.append(Fault("snmp_noauth", {}, node.number))


def ipsec(root: Node, facts: DeviceFacts) -> None:
    """Proposals without encryption, or with DES, MD5 or no integrity, that something refers to."""
    ike(root, facts)
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


def ike(root: Node, facts: DeviceFacts) -> None:
    """Key exchange by DES, MD5 or the first group: what it protects is as weak (IKE, RFC 8247)."""
    for node in root.children:
        own = node.starts("crypto", "isakmp", "policy") or node.starts(
            "crypto", "ikev2", "proposal"
        )
        if node.negated or not (
            own or node.starts("ike", "proposal") or node.starts("ikev2", "proposal")
        ):
            continue
        name = node.low[-1]
        for child in node.children:
            words = set(child.low[1:])
            kind = child.low[0]
            if child.negated:
                continue
            if kind.startswith("encr") and words & {"des", "des-cbc"}:
                facts.weak_ipsec.append(Fault("ipsec_bare", {"name": f"IKE {name}"}, child.number))
            elif kind in {"hash", "integrity", "authentication-algorithm"} and "md5" in words:
                facts.weak_ipsec.append(Fault("ipsec_md5", {"name": f"IKE {name}"}, child.number))
            elif kind in {"group", "dh"} and words & {"1", "group1"}:
                facts.weak_ipsec.append(Fault("ipsec_bare", {"name": f"IKE {name}"}, child.number))


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
