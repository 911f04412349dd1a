"""Reader of Huawei VRP (switches, routers, USG firewalls)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detections.compliance.assets.device import dialects
from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import (
    NEVER,
    Account,
    Community,
    DeviceFacts,
    Fault,
    Form,
    Login,
    Service,
    Way,
)
from detections.compliance.assets.device.lists import vrp_lists
from detections.compliance.assets.device.policies import usg_rules
from detections.compliance.assets.device.rules import ANY, permit_all
from detections.compliance.limits import limit

_SERVERS: Final = {
    "telnet": (("telnet", "server", "enable"), ("telnet", "ipv6", "server", "enable")),
    "ftp": (("ftp", "server", "enable"), ("ftp", "ipv6", "server", "enable")),
    "http": (("http", "server", "enable"), ("web-manager", "enable")),
    "https": (("http", "secure-server", "enable"), ("web-manager", "security", "enable")),
    "ssh": (("stelnet", "server", "enable"), ("stelnet", "ipv4", "server", "enable")),
    "ssh1": (("ssh", "server", "compatible-ssh1x", "enable"),),
}
_MANAGING: Final = frozenset({"ssh", "telnet", "terminal", "http", "web", "ftp", "all"})
_FORMS: Final[dict[str, Form]] = {
    "simple": "plain",
    "cipher": "reversible",
    "irreversible-cipher": "hash",
    "hash": "hash",
}


def read(root: Node, facts: DeviceFacts) -> None:
    """Fill the facts from a tree of VRP."""
    aaa = root.last("aaa") or Node(0, ("aaa",), ("aaa",), negated=False)
    zones = root.all("firewall", "zone")
    facts.firewall = bool(root.all("security-policy") or any(z.all("add") for z in zones))
    servers(root, facts, _SERVERS)
    _ways(root, aaa, facts)
    disabled = root.last("telnet", "server", "disable")
    if disabled is not None:
        facts.services.append(Service("telnet", disabled.negated, disabled.number))
    dialects.clear_management(root, facts)
    _telnet_lines(facts)
    _accounts(root, aaa, facts)
    _policy(aaa, facts)
    _lockout(aaa, facts)
    snmp(root, facts)
    logs(root, facts)
    dialects.interfaces(root, facts)
    dialects.ipsec(root, facts)
    dialects.take_lists(root, facts, vrp_lists(root))
    bindings(root, facts)
    facts.rules.extend(usg_rules(root))
    _firewall(root, facts)
    dialects.clocks(root, facts)
    facts.banner = bool(root.all("header"))
    plain_keys(root, facts)


def servers(
    root: Node, facts: DeviceFacts, known: Mapping[str, tuple[tuple[str, ...], ...]]
) -> None:
    """Servers said to be on or off; one form that is on decides."""
    for name, forms in known.items():
        said = [node for form in forms if (node := root.last(*form)) is not None]
        on = [node for node in said if not node.negated]
        if said:
            facts.services.append(Service(name, bool(on), (on or said)[0].number))


def _ways(root: Node, aaa: Node, facts: DeviceFacts) -> None:
    methods = {
        word
        for scheme in _used(aaa)
        for node in scheme.all("authentication-mode")
        for word in node.low[1:]
    }
    behind: Login = "remote" if methods - {"local", "none"} else "local"
    if "none" in methods:
        behind = "none"  # nobody is asked when the methods before it do not answer
    for block in [*root.all("user-interface"), *root.all("line")]:
        way = line_of(block, {"aaa": behind, "scheme": behind})
        if way is not None:
            facts.ways.append(way)


def _used(aaa: Node) -> list[Node]:
    """Schemes that a domain names, and "default", which the domains have that name none."""
    schemes = aaa.all("authentication-scheme")
    named = {node.low[1] for domain in aaa.all("domain")
             for node in domain.all("authentication-scheme") if len(node.low) > 1}  # fmt: skip
    if not any(
        one.low[1:2] == ("default_admin",)
        for one in aaa.all("domain")
        if one.all("authentication-scheme")
    ):
        named.add("default")
    return [one for one in schemes if one.low[1:2] and one.low[1] in named] or schemes


def _telnet_lines(facts: DeviceFacts) -> None:
    """A line that takes Telnet alone, on a device where the server is not said to be off."""
    only = [way for way in facts.remote_ways() if way.protocols == frozenset({"telnet"})]
    if only and facts.service("telnet").on is None:
        facts.services.append(Service("telnet", True, only[0].line))


def line_of(block: Node, meanings: dict[str, Login], behind: Node | None = None) -> Way | None:
    """A line of VRP or Comware; `behind` is its class, whose values count where it says nothing."""
    if len(block.low) < 2 or block.low[1] not in {"con", "console", "vty", "aux"}:
        return None
    logins: dict[str, Login] = {"none": "none", "password": "password", **meanings}
    places = [block] if behind is None else [block, behind]
    mode = next((w for p in places if (w := p.after("authentication-mode"))), "")
    inbound = next((w for p in places if (w := p.after("protocol", "inbound"))), "")
    filters = [node for place in places for node in place.all("acl") if "inbound" in node.low]
    idle = next((n for p in places if (n := p.last("idle-timeout")) is not None), None)
    names = [
        word for node in filters for word in node.low[1:] if word not in {"inbound", "ipv6", "name"}
    ]
    return Way(
        " ".join(block.low),
        "remote" if block.low[1] == "vty" else "console",
        logins.get(mode, "unknown"),
        _protocols(inbound),
        names[0] if names else "",
        None if idle is None or idle.negated else dialects.seconds(idle.low[1:]),
        block.number,
    )


def _protocols(inbound: str) -> frozenset[str] | None:
    if not inbound:
        return None
    if inbound == "none":
        return frozenset()
    return frozenset({"ssh", "telnet"}) if inbound == "all" else frozenset({inbound})


def _accounts(root: Node, aaa: Node, facts: DeviceFacts) -> None:
    found: dict[str, list[Node]] = {}
    for node in aaa.all("local-user"):
        if len(node.words) > 2:
            found.setdefault(node.words[1], []).append(node)
    for name, nodes in found.items():
        said = [node for node in nodes if "password" in node.low]
        form: Form = form_of(said[-1].low) if said else "unknown"
        kinds = {w for n in nodes if "service-type" in n.low for w in n.low}
        active = not any(node.low[2:4] == ("state", "block") for node in nodes)
        facts.accounts.append(
            Account(name, form, active and bool(kinds & _MANAGING), nodes[0].number)
        )
        _user_idle(name, nodes, facts)
    for block in [*aaa.all("manager-user"), *root.all("manager-user")]:
        password = block.last("password")
        form = form_of(password.low) if password is not None else "unknown"
        facts.accounts.append(Account(block.words[-1], form, True, block.number))


def _user_idle(name: str, nodes: list[Node], facts: DeviceFacts) -> None:
    for node in nodes:
        if "idle-timeout" in node.low:
            value = dialects.seconds(node.low[node.low.index("idle-timeout") + 1 :])
            way = f"local-user {name}"
            most = limit("device_lockout", "idle_seconds")
            if value == NEVER:
                facts.idle.append(Fault("idle_never", {"way": way}, node.number))
            elif value is not None and value > most:
                told: dict[str, str | int] = {"way": way, "seconds": value, "limit": most}
                facts.idle.append(Fault("idle_long", told, node.number))


def form_of(words: tuple[str, ...]) -> Form:
    """The form a password is kept in."""
    for word in words:
        if word in _FORMS:
            return _FORMS[word]
    return "unknown"


def _policy(aaa: Node, facts: DeviceFacts) -> None:
    block = aaa.last("local-aaa-user", "password", "policy", "administrator")
    for node in aaa.walk():
        if node.negated and "complexity-check" in node.low:
            facts.policy.append(Fault("complexity_off", {}, node.number))
    if block is not None and not block.negated:
        least = limit("device_identity", "password_length")
        for node in [one for one in block.children if "min-length" in one.low and not one.negated]:
            value = dialects.first_number(node.low)
            if value is not None and value < least:
                facts.policy.append(Fault("length", {"value": value, "limit": least}, node.number))
        expire = block.last("password", "expire")
        days = None if expire is None else dialects.first_number(expire.low[2:])
        if expire is not None and not expire.negated and days is not None:
            aging(facts, days, expire.number)
    elif block is not None or (_classic(facts.version) and facts.whole and not facts.firewall):
        line = block.number if block is not None else aaa.number
        facts.policy.append(Fault("policy_off", {}, line))


def aging(facts: DeviceFacts, days: int, line: int) -> None:
    """A password age that is off or too long."""
    most = limit("device_identity", "password_days")
    if days == 0 or days > most:
        facts.policy.append(Fault("aging", {"days": days, "limit": most}, line))


def _classic(version: str) -> bool:
    """V200R0xx: the administrator's password policy is off until it is configured."""
    return version.upper().startswith("V200R0")


