"""Incidents as people work on them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from console.api.schemas.problems import Problem
from console.api.schemas.words import (
    TIME,
    Count,
    Entity,
    Given,
    SeverityWord,
    StatusWord,
    Text,
    Time,
    VerdictWord,
)
from fengsui.incident import Origin
from fengsui.store.state import ActKind


class CaseQuery(Given):
    """Which incidents, in which order; several words are joined by commas."""

    status: str = Field(default="", max_length=100)
    owner: str = Field(default="", max_length=64, description="a name, `me` or `none`")
    severity: str = Field(default="", max_length=100)
    run: str = Field(default="any", max_length=64, description="`live`, `any` or a run's id")
    origin: str = Field(default="", pattern="^(own|foreign)?$", description="whose alerts")
    unit: str = Field(
        default="", max_length=200, description="name of a unit whose hosts take part"
    )
    line: str = Field(
        default="",
        pattern="^(above|below)?$",
        description="what a shift's budget covers, or what stands below its line",
    )
    text: str = Field(default="", max_length=200, description="all words must occur")
    since: str = Field(default="", max_length=40, description=TIME)
    until: str = Field(default="", max_length=40, description=f"{TIME}; not included")
    sort: str = Field(default="-score", pattern="^-?(score|last|first|severity)$")
    limit: int = Field(default=50, ge=1, le=500)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class CaseRow(BaseModel):
    """One row of the queue. `alerts` counts; `grown`: the score rose since it was closed.

    `risk_now`: the score, halved with each day without a further alert. `learning`: judged while too
    little of the site was known. `count`: alerts with their repeats.
    """

    id: str
    title: Text
    score: float
    severity: SeverityWord
    status: StatusWord
    owner: str
    verdict: VerdictWord | None
    escalated: bool
    grown: bool
    version: int
    entities: list[Entity]
    tactics: list[str]
    alerts: int
    first: Time
    last: Time
    run: str
    origin: Origin
    learning: bool
    count: int
    risk_now: float
    below_line: bool


class ScorePart(BaseModel):
    """One summand of the score. `rule` (and its `title`): whose alerts it sums; `alerts` of them."""

    name: str
    points: float
    why: Text
    rule: str
    title: Text | None
    alerts: int


class Stage(BaseModel):
    """One ATT&CK tactic reached, by how many alerts."""

    tactic: str
    techniques: list[str]
    first: Time
    alerts: int


class ActDone(BaseModel):
    """One entry of the history; `values.incident` names the case where it was done, if absorbed."""

    kind: ActKind
    by: str
    at: Time
    values: dict[str, Any]


class Case(CaseRow):
    """A whole incident but its alerts: those come by page."""

    parts: list[ScorePart]
    stages: list[Stage]
    history: list[ActDone]
    verdict_reason: str
    similar_open: int


class CaseFacets(BaseModel):
    """How many there are of each kind; each facet ignores its own choice. Keys are filter words."""

    status: list[Count]
    severity: list[Count]
    owner: list[Count]
    run: list[Count]
    origin: list[Count]
    unit: list[Count]


class CasePage(BaseModel):
    """A page of the queue."""

    total: int
    items: list[CaseRow]
    facets: CaseFacets


class CaseName(BaseModel):
    """Just enough of an incident for a link."""

    id: str
    title: Text
    score: float


class ActValues(Given):
    """What an act needs: close a verdict and a reason, assign an owner, note a text."""

    verdict: VerdictWord | None = None
    reason: str | None = Field(default=None, max_length=4000)
    owner: str | None = Field(default=None, max_length=64)
    text: str | None = Field(default=None, max_length=10_000)


class ActRequest(Given):
    """An act on one incident as the caller saw it (`version`)."""

    kind: ActKind
    version: int = Field(ge=0)
    values: ActValues = ActValues()


class Target(Given):
    """One incident as the caller saw it."""

    id: str = Field(max_length=64)
    version: int = Field(ge=0)


class BulkActRequest(Given):
    """The same act on several incidents."""

    items: list[Target] = Field(min_length=1, max_length=500)
    kind: ActKind
    values: ActValues = ActValues()


class FailedAct(BaseModel):
    """One incident that was left as it was."""

    id: str
    problem: Problem


class BulkActResult(BaseModel):
    """What became of each."""

    done: list[str]
    failed: list[FailedAct]
