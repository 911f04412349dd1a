"""Reader of Hillstone StoneOS 5: management per interface, administrators, global policy.

Only what the text says counts: nothing is concluded from a line that is not there.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from detections.compliance.assets.device import dialects
from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import (
    Account,
    Community,
    DeviceFacts,
    Fault,
    Interface,
    Rule,
    Service,
    Way,
)
from detections.compliance.assets.device.rules import (
    ANY,
    Ranges,
    between,
    named_service,
    permit_all,
    plain,
    ports,
    protocol,
    services,
)
from detections.compliance.assets.device.vrp import too_short
from detections.compliance.limits import limit

_CLEAR: Final = ("telnet", "http")
_WAYS: Final = {"console": "console", "ssh": "remote", "telnet": "remote", "web": "remote"}


def read(root: Node, facts: DeviceFacts) -> None:
    """Fill the facts from a tree of StoneOS."""
    facts.firewall = facts.guarded = True
    _interfaces(root, facts)
    _administrators(root, facts)
    _ways(root, facts)
    _rules(root, facts)
    for node in root.all("logging", "syslog"):
        host = dialects.host_address(node.low[2:])
        if host:
            facts.log_hosts.append((host, node.number))
    told = {node.low[0] for node in root.children}
    facts.logs_known = {"hostname", "zone", "interface", "admin", "rule"} <= told
    for node in root.all("snmp-server"):
        words = [_bare(word) for word in node.low]
        if "community" in words[:-1]:
            name = words[words.index("community") + 1]
            facts.communities.append(
                Community(dialects.factory_community(name), "rw" in words, "", node.number)
            )
    facts.clocks = [_bare(node.low[2]) for node in root.all("ntp", "server") if len(node.low) > 2]


def _bare(word: str) -> str:
    return word.strip('"')


def _interfaces(root: Node, facts: DeviceFacts) -> None:
    """A clear service is on where an interface that is up and has an address takes it."""
    on: dict[str, int] = {}
    for block in root.all("interface"):
        shut = block.state("shutdown") is True
        address = block.last("ip", "address")
        addressed = address is not None and not address.negated
        for name in _CLEAR:
            node = block.last("manage", name)
            if node is not None and not node.negated and addressed and not shut:
                on.setdefault(name, node.number)
        if addressed and not shut:
            _outside(root, block, facts)
        facts.interfaces.append(
            Interface(block.words[-1], shut, addressed, False, False, False, block.number)
        )
    facts.services += [Service(name, True, line) for name, line in on.items()]


def _outside(root: Node, block: Node, facts: DeviceFacts) -> None:
    """A port outside that takes management from everywhere: no `admin host` limits who may come."""
    zone = _bare(block.after("zone") or "")
    if not dialects.OUTSIDE.search(zone) or root.all("admin", "host"):
        return
    for node in block.all("manage"):
        if not node.negated and node.low[-1] in {"ssh", "https", "telnet", "http"}:
            permit_all(facts)
            name = f"{block.words[-1]} {node.low[-1]}"
            protocols = frozenset({node.low[-1]})
            facts.ways.append(Way(name, "remote", "local", protocols, ANY, None, node.number))


def _administrators(root: Node, facts: DeviceFacts) -> None:
    for block in root.all("admin", "user"):
        if len(block.words) > 2:
            facts.accounts.append(Account(_bare(block.words[2]), "unknown", True, block.number))
    least = limit("device_identity", "password_length")
    forms = (("password-policy",), ("password", "policy"), ("admin", "password-policy"))
    for block in (one for form in forms for one in root.all(*form)):
        for node in [*block.all("admin", "min-length"), *block.all("min-length")]:
            value = dialects.first_number(node.low)
            if value is not None and value < least:
                facts.policy.append(Fault("length", {"value": value, "limit": least}, node.number))
    refused = root.last("admin", "max-login-failure")
    if refused is not None and refused.negated:
        facts.locks = False
        facts.lockout.append(Fault("lock_off", {}, refused.number))
    for node in root.all("admin", "max-login-failure"):
        tries, most = dialects.first_number(node.low), limit("device_lockout", "tries")
        facts.locks = tries is not None and 0 < tries <= most
        if tries is not None and not facts.locks:
            facts.lockout.append(Fault("lock_tries", {"tries": tries, "limit": most}, node.number))
    for node in root.all("admin", "lockout-duration")[-1:]:
        minutes = dialects.first_number(node.low)
        too_short(facts, None if minutes is None else minutes * 60, node.number)


def _ways(root: Node, facts: DeviceFacts) -> None:
    """Time-outs in minutes; `admin host any any` lets every address manage."""
    hosts = [[_bare(word) for word in node.low[2:]] for node in root.all("admin", "host")]
    anybody = any(words[:1] == [ANY] or words[:1] == ["0.0.0.0/0"] for words in hosts)
    if anybody:
        permit_all(facts)
    for name, kind in _WAYS.items():
        node = root.last(name, "timeout")
        minutes = dialects.first_number(node.low) if node is not None and not node.negated else None
        used = any(one.all("manage", name) for one in root.all("interface"))
        if node is None and not (used and anybody):
            continue
        facts.ways.append(
            Way(
                name,
                "console" if kind == "console" else "remote",
                "local",
                frozenset({name}),
                ANY if anybody and kind == "remote" else "",
                None if minutes is None else minutes * 60,
                node.number if node is not None else 0,
            )
        )


def _rules(root: Node, facts: DeviceFacts) -> None:
    objects, books = _addresses(root), _services(root)
    blocks = [*root.all("rule"), *(one for p in root.all("policy-global") for one in p.all("rule"))]
    for block in blocks:
        if len(block.low) > 1:
            facts.rules.append(_rule(block, objects, books))
    for policy in root.all("policy-global"):
        node = policy.last("default-action")
        if node is not None and not node.negated and "permit" in node.low:
            facts.permits_by_default = node.number


def _rule(block: Node, objects: dict[str, Ranges], books: dict[str, Ranges]) -> Rule:
    whole = True
    ends: dict[str, list[Ranges]] = {"src": [], "dst": [], "service": []}
    zones: dict[str, list[str]] = {"src": [], "dst": []}
    for node in block.children:
        word, rest = node.low[0], [_bare(one) for one in node.low[1:]]
        side = word[:3]
        if word in {"src-zone", "dst-zone"}:
            zones[side] += [one for one in rest if one != ANY]
        elif word in {"src-addr", "dst-addr"} and rest:
            span = () if rest == [ANY] else objects.get(rest[0])
            whole = whole and span is not None
            ends[side].append(span or ())
        elif word in {"src-ip", "dst-ip"} and rest:
            span = _network(rest[0])
            whole = whole and span is not None
            ends[side].append(span or ())
        elif word in {"src-range", "dst-range"} and len(rest) == 2:
            ends[side].append(between(rest[0], rest[1]) or ())
        elif word == "service" and rest:
            named = books.get(rest[0])
            span = () if rest == [ANY] else named_service(rest[0]) if named is None else named
            ends["service"].append(span)
        elif word not in {"action", "name", "log", "description", "disable", "enable", "no"}:
            whole = False
    number = block.words[block.low.index("id") + 1] if "id" in block.low[:-1] else block.words[-1]
    off = block.state("disable") is True or block.state("enable") is False
    return Rule(
        "policy-global",
        number,
        block.after("action") == "permit",
        plain(_joined(ends["src"])),
        plain(_joined(ends["dst"])),
        services(_joined(ends["service"])),
        (tuple(sorted(zones["src"])), tuple(sorted(zones["dst"]))),
        whole,
        not off,
        block.number,
    )


def _joined(found: list[Ranges]) -> Ranges:
    return () if () in found else tuple(span for one in found for span in one)


def _network(text: str) -> Ranges | None:
    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return None
    if not network.prefixlen:
        return ()
    return ((int(network.network_address), int(network.broadcast_address)),)


def _services(root: Node) -> dict[str, Ranges]:
    """Books of services whose every member was read: `tcp dst-port 1 65535`."""
    found: dict[str, Ranges] = {}
    for block in root.all("service"):
        spans: list[Ranges | None] = []
        for node in block.children:
            base, words = protocol(node.low[0]), list(node.low[1:])
            if node.low[0] == "description":
                continue
            if base is not None and words[:1] == ["dst-port"] and "src-port" not in words:
                ends = [words[1], words[-1]] if len(words) > 1 else []
                spans.append(ports(base, "to", ends))
            else:
                spans.append(base if base and not words else None)
        if spans and None not in spans and len(block.low) > 1:
            found[_bare(block.low[1])] = services(
                tuple(one for span in spans for one in span or ())
            )
    return found


def _addresses(root: Node) -> dict[str, Ranges]:
    """Address objects whose every member was read."""
    found: dict[str, Ranges] = {}
    for block in root.all("address"):
        spans: list[Ranges | None] = []
        for node in block.children:
            if node.low[0] == "ip" and len(node.low) == 2:
                spans.append(_network(node.low[1]))
            elif node.low[0] == "range" and len(node.low) == 3:
                spans.append(between(node.low[1], node.low[2]))
            elif node.low[0] != "description":
                spans.append(None)
        if spans and None not in spans and len(block.low) > 1:
            found[_bare(block.low[1])] = _joined([span for span in spans if span is not None])
    return found
