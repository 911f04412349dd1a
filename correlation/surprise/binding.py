"""Binding: subnets behind a hub that an attack has reached are bound to the site it came from."""

from __future__ import annotations

from typing import Protocol

from correlation.surprise.case import Case, Item
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.open_cases import OpenCases, sites_of
from correlation.surprise.parameters import Parameters
from correlation.surprise.rarity import HOUR
from correlation.surprise.zones import Zone


class Bound(Protocol):
    """What is asked of the engine."""

    weights: Parameters
    neighbours: Neighbours
    cases: OpenCases
    hosts: dict[int, None]
    last: int

    def zone(self, host: int, /) -> Zone:
        """Zone of a host."""
        ...

    def merge(self, one: Case, other: Case) -> Case:
        """Two cases as one."""
        ...

    def strength(self, item: Item, case: Case) -> tuple[float, str]:
        """Bits that are left when the distance from a case is taken off."""
        ...


def bind(engine: Bound, *, over: bool = False) -> None:
    """Loose subnets that an attack has reached are bound to the site it came from."""
    near = engine.neighbours
    if not near.parted or all(case.raised is None for case in engine.cases):
        return
    while near.bind(engine.hosts):
        pass
    _merge_of_one_site(engine)
    if over or _is_over(engine):
        while near.bind(engine.hosts, _seeking(engine)):
            _merge_of_one_site(engine)
        while _place(engine):
            _merge_of_one_site(engine)


def _place(engine: Bound) -> bool:
    """Bind the loose subnet of a case to the site of the incidents that it would have joined."""
    near = engine.neighbours
    for case in sorted(engine.cases, key=lambda one: (-one.score, one.first, one.number)):
        own = sites_of(case, near)
        if len(own) != 1 or own.isdisjoint(near.sites.loose):
            continue
        (loose,) = own
        suits = _suits(engine, case, own)
        if suits and near.place(engine.hosts, loose, suits):
            return True
    return False


def _suits(engine: Bound, case: Case, own: set[int]) -> dict[int, float]:
    """Bits by site that a case would have joined incidents of."""
    suits: dict[int, float] = {}
    for number, value in case.suitors.items():
        suitor = engine.cases.get(number)
        if suitor is None or suitor.score < engine.weights.weak:
            continue
        theirs = sites_of(suitor, engine.neighbours) - own
        if len(theirs) == 1 and (case.raised is not None or suitor.raised is not None):
            (site,) = theirs
            suits[site] = suits.get(site, 0.0) + value
    return suits


def _is_over(engine: Bound) -> bool:
    """Whether what was raised has gone quiet."""
    return all(engine.last - case.last > HOUR for case in engine.cases if case.raised is not None)


def _seeking(engine: Bound) -> frozenset[int]:
    """Sites with a hot case that is raised in one subnet alone, or not raised."""
    found: set[int] = set()
    for case in engine.cases:
        subnets = {engine.zone(host).narrow for host in case.cores}
        if case.score >= engine.weights.continues and (case.raised is None or len(subnets) == 1):
            found |= sites_of(case, engine.neighbours)
    return frozenset(found)


def _merge_of_one_site(engine: Bound) -> None:
    """What an attack began in several subnets is one case where they are one site."""
    cases = sorted(engine.cases, key=lambda one: (-one.score, one.first, one.number))
    for one in (case for case in cases if case.raised is not None):
        for other in cases:
            if other is not one and _hang_together(engine, one, other):
                _draw_in(engine, engine.merge(one, other))


def _draw_in(engine: Bound, case: Case) -> None:
    """Weak cases that would have joined, had the case been one from the beginning."""
    for other in engine.cases.near(case.hosts):
        if other is case or other.merged is not None or other.score >= engine.weights.weak:
            continue
        if any(engine.strength(one, case)[0] >= engine.weights.theta for one in other.items[-4:]):
            case = engine.merge(case, other)


def _hang_together(engine: Bound, one: Case, other: Case) -> bool:
    """Whether two cases are of one site and of one time, one of them raised."""
    if one.merged is not None or other.merged is not None:
        return False
    theirs, ours = (sites_of(case, engine.neighbours) for case in (one, other))
    gap = max(one.first, other.first) - min(one.last, other.last)
    if ours != theirs or len(ours) != 1:
        return False
    least = min(one.score, other.score)
    return other.number in one.suitors or (gap < HOUR and least >= engine.weights.weak)
