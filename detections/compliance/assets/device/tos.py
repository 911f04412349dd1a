"""Reader of Topsec TOS (NGFW4000): one command a line, objects by name, areas with a default access.

Only what the text says counts: nothing is concluded from a line that is not there.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Final

from detections.compliance.assets.device import dialects
from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import (
    Account,
    Community,
    DeviceFacts,
    Fault,
    Rule,
    Service,
    Way,
)
from detections.compliance.assets.device.rules import (
    ANY,
    Ranges,
    addresses,
    between,
    named_service,
    permit_all,
    plain,
)

_MANAGING: Final = {
    "telnet": "telnet",
    "ssh": "ssh",
    "webui": "https",
    "gui": "gui",
    "http": "http",
}


def read(root: Node, facts: DeviceFacts) -> None:
    """Fill the facts from the lines of TOS."""
    facts.firewall = facts.guarded = True
    told = {node.low[0] for node in root.children}
    facts.logs_known = {"system", "network", "define", "pf"} <= told
    lines = [(node.number, _words(node)) for node in root.children if not node.negated]
    objects = dict(_objects(lines))
    for number, words in lines:
        if words[:2] == ["system", "telnetd"] and len(words) > 2:
            facts.services.append(Service("telnet", words[2] in {"start", "on", "enable"}, number))
        elif words[:3] == ["pf", "service", "add"]:
            _service(_pairs(words[3:]), number, facts)
        elif words[:3] == ["firewall", "policy", "add"]:
            facts.rules.append(_rule(_pairs(words[3:]), number, objects))
        elif words[:3] == ["define", "area", "add"]:
            if _pairs(words[3:]).get("access") == "on" and not facts.permits_by_default:
                facts.permits_by_default = number
        elif words[:1] == ["log"] and "ipaddr" in words:
            host = dialects.host_address(words)
            if "disable" in words:
                facts.log_blocked.append(Fault("log_blocked", {}, number))
            elif host:
                facts.log_hosts.append((host, number))
        else:
            _others(words, number, facts)


def _others(words: list[str], number: int, facts: DeviceFacts) -> None:
    """Administrators, time-outs and communities."""
    if words[:1] == ["system"] and words[2:3] == ["add"] and "admin" in words[1]:
        name = _pairs(words[3:]).get("name", words[3] if len(words) > 3 else "")
        facts.accounts.append(Account(name, "unknown", True, number))
    elif words[:1] == ["system"] and words[-2:] in (["idle-timeout", "0"], ["timeout", "0"]):
        facts.idle.append(Fault("idle_never", {"way": words[1]}, number))
    elif words[:1] == ["snmp"] and "community" in words[1:-1]:
        name = _pairs(words[words.index("add") + 1 :]).get("name", "") if "add" in words else ""
        factory = bool({"public", "private"} & {name, *words[1:]})
        writes = bool({"rw", "write", "private"} & set(words))
        facts.communities.append(Community(factory, writes, "", number))


def _words(node: Node) -> list[str]:
    text = " ".join(node.words)
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.replace("'", " ").split()
    words = [word.strip().lower() for word in words]
    # Saved configurations number their policies: `ID 8001 firewall policy add …`.
    return words[2:] if words[:1] == ["id"] and words[1:2] and words[1].isdecimal() else words


def _pairs(words: list[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=False))


def _service(values: Mapping[str, str], number: int, facts: DeviceFacts) -> None:
    """Who may manage: a service, an area, addresses."""
    name = _MANAGING.get(values.get("name", ""))
    if name is None:
        return
    if name in {"telnet", "http"}:
        facts.services.append(Service(name, True, number))
    everybody = values.get("addressname", ANY) == ANY
    if everybody:
        permit_all(facts)
    sources = ANY if everybody else values["addressname"]
    way = Way(f"pf {name}", "remote", "local", frozenset({name}), sources, None, number)
    facts.ways.append(way)


def _rule(values: Mapping[str, str], number: int, objects: Mapping[str, Ranges]) -> Rule:
    whole = not values.keys() - {
        "action", "srcarea", "dstarea", "src", "dst", "service", "comment", "log", "enable", "name",
        "id", "group", "schedule", "permanent",
    }  # fmt: skip
    whole = whole and "schedule" not in values
    ends: list[Ranges] = []
    for side in ("src", "dst"):
        spans = [objects.get(one) for one in values.get(side, "").split() if one != ANY]
        whole = whole and None not in spans
        joined = tuple(span for one in spans for span in one or ())
        ends.append(() if () in spans else plain(joined))
    services = [one for one in values.get("service", "").split() if one != ANY]
    return Rule(
        "firewall policy",
        values.get("id", str(number)),
        values.get("action") == "accept",
        ends[0],
        ends[1],
        tuple(span for one in services for span in named_service(one)),
        (_areas(values.get("srcarea", "")), _areas(values.get("dstarea", ""))),
        whole,
        values.get("enable", "yes") not in {"no", "off"},
        number,
    )


def _areas(text: str) -> tuple[str, ...]:
    return tuple(sorted({one for one in text.split() if one != ANY}))


def _objects(lines: Iterable[tuple[int, list[str]]]) -> Iterable[tuple[str, Ranges]]:
    known: dict[str, Ranges] = {}
    for _, words in lines:
        if words[:1] != ["define"] or words[2:3] != ["add"]:
            continue
        values, kind = _pairs(words[3:]), words[1]
        span: Ranges | None = None
        if kind == "host":
            found = [addresses(one, "0") for one in values.get("ipaddr", "").split()]
            span = (
                tuple(s for one in found for s in one or ())
                if found and None not in found
                else None
            )
        elif kind == "subnet":
            span = addresses(values.get("ipaddr", ""), values.get("mask", ""), mask=True)
        elif kind == "range":
            span = between(values.get("ip1", ""), values.get("ip2", ""))
        elif kind == "group_address":
            # Members stand before the group: the text is in the order of its commands.
            members = [known.get(one) for one in values.get("member", "").split()]
            joined = tuple(one for span in members for one in span or ())
            span = (
                None if None in members or not members else () if () in members else plain(joined)
            )
        if span is not None and values.get("name"):
            known[values["name"]] = span
            yield values["name"], span
