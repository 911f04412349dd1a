"""Words that many answers share."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601, UTC, with Z."""

TIME: Final = "ISO 8601; UTC when no zone is given"
"""What a time in a query looks like."""

SeverityWord = Literal["info", "low", "medium", "high", "critical"]
VerdictWord = Literal["true", "benign", "false"]
StatusWord = Literal["new", "open", "waiting", "closed"]


class Given(BaseModel):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", str_max_length=10_000)


class Text(BaseModel):
    """A sentence in both languages; key and values for programs."""

    key: str
    values: dict[str, str | int | float]
    zh: str
    en: str


class Entity(BaseModel):
    """Who or what an alert is about."""

    kind: str
    value: str
    role: str
    internal: bool
    unit: str = ""


class Fact(BaseModel):
    """One measured value beside what would be normal."""

    name: str
    value: float | str
    baseline: float | str | None
    unit: str


class Count(BaseModel):
    """A value and how often it occurs."""

    key: str
    count: int


class Done(BaseModel):
    """Nothing to tell but that it was done."""

    done: bool = True
