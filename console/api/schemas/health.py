"""The pipeline's condition."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from console.api.schemas.words import Time

JointName = Literal["sensor", "spool", "detections", "store", "console"]
JointStatus = Literal["good", "lagging", "lost", "stopped", "unknown"]


class Joint(BaseModel):
    """One joint of the pipeline: what runs through it a second, how late, what was lost.

    `lost_lately` is what was lost within the last hour, which `status` goes by; `noted` names the
    counters that tell of the traffic itself and mean no loss.
    """

    id: JointName
    status: JointStatus
    rate: float | None
    lag_seconds: float | None
    losses: dict[str, int]
    lost_lately: dict[str, int]
    noted: list[str]
    detail: dict[str, Any]
    at: Time | None


class SourceRow(BaseModel):
    """A dataset of a sensor; silence is counted from its newest event to now."""

    sensor: str
    dataset: str
    events: int
    first: Time
    last: Time
    silent_seconds: float


class DatasetRow(BaseModel):
    """What the store holds of a dataset."""

    dataset: str
    events: int
    bytes: int
    first: Time | None
    last: Time | None


InterfaceStatus = Literal["starting", "capturing", "down", "failed", "stopped"]


class InterfaceProblem(BaseModel):
    """Why an interface is not captured, and what to do."""

    code: str
    what: str
    where: str
    next: str


class InterfaceRow(BaseModel):
    """A captured interface: counts since the sensor's start, summed over its workers.

    `drops` are packets that the kernel had no room for; `packets` includes them. Ring blocks are of
    one MiB; `peak_blocks` is the fullest ring of the last second. `lag_seconds` is the greatest age
    of a packet when it was decoded, in the last second. `queue_bytes` are events between a worker
    and the spool. While a ring runs full its worker is `shedding`: new flows get no second-tier parser.
    """

    name: str
    status: InterfaceStatus
    plane: str
    filter: str
    workers: int
    wanted: int
    restarts: int
    packets: int
    bytes: int
    events: int
    drops: int
    drop_share: float
    freezes: int
    blocks_used: int
    peak_blocks: int
    blocks: int
    queue_bytes: int
    lag_seconds: float
    packet_rate: float | None
    waits_for_spool: bool
    shedding: bool
    shed_seconds: float
    losses: dict[str, int]
    problem: InterfaceProblem | None


class PacketWriter(BaseModel):
    """A process that keeps packets: those of an interface, or of followed captures (no interface).

    `packets` and `bytes` were written since its start. `why` it is paused (the disk) or failed (its
    folder or key), in the words of the system.
    """

    writer: str
    interface: str
    state: Literal["writing", "paused", "failed"]
    packets: int = 0
    bytes: int = 0
    waiting_bytes: int = 0
    why: str = ""


class PacketStoreRow(BaseModel):
    """The packet store: what it holds, back to when, and who writes it.

    `state` is that of its worst writer. `oldest` is when the oldest segment was begun.
    """

    state: Literal["writing", "paused", "failed"]
    folder: str
    segments: int
    bytes: int
    max_bytes: int
    max_hours: float
    oldest: Time | None
    sealed: bool
    writers: list[PacketWriter]


class RoleReport(BaseModel):
    """A role's own last report, with whatever it tells."""

    model_config = ConfigDict(extra="allow")

    at: Time


class Health(BaseModel):
    """From the interface to the console."""

    joints: list[Joint]
    interfaces: list[InterfaceRow]
    packets: PacketStoreRow | None
    sources: list[SourceRow]
    store: list[DatasetRow]
    roles: dict[str, RoleReport]
