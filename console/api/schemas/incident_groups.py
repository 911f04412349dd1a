"""Merges and splits as the API takes and tells them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from console.api.schemas.incidents import CaseName, Target
from console.api.schemas.words import Given, Time
from fengsui.incident import DecisionKind


class MergeRequest(Given):
    """Incidents as the caller saw them, and why they are one."""

    items: list[Target] = Field(min_length=2, max_length=100)
    reason: str = Field(default="", max_length=4000)


class SplitRequest(Given):
    """Alerts that do not belong to the others, and why."""

    version: int = Field(ge=0)
    alerts: list[str] = Field(min_length=1, max_length=5_000)
    reason: str = Field(default="", max_length=4000)


class JoinRequest(Given):
    """The alert whose join is undone, and why."""

    version: int = Field(ge=0)
    alert: str = Field(max_length=64)
    reason: str = Field(default="", max_length=4000)


class SplitDone(BaseModel):
    """Both incidents; `version` is that of the kept one."""

    kept: CaseName
    apart: CaseName
    version: int


class Decided(BaseModel):
    """One decision; `together` and `apart` count alerts. It stands while `undone_by` is empty."""

    id: str
    kind: DecisionKind
    by: str
    at: Time
    reason: str
    together: int
    apart: int
    undone_by: str
    undone_at: Time | None


class Decisions(BaseModel):
    """Newest first."""

    items: list[Decided]
