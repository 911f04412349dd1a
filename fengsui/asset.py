"""Asset, Unit, System, and the address plan that tells ours from others."""

from __future__ import annotations

from dataclasses import dataclass

PLANES = ("data", "video")


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation on the extranet and the person who answers for it.

    `users`: people who work there with the network, 0 where that is not known; for fair rates.
    """

    id: str
    name: str
    responsible: str = ""
    users: int = 0


@dataclass(frozen=True, slots=True)
class System:
    """A filed information system: level 1–5 with its S and A parts (GB/T 22240)."""

    id: str
    name: str
    unit: str
    level: int
    s_level: int
    a_level: int
    filing_number: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """A block of addresses with its zone, plane and unit. The longest prefix wins."""

    cidr: str
    zone: str
    plane: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """One thing that is ours.

    Attributes:
        addresses: textual IPv4 and IPv6 addresses, both stacks together.
        criticality: 1 (ordinary) to 4 (losing it stops a public service).
        kind: `server`, `workstation`, `camera`, `nvr`, `network`, `security`, `database`, …
        logs: datasets that this asset is expected to send, for the coverage checks.
        first, last: ns; 0 when never seen on the wire.
    """

    id: str
    name: str
    addresses: tuple[str, ...]
    unit: str = ""
    zone: str = ""
    plane: str = ""
    kind: str = ""
    criticality: int = 1
    system: str = ""
    responsible: str = ""
    logs: tuple[str, ...] = ()
    first: int = 0
    last: int = 0
