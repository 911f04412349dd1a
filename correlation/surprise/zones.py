"""Zones: which hosts stand in one network, told by their addresses alone."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

# A subnet of a site is seldom wider than this, and a site's subnets often share the wider prefix.
_NARROW = {4: 22, 6: 64}
_WIDE = {4: 16, 6: 48}


@dataclass(frozen=True, slots=True)
class Zone:
    """Network of a host: the narrow one, and the wider one around it; a name where there is no address.

    Attributes:
        known: false where only the host's own name is known, which says nothing of others.
    """

    narrow: str
    wide: str
    known: bool = True


def zone_of(address: str, name: str) -> Zone:
    """The zone of a host: by its address, else by its domain, else it is a zone of its own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        _, _, domain = name.lower().strip(".").partition(".")
        if "." in domain:
            return Zone(f"domain:{domain}", f"domain:{'.'.join(domain.split('.')[-2:])}")
        return Zone(f"name:{name}", f"name:{name}", known=False)
    return Zone(_prefix(parsed, _NARROW[parsed.version]), _prefix(parsed, _WIDE[parsed.version]))


def _prefix(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    shift = address.max_prefixlen - bits
    return f"{address.version}:{int(address) >> shift:x}"
