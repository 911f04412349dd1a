"""Detections: rules, their pages, what the editor asks and is told."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, computed_field

from console.api.schemas.jobs import Job
from console.api.schemas.words import Count, Given, SeverityWord, Text, Time
from console.rules.wording import in_chinese

StateWord = Literal["draft", "experimental", "stable", "retired"]
HealthWord = Literal["live", "partial", "inert", "parked"]
SampleWord = Literal["fire", "quiet"]
_RULE_SORT = "^-?(title|severity|state|health|hits|hits_30d|cost|changed_at)$"


class RuleQuery(Given):
    """Which rules, in which order; several words are joined by commas."""

    q: str = Field(default="", max_length=200, description="all words must occur")
    kind: str = Field(default="", max_length=200)
    tactic: str = Field(default="", max_length=500)
    technique: str = Field(default="", max_length=500)
    platform: str = Field(default="", max_length=200)
    category: str = Field(default="", max_length=200)
    service: str = Field(default="", max_length=200)
    state: str = Field(default="", max_length=100)
    health: str = Field(default="", max_length=100)
    severity: str = Field(default="", max_length=100)
    origin: str = Field(default="", max_length=200, description="kinds of origin, or pack names")
    local: bool | None = None
    upstream_changed: bool | None = None
    sort: str = Field(default="-severity", pattern=_RULE_SORT)
    limit: int = Field(default=20_000, ge=0, le=20_000)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class Parked(BaseModel):
    """Who stopped a rule, and why; `engine`: it was stopped for its cost."""

    by: str
    reason: str
    at: Time
    engine: bool


class Rule(BaseModel):
    """A row of the list.

    `status` is one word for a badge; `health` whether something feeds it, `why` not; `cost_us` a
    looked-at event; `cost_share` of the time of all rules in 30 days.
    """

    id: str
    title: Text
    kind: str
    severity: SeverityWord
    maturity: str
    status: str
    state: StateWord
    health: HealthWord
    why: str
    missing: list[str]
    logsource: str
    platform: str
    category: str
    service: str
    datasets: list[str]
    techniques: list[str]
    tactics: list[str]
    units: list[str]
    gbt20986: list[str]
    author: str
    licence: str
    path: str
    line: int
    origin: str
    pack: str
    signed: bool | None
    editable: bool
    hits: int
    hits_30d: int
    hits_by_day: list[int]
    cost_us: float | None
    cost_share: float | None
    local: bool
    upstream_changed: bool
    parked: Parked | None
    version: int
    revision: int
    changed_at: Time | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def why_zh(self) -> str:
        """Why it is not live, in Chinese; empty where there is no such sentence."""
        return in_chinese(self.why)


class Refused(BaseModel):
    """A document that does not load; `supported` false: it is valid, and we lag behind."""

    origin: str
    pack: str
    path: str
    line: int
    column: int | None
    title: str
    reason: str
    supported: bool

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason_zh(self) -> str:
        """The reason in Chinese; empty where there is no such sentence."""
        return in_chinese(self.reason)


class Rules(BaseModel):
    """Rules with counts of each choice; `days_from` is the first day of `hits_by_day`."""

    items: list[Rule]
    total: int
    facets: dict[str, list[Count]]
    refused: list[Refused]
    days_from: str
    generation: int


class RuleName(BaseModel):
    """Just enough for a link."""

    id: str
    title: Text


class RelatedRule(BaseModel):
    """A rule that this one names; `title` where it is loaded here."""

    id: str
    type: str
    title: Text | None


class SimilarRule(BaseModel):
    """A rule that looks for the same."""

    id: str
    title: Text
    why: str


class GuidanceCheck(BaseModel):
    """A question and the query that answers it; `missing`: fields that the event lacks."""

    question: Text
    query: str
    missing: list[str]


class Guidance(BaseModel):
    """What a person does with an alert of the rule."""

    means: Text
    harmless: Text
    act: Text
    check: list[GuidanceCheck]
    gbt20986: list[str]
    units: list[str]


class Sample(BaseModel):
    """An event (a correlation's: events) that must or must not be met, and whether it holds (`ok`).

    `kept`: number of a sample that was added here, beside the rule's own; it can be taken away.
    """

    rule: str
    kind: SampleWord
    number: int
    fired: bool
    ok: bool
    event: dict[str, Any] | list[dict[str, Any]]
    kept: int | None = None


class Version(BaseModel):
    """One text of a rule's file; `number` 0 is upstream's as it is now."""

    version: int
    hash: str
    origin: Literal["local", "upstream", "merge", "revert"]
    by: str
    at: Time
    reason: str
    current: bool


class Versions(BaseModel):
    """Newest first."""

    items: list[Version]


class VersionText(Version):
    """A version with its text."""

    source: str


class Diff(BaseModel):
    """What changed between two versions, as a unified diff."""

    older: int
    newer: int
    unified: str
    added: int
    removed: int


class Step(BaseModel):
    """One entry of a rule's history."""

    kind: str
    before: str
    after: str
    by: str
    at: Time
    reason: str


class Upstream(BaseModel):
    """Upstream's text beside ours."""

    hash: str
    version: str


class RulePage(Rule):
    """Everything about one rule."""

    description: Text
    source: str
    hash: str
    file_rules: list[RuleName]
    guidance: Guidance | None
    references: list[str]
    false_positives: list[str]
    related: list[RelatedRule]
    similar: list[SimilarRule]
    samples: list[Sample]
    versions: list[Version]
    history: list[Step]
    upstream: Upstream | None
    back_tests: list[Job]


class HitDay(BaseModel):
    """What a rule did on one day of event time (UTC)."""

    day: str
    hits: int
    events: int
    seconds: float


class HitDays(BaseModel):
    """In order; days without anything are left out."""

    items: list[HitDay]


class MergeConflict(BaseModel):
    """Lines that both sides changed; `line` in the merged text, from 1."""

    line: int
    base: list[str]
    local: list[str]
    upstream: list[str]


class Merge(BaseModel):
    """The three texts and what comes of them."""

    base: str
    local: str
    upstream: str
    merged: str
    conflicts: list[MergeConflict]
    clean: bool
    version: int
    upstream_hash: str


class CoverageTactic(BaseModel):
    """A column of the map; counts are rules."""

    id: str
    name: Text
    live: int
    partial: int
    inert: int
    hits_30d: int


class CoverageTechnique(BaseModel):
    """A cell of the map; `parent` of a sub-technique."""

    id: str
    name: str
    parent: str
    tactics: list[str]
    live: int
    partial: int
    inert: int
    parked: int
    draft: int
    retired: int
    hits_30d: int
    rules: list[str]


class CoverageTotals(BaseModel):
    """Rules by what they do today."""

    live: int
    partial: int
    inert: int
    parked: int
    draft: int
    retired: int
    techniques_live: int


class RuleCoverage(BaseModel):
    """The ATT&CK map."""

    tactics: list[CoverageTactic]
    techniques: list[CoverageTechnique]
    totals: CoverageTotals


class AlertGuidance(BaseModel):
    """What to do with one alert: queries filled from its event."""

    rule: str
    title: Text
    guidance: Guidance | None
    author: str
    licence: str
    state: str
    origin: str
    pack: str
