"""A flow: its records, alerts and packets."""

from __future__ import annotations

from pydantic import BaseModel

from console.api.schemas.alerts import Alert
from console.api.schemas.events import EventRecord
from console.api.schemas.incidents import CaseName
from console.api.schemas.words import Text, Time


class PacketsKept(BaseModel):
    """Whether packets of a flow can be shown, and if not, why."""

    available: bool
    why: Text | None


class Flow(BaseModel):
    """Both ends, what was said in order of time, and who objected."""

    flow: EventRecord | None
    records: list[EventRecord]
    alerts: list[Alert]
    incidents: list[CaseName]
    packets: PacketsKept


class Packet(BaseModel):
    """One row of the packet list; `length` in bytes on the wire."""

    number: int
    time: Time
    source: str
    destination: str
    protocol: str
    length: int
    info: str


class PacketPage(BaseModel):
    """Packets of a flow; `bounded` when there are more than were looked at."""

    packets: list[Packet]
    total: int
    bounded: bool


class Dissection(BaseModel):
    """A node of the dissection tree."""

    label: str
    value: str | None = None
    children: list[Dissection] = []


class HexRow(BaseModel):
    """Sixteen bytes."""

    offset: int
    hex: str
    text: str


class PacketDetail(BaseModel):
    """One packet, dissected."""

    number: int
    tree: list[Dissection]
    hex: list[HexRow]
