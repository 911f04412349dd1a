"""Reader of Cisco IOS and Ruijie RGOS."""

from __future__ import annotations

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
from detections.compliance.assets.device.lists import ios_lists
from detections.compliance.assets.device.vrp import too_many, too_short
from detections.compliance.limits import limit

_SERVERS: Final = {
    "http": ("ip", "http", "server"),
    "https": ("ip", "http", "secure-server"),
    "tcp_small": ("service", "tcp-small-servers"),
    "udp_small": ("service", "udp-small-servers"),
    "finger": ("ip", "finger"),
    "rsh": ("ip", "rcmd", "rsh-enable"),
    "rcp": ("ip", "rcmd", "rcp-enable"),
    "vstack": ("vstack",),
}
_TYPES: Final[dict[str, Form]] = {"0": "plain", "7": "reversible"}
_FEW: Final = 2


def read(root: Node, facts: DeviceFacts) -> None:
    """Fill the facts from a tree of IOS or RGOS."""
    modern = root.state("aaa", "new-model") is True
    _ways(root, facts, modern=modern)
    _servers(root, facts)
    _accounts(root, facts)
    _policy(root, facts)
    _lockout(root, facts)
    _snmp(root, facts)
    _logs(root, facts)
    dialects.interfaces(root, facts)
    dialects.ipsec(root, facts)
    dialects.take_lists(root, facts, ios_lists(root))
    for node in root.walk():
        if node.starts("ip", "access-group") and not node.negated and len(node.low) > _FEW:
            facts.bound.add(node.low[2])
            facts.guarded = True
        if node.starts("control-plane") and node.children:
            facts.guarded = True
        if node.low[0] in {"zone-member", "management-interface"}:
            facts.guarded = True
    facts.guarded = facts.guarded or not facts.in_band()
    facts.firewall = bool(root.all("zone-pair"))
    dialects.clear_management(root, facts)
    facts.unrecorded = _unrecorded(root, facts)
    dialects.clocks(root, facts)
    facts.banner = bool(root.all("banner"))
    _plain_keys(root, facts)


def _ways(root: Node, facts: DeviceFacts, *, modern: bool) -> None:
    for block in root.all("line")[: dialects.LINES_READ]:
        kind = block.low[1] if len(block.low) > 1 else ""
        told = block.last("login") or block.last("exec-timeout")
        if kind == "aux" and (told is None or block.state("exec") is False):
            continue
        if kind not in {"con", "console", "vty", "aux"}:
            continue
        inbound = block.last("transport", "input")
        filters = [*block.all("access-class"), *block.all("ip", "access-class")]
        filters = [node for node in filters if "out" not in node.low]
        idle = block.last("exec-timeout")
        facts.ways.append(
            Way(
                " ".join(block.low),
                "remote" if kind == "vty" else "console",
                _login(root, block, kind, facts, modern=modern),
                None if inbound is None or inbound.negated else _protocols(inbound),
                filters[-1].low[filters[-1].low.index("access-class") + 1] if filters else "",
                None if idle is None else NEVER if idle.negated else dialects.seconds(idle.low[1:]),
                block.number,
            )
        )


def _protocols(node: Node) -> frozenset[str]:
    words = frozenset(node.low[2:])
    if "none" in words:
        return frozenset()
    return words | {"telnet", "ssh"} if "all" in words else words


def _login(root: Node, block: Node, kind: str, facts: DeviceFacts, *, modern: bool) -> Login:
    if modern:
        named = block.after("login", "authentication") or "default"
        methods = root.last("aaa", "authentication", "login", named)
        if methods is None or methods.negated:
            return "local" if kind == "vty" and named == "default" else "unknown"
        return _methods(methods.low[4:])
    login = block.last("login")
    if login is None:
        unprotected = kind not in {"vty", "aux"} and facts.vendor == "cisco" and facts.whole
        return "none" if unprotected else "unknown"
    if login.negated:
        return "none"
    if len(login.low) == 1:
        return "password"
    return "local" if login.low[1] == "local" else "unknown"


