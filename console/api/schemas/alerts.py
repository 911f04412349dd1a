"""Alerts."""

from __future__ import annotations

from pydantic import BaseModel

from console.api.schemas.words import Entity, Fact, SeverityWord, Text, Time


class Alert(BaseModel):
    """What a rule or model saw, with its reason."""

    id: str
    rule: str
    title: Text
    kind: str
    severity: SeverityWord
    fidelity: float
    entities: list[Entity]
    events: list[str]
    first: Time
    last: Time
    raised: Time
    count: int
    reason: Text
    facts: list[Fact]
    techniques: list[str]
    tactics: list[str]
    run: str
    author: str
    licence: str


class Alerts(BaseModel):
    """Newest first."""

    items: list[Alert]
