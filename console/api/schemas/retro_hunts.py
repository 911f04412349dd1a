"""Retro-hunts: what is looked for in stored events, at what cost, and what was found."""

from __future__ import annotations

from pydantic import BaseModel, Field

from console.api.schemas.jobs import Job
from console.api.schemas.words import Text, Time


class StartRetroHunt(BaseModel):
    """One of `rules`, `source`, `query` and `indicators` is given."""

    rules: list[str] = Field(
        default=[], max_length=5_000, description="ids; `own` or `all` for many"
    )
    source: str = Field(default="", max_length=256 << 10, description="a Sigma rule as YAML")
    query: str = Field(default="", max_length=10_000, description="Lucene")
    indicators: str = Field(default="", max_length=1_000_000, description="one a line, or CSV")
    since: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=40)


class Estimate(BaseModel):
    """What a retro-hunt will cost: each candidate is confirmed by the engine."""

    stored: int = Field(description="events of the time range")
    candidates: int = Field(description="those that the store selects; -1: too many to count")
    sampled: int = Field(description="events that the cost was measured on")
    us_per_event: float
    seconds: float = Field(description="in all")
    query: str = Field(description="what the store is asked, as Lucene")


class RetroRule(BaseModel):
    """A rule with hits."""

    rule: str
    title: Text
    hits: int
    first: Time
    last: Time


class RetroIdle(BaseModel):
    """A rule that could not be heard of: nothing feeds it, or it does not load (no id)."""

    rule: str
    title: Text
    why: str


class RetroDay(BaseModel):
    """Hits of one day of event time."""

    day: str
    count: int


class RetroFact(BaseModel):
    """A field that met the rule."""

    name: str
    value: str


class RetroHit(BaseModel):
    """A rule met by a stored event; of a correlation, the event that completed it."""

    event: str
    time: Time
    dataset: str
    rule: str
    facts: list[RetroFact]


class RetroFound(BaseModel):
    """What was found; `listed` are the first hits, all are counted."""

    candidates: int
    events: int = Field(description="looked at by the engine")
    hits: int
    rules: list[RetroRule]
    looked_for: int = Field(description="rules")
    idle: list[RetroIdle]
    idle_total: int
    days: list[RetroDay]
    listed: list[RetroHit]
    seconds: float
    partial: bool
    why_partial: str


class JobError(BaseModel):
    """Why a job failed, and what to do."""

    code: str
    what: str
    where: str
    next: str


class RetroHunt(BaseModel):
    """A retro-hunt as a job: what it looks for, and what it has found so far."""

    job: Job
    kind: str
    what: str
    rules: list[str]
    query: str
    indicators: str
    since: Time | None
    until: Time | None
    found: RetroFound | None
    error: JobError | None = Field(description="why it failed")


class RetroHunts(BaseModel):
    """Newest first, without their hits."""

    items: list[RetroHunt]
