"""Events: search, histogram, terms, one event, the fields."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from console.api.schemas.words import TIME, Count, Given, Time

EventRecord = dict[str, Any]
"""A flat ECS object: field → value or list of values."""


class EventQuery(Given):
    """Which events, in which order."""

    q: str = Field(default="", max_length=10_000, description="Lucene; empty is everything")
    since: str = Field(default="", max_length=40, description=TIME)
    until: str = Field(default="", max_length=40, description=f"{TIME}; not included")
    sort: str = Field(default="-@timestamp", max_length=100)
    limit: int = Field(default=50, ge=1, le=1000)
    cursor: str = Field(default="", max_length=2000, description="of the page before")
    columns: str = Field(default="", max_length=4000, description="fields, joined by commas")


class EventMark(BaseModel):
    """Characters (UTF-16) of the value at `index` of a field that met the query."""

    field: str
    index: int
    start: int
    end: int


class EventPage(BaseModel):
    """A page of a search; `partial` when the time-out stopped it, `total` is then a lower bound."""

    events: list[EventRecord]
    marks: list[list[EventMark]] = Field(description="of each event, what met the query")
    total: int
    partial: bool
    cursor: str | None
    seconds: float


class TimeCount(BaseModel):
    """One bar of a histogram."""

    at: Time
    count: int


class Histogram(BaseModel):
    """Events per interval; `first` and `last` bound what was looked at, null in an empty store."""

    interval_seconds: int
    buckets: list[TimeCount]
    first: Time | None
    last: Time | None


class Terms(BaseModel):
    """Most frequent values of a field."""

    field: str
    buckets: list[Count]


class OneEvent(BaseModel):
    """A whole event and the session id of its flow."""

    event: EventRecord
    marks: list[EventMark] = Field(description="what met the query that was given along")
    flow: str | None


class FieldRow(BaseModel):
    """A field that can be queried."""

    name: str
    type: str
    list: bool
    description: str


class FieldRows(BaseModel):
    """The registry."""

    items: list[FieldRow]