def _lockout(aaa: Node, facts: DeviceFacts) -> None:
    node = aaa.last("local-aaa-user", "wrong-password")
    web = aaa.last("lock-authentication", "enable")
    if node is None and web is not None and web.negated:
        node = web
    if node is None:
        return
    if node.negated:
        facts.locks = False
        facts.lockout.append(Fault("lock_off", {}, node.number))
        return
    tries = None
    if "retry-time" in node.low:
        tries = dialects.first_number(node.low[node.low.index("retry-time") + 1 :])
    facts.locks = None if tries is None else True
    too_many(facts, tries, node.number)
    if "block-time" in node.low:
        minutes = dialects.first_number(node.low[node.low.index("block-time") + 1 :])
        too_short(facts, None if minutes is None else minutes * 60, node.number)


def too_many(facts: DeviceFacts, tries: int | None, line: int) -> None:
    """More tries than allowed before a lock."""
    most = limit("device_lockout", "tries")
    if tries is not None and tries > most:
        facts.locks = False
        facts.lockout.append(Fault("lock_tries", {"tries": tries, "limit": most}, line))


def too_short(facts: DeviceFacts, seconds: int | None, line: int) -> None:
    """A lock that ends sooner than allowed."""
    least = limit("device_lockout", "lock_seconds")
    if seconds is not None and seconds < least:
        facts.locks = False
        values: dict[str, str | int] = {"seconds": seconds, "limit": least}
        facts.lockout.append(Fault("lock_short", values, line))


