"""Which unit, zone, plane and system a fact belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from fengsui.alert import Entity
from fengsui.asset import Asset
from fengsui.text import Text, literal
from sensors.enrich.address_plan import AddressPlan

Scope = tuple[str, str]
WHOLE: Final[Scope] = ("whole", "")
KINDS: Final = ("unit", "zone", "plane", "system")
HOSTS: Final = frozenset({"host", "address"})
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Fact]):
    """A fact with the scopes that it counts in; `everywhere`: in all of them."""

    fact: Fact
    scopes: frozenset[Scope]
    everywhere: bool = False

    def within(self, scope: Scope) -> bool:
        """Whether it counts there."""
        return self.everywhere or scope == WHOLE or scope in self.scopes


class Places:
    """Scopes of addresses and assets."""

    def __init__(self, plan: AddressPlan) -> None:
        self._plan = plan

    def of_address(self, address: str) -> frozenset[Scope]:
        """Of whoever stands at an address."""
        place = self._plan.at(address)
        system = place.asset.system if place.asset else ""
        return _scopes(place.unit, place.zone, place.plane, system)

    def of_asset(self, asset: Asset) -> frozenset[Scope]:
        """As registered; else of its first address."""
        found = _scopes(asset.unit, asset.zone, asset.plane, asset.system)
        return found or found.union(*map(self.of_address, asset.addresses[:1]))

    def of_entities(self, entities: Iterable[Entity]) -> frozenset[Scope]:
        """Of all hosts of ours among entities; without a unit it is nobody's."""
        ours = [each.value for each in entities if each.internal and each.kind in HOSTS]
        found: set[Scope] = set()
        for address in ours:
            found |= self.of_address(address)
        if not any(kind == "unit" for kind, _ in found):
            found.add(("unit", ""))  # nobody's: said so, not left out
        return frozenset(found)

    def asset(self, address: str) -> Asset | None:
        """The asset at an address."""
        return self._plan.at(address).asset

    def is_internal(self, address: str) -> bool:
        """Whether an address is ours."""
        return self._plan.is_internal(address)


def _scopes(unit: str, zone: str, plane: str, system: str) -> frozenset[Scope]:
    pairs = zip(KINDS, (unit, zone, plane, system), strict=True)
    return frozenset((kind, value) for kind, value in pairs if value)


def named(asset: Asset | None, address: str) -> Text:
    """The name of an asset; of an address without one, the address."""
    name = (asset.name or asset.id) if asset else address
    return literal(name, name)
