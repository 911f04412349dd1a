"""Scenario: what a drill plays, and the interface of the shelf `playbooks.drills.scenarios`.

Each module of the shelf has `SCENARIO`. A scenario writes a capture and says what is in it; it never
sends a packet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fengsui.asset import Asset, Network, System, Unit
from fengsui.drill import Drill
from fengsui.errors import NotFoundError
from fengsui.registry import parts
from fengsui.text import Text
from playbooks.drills import scenarios

Progress = Callable[[int, int], None]  # done, total


@dataclass(frozen=True, slots=True)
class Inventory:
    """Who the hosts of a scenario are: what an operator would have registered beforehand."""

    units: tuple[Unit, ...]
    systems: tuple[System, ...]
    networks: tuple[Network, ...]
    assets: tuple[Asset, ...]


class Scenario(Protocol):
    """One story with its ground truth."""

    id: str  # as on the command line: `first-intrusion`
    name: Text
    description: Text
    steps: int

    def make(self, seed: int, folder: Path, on_progress: Progress) -> Drill:
        """Write `<id>-<seed>.pcap` into `folder`; the same seed gives the same bytes.

        Raises:
            InputError: the folder cannot be written.
        """
        ...

    def plan(self, seed: int) -> Inventory:
        """Units, systems, networks and assets of the hosts that this seed gives."""
        ...


def all_scenarios() -> tuple[Scenario, ...]:
    """The shelf, in order of name."""
    return tuple(module.SCENARIO for module in parts(scenarios))


def find_scenario(name: str) -> Scenario:
    """The scenario of this id.

    Raises:
        NotFoundError: there is none.
    """
    known = all_scenarios()
    for scenario in known:
        if scenario.id == name:
            return scenario
    raise NotFoundError(
        f"There is no scenario {name!r}",
        next="Use one of: " + ", ".join(scenario.id for scenario in known),
    )
