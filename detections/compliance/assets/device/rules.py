"""Rules of address lists as ranges of numbers, and what one list says against itself.

A rule with anything that is not read here is not `whole`: it neither covers another nor is judged.
"""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Sequence
from typing import Final

from detections.compliance.assets.device.facts import DeviceFacts, Rule

Ranges = tuple[tuple[int, int], ...]
ALL_ADDRESSES: Final = (0, 0xFFFFFFFF)
_PROTOCOLS: Final = {"icmp": 1, "igmp": 2, "ipinip": 4, "tcp": 6, "udp": 17, "gre": 47, "ospf": 89}
_PORTS: Final = {
    "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "dns": 53,
    "tftp": 69, "www": 80, "http": 80, "pop3": 110, "ntp": 123, "snmp": 161, "snmptrap": 162,
    "bgp": 179, "https": 443, "syslog": 514,
}  # fmt: skip
_NAMED: Final = 1 << 40  # services by name stand beyond all numbers
PORTS: Final = 1 << 16
ANY: Final = "any"


def permit_all(facts: DeviceFacts) -> None:
    """A list by the name of ANY that permits every address: it stands for no list at all."""
    if ANY not in facts.lists:
        facts.lists[ANY] = 0
        facts.rules.append(Rule(ANY, "", True, (), (), (), ((), ()), True, True, 0))


def protocol(word: str) -> Ranges | None:
    """All of a protocol; empty for IP as a whole; None for a word that is none."""
    if word in {"ip", "any"}:
        return ()
    number = _PROTOCOLS.get(word) or (int(word) if word.isdecimal() and int(word) < 256 else None)
    return None if number is None else ((number * PORTS, number * PORTS + PORTS - 1),)


def ports(base: Ranges, operator: str, words: Sequence[str]) -> Ranges | None:
    """A protocol narrowed to ports; None when the words are not read."""
    numbers = [_port(word) for word in words]
    if len(base) != 1 or not numbers or None in numbers:
        return None
    low, first, last = base[0][0], numbers[0] or 0, numbers[-1] or 0
    spans = {"eq": (first, first), "range": (first, last), "to": (first, last)}
    spans |= {"gt": (first + 1, PORTS - 1), "lt": (0, first - 1)}
    span = spans.get(operator)
    return None if span is None or span[0] > span[1] else ((low + span[0], low + span[1]),)


def named_service(name: str) -> Ranges:
    """A service by its name: equal only to itself."""
    number = _NAMED + zlib.crc32(name.encode())
    return ((number, number),)


def addresses(first: str, second: str, *, mask: bool = False) -> Ranges | None:
    """An address with a wildcard, or a mask or length; empty for everything; None when not read."""
    try:
        start = int(ipaddress.IPv4Address(first))
        if mask:
            spread = int(ipaddress.IPv4Network((first, second), strict=False).hostmask)
        else:
            spread = 0 if second == "0" else int(ipaddress.IPv4Address(second))
    except ValueError:
        return None
    if spread & (spread + 1):
        return None
    start &= ~spread
    return () if spread == ALL_ADDRESSES[1] else ((start, start + spread),)


def plain(ranges: Ranges) -> Ranges:
    """Ranges of addresses; none at all where they take in every one, which is how any is written."""
    end = -1
    for low, high in sorted(ranges):
        if low > end + 1:
            return ranges
        end = max(end, high)
    return () if end >= ALL_ADDRESSES[1] and ranges else ranges


def services(ranges: Ranges) -> Ranges:
    """Ranges of services; none at all where every port of TCP and of UDP is among them."""
    whole = [
        any(
            low <= number * PORTS + 1 and high >= number * PORTS + PORTS - 1 for low, high in ranges
        )
        for number in (6, 17)
    ]
    return () if all(whole) else ranges


def between(first: str, last: str) -> Ranges | None:
    """All addresses from one to another; None when not read."""
    try:
        start, end = int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
    except ValueError:
        return None
    return plain(((start, end),)) if start <= end else None


def anything(rule: Rule) -> bool:
    """Any source to any target over any service, between any zones."""
    return wide(rule) and not any(rule.zones)


def wide(rule: Rule) -> bool:
    """Any source to any target over any service, though perhaps only between some zones."""
    return rule.whole and not (rule.source or rule.target or rule.service)


def any_service(rule: Rule) -> bool:
    """Every service, or every port of TCP or UDP, with an open end: any source or any target."""
    all_ports = any(
        low <= number * PORTS + 1 and high >= number * PORTS + PORTS - 1
        for number in (6, 17) for low, high in rule.service
    )  # fmt: skip
    return rule.whole and (all_ports or not rule.service) and not (rule.source and rule.target)


def covered(rules: Sequence[Rule]) -> list[tuple[Rule, Rule]]:
    """Rules that can never match because one before them takes all of theirs, with that one."""
    found: list[tuple[Rule, Rule]] = []
    before: list[Rule] = []
    for rule in rules:
        if not rule.whole or not rule.enabled:
            continue
        taker = next((one for one in before if _covers(one, rule)), None)
        if taker is None:
            before.append(rule)
        else:
            found.append((rule, taker))
    return found


def _covers(wider: Rule, rule: Rule) -> bool:
    return (
        _within(rule.source, wider.source)
        and _within(rule.target, wider.target)
        and _within(rule.service, wider.service)
        and all(
            not outer or (inner and set(inner) <= set(outer))
            for inner, outer in zip(rule.zones, wider.zones, strict=True)
        )
    )


def _within(inner: Ranges, outer: Ranges) -> bool:
    if not outer:
        return True
    return bool(inner) and all(
        any(low <= start and end <= high for low, high in outer) for start, end in inner
    )


def _port(word: str) -> int | None:
    if word.isdecimal():
        number = int(word)
        return number if number < PORTS else None
    return _PORTS.get(word)
