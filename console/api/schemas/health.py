"""The pipeline's condition."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from console.api.schemas.words import Time

JointName = Literal["sensor", "spool", "detections", "store", "console"]
JointStatus = Literal["good", "lagging", "lost", "stopped", "unknown"]


class Joint(BaseModel):
    """One joint of the pipeline: what runs through it a second, how late, what was lost."""

    id: JointName
    status: JointStatus
    rate: float | None
    lag_seconds: float | None
    losses: dict[str, int]
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


class RoleReport(BaseModel):
    """A role's own last report, with whatever it tells."""

    model_config = ConfigDict(extra="allow")

    at: Time


class Health(BaseModel):
    """From the interface to the console."""

    joints: list[Joint]
    sources: list[SourceRow]
    store: list[DatasetRow]
    roles: dict[str, RoleReport]
