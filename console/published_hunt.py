"""The document of `fengsui hunt --json`, as a schema."""

from __future__ import annotations

from typing import Any

from pydantic import Field, RootModel

from console.published_document import Document, Error


class HuntEvents(Document):
    """`fengsui hunt QUERY --json`; events as `fengsui schema event`."""

    total: int
    partial: bool
    seconds: float
    events: list[dict[str, Any]]


class HuntHit(Document):
    """A rule met by an event; of a correlation, the event that completed it."""

    rule: str = Field(description="id of the rule")
    title: str
    level: str
    file: str
    number: int = Field(description="of the event in its file, from 0 (docs: hunt recipe)")


class HuntRefused(Document):
    """A document that is not loaded."""

    file: str
    line: int
    reason: str


class HuntInert(Document):
    """A rule that no event of these files could meet."""

    rule: str
    title: str
    file: str
    line: int
    reason: str


class HuntParked(Document):
    """A rule that was stopped because it takes too much time."""

    rule: str
    reason: str


class HuntMatched(Document):
    """A rule with hits, and whom it is owed to."""

    rule: str
    title: str
    level: str
    hits: int
    author: str
    licence: str


class HuntRuleSet(Document):
    """What became of the rules."""

    loaded: int
    refused: list[HuntRefused]
    inert: list[HuntInert]
    parked: list[HuntParked]
    matched: list[HuntMatched]


class HuntCounted(Document):
    """What could not be read or used of one file, with the first example."""

    file: str
    what: str
    count: int
    number: int = Field(description="of the first one; -1 where it is none of an event")
    example: str


class HuntFile(Document):
    """One file; `error` where it could not be read (to its end)."""

    file: str
    kind: str
    events: int
    error: Error | None


class HuntRules(Document):
    """`fengsui hunt --rules DIR FILE … --json`; hits by file, number and rule."""

    hits: list[HuntHit]
    rules: HuntRuleSet
    events: int = Field(description="events that were shown to the rules")
    seconds: float
    counted: list[HuntCounted]
    files: list[HuntFile]


class Hunt(RootModel[HuntEvents | HuntRules]):
    """`fengsui hunt --json`: events of a query, or hits of rules."""