def _methods(words: tuple[str, ...]) -> Login:
    if not words:
        return "unknown"
    if "none" in words:
        return "none"  # also as the last: nobody is asked when the authority does not answer
    if words[0] in {"group", "tacacs+", "radius"}:
        return "remote"
    if words[0] in {"local", "local-case"}:
        return "local"
    return "password" if words[0] in {"enable", "line"} else "unknown"


def _servers(root: Node, facts: DeviceFacts) -> None:
    for name, form in _SERVERS.items():
        node = root.last(*form)
        if node is not None:
            facts.services.append(Service(name, not node.negated, node.number))
    if root.after("ip", "http", "active-session-modules") == "none":
        facts.services.append(Service("http", None))
    tftp = root.all("tftp-server")
    if tftp:
        facts.services.append(Service("tftp", True, tftp[0].number))
    old = root.after("ip", "ssh", "version")
    if old == "1":
        node = root.last("ip", "ssh", "version")
        facts.services.append(Service("ssh1", True, node.number if node else 0))
    _ruijie_servers(root, facts)
    refused = facts.service("telnet").on is False
    open_ways = [w for w in facts.remote_ways() if "telnet" in (w.protocols or ())]
    if open_ways and not refused:
        facts.services.append(Service("telnet", True, open_ways[0].line))
    remote = [way for way in facts.ways if way.kind == "remote"]
    closed = all(way.protocols is not None and "telnet" not in way.protocols for way in remote)
    if remote and closed and facts.service("telnet").on is None:
        facts.services.append(Service("telnet", False, remote[0].line))


def _ruijie_servers(root: Node, facts: DeviceFacts) -> None:
    telnet = root.last("enable", "service", "telnet-server")
    if telnet is not None:
        facts.services.append(Service("telnet", not telnet.negated, telnet.number))
    web = root.last("enable", "service", "web-server")
    if web is not None:
        secure = web.low[3:] == ("https",)
        facts.services.append(Service("http", not web.negated and not secure, web.number))


def _accounts(root: Node, facts: DeviceFacts) -> None:
    found: dict[str, list[Node]] = {}
    for node in root.all("username"):
        if len(node.words) > _FEW:
            found.setdefault(node.words[1], []).append(node)
    for name, nodes in found.items():
        words = tuple(word for node in nodes for word in node.low[2:])
        facts.accounts.append(Account(name, _form(words), True, nodes[0].number))


def _form(words: tuple[str, ...]) -> Form:
    if "nopassword" in words:
        return "none"
    if "secret" in words:
        place = words.index("secret")
        return "plain" if words[place + 1 : place + 2] == ("0",) else "hash"
    if "password" in words[:-1]:
        kind = words[words.index("password") + 1]
        last = words.index("password") + 2 >= len(words)
        return "plain" if last else _TYPES.get(kind, "unknown")
    return "unknown"


def _policy(root: Node, facts: DeviceFacts) -> None:
    least, classes = limit("device_identity", "password_length"), False
    for prefix in (("security", "passwords", "min-length"), ("password", "policy", "min-size")):
        node = root.last(*prefix)
        if node is not None and not node.negated:
            classes = True
            value = dialects.first_number(node.low[3:])
            if value is not None and value < least:
                facts.policy.append(Fault("length", {"value": value, "limit": least}, node.number))
    days = root.last("password", "policy", "life-cycle")
    value = None if days is None or days.negated else dialects.first_number(days.low[3:])
    most = limit("device_identity", "password_days")
    if days is not None and value is not None and not 0 < value <= most:
        facts.policy.append(Fault("aging", {"days": value, "limit": most}, days.number))
    remote = any(way.login == "remote" for way in facts.ways)
    tied = root.all("aaa", "common-criteria", "policy")
    if facts.vendor == "ruijie" and facts.whole and not remote:
        # RGOS ages no password, and asks for no length, until it is told to.
        if not classes and not root.all("password", "policy", "strong"):
            facts.policy.append(Fault("policy_off", {}, 0))
        elif days is None or days.negated:
            facts.policy.append(Fault("aging_off", {}, 0))
    if facts.vendor == "cisco" and facts.whole and not (classes or tied or remote):
        facts.policy.append(Fault("policy_off", {}, 0))


