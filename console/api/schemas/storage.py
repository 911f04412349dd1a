"""The event store: which one it is and how it fares."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from console.api.schemas.words import Time


class StoreFinding(BaseModel):
    """One thing looked at, and what mends it where it is not good."""

    what: str
    status: str = Field(description="good, warning or bad")
    found: str
    next: str


class LastBackup(BaseModel):
    """The backup that was written last."""

    at: Time
    folder: str
    events: int
    seconds: float
    cipher: str


class StoreAbout(BaseModel):
    """`status` is that of the store itself; a store that cannot be asked is `bad`."""

    kind: Literal["embedded", "elastic"]
    version: str
    where: str
    status: Literal["good", "degraded", "bad"]
    facts: dict[str, str | int] = Field(description="segments, nodes, shards, free disk …")
    events: int
    bytes: int
    lag_seconds: float | None = Field(description="of the worker behind what arrives")
    findings: list[StoreFinding]
    backup: LastBackup | None
