"""Alerts."""

from __future__ import annotations

from pydantic import BaseModel, Field

from console.api.schemas.words import TIME, Entity, Fact, Given, SeverityWord, Text, Time


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


class WeakQuery(Given):
    """Which alerts that stand in no incident."""

    run: str = Field(default="any", max_length=64, description="`live`, `any` or a run's id")
    rule: str = Field(default="", max_length=200, description="id of a rule; empty is any")
    text: str = Field(default="", max_length=200, description="all words must occur")
    since: str = Field(default="", max_length=40, description=TIME)
    until: str = Field(default="", max_length=40, description=f"{TIME}; not included")
    limit: int = Field(default=100, ge=1, le=500)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class WeakAlerts(BaseModel):
    """The gravest and newest first; `total` counts all."""

    total: int
    items: list[Alert]


class RuleTrust(BaseModel):
    """Verdicts on incidents that held alerts of a rule.

    `factor`: the fidelity of a rule that states 1; a rule's own is
    (stated × prior + true + benign / 2) / (prior + true + benign + false).
    """

    rule: str
    true: int
    benign: int
    false: int
    false_share: float
    factor: float


class RuleTrusts(BaseModel):
    """By rule; `prior` is how many verdicts a rule's own word is worth."""

    prior: float
    items: list[RuleTrust]
