"""Detections."""

from __future__ import annotations

from pydantic import BaseModel

from console.api.schemas.words import SeverityWord, Text


class Rule(BaseModel):
    """A rule or model and how often it spoke."""

    id: str
    title: Text
    kind: str
    severity: SeverityWord
    maturity: str
    status: str
    logsource: str
    techniques: list[str]
    tactics: list[str]
    units: list[str]
    author: str
    licence: str
    path: str
    description: Text
    hits: int


class Rules(BaseModel):
    """All rules."""

    items: list[Rule]
