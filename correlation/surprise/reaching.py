"""Reaching: what is left of an item's bits when the distance from a case is taken off."""

from __future__ import annotations

import math

from correlation.surprise.case import Case, Item
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.parameters import Parameters

HOSTS_ASKED = 48  # of one case that an item is compared with; fewer where cases are many


def reach(
    item: Item, case: Case, near: Neighbours, weights: Parameters, most: int, *, hop: bool = False
) -> tuple[float, str]:
    """Bits by the nearest host of a case, and which it is; −∞ where they stay below theta.

    Args:
        item: that may join.
        case: that it may join.
        near: who stands near whom.
        weights: of distances.
        most: hosts that are asked.
        hop: whether one of them names the other (`Hops`).
    """
    hubs = near.sites.hubs
    bits = min(item.worth, weights.link_cap)
    shared = hop or (bool(item.far) and item.far in case.addresses)
    known = item.cold * weights.cold_link
    hottest = weights.heat_elsewhere
    if item.host in case.hosts:
        hottest = weights.heat_weight * math.log2(weights.heat_most / weights.heat_base)
    best, how = -math.inf, ""
    wait = max(0, item.first - case.last, case.first - item.first)
    if bits + hottest + known - _lapse(wait, weights.time_same, weights) < weights.theta:
        return best, how
    for host in case.asked(item.host, near.around(item.host), most):
        same = host == item.host
        if not same and (host in hubs or item.host in hubs):
            continue
        heat = case.hosts[host]
        gap = max(0, item.first - heat.last, heat.first - item.first)
        left = bits + known * (1.0 if same or shared else 0.5)
        left -= _lapse(gap, weights.time_same if same or hop else weights.time_other, weights)
        warmest = hottest if same else weights.heat_elsewhere
        if left + warmest < max(best, weights.theta):
            continue  # whatever the way, it comes to nothing
        way = 0.0 if same else near.closeness(item.host, host, item.first)
        if shared and not same:
            way = weights.same_address if way is None else min(way, weights.same_address)
        if way is None:
            continue
        cooled = max(heat.at(item.first, weights.heat_half_life), 1e-6)
        warm = weights.heat_weight * math.log2(cooled / weights.heat_base)
        value = left + min(warm, warmest) - way
        if value > best:
            best, how = value, f"{host}"
    return best, how


def _lapse(gap: int, scale: float, weights: Parameters) -> float:
    """Bits that a distance in time (s) costs."""
    return weights.time_weight * math.log2(1 + gap / scale)