def _lockout(root: Node, facts: DeviceFacts) -> None:
    block = root.last("login", "block-for")
    fails = root.last("aaa", "local", "authentication", "attempts")
    said = [node for node in (block, fails) if node is not None and not node.negated]
    if not said:
        remote = any(way.login == "remote" for way in facts.ways)
        if facts.vendor == "cisco" and facts.whole and not remote:
            facts.locks = False
            facts.lockout.append(Fault("lock_off", {}, 0))
        return
    numbers: list[tuple[int, int]] = []
    for node, word in ((block, "attempts"), (fails, "max-fail"), (fails, "attempts")):
        if node is not None and not node.negated and word in node.low:
            value = dialects.first_number(node.low[node.low.index(word) + 1 :])
            numbers += [] if value is None else [(value, node.number)]
    if block is not None and not block.negated:
        too_short(facts, dialects.first_number(block.low[2:3]), block.number)
    if numbers:
        facts.locks = facts.locks is not False
        too_many(facts, *min(numbers))


def _snmp(root: Node, facts: DeviceFacts) -> None:
    for node in root.all("snmp-server", "community"):
        words = [w for w in node.low[2:] if w not in {"0", "7"} or w == node.low[-1]]
        if not words:
            continue
        encoded = node.low[2:3] == ("7",)
        default = None if encoded else dialects.factory_community(words[0])
        last = words[-1] if words[-1] not in {"ro", "rw"} and len(words) > _FEW else ""
        facts.communities.append(Community(default, "rw" in words[1:], last, node.number))


def _logs(root: Node, facts: DeviceFacts) -> None:
    state = root.last("logging", "on")
    if state is not None:
        facts.logging, facts.logging_line = not state.negated, state.number
    for node in root.all("logging"):
        rest = node.low[1:]
        if rest[:1] in {("host",), ("server",)} and len(rest) > 1:
            host = dialects.host_address(rest[1:]) or ("" if rest[1][0].isdecimal() else rest[1])
            facts.log_hosts += [(host, node.number)] if host else []
        elif len(rest) == 1 and dialects.host_address(rest):
            facts.log_hosts.append((rest[0], node.number))
        elif rest[:1] == ("trap",) and len(rest) > 1:
            dialects.log_level(facts, rest[1], node.number)


def _unrecorded(root: Node, facts: DeviceFacts) -> bool:
    """IOS keeps commands only where it is told to: `archive log config`, or accounting by an authority."""
    if facts.vendor != "cisco" or not facts.whole:
        return False
    archive = [
        log.state("logging", "enable")
        for block in root.all("archive")
        for log in block.all("log", "config")
    ]
    accounting = [one for one in root.all("aaa", "accounting") if not one.negated]
    return True not in archive and not accounting


def _plain_keys(root: Node, facts: DeviceFacts) -> None:
    for node in root.walk():
        words = node.low
        if node.negated:
            continue
        if words[0] == "username" and _form(words[2:]) in {"plain", "reversible"}:
            facts.plain_keys.append(node.number)
        own = words[:1] == ("password",) and words[1:2] not in {("policy",), ("encryption",)}
        if words[:2] == ("enable", "password") or own:
            rest = [w for w in words[words.index("password") + 1 :] if w != "level"]
            if rest and (len(rest) == 1 or rest[0] in _TYPES):
                facts.plain_keys.append(node.number)
