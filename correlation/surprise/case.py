"""Case: an incident in the making: items that hang together, the heat of its hosts, its score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from correlation.surprise.parameters import Parameters

Key = tuple[int, int]  # (host, kind)
Others = tuple[tuple[str, str], ...]  # kind and value

ITEMS_KEPT = (
    20_000  # of one case; later ones count for what they are worth and are not told one by one
)
KEYS_KEPT = 50_000  # of one case
_ADDRESSES_KEPT = 5_000  # of one case
REFS_KEPT = 50  # of one item
OTHERS_KEPT = 8  # of one item
_ASKED = 48  # hosts of a case that are asked how near they are, the latest first


@dataclass(slots=True, eq=False)
class Item:
    """Alerts of one kind on one host without a longer silence.

    Attributes:
        bits: surprise when it began, damped while its zone was still being learned.
        fleet: bits for being rare in the fleet.
        severity: bits that its own tool's severity adds; fewer where the kind is usual.
        cold: 1 where nothing is known of the zone yet, 0 once it is learned.
        far: an address outside that it names, or "".
        others: users, domains, files and the like that its first alerts name, by kind and value.
        refs: the first alerts of it, as the caller calls them.
        joined: the host by which it came to its case, "site", "address", or "".
        fresh: whether nothing of its kind was known in the fleet when it began.
        stage: of an attack that its kind speaks of (`Kind.stage`); 0 where it speaks of none.
    """

    number: int
    host: int
    kind: int
    first: int
    last: int
    bits: float
    fleet: float
    severity: float
    cold: float
    far: str
    others: Others = ()
    count: int = 1
    refs: list[str] = field(default_factory=list[str])
    case: Case | None = None
    joined: str = ""
    fresh: bool = False
    stage: int = 0

    @property
    def worth(self) -> float:
        """Bits in all."""
        return self.bits + self.severity

    @property
    def addresses(self) -> list[str]:
        """Of the other hosts that it names, ours and others."""
        named = [value for kind, value in self.others if kind == "host"]
        return [*named, self.far] if self.far else named

    @property
    def key(self) -> Key:
        """Its host and kind."""
        return self.host, self.kind

    def sorts(self, parameters: Parameters) -> tuple[str, ...]:
        """What makes it so seldom that the next of the sort is no chance (`Company`).

        `grave`: its own tool calls it so, where that is not usual; `new`: nobody has shown it.
        """
        grave = ("grave",) if self.severity >= parameters.gravest else ()
        return (*grave, "new") if self.fresh and self.bits >= parameters.new else grave

    def names_more(self, others: Others) -> bool:
        """Another of its alerts came; whether it names what none before did."""
        if others == self.others or len(self.others) >= OTHERS_KEPT:
            return False
        new = tuple(other for other in others if other not in self.others)
        self.others = (self.others + new)[:OTHERS_KEPT]
        return bool(new)

    def beats(self, other: Item) -> bool:
        """Whether it says more than another of the same host and kind."""
        return (self.worth, self.fleet) > (other.worth, other.fleet)


@dataclass(slots=True)
class Heat:
    """How much of a case a host carries, and when it last did."""

    value: float
    first: int
    last: int

    def at(self, time: int, half_life: float) -> float:
        """Value at a time, cooled by half in each half-life."""
        return float(self.value * 0.5 ** (max(0, time - self.last) / half_life))


@dataclass(slots=True, eq=False)
class Case:
    """Items that hang together.

    Attributes:
        name: stays while the case lives: host, kind and time that it began with.
        hosts: heat by host, the one that was warmed last at the end.
        best: by host and kind the item that says most.
        high: when its score reached high severity; None before.
        raised: when it reached what no benign case is known to, so that it teaches nothing; None before.
        merged: the case that it became a part of.
        absorbed: names of the cases that became a part of it.
        latest: when an item began in it last, by its sort (`Item.sorts`).
        trail: bits by which its kinds came sooner together than by chance (`Trails`).
        slow: whether a trail alone brought some of it together.
        crossed: whether a hop took it from one known site to another (`Hops`).
        suitors: bits by case that its items would have joined, were it known that both are of one site.
    """

    number: int
    first: int
    last: int
    name: str = ""
    items: list[Item] = field(default_factory=list[Item])
    hosts: dict[int, Heat] = field(default_factory=dict[int, Heat])
    cores: dict[int, float] = field(default_factory=dict[int, float])
    addresses: dict[str, int] = field(default_factory=dict[str, int])
    best: dict[Key, Item] = field(default_factory=dict[Key, Item])
    score: float = 0.0
    raised: int | None = None
    merged: Case | None = None
    absorbed: list[str] = field(default_factory=list[str])
    sites: set[int] = field(default_factory=set[int])
    sites_drawn: int = -1
    suitors: dict[int, float] = field(default_factory=dict[int, float])
    latest: dict[str, int] = field(default_factory=dict[str, int])
    high: int | None = None
    trail: float = 0.0
    slow: bool = False
    crossed: bool = False

    def add(self, item: Item, parameters: Parameters) -> None:
        """Take an item in; only the first of its kind on its host warms the host."""
        item.case = self
        if len(self.items) < ITEMS_KEPT:
            self.items.append(item)
        self.last = max(self.last, item.last)
        self.first = min(self.first, item.first)
        for sort in item.sorts(parameters):
            self.latest[sort] = max(item.first, self.latest.get(sort, item.first))
        known = self.best.get(item.key)
        warmth = item.worth if known is None else 0.0
        if known is None and len(self.best) >= KEYS_KEPT:
            return
        if known is None or item.beats(known):
            self.best[item.key] = item
        heat = self.hosts.pop(item.host, None) or Heat(0.0, item.first, item.first)
        self.hosts[item.host] = heat
        time = max(item.first, heat.last)
        value = heat.at(time, parameters.heat_half_life) + warmth
        heat.value, heat.last = min(parameters.heat_most, value), time
        heat.first = min(heat.first, item.first)
        self.cores[item.host] = max(self.cores.get(item.host, 0.0), heat.value)
        self.see_addresses(item)

    def see_addresses(self, item: Item) -> None:
        """What an item of it names."""
        for address in item.addresses:
            self._see_address(address, item.last)

    def _see_address(self, address: str, time: int) -> None:
        if address in self.addresses or len(self.addresses) < _ADDRESSES_KEPT:
            self.addresses[address] = max(time, self.addresses.get(address, 0))

    def asked(self, host: int, near: Iterator[int], most: int = _ASKED) -> Iterator[int]:
        """Hosts of the case that may be near a host: all of them, or of many the likeliest."""
        if len(self.hosts) <= most:
            yield from self.hosts
            return
        if host in self.hosts:
            yield host
        yield from islice((other for other in near if other in self.hosts), most)
        yield from islice(reversed(self.hosts), most)

    def take(self, other: Case, parameters: Parameters) -> None:
        """Take another case in."""
        for item in other.items:
            item.case = self
        self.items += other.items[: ITEMS_KEPT - len(self.items)]
        for key, item in other.best.items():
            known = self.best.get(key)
            if (known is None and len(self.best) < KEYS_KEPT) or (
                known is not None and item.beats(known)
            ):
                self.best[key] = item
        for host, theirs in other.hosts.items():
            ours = self.hosts.get(host)
            if ours is None:
                self.hosts[host] = theirs
                continue
            time = max(ours.last, theirs.last)
            both = sum(heat.at(time, parameters.heat_half_life) for heat in (ours, theirs))
            ours.value, ours.last = min(parameters.heat_most, both), time
            ours.first = min(ours.first, theirs.first)
        for host, core in other.cores.items():
            self.cores[host] = max(core, self.cores.get(host, 0.0))
        for address, time in other.addresses.items():
            self._see_address(address, time)
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        if other.raised is not None:
            self.raised = min(other.raised, other.raised if self.raised is None else self.raised)
        if other.high is not None:
            self.high = min(other.high, other.high if self.high is None else self.high)
        for sort, time in other.latest.items():
            self.latest[sort] = max(time, self.latest.get(sort, time))
        self.trail = max(self.trail, other.trail)
        self.slow = self.slow or other.slow
        self.crossed = self.crossed or other.crossed
        self.absorbed += [other.name, *other.absorbed]
        self.sites_drawn = -1
        other.merged = self
        other.items, other.best, other.hosts = [], {}, {}


def survivor(case: Case) -> Case:
    """The case that this one has become."""
    while case.merged is not None:
        case = case.merged
    return case
