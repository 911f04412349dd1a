"""Rarity: how surprising a kind of alert is on a host, in bits, given what was seen so far.

A host-hour is *active* for a kind when an item of it began or went on in that hour. The fleet's rate
of a kind is the prior of each host's own rate, so that a kind which is new here but known elsewhere
surprises less than one that nobody has seen; both decay.

    fleet q = (active host-hours of the kind + floor) / (host-hours + 1)
    own   p = (active hours of the kind on the host + prior · q) / (hours of the host + prior)
    bits    = −log2 p, at most the cap
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from correlation.surprise.parameters import Parameters

HOUR = 3_600
_FORGOTTEN = 1e-4  # active hours


@dataclass(frozen=True, slots=True)
class Surprise:
    """Bits of one kind on one host: in all, of them for being rare in the fleet."""

    bits: float
    fleet: float


class Rarity:
    """What each host has shown so far."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._own: dict[tuple[int, int], float] = {}
        self._fleet: defaultdict[int, float] = defaultdict(float)
        self._hours: defaultdict[int, float] = defaultdict(float)
        self._host_hours = 0.0

    def surprise(self, host: int, kind: int) -> Surprise:
        """How surprising this kind is on this host now."""
        weights = self._parameters
        q = (self._fleet.get(kind, 0.0) + weights.fleet_floor) / (self._host_hours + 1)
        own = self._own.get((host, kind), 0.0)
        p = (own + weights.prior * q) / (self._hours.get(host, 0.0) + weights.prior)
        bits = min(weights.cap, max(0.0, -math.log2(p)))
        return Surprise(bits, -math.log2(q))

    def pass_hours(
        self, hours: int, hosts: Iterable[int], active: Iterable[tuple[int, int]]
    ) -> None:
        """The end of an hour, and of the silent ones after it.

        Args:
            hours: how many.
            hosts: all hosts known by then.
            active: (host, kind) that were seen in the hour and that are no part of an attack.
        """
        fade = 0.5 ** (hours * HOUR / self._parameters.half_life)
        for counts in (self._own, self._fleet, self._hours):
            for key in counts:
                counts[key] *= fade  # type: ignore[index]
        self._host_hours *= fade
        for host in hosts:
            self._hours[host] += hours
            self._host_hours += hours
        for host, kind in active:
            self._own[host, kind] = self._own.get((host, kind), 0.0) + 1
            self._fleet[kind] += 1
        self._own = {key: hours for key, hours in self._own.items() if hours > _FORGOTTEN}
