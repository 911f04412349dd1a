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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from correlation.surprise.parameters import Parameters

HOUR = 3_600
_FORGOTTEN = 1e-4  # active hours
_KEPT = 100_000  # (host, kind) whose rate is known
_UNIT_MOST = 1e12  # counts are written in a unit that grows instead of letting each one fade


@dataclass(frozen=True, slots=True)
class Surprise:
    """Bits of one kind on one host: in all, of them for being rare in the fleet."""

    bits: float
    fleet: float


class Rarity:
    """What each host has shown so far."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._unit = 1.0
        self._own: dict[tuple[int, int], float] = {}
        self._fleet: dict[int, float] = {}
        self._hours: dict[int, float] = {}
        self._host_hours = 0.0

    def surprise(self, host: int, kind: int, site: Sequence[int] = ()) -> Surprise:
        """How surprising this kind is on this host now.

        Args:
            host: its number.
            kind: its number.
            site: the hosts that are its fleet, where it is known which of several fleets is its own.
        """
        weights, unit = self._parameters, self._unit
        q = (self._fleet.get(kind, 0.0) / unit + weights.fleet_floor) / (
            self._host_hours / unit + 1
        )
        own = self._own.get((host, kind), 0.0) / unit
        p = (own + weights.prior * q) / (self._hours.get(host, 0.0) / unit + weights.prior)
        bits = min(weights.cap, max(0.0, -math.log2(p)))
        if site:
            shown = sum(self._own.get((other, kind), 0.0) for other in site) / unit
            hours = sum(self._hours.get(other, 0.0) for other in site) / unit
            q = (shown + weights.fleet_floor) / (hours + 1)
        return Surprise(bits, -math.log2(q))

    def hours(self, kind: int) -> float:
        """Host-hours in which a kind was active, of the hours that are over."""
        return self._fleet.get(kind, 0.0) / self._unit

    def is_new(self, kind: int) -> bool:
        """Whether nobody has shown this kind in the hours that are over."""
        return kind not in self._fleet

    def pass_hours(
        self, hours: int, hosts: Iterable[int], active: Iterable[tuple[int, int]]
    ) -> None:
        """The end of an hour, and of the silent ones after it.

        Args:
            hours: how many.
            hosts: all hosts known by then.
            active: (host, kind) that were seen in the hour and that are no part of an attack.
        """
        self._unit *= 2.0 ** (min(hours, 2_000) * HOUR / self._parameters.half_life)
        unit, gained = self._unit, hours * self._unit
        for host in hosts:
            self._hours[host] = self._hours.get(host, 0.0) + gained
            self._host_hours += gained
        for host, kind in active:
            self._own[host, kind] = self._own.get((host, kind), 0.0) + unit
            self._fleet[kind] = self._fleet.get(kind, 0.0) + unit
        if len(self._own) > _KEPT:
            kept = sorted(self._own.items(), key=lambda one: (-one[1], one[0]))
            self._own = dict(kept[: _KEPT * 3 // 4])
        if unit > _UNIT_MOST:
            self._count_anew()

    def _count_anew(self) -> None:
        unit, self._unit = self._unit, 1.0
        for counts in (self._fleet, self._hours):
            for key in counts:
                counts[key] /= unit
        self._host_hours /= unit
        self._own = {
            key: hours / unit for key, hours in self._own.items() if hours / unit > _FORGOTTEN
        }

    def state(self) -> dict[str, Any]:
        """What is known, for JSON."""
        self._count_anew()
        return {
            "own": [[*key, hours] for key, hours in self._own.items()],
            "fleet": list(self._fleet.items()),
            "hours": list(self._hours.items()),
            "host_hours": self._host_hours,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self._unit = 1.0
        self._own = {(host, kind): hours for host, kind, hours in state["own"]}
        self._fleet = dict(state["fleet"])
        self._hours = dict(state["hours"])
        self._host_hours = float(state["host_hours"])
