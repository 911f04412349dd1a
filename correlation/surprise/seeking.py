"""Seeking: the cases that an item may join, and those that it would join, were its site known."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from correlation.surprise.case import Case, Item
from correlation.surprise.company import Company
from correlation.surprise.hops import Hops
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.open_cases import OpenCases, is_apart, sites_of
from correlation.surprise.parameters import Parameters
from correlation.surprise.reaching import HOSTS_ASKED, reach
from correlation.surprise.zones import Zone

Joinable = tuple[float, int, Case, str]  # −bits, number, case, by which way


class Sought(Protocol):
    """What is asked of the engine."""

    weights: Parameters
    neighbours: Neighbours
    companies: list[Company]
    cases: OpenCases
    hops: Hops
    hosts: dict[int, None]

    def zone(self, host: int, /) -> Zone:
        """Zone of a host."""
        ...


@dataclass(slots=True)
class Seen:
    """What was found.

    Attributes:
        joinable: cases that it may join, the likeliest first.
        crossed: numbers of those that stand in another known site, from which it hopped.
        wooed: cases of a site that its own may be a part of, with bits.
    """

    joinable: list[Joinable] = field(default_factory=list[Joinable])
    crossed: set[int] = field(default_factory=set[int])
    wooed: list[tuple[Case, float]] = field(default_factory=list[tuple[Case, float]])


def seek(engine: Sought, item: Item) -> Seen:
    """Find the cases of an item."""
    near, weights, hops = engine.neighbours, engine.weights, engine.hops
    loose = near.sites.loose
    around = chain((item.host,), near.around(item.host), hops.named(item))
    cases = engine.cases.near(around, (engine.zone(item.host).key, *item.addresses))
    most = max(2, HOSTS_ASKED * 4 // max(4, len(cases)))
    seen = Seen()
    hopped: dict[int, float] = {}
    for case in cases:
        hop = hops.is_hop(item, case, near)
        if hop and hops.crosses(item, case, weights):
            hopped[case.number] = math.log2(max(1, len(engine.hosts)))
        value, how = reach(item, case, near, weights, most, hop=hop)
        if value < weights.theta:
            continue
        if case.number in hopped or not is_apart(case, item.host, near):
            seen.joinable.append((-value, case.number, case, how))
        elif near.site(item.host) in loose or sites_of(case, near) & loose:
            seen.wooed.append((case, value))
    for company in engine.companies:
        known = {number for _, number, _, _ in seen.joinable}
        seen.joinable += company.of(item, engine.cases, near, known, hopped)
    seen.joinable.sort(key=lambda one: one[:2])
    seen.crossed = {
        number
        for _, number, case, _ in seen.joinable
        if number in hopped and is_apart(case, item.host, near)
    }
    return seen
