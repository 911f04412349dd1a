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
        called: the host's own name without its domain, where it has an address as well; else "".
        key: what alerts about others call it: its address, else its name.
    """

    narrow: str
    wide: str
    known: bool = True
    called: str = ""
    key: str = ""

    @property
    def family(self) -> str:
        """What tells addresses of IPv4, of IPv6 and names apart."""
        return self.narrow.partition(":")[0]


def zone_of(address: str, name: str, called: str = "") -> Zone:
    """The zone of a host: by its address, else by its domain, else it is a zone of its own.

    Args:
        address: of the host, or "".
        name: of the host, or its address.
        called: its name where it is known beside the address.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        _, _, domain = name.lower().strip(".").partition(".")
        if "." in domain:
            wide = ".".join(domain.split(".")[-2:])
            return Zone(f"domain:{domain}", f"domain:{wide}", key=name)
        return Zone(f"name:{name}", f"name:{name}", known=False, key=name)
    own = "" if called == address else called.lower().partition(".")[0]
    narrow, wide = (_prefix(parsed, bits[parsed.version]) for bits in (_NARROW, _WIDE))
    return Zone(narrow, wide, called=own, key=address)


def _prefix(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    shift = address.max_prefixlen - bits
    return f"{address.version}:{int(address) >> shift:x}"
