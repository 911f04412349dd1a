"""A flow: its records, alerts and packets."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from console.api.schemas.alerts import Alert
from console.api.schemas.events import EventRecord
from console.api.schemas.incidents import CaseName
from console.api.schemas.words import Text, Time

PacketOrigin = Literal["store", "captures"]


class PacketsKept(BaseModel):
    """Whether packets of a flow can be shown, and if not, why; where they are looked for first."""

    available: bool
    why: Text | None
    origin: PacketOrigin | None


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
    """Packets of a flow; `bounded` when there are more in the slice than in this page.

    The slice itself is `cut` where the flow has more packets than a slice may hold; `expected`
    packets were counted when the flow was seen.
    """

    packets: list[Packet]
    total: int
    bounded: bool
    cut: bool
    origin: PacketOrigin
    expected: int | None


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
