"""What `fengsui rules scheduled --json` prints."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from console.api.schemas.words import SeverityWord, Text
from console.published_document import Document


class ScheduledRule(Document):
    """A correlation that is run over the store."""

    id: str
    title: Text
    severity: SeverityWord
    type: str
    timespan_seconds: float


class LeftOut(Document):
    """What the setting names and cannot run, or a rule that nothing feeds."""

    rule: str
    why: str


class ScheduledRun(Document):
    """A run; `since`, `until` and `looked_until` are event times."""

    by: str
    status: str = Field(description="running, done, failed, or ended where its process was")
    began: str
    since: str
    until: str
    looked_until: str
    behind_seconds: float = Field(description="of `until`; the next run goes on")
    rules: int
    events: int = Field(description="looked at")
    hits: int
    told: int = Field(description="hits that were raised already, by a stream or a run before")
    raised: int
    alerts: list[str] = Field(description="ids of those raised, at most 500")
    late_events: int = Field(description="of the range before, stored after it was looked at")
    seconds: float
    why_partial: str
    losses: dict[str, int] = Field(description="of all runs")
    problem: dict[str, Any] | None


class RulesScheduled(Document):
    """`fengsui rules scheduled --json`."""

    every_minutes: float
    lateness_seconds: float
    run_seconds: float
    rules: list[ScheduledRule]
    left_out: list[LeftOut]
    last: ScheduledRun | None