def snmp(root: Node, facts: DeviceFacts) -> None:
    """Communities that are answered: none when only version 3 is."""
    versions = {
        word for node in root.all("snmp-agent", "sys-info", "version") for word in node.low[3:]
    }
    if versions == {"v3"}:
        return
    for node in root.all("snmp-agent", "community"):
        words = list(node.low[2:])
        rights = [word for word in words[:1] if word in {"read", "write"}]
        words = words[len(rights) :]
        kind = words.pop(0) if words and words[0] in {"cipher", "simple"} else ""
        if not words:
            continue
        writes = rights == ["write"] or "network-admin" in words or "level-15" in words
        sources = words[words.index("acl") + 1] if "acl" in words[:-1] else ""
        default = dialects.factory_community(words[0], kind)
        facts.communities.append(Community(default, writes, sources, node.number))


def logs(root: Node, facts: DeviceFacts) -> None:
    """`info-center`: on or off, where to, and whether the way there is closed."""
    state = root.last("info-center", "enable")
    if state is not None:
        facts.logging, facts.logging_line = not state.negated, state.number
    for node in root.all("info-center", "loghost"):
        host = dialects.host_address(node.low[2:])
        if host and node.low[2] != "source":
            facts.log_hosts.append((host, node.number))
        elif "domain" in node.low[:-1]:
            facts.log_hosts.append((node.low[node.low.index("domain") + 1], node.number))
    for node in [one for one in root.all("info-center", "source") if len(one.low) > 3]:
        words = node.low[3:]
        to_host = words[:2] in {("channel", "2"), ("channel", "loghost")} or words[:1] == (
            "loghost",
        )
        level = words[words.index("level") + 1] if "level" in words[:-1] else ""
        if to_host and node.low[2] in {"default", "aaa", "ssh", "shell"}:
            dialects.log_level(facts, level, node.number)
        if node.low[2] != "default":
            continue
        closed = words[:1] == ("loghost",) and "deny" in words
        if closed or (to_host and words[2:5] == ("log", "state", "off")):
            facts.log_blocked.append(Fault("log_blocked", {}, node.number))


