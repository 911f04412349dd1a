"""Hops: alerts that name two hosts of ours, by which an attack crosses from one place to another.

Where a case names the host of an item, or the item a host of the case, one is seen to come from the other;
that is nearer than any subnet, and alone it takes a case from one known site to another. What many hosts
name, such as a server of names, says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from correlation.surprise.case import Case, Item
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.parameters import Parameters
from correlation.surprise.zones import Zone

_SERVER = 4  # hosts that name one, from which it is a server of many
_KEPT = 65_536


class Hops:
    """Which hosts are named by which.

    Args:
        zones: zone of a host by its number.
    """

    def __init__(self, zones: Callable[[int], Zone]) -> None:
        self._zone = zones
        self._hosts: dict[str, int] = {}  # by what other alerts call them
        self._naming: dict[str, set[int]] = {}  # by name, hosts that name it, up to `_SERVER`

    def see(self, item: Item) -> None:
        """An item began, or names more than before."""
        self._hosts.setdefault(self._zone(item.host).key, item.host)
        for name in item.addresses:
            if name not in self._naming and len(self._naming) >= _KEPT:
                continue
            naming = self._naming.setdefault(name, set())
            if len(naming) < _SERVER:
                naming.add(item.host)

    def named(self, item: Item) -> Iterator[int]:
        """Hosts of ours that an item names, but for servers of many."""
        for name in item.addresses:
            host = self._hosts.get(name)
            if host is not None and host != item.host and self._says(name):
                yield host

    def is_hop(self, item: Item, case: Case, near: Neighbours) -> bool:
        """Whether an item names a host of a case, or the case names the item's host."""
        hubs = near.sites.hubs
        if item.host in hubs:
            return False
        key = self._zone(item.host).key
        if key in case.addresses and self._says(key):
            return True
        return any(host in case.hosts and host not in hubs for host in self.named(item))

    def crosses(self, item: Item, case: Case, weights: Parameters) -> bool:
        """Whether a hop is no chance: both ends hold what is grave, or new to the fleet."""
        return bool(item.sorts(weights) and case.latest)

    def _says(self, name: str) -> bool:
        return 0 < len(self._naming.get(name, ())) < _SERVER

    def state(self) -> list[Any]:
        """What is known, for JSON."""
        return [[name, sorted(hosts)] for name, hosts in self._naming.items()]

    def restore(self, state: Iterable[Any], hosts: Iterable[int]) -> None:
        """Take up what `state` gave."""
        self._naming = {name: set(naming) for name, naming in state}
        for host in hosts:
            self._hosts.setdefault(self._zone(host).key, host)
