"""What is ours, and entities whoever they are."""

from __future__ import annotations

from pydantic import BaseModel

from console.api.schemas.alerts import Alert
from console.api.schemas.incidents import CaseRow
from console.api.schemas.words import Count, Time


class Unit(BaseModel):
    """An organisation."""

    id: str
    name: str
    responsible: str


class FiledSystem(BaseModel):
    """A filed information system."""

    id: str
    name: str
    unit: str
    level: int
    s_level: int
    a_level: int
    filing_number: str


class Network(BaseModel):
    """A block of addresses."""

    cidr: str
    zone: str
    plane: str
    unit: str


class Asset(BaseModel):
    """One thing that is ours; `first` and `last` seen are null when it never was."""

    id: str
    name: str
    addresses: list[str]
    unit: str
    zone: str
    plane: str
    kind: str
    criticality: int
    system: str
    responsible: str
    logs: list[str]
    first: Time | None
    last: Time | None


class Inventory(BaseModel):
    """Everything registered."""

    units: list[Unit]
    systems: list[FiledSystem]
    networks: list[Network]
    assets: list[Asset]


class EntityPage(BaseModel):
    """All about one address, domain, user or the like."""

    kind: str
    value: str
    internal: bool
    asset: Asset | None
    incidents: list[CaseRow]
    alerts: list[Alert]
    first: Time | None
    last: Time | None
    events: int
    peers: list[Count]
