"""OpenCases: the cases that may still grow, found by where they are hot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from heapq import nsmallest

from correlation.surprise.case import Case, Item
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.zones import Zone

_MOST = 1_024  # open at once; beyond them the weakest are closed
_ASKED = 48  # cases that one item is compared with


class OpenCases:
    """Open cases with an index by network and by address that they name."""

    def __init__(self, zone: Callable[[int], Zone]) -> None:
        self._zone = zone
        self._cases: dict[int, Case] = {}
        self._by_wide: defaultdict[str, set[int]] = defaultdict(set)
        self._by_address: defaultdict[str, set[int]] = defaultdict(set)
        self._by_host: defaultdict[int, set[int]] = defaultdict(set)

    def __iter__(self) -> Iterator[Case]:
        return iter(list(self._cases.values()))

    def __contains__(self, case: Case) -> bool:
        return case.number in self._cases

    def get(self, number: int) -> Case | None:
        """An open case by its number."""
        return self._cases.get(number)

    def overflowing(self) -> list[Case]:
        """The weakest, to be closed before another is opened; none while there is room."""
        if len(self._cases) < _MOST:
            return []
        return nsmallest(
            _MOST // 8, self._cases.values(), key=lambda one: (one.score, one.last, one.number)
        )

    def put(self, case: Case) -> None:
        """Open a case, or know where it is hot now."""
        self._cases[case.number] = case
        for host in case.hosts:
            self._by_wide[self._zone(host).wide].add(case.number)
            self._by_host[host].add(case.number)
        for address in case.addresses:
            self._by_address[address].add(case.number)

    def grew(self, case: Case, item: Item) -> None:
        """An item was added."""
        self._by_wide[self._zone(item.host).wide].add(case.number)
        self._by_host[item.host].add(case.number)
        for address in item.addresses:
            self._by_address[address].add(case.number)

    def drop(self, case: Case) -> None:
        """Close a case."""
        self._cases.pop(case.number, None)

    def index_anew(self) -> None:
        """Forget where cases were hot."""
        self._by_wide.clear()
        self._by_address.clear()
        self._by_host.clear()
        for case in self._cases.values():
            self.put(case)

    def near(self, hosts: Iterable[int], addresses: Iterable[str] = ()) -> list[Case]:
        """Cases that may be hot near these hosts or know an address, the oldest first.

        Of too many, the latest, and the latest that one of the hosts is hot in.
        """
        known = set(hosts)
        numbers: set[int] = set()
        for wide in {self._zone(host).wide for host in known}:
            numbers |= self._by_wide.get(wide, set())
        for address in addresses:
            numbers |= self._by_address.get(address, set())
        asked = sorted(number for number in numbers if number in self._cases)
        if len(asked) > _ASKED:
            own = {number for host in known for number in self._by_host.get(host, ())}
            hot = sorted(own.intersection(asked))[-_ASKED:]
            asked = sorted({*asked[-_ASKED:], *hot})
        return [self._cases[number] for number in asked]


def sites_of(case: Case, neighbours: Neighbours) -> set[int]:
    """The sites that a case is hot in."""
    if case.sites_drawn != neighbours.drawn:
        found = (neighbours.site(host) for host in case.hosts)
        case.sites = {site for site in found if site is not None}
        case.sites_drawn = neighbours.drawn
    return case.sites


def is_apart(case: Case, host: int, neighbours: Neighbours) -> bool:
    """Whether a host is known to stand in another site than a case."""
    site = neighbours.site(host)
    if site is None:
        return False
    sites = sites_of(case, neighbours)
    return site not in sites if case.crossed and sites else bool(sites - {site})


def are_apart(one: Case, other: Case, neighbours: Neighbours) -> bool:
    """Whether two cases are known to be of different sites."""
    here, there = sites_of(one, neighbours), sites_of(other, neighbours)
    return bool(here) and bool(there) and here.isdisjoint(there)
