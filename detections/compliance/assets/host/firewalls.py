"""Firewalls that start and let in whatever comes: ufw, firewalld, iptables' saved rules, nftables.

A firewall that stops nothing is one fact; which ports it opens on purpose is another, and not judged here.
"""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.host.webservers import lines
from detections.compliance.assets.judging import AssetFact

_EVERY: Final = frozenset({"0.0.0.0/0", "::/0", "0.0.0.0/0.0.0.0"})
_SAVED: Final = {
    "iptables": ("/etc/sysconfig/iptables", "/etc/iptables/rules.v4"),
    "ip6tables": ("/etc/sysconfig/ip6tables", "/etc/iptables/rules.v6"),
}
# Ways of a rule's match that take in less than everything.
_NARROW: Final = re.compile(
    r"\s-(?:i|-in-interface|s|-src|-source|d|-dst|-destination|p|-protocol|m|-match|g)\b"
)
_MOST_PORTS: Final = 60_000  # of 65,535: all but a few


def open_firewalls(tree: Tree, services: Services) -> list[AssetFact]:
    """Facts of firewalls that start and stop nothing."""
    names = set(services.names("firewall") or ())
    found: list[AssetFact] = []
    if "ufw" in names:
        found += _ufw(tree)
    if "firewalld" in names:
        found += _firewalld(tree)
    for family, paths in _SAVED.items():
        starts = family in names or "netfilter-persistent" in names
        for path in paths if starts else ():
            file = tree.file(path)
            found += _saved(file) if file else []
    if "nftables" in names:
        found += _nftables(tree)
    return found


# A rule of nft or iptables that lets SSH in and names nothing else: no source, interface or set.
_SSH_RULES: Final = (
    re.compile(r"(?:ip6?\s+protocol\s+tcp\s+)?tcp\s+dport\s+(?:\{\s*)?(?:22|ssh)(?:\s*\})?\s+(?:ct\s+state\s+(?:new|\{\s*new\s*\})\s+)?(?:counter\s+)?accept;?"),
    re.compile(r"(?:-A|--append)\s+INPUT\s+-p\s+tcp\s+(?:-m\s+(?:tcp|state\s+--state\s+NEW|conntrack\s+--ctstate\s+NEW)\s+)*--dport\s+(?:22|ssh)\s+(?:-m\s+(?:state\s+--state|conntrack\s+--ctstate)\s+NEW(?:,ESTABLISHED)?\s+)?-j\s+ACCEPT"),
)  # fmt: skip


def ssh_for_everybody(tree: Tree, services: Services) -> list[AssetFact]:
    """Rules of a firewall that starts, written here by hand, that let SSH in from every address."""
    names = set(services.names("firewall") or ())
    paths = ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"] if "nftables" in names else []
    for family, saved in _SAVED.items():
        paths += saved if family in names or "netfilter-persistent" in names else ()
    files = (file for path in paths if (file := tree.file(path)))
    return [file.fact("firewall_rule", line[:80], number) for file in files
            for number, line in lines(file) if any(one.fullmatch(line) for one in _SSH_RULES)]  # fmt: skip


def _ufw(tree: Tree) -> list[AssetFact]:
    file = tree.file("/etc/default/ufw")
    found = [file.fact("ufw", line[:80], number) for number, line in lines(file)
             if re.match(r'DEFAULT_INPUT_POLICY="?ACCEPT', line, re.I)] if file else []  # fmt: skip
    for path in ("/etc/ufw/user.rules", "/etc/ufw/user6.rules"):
        file = tree.file(path)
        # A rule without protocol, port and source: "ufw allow from any".
        found += [file.fact("ufw", line[:80], number) for number, line in lines(file)
                  if re.fullmatch(r"-A ufw6?-user-input\s+-j ACCEPT", line)] if file else []  # fmt: skip
    return found


