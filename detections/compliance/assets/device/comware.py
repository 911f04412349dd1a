"""Reader of H3C Comware (5, 7 and 9: switches, routers, SecPath firewalls)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.device import dialects, vrp
from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import Account, DeviceFacts, Fault, Login
from detections.compliance.assets.device.lists import vrp_lists
from detections.compliance.assets.device.policies import secpath_rules
from detections.compliance.limits import limit

_SERVERS: Final = {
    "telnet": (("telnet", "server", "enable"),),
    "ftp": (("ftp", "server", "enable"),),
    "http": (("ip", "http", "enable"),),
    "https": (("ip", "https", "enable"),),
    "ssh": (("ssh", "server", "enable"),),
    "ssh1": (("ssh", "server", "compatible-ssh1x"),),
}
_MANAGING: Final = frozenset({"ssh", "telnet", "terminal", "http", "https", "web", "ftp"})
_COMPOSITION: Final = ("password-control", "composition", "type-number")


def read(root: Node, facts: DeviceFacts) -> None:
    """Fill the facts from a tree of Comware."""
    facts.firewall = bool(root.all("security-policy") or root.all("security-zone"))
    vrp.servers(root, facts, _SERVERS)
    _ways(root, facts)
    _accounts(root, facts)
    _policy(root, facts)
    _lockout(root, facts)
    vrp.snmp(root, facts)
    dialects.clear_management(root, facts)
    vrp.logs(root, facts)
    dialects.interfaces(root, facts)
    dialects.ipsec(root, facts)
    dialects.take_lists(root, facts, vrp_lists(root))
    vrp.bindings(root, facts)
    facts.rules.extend(secpath_rules(root))
    dialects.clocks(root, facts)
    facts.banner = bool(root.all("header"))
    vrp.plain_keys(root, facts)


def _ways(root: Node, facts: DeviceFacts) -> None:
    behind: Login = "local"
    for domain in root.all("domain"):
        for node in domain.children:
            if node.low[:2] in {("authentication", "login"), ("authentication", "default")}:
                behind = "remote" if {w for w in node.low if w.endswith("-scheme")} else behind
                behind = "none" if "none" in node.low else behind
    for block in [*root.all("line"), *root.all("user-interface")][: dialects.LINES_READ]:
        if block.low[1:2] == ("class",):
            continue
        kind = block.low[1] if len(block.low) > 1 else ""
        way = vrp.line_of(block, {"scheme": behind}, root.last("line", "class", kind))
        if way is not None and not (kind == "aux" and not block.children):
            facts.ways.append(way)


def _accounts(root: Node, facts: DeviceFacts) -> None:
    for block in root.all("local-user"):
        if "network" in block.low[2:] or len(block.words) < 2:
            continue
        password = block.last("password")
        form = vrp.form_of(password.low) if password is not None else "unknown"
        kinds = {word for node in block.all("service-type") for word in node.low[1:]}
        active = block.after("state") != "block"
        manages = active and bool(kinds & _MANAGING)
        facts.accounts.append(Account(block.words[1], form, manages, block.number))


def _policy(root: Node, facts: DeviceFacts) -> None:
    enabled = root.last("password-control", "enable")
    if enabled is None or enabled.negated:
        if enabled is not None or facts.whole:
            line = enabled.number if enabled is not None else 0
            facts.policy.append(Fault("policy_off", {}, line))
        return
    for part in ("aging", "length", "composition"):
        node = root.last("password-control", part, "enable")
        if node is not None and node.negated:
            facts.policy.append(Fault(f"{part}_off", {}, node.number))
    for node in _effective(root, ("password-control", "aging")):
        days = dialects.first_number(node.low[2:])
        if days is not None:
            vrp.aging(facts, days, node.number)
    for prefix, name, key in (
        (("password-control", "length"), "password_length", "length"),
        (_COMPOSITION, "password_classes", "classes"),
    ):
        least = limit("device_identity", name)
        for node in _effective(root, prefix):
            value = dialects.first_number(node.low[len(prefix) :])
            if value is not None and value < least:
                facts.policy.append(Fault(key, {"value": value, "limit": least}, node.number))


def _effective(root: Node, prefix: tuple[str, ...]) -> list[Node]:
    """The setting of each user that may manage: its own, else its group's, else the one for all."""
    whole = _said(root, prefix)
    groups = {block.low[1]: _said(block, prefix)
              for block in root.all("user-group") if len(block.low) > 1}  # fmt: skip
    users = [block for block in root.all("local-user") if "network" not in block.low[2:]]
    # A user that names no group is of the group "system".
    own = [_said(block, prefix) or groups.get(block.after("group") or "system") for block in users]
    found = [node for node in own if node is not None]
    if whole is not None and (None in own or not own):
        found.append(whole)
    return list({node.number: node for node in found}.values())


def _said(block: Node, prefix: tuple[str, ...]) -> Node | None:
    found = [node for node in block.all(*prefix) if "enable" not in node.low]
    return found[-1] if found else None


def _lockout(root: Node, facts: DeviceFacts) -> None:
    enabled = root.state("password-control", "enable")
    if enabled is not True:
        if enabled is False or facts.whole:
            facts.locks = False
            facts.lockout.append(Fault("lock_off", {}, 0))
        return
    for node in _effective(root, ("password-control", "login-attempt")):
        tries = dialects.first_number(node.low[2:3])
        if "unlock" in node.low:
            facts.locks = False
            facts.lockout.append(Fault("lock_unlock", {}, node.number))
        elif tries is not None:
            facts.locks = facts.locks is not False
            vrp.too_many(facts, tries, node.number)
            if "lock-time" in node.low:
                minutes = dialects.first_number(node.low[node.low.index("lock-time") + 1 :])
                vrp.too_short(facts, None if minutes is None else minutes * 60, node.number)
