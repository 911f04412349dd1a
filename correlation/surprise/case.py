"""Case: an incident in the making: items that hang together, the heat of its hosts, its score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from correlation.surprise.parameters import Parameters

Key = tuple[int, int]  # (host, kind)


@dataclass(slots=True)
class Item:
    """Alerts of one kind on one host without a longer silence.

    Attributes:
        bits: surprise when it began, damped while its zone was still being learned.
        fleet: bits for being rare in the fleet.
        severity: bits that its own tool's severity adds.
        far: an address outside that it names, or "".
        joined: why it is where it is, for people.
    """

    number: int
    host: int
    kind: int
    first: int
    last: int
    bits: float
    fleet: float
    severity: float
    far: str
    case: Case | None = None
    joined: str = ""


@dataclass(slots=True)
class Heat:
    """How much of a case a host carries, and when it last did."""

    value: float
    first: int
    last: int
    most: float

    def at(self, time: int, half_life: float) -> float:
        """Value at a time, cooled by half in each half-life."""
        return float(self.value * 0.5 ** (max(0, time - self.last) / half_life))


@dataclass(slots=True)
class Case:
    """Items that hang together.

    Attributes:
        raised: when its score reached high severity; None before.
        merged: the case that it became a part of.
    """

    number: int
    first: int
    last: int
    items: list[Item] = field(default_factory=list[Item])
    hosts: dict[int, Heat] = field(default_factory=dict[int, Heat])
    cores: dict[int, float] = field(default_factory=dict[int, float])
    addresses: dict[str, int] = field(default_factory=dict[str, int])
    keys: set[Key] = field(default_factory=set[Key])
    score: float = 0.0
    raised: int | None = None
    merged: Case | None = None

    def add(self, item: Item, parameters: Parameters) -> None:
        """Take an item in; only the first of its kind on its host warms the host."""
        item.case = self
        self.items.append(item)
        self.last = max(self.last, item.last)
        self.first = min(self.first, item.first)
        heat = self.hosts.get(item.host)
        warmth = 0.0 if (item.host, item.kind) in self.keys else item.bits + item.severity
        self.keys.add((item.host, item.kind))
        if heat is None:
            heat = self.hosts[item.host] = Heat(0.0, item.first, item.first, 0.0)
        time = max(item.first, heat.last)
        value = heat.at(time, parameters.heat_half_life) + warmth
        heat.value, heat.last = min(parameters.heat_most, value), time
        heat.first = min(heat.first, item.first)
        self.cores[item.host] = max(self.cores.get(item.host, 0.0), heat.value)
        if item.far:
            self.addresses[item.far] = max(item.last, self.addresses.get(item.far, 0))

    def take(self, other: Case, parameters: Parameters) -> None:
        """Take another case in."""
        for item in other.items:
            item.case = self
        self.items += other.items
        self.keys |= other.keys
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
            self.addresses[address] = max(time, self.addresses.get(address, 0))
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        if other.raised is not None:
            self.raised = min(other.raised, other.raised if self.raised is None else self.raised)
        other.merged = self


def survivor(case: Case) -> Case:
    """The case that this one has become."""
    while case.merged is not None:
        case = case.merged
    return case


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a case comes to.

    Attributes:
        parts: bits by kind, the most first; they sum to the score.
        evidence: (host, kind) that count; the others of the case are its context.
    """

    score: float
    parts: tuple[tuple[int, float], ...]
    evidence: frozenset[Key]


def weigh(case: Case, parameters: Parameters) -> Weighed:
    """Score of a case: the j-th host of a kind, most surprising first, adds its bits / j^1.5.

    A kind that fires somewhere in the fleet every few hours is context, unless it is new on its host
    or the host shows many rare kinds as well.
    """
    best: dict[Key, Item] = {}
    for item in case.items:
        key = (item.host, item.kind)
        if key not in best or (item.bits + item.severity, item.fleet) > (
            best[key].bits + best[key].severity,
            best[key].fleet,
        ):
            best[key] = item
    rare: defaultdict[int, float] = defaultdict(float)
    for (host, _), item in best.items():
        if item.fleet >= parameters.rare:
            rare[host] += item.bits
    evidence = {key: item for key, item in best.items() if _counts(item, rare, parameters)}
    by_kind: defaultdict[int, list[float]] = defaultdict(list)
    for (_, kind), item in evidence.items():
        by_kind[kind].append(item.bits + item.severity)
    parts = [
        (kind, round(sum(b / j**1.5 for j, b in enumerate(sorted(bits, reverse=True), 1)), 2))
        for kind, bits in by_kind.items()
    ]
    parts.sort(key=lambda part: (-part[1], part[0]))
    return Weighed(round(sum(bits for _, bits in parts), 2), tuple(parts), frozenset(evidence))


def _counts(item: Item, rare: Mapping[int, float], parameters: Parameters) -> bool:
    return (
        item.severity > 0
        or item.fleet >= parameters.rare
        or item.bits >= parameters.own
        or rare.get(item.host, 0.0) >= parameters.corroborated
    )
