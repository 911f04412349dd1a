"""等保: controls, checks, findings."""

from __future__ import annotations

from pydantic import BaseModel

from console.api.schemas.words import Fact, Text, Time
from fengsui.control import Conformity


class Finding(BaseModel):
    """A verdict with its proof."""

    id: str
    check: str
    unit: str
    verdict: Conformity
    reason: Text
    facts: list[Fact]
    query: str
    hash: str
    time: Time
    since: Time
    until: Time
    repair: Text
    author: str


class CheckRow(BaseModel):
    """A claim that software tests, with its limits."""

    id: str
    claim: Text
    limits: list[Fact]


class VerdictAt(BaseModel):
    """A verdict of the past."""

    time: Time
    verdict: Conformity


class ControlRow(BaseModel):
    """One assessment unit; its verdict is the worst of its checks, null where none decided."""

    unit: str
    clause: str
    item: str
    title: Text
    control_point: Text
    verdict: Conformity | None
    checks: list[CheckRow]
    finding: Finding | None
    history: list[VerdictAt]


class ControlArea(BaseModel):
    """Units of one area (安全类)."""

    area: Text
    units: list[ControlRow]


class VerdictCounts(BaseModel):
    """How many units have which verdict."""

    conforms: int = 0
    partly: int = 0
    does_not: int = 0
    not_applicable: int = 0
    insufficient_evidence: int = 0


class Compliance(BaseModel):
    """The matrix; `catalogue_units` says how many units the standard has in all."""

    areas: list[ControlArea]
    counts: VerdictCounts
    catalogue_units: int
