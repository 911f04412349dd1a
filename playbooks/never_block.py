"""The never-block list: what no playbook may cut off, whatever an incident says.

Fixed entries (with why) stand in `never_block.toml`; the address plan of the installation adds its
own networks. An attacker who can make us block our own resolver needs no further attack.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fengsui.errors import RuleError
from fengsui.text import Text, literal

_FILE: Final = Path(__file__).with_name("never_block.toml")
_OWN: Final = literal("本单位自有网段", "our own network")
_TOP_LEVEL: Final = literal("顶级域", "top-level domain")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class NeverBlock:
    """Networks and domains with the reason for each."""

    networks: tuple[tuple[Network, Text], ...]
    domains: tuple[tuple[str, Text], ...]

    def reason(self, value: str) -> Text | None:
        """Why an address or domain must not be blocked; None when it may."""
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return self._domain_reason(value)
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        for network, why in self.networks:
            if address.version == network.version and address in network:
                return why
        return None

    def _domain_reason(self, value: str) -> Text | None:
        name = value.lower().rstrip(".")
        if "." not in name:
            return _TOP_LEVEL
        for domain, why in self.domains:
            # Neither the name itself, nor below it, nor a parent of it.
            if name == domain or name.endswith("." + domain) or domain.endswith("." + name):
                return why
        return None


def load_never_block(own_networks: Iterable[str] = ()) -> NeverBlock:
    """The fixed list and the installation's own networks (CIDR).

    Raises:
        RuleError: an entry is no network.
    """
    document = tomllib.loads(_FILE.read_text("utf-8"))
    networks = [(cidr, _why(row)) for row in document["networks"] for cidr in row["cidrs"]]
    networks += [(cidr, _OWN) for cidr in own_networks]
    domains = [(name, _why(row)) for row in document["domains"] for name in row["names"]]
    return NeverBlock(tuple((_network(c), why) for c, why in networks), tuple(domains))


def _why(row: dict[str, Any]) -> Text:
    return literal(row["why"]["zh"], row["why"]["en"])


def _network(cidr: str) -> Network:
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError as error:
        raise RuleError(
            f"{cidr} is no network", where="never_block", next="Write it as 192.0.2.0/24"
        ) from error
