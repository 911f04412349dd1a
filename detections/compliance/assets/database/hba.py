"""pg_hba.conf as the server uses it: the first rule that fits decides, what it takes none after it gets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_CHANNELS: Final = {
    "local": frozenset({"local"}),
    "host": frozenset({"tls", "plain", "gss"}),
    "hostssl": frozenset({"tls"}),
    "hostnossl": frozenset({"plain", "gss"}),
    "hostgssenc": frozenset({"gss"}),
    "hostnogssenc": frozenset({"tls", "plain"}),
}
_ALL: Final = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
BY_PASSWORD: Final = frozenset({"password", "md5", "scram-sha-256"})
# Somebody else decides: what the database shows of them is not the whole.
REMOTE: Final = frozenset({"ldap", "radius", "pam", "gss", "sspi", "bsd", "oauth"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network | str
Part = tuple[str, Network]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line. `ends`: networks, or a word or host name (samehost, samenet, .example.org)."""

    line: int
    kind: str
    bases: frozenset[str]
    users: frozenset[str]
    ends: tuple[Network, ...]
    method: str
    options: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A rule with the channels and networks that no rule before it takes."""

    rule: Rule
    parts: frozenset[Part]

    @property
    def remote(self) -> bool:
        """From other machines."""
        return any(is_remote(end) for _, end in self.parts)

    def remote_over(self, channel: str) -> bool:
        """From other machines over a channel: tls, plain or gss."""
        return any(where == channel and is_remote(end) for where, end in self.parts)

    @property
    def anywhere(self) -> bool:
        """From every address."""
        return any(not isinstance(end, str) and not end.prefixlen for _, end in self.parts)


def is_remote(end: Network) -> bool:
    """Whether other machines are in it."""
    if isinstance(end, str):
        return end not in {"", "samehost", "localhost"}
    return not end.is_loopback


def rule_of(row: Mapping[str, Any]) -> Rule:
    """A row of pg_hba_file_rules."""
    address = str(row["address"] or "")
    bases, users = _words(row["bases"]), _words(row["users"])
    shown = [str(row["type"]), ",".join(sorted(bases)), ",".join(sorted(users)), address]
    return Rule(
        int(row["line"]),
        str(row["type"]),
        bases,
        users,
        _ends(address, str(row["netmask"] or "")),
        str(row["method"]),
        tuple(sorted(_words(row["options"]))),
        " ".join([*filter(None, shown), str(row["method"])])[:200],
    )


def _words(value: object) -> frozenset[str]:
    return frozenset(str(one) for one in value) if isinstance(value, list | tuple) else frozenset()


def _ends(address: str, mask: str) -> tuple[Network, ...]:
    if address == "all":
        return _ALL
    try:
        if ":" in mask:
            bits = bin(int(ipaddress.IPv6Address(mask))).count("1")
            return (ipaddress.ip_network(f"{address}/{bits}", strict=False),)
        return (ipaddress.ip_network(f"{address}/{mask}" if mask else address, strict=False),)
    except ValueError:
        return (address,)


def reached(rules: Sequence[Rule], *, tls: bool) -> list[Reached]:
    """Rules in order, each with what is left to it; those that nothing is left to are gone."""
    found: list[Reached] = []
    for place, rule in enumerate(rules):
        channels = _CHANNELS.get(rule.kind, frozenset({"plain"}))
        parts = {
            (channel, end)
            for channel in (channels if tls else channels - {"tls"})
            for end in rule.ends
            if not any(_takes(one, rule, channel, end) for one in rules[:place])
        }
        if parts:
            found.append(Reached(rule, frozenset(parts)))
    return found


def _takes(before: Rule, rule: Rule, channel: str, end: Network) -> bool:
    return (
        channel in _CHANNELS.get(before.kind, frozenset())
        and _bases(before.bases, rule.bases)
        and _names(before.users, rule.users)
        and any(_within(end, other) for other in before.ends)
    )


def _bases(outer: frozenset[str], inner: frozenset[str]) -> bool:
    if "all" in outer and "replication" not in inner:
        return True
    return inner <= outer


def _names(outer: frozenset[str], inner: frozenset[str]) -> bool:
    return "all" in outer or inner <= outer


def _within(end: Network, other: Network) -> bool:
    if isinstance(end, str) or isinstance(other, str):
        return end == other
    if isinstance(end, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and end.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and end.subnet_of(other)


def users_of(
    rule: Rule, names: Iterable[str], members: Mapping[str, frozenset[str]]
) -> frozenset[str] | None:
    """Which of some roles a rule is for; None where it names them by a pattern."""
    known = frozenset(names)
    if "all" in rule.users:
        return known
    if any(one.startswith("/") for one in rule.users):
        return None
    found: set[str] = set()
    for word in rule.users:
        found |= _inside(word[1:], members) if word.startswith("+") else {word}
    return frozenset(found & known)


def _inside(group: str, members: Mapping[str, frozenset[str]]) -> set[str]:
    found, todo = {group}, [group]
    while todo:
        for member in members.get(todo.pop(), frozenset()):
            if member not in found:
                found.add(member)
                todo.append(member)
    return found


def has_base(rule: Rule, bases: frozenset[str]) -> bool:
    """Whether a rule is for a database that is there; words and patterns count as there."""
    special = {"all", "sameuser", "samerole", "samegroup", "replication"}
    return any(b in special or b in bases or b[:1] in "/+@" for b in rule.bases)