def bindings(root: Node, facts: DeviceFacts) -> None:
    """Address lists bound to traffic, and whether something may guard the device itself."""
    for node in root.walk():
        if node.negated:
            continue
        if node.starts("traffic-filter") or node.starts("packet-filter"):
            names = (facts.numbers.get(word, word) for word in node.low[1:])
            facts.bound.update(name for name in names if name in facts.lists)
            facts.guarded = True
        words = set(node.low)
        if node.low[0] in {"traffic-policy", "cpu-defend-policy", "service-manage", "blacklist"}:
            facts.guarded = True
        if node.low[0] in {"ssh", "telnet", "stelnet"} and (
            words & {"acl", "server-source", "server-acl"} or "-i" in words
        ):
            facts.guarded = True
            facts.server_list = facts.server_list or bool(words & {"acl", "server-acl"})
            facts.placed = facts.placed or (node.low[0] == "telnet" and "server-source" in words)
        if node.starts("aspf") or (node.starts("control-plane") and node.children):
            facts.guarded = True
    facts.guarded = facts.guarded or facts.firewall or not facts.in_band()
    for name in sorted(facts.bound):
        rules = [one for one in facts.rules if one.list == name and one.enabled]
        # What no rule names passes a traffic filter: one of permits alone stops nothing.
        if facts.vendor == "huawei" and rules and all(one.permit for one in rules):
            facts.permits_by_default = facts.permits_by_default or facts.lists.get(name, 0)


def _outside(root: Node, facts: DeviceFacts) -> None:
    """Ports of a zone outside that take management from everywhere (`service-manage`)."""
    outside = {
        "".join(node.low[2:])
        for zone in root.all("firewall", "zone")
        if dialects.OUTSIDE.search(" ".join(zone.low[2:]))
        for node in zone.all("add", "interface")
    }
    for block in root.all("interface"):
        name = "".join(block.low[1:])
        for node in block.all("service-manage"):
            kinds = set(node.low[1:]) & {"all", "ssh", "https", "http", "telnet", "snmp"}
            if name in outside and kinds and "permit" in node.low and not block.state("shutdown"):
                permit_all(facts)
                title = f"{name} {' '.join(sorted(kinds))}"
                way = Way(title, "remote", "local", frozenset({"ssh"}), ANY, None, node.number)
                facts.ways.append(way)


def _firewall(root: Node, facts: DeviceFacts) -> None:
    _outside(root, facts)
    for policy in root.all("security-policy"):
        default = policy.last("default", "action")
        if default is not None and not default.negated and "permit" in default.low:
            facts.permits_by_default = default.number
    for form in (("firewall", "session", "link-state", "check"),):
        node = root.last(*form)
        if node is not None and node.negated:
            facts.stateless = node.number


def plain_keys(root: Node, facts: DeviceFacts) -> None:
    """Lines that keep a password in clear."""
    for node in root.walk():
        words = node.low
        if not node.negated and "password" in words[:-1]:
            place = words.index("password")
            # `super password level 15 simple …` too.
            if "simple" in words[place + 1 : place + 4]:
                facts.plain_keys.append(node.number)
