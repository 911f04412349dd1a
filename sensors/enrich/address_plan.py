"""The address plan: which addresses are ours, and what stands there.

The longest prefix wins; an asset's own address wins over its network. A network may also be named by
its 802.1Q tag, `vlan:200`, for planes that are told apart by tag rather than by address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from fengsui.asset import Asset, Network
from fengsui.errors import RuleError

if TYPE_CHECKING:  # the stores' interface takes long to import, and a hunt over files has none
    from fengsui.store.state import Plan

# RFC 1918, RFC 4193, RFC 6598, loopback and link-local: never routed on the Internet, so ours.
_PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
# Group and broadcast addresses belong to nobody: traffic to them stays on the link.
_GROUPS = ("224.0.0.0/4", "255.255.255.255/32", "ff00::/8", "0.0.0.0/32", "::/128")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address stands; empty text where nothing is registered."""

    internal: bool
    zone: str = ""
    plane: str = ""
    unit: str = ""
    asset: Asset | None = None


_OUTSIDE = Place(internal=False)
_INSIDE = Place(internal=True)


class AddressPlan:
    """Looks addresses up; both stacks; bounded cache."""

    def __init__(self, plan: Plan) -> None:
        """Build the tables.

        Raises:
            RuleError: a network or an asset's address cannot be parsed; names it.
        """
        self.plan = plan
        self._tags: dict[str, Network] = {}
        self._prefixes: dict[tuple[int, int], dict[int, Place]] = {}
        self._assets: dict[str, Asset] = {}
        for cidr in _PRIVATE + _GROUPS:
            self._add(cidr, _INSIDE)
        for network in plan.networks:
            if network.cidr.startswith("vlan:"):
                self._tags[network.cidr.removeprefix("vlan:")] = network
            else:
                self._add(network.cidr, Place(True, network.zone, network.plane, network.unit))
        self._broadcasts = {"255.255.255.255", *_broadcasts(plan.networks)}
        self._lengths = sorted(self._prefixes, reverse=True)
        for asset in plan.assets:
            for address in asset.addresses:
                self._assets[_canonical(address, asset.name)] = asset
        self.at = lru_cache(maxsize=65_536)(self._at)

    def _add(self, cidr: str, place: Place) -> None:
        try:
            network = ipaddress.ip_network(cidr, strict=False)
        except ValueError as error:
            raise RuleError(
                f"{cidr!r} is not a network",
                where=f"address plan: {error}",
                next="Write it as 10.1.0.0/16",
            ) from error
        key = (network.prefixlen, network.version)
        self._prefixes.setdefault(key, {})[int(network.network_address)] = place

    def _at(self, address: str) -> Place:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return _OUTSIDE
        asset = self._assets.get(str(parsed))
        place = self._longest(parsed)
        if asset is None:
            return place
        return Place(
            True,
            asset.zone or place.zone,
            asset.plane or place.plane,
            asset.unit or place.unit,
            asset,
        )

    def _longest(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Place:
        number, bits = int(address), address.max_prefixlen
        for length, version in self._lengths:
            if version == address.version:
                head = number >> (bits - length) << (bits - length)
                place = self._prefixes[length, version].get(head)
                if place is not None:
                    return place
        return _OUTSIDE

    def tagged(self, vlan: str) -> Network | None:
        """The network that is named by an 802.1Q tag."""
        return self._tags.get(vlan)

    def is_internal(self, address: str) -> bool:
        """Whether an address is ours; what is not an address is not."""
        return self.at(address).internal

    def is_group(self, address: str) -> bool:
        """Whether an address stands for many: broadcast, multicast, unspecified, or a network's own."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return parsed.is_multicast or parsed.is_unspecified or str(parsed) in self._broadcasts

    def criticality(self, address: str) -> int:
        """1–4 of the asset at this address; 1 when none is registered."""
        asset = self.at(address).asset
        return asset.criticality if asset else 1

    def asset_name(self, address: str) -> str:
        """Name of the asset at this address, or empty."""
        asset = self.at(address).asset
        return asset.name if asset else ""

    def unit_name(self, address: str) -> str:
        """Name of the unit that answers for this address, or empty."""
        unit = self.at(address).unit
        return next((one.name for one in self.plan.units if one.id == unit), unit)

    def host_id(self, address: str) -> str:
        """One id for both stacks of a registered asset; the address itself otherwise."""
        asset = self.at(address).asset
        return f"asset:{asset.id}" if asset else address


def _broadcasts(networks: Iterable[Network]) -> Iterator[str]:
    for network in networks:
        if ":" not in network.cidr:
            parsed = ipaddress.IPv4Network(network.cidr, strict=False)
            if parsed.prefixlen < 31:  # RFC 3021: a /31 has none
                yield str(parsed.broadcast_address)


def _canonical(address: str, asset: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as error:
        raise RuleError(
            f"{address!r} of asset {asset} is not an address",
            where="address plan",
            next="Write one IPv4 or IPv6 address",
        ) from error


def assets_seen(plan: AddressPlan, addresses: Iterable[str]) -> set[str]:
    """Ids of registered assets among addresses."""
    found = (plan.at(address).asset for address in addresses)
    return {asset.id for asset in found if asset}
