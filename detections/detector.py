"""Detector: sees events in order of arrival and speaks when one is worth a person's time.

The interface of the shelves `detections.anomalies` (one file a behaviour; each module has
`make(context) -> Detector`), `detections.indicators` and `detections.sigma`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from fengsui.alert import Alert
from fengsui.event import Event
from fengsui.rule import Rule


@dataclass(frozen=True, slots=True)
class Context:
    """What detectors are told by the roof.

    Attributes:
        is_internal: whether an address is ours by the address plan.
        criticality: 1–4 of the asset with this address; 1 when unknown.
        allowed_domains: registered domains that are never called a beacon or tunnel.
        rule_budget: µs an event that a Sigma rule may take on average before it is parked; 0: any.
    """

    is_internal: Callable[[str], bool]
    criticality: Callable[[str], int] = field(default=lambda _address: 1)
    allowed_domains: frozenset[str] = frozenset()
    rule_budget: float = 200.0


class Detector(Protocol):
    """One or more rules that share their state."""

    rules: tuple[Rule, ...]
    datasets: frozenset[str]  # events of other datasets are not shown to it; empty: all

    def observe(self, event: Event, now: int) -> Iterable[Alert]:
        """Look at one event; `now` is the clock of the run (ns)."""
        ...

    def advance(self, now: int) -> Iterable[Alert]:
        """Time has passed to `now`: close windows, forget what is old."""
        ...