def _firewalld(tree: Tree) -> list[AssetFact]:
    """The default zone, and zones of /etc that take every address or interface (firewalld.zone(5))."""
    conf = tree.file("/etc/firewalld/firewalld.conf")
    zone, found = "public", list[AssetFact]()
    for number, line in lines(conf) if conf else ():
        if conf and (seen := re.match(r"DefaultZone\s*=\s*(\S+)", line)):
            zone = seen[1]
            found += [conf.fact("firewalld", line[:80], number)] if zone == "trusted" else []
    for path in tree.folder("/etc/firewalld/zones", ".xml"):
        file = tree.file(path)
        if file is None:
            continue
        text, name = " ".join(file.lines), path.rsplit("/", 1)[-1].removesuffix(".xml")
        everyone = bool(_EVERY & set(re.findall(r"<source\s[^>]*address=\"([^\"]*)\"", text)))
        # Sources come before interfaces: a zone that has every source takes all.
        if name != zone and not everyone and "<interface" not in text:
            continue
        takes = name == "trusted" or re.search(r"<zone\b[^>]*\btarget=\"ACCEPT\"", text)
        if takes and (everyone or name == zone or "<interface" in text):
            found.append(file.fact("firewalld", f"{name}: ACCEPT"))
        outside = re.sub(r"<rule\b.*?</rule>", "", text)
        for low, high in re.findall(r"<port\b[^>]*\bport=\"(\d+)-(\d+)\"", outside):
            if int(high[:6]) - int(low[:6]) > _MOST_PORTS:
                found.append(file.fact("firewalld", f"{name}: {low}-{high}"))
    return found


def _saved(file: File) -> list[AssetFact]:
    """iptables-save: the policy of INPUT is ACCEPT and no rule drops, or a rule takes everything."""
    policy: AssetFact | None = None
    stops, table = False, "filter"
    for number, line in lines(file):
        table = line[1:] if line.startswith("*") else table
        if table != "filter":
            continue
        if line.startswith(":INPUT ACCEPT"):
            policy = file.fact("iptables", line[:80], number)
        if re.match(r"(?:-A|--append)\s+INPUT\b", line):
            if re.search(r"-j\s+ACCEPT\b", line) and not _NARROW.search(line) and not stops:
                return [file.fact("iptables", line[:80], number)]
            # A rule into a chain of its own may stop there: then nothing is said.
            stops = stops or re.search(r"-j\s+(?!ACCEPT|LOG|NFLOG|RETURN)\S+", line) is not None
    return [policy] if policy is not None and not stops else []


def _nftables(tree: Tree) -> list[AssetFact]:
    """Chains of the input hook that take everything: policy accept and no rule that stops anything."""
    path = next(
        (p for p in ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf") if tree.file(p)), ""
    )
    file = tree.file(path) if path else None
    found: list[AssetFact] = []
    if file is None or any(re.match(r"\s*include\b", line) for line in file.lines):
        return []
    every = _sets_of_all(file)
    chain: AssetFact | None = None
    accepts, depth = False, 0
    for number, line in lines(file):
        if "hook input" in line:
            chain = file.fact("nftables", line[:80], number)
            # Without a word for it the policy is accept (nft(8)).
            accepts, depth = not re.search(r"policy\s+drop", line), 0
            if "}" in line:
                found += [chain] if accepts else []
                chain = None
            continue
        if chain is None:
            continue
        depth += line.count("{") - line.count("}")
        if re.search(r"\b(?:drop|reject|jump|goto|queue|vmap|policy\s+drop)\b", line):
            accepts = False
        if re.fullmatch(r"(?:counter\s+)?accept;?", line) or (
            re.search(r"\baccept\b", line) and any(word in every for word in line.split())
        ):
            found.append(file.fact("nftables", line[:80], number))
        if depth < 0:
            found += [chain] if accepts else []
            chain = None
    return found


def _sets_of_all(file: File) -> frozenset[str]:
    """Words that stand for every address: the address itself, and sets and definitions with it."""
    text = "\n".join(line.split("#")[0] for line in file.lines)
    names = {f"@{name}" for name, body in re.findall(r"\bset\s+(\w+)\s*\{(.*?)\n\s*\}", text, re.S)
             if _EVERY & set(re.findall(r"[\w.:/]+", body))}  # fmt: skip
    names |= {f"${name}" for name, body in re.findall(r"\bdefine\s+(\w+)\s*=\s*(.*)", text)
              if _EVERY & set(re.findall(r"[\w.:/]+", body))}  # fmt: skip
    return frozenset(names | _EVERY)
