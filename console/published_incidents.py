"""The documents of `fengsui incidents`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from console.api.schemas.words import SeverityWord, StatusWord, Text, Time
from console.published_document import Document
from fengsui.incident import Origin


class IncidentName(Document):
    """Just enough of an incident to tell it."""

    id: str
    title: Text
    origin: Origin
    severity: SeverityWord
    score: float
    first: Time
    last: Time


class QueueRow(IncidentName):
    """One row of the queue."""

    risk_now: float = Field(description="score, halved with each day without a further alert")
    status: StatusWord
    owner: str
    learning: bool
    below_line: bool
    stages: list[str]
    count: int = Field(description="alerts with their repeats")
    run: str


class IncidentList(Document):
    """`fengsui incidents list --json`."""

    total: int
    incidents: list[QueueRow]
    weak_total: int = Field(description="alerts that make no incident; told with --below")
    weak: list[dict[str, Any]]


class ChangedIncident(IncidentName):
    """An incident that is not what it was."""

    score_before: float


class GoneIncident(IncidentName):
    """An incident that went into another, or that its alerts no longer make."""

    into: str = Field(description="where its alerts stand now; empty where they make no incident")


class IncidentsRecorrelate(Document):
    """`fengsui incidents recorrelate --json`."""

    since: Time
    until: Time
    alerts: int
    cut: bool = Field(description="more alerts than are correlated at once: the newest were")
    before: int
    after: int
    new: list[IncidentName]
    changed: list[ChangedIncident]
    gone: list[GoneIncident]
    kept: list[IncidentName] = Field(
        description="no longer made by their alerts, and left because somebody acted on them"
    )
    same: int
    applied: bool
