"""Rules that are written: what the editor asks and is told, decisions, back-tests."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from console.api.schemas.rules import HealthWord, Sample, SampleWord, StateWord
from console.api.schemas.words import Count, Given, SeverityWord, Text, Time
from console.rules.wording import in_chinese

SOURCE_MOST = 256 << 10  # characters of a rule file in the editor


class _Source(Given):
    """A body that carries a rule file."""

    model_config = ConfigDict(str_max_length=SOURCE_MOST)


class ValidateRule(_Source):
    """A text as it is typed; `rule`: the id of the rule that is edited."""

    source: str
    rule: str = Field(default="", max_length=200)


class RuleProblem(BaseModel):
    """What is wrong, where (from 1); Chinese texts are empty where there is none."""

    line: int
    column: int
    message: str
    message_zh: str
    severity: Literal["error", "warning"]
    where: str
    next: str
    next_zh: str
    rule: str


class CheckedRule(BaseModel):
    """A rule of the text, as it would be loaded."""

    id: str
    title: Text
    severity: SeverityWord
    kind: str
    state: StateWord
    logsource: str
    techniques: list[str]
    tactics: list[str]
    health: HealthWord
    why: str
    missing: list[str]
    datasets: list[str]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def why_zh(self) -> str:
        """Why it is not live, in Chinese; empty where there is no such sentence."""
        return in_chinese(self.why)


class Checked(BaseModel):
    """The answer to a text: `ok` where it may be saved."""

    ok: bool
    problems: list[RuleProblem]
    rules: list[CheckedRule]
    samples: list[Sample]


class TestRule(_Source):
    """A text to try on recent events."""

    source: str
    since: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=40)
    seconds: float = Field(default=4.0, gt=0, le=8)
    limit: int = Field(default=50_000, ge=1, le=200_000, description="events looked at")


class BackTestDay(BaseModel):
    """Hits of one day of event time (UTC)."""

    day: str
    count: int


class BackTestFact(BaseModel):
    """A field that was met."""

    name: str
    value: str | float


class BackTestSample(BaseModel):
    """An event that the rule hit."""

    time: Time
    dataset: str
    rule: str
    key: str
    event: dict[str, Any]
    facts: list[BackTestFact]


class BackTest(BaseModel):
    """What a rule would have raised; `per_day`: hits a day of the span that was looked at."""

    hits: int
    events: int
    since: Time | None
    until: Time | None
    days: list[BackTestDay]
    per_day: float
    seconds: float
    cost_us: float
    partial: bool
    why_partial: str
    keys: int
    entities: list[Count]
    sample: list[BackTestSample]
    rules: list[str]
    health: HealthWord
    why: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def why_zh(self) -> str:
        """Why it is not live, in Chinese; empty where there is no such sentence."""
        return in_chinese(self.why)


class NewRule(_Source):
    """A rule of our own."""

    source: str
    reason: str = Field(default="", max_length=2000)


class SaveRule(_Source):
    """A new text of a rule; `version` is the one that was looked at."""

    source: str
    reason: str = Field(default="", max_length=2000)
    version: int = Field(ge=0)


class RevertRule(Given):
    """An older text made the newest one; 0 is upstream's."""

    to: int = Field(ge=0)
    reason: str = Field(default="", max_length=2000)
    version: int = Field(ge=0)


class MergeRule(_Source):
    """A decision about a rule that both sides changed."""

    choice: Literal["local", "upstream", "merged"]
    source: str = ""
    reason: str = Field(default="", max_length=2000)
    version: int = Field(ge=0)
    upstream_hash: str = Field(max_length=64)


class SetState(Given):
    """A step of a rule's life."""

    state: StateWord
    reason: str = Field(max_length=2000)
    revision: int | None = Field(default=None, ge=0)


class ParkRule(Given):
    """Stop a rule, or let it run again."""

    reason: str = Field(max_length=2000)
    revision: int | None = Field(default=None, ge=0)


class RuleAct(Given):
    """One of several acts."""

    id: str = Field(max_length=200)
    kind: Literal["park", "unpark", "state"]
    state: StateWord | None = None
    revision: int | None = Field(default=None, ge=0)


class RuleActs(Given):
    """Several acts with one reason."""

    items: list[RuleAct] = Field(min_length=1, max_length=1000)
    reason: str = Field(max_length=2000)


class RuleActDone(BaseModel):
    """An act that was done."""

    id: str
    revision: int


class ShortProblem(BaseModel):
    """Why an act was not done."""

    code: str
    what: str
    where: str
    next: str


class RuleActFailed(BaseModel):
    """An act that was not done."""

    id: str
    problem: ShortProblem


class RuleActsResult(BaseModel):
    """What was done; `undo`: the acts that bring it back."""

    done: list[RuleActDone]
    failed: list[RuleActFailed]
    undo: list[RuleAct]


class AddSample(Given):
    """An event that a rule must or must not meet, kept beside the rule."""

    kind: SampleWord
    event: dict[str, Any]
    reason: str = Field(default="", max_length=2000)


class StartBackTest(_Source):
    """A rule by id or as text, over a time of the store."""

    rule: str = Field(default="", max_length=200)
    source: str = ""
    since: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=40)
    limit: int = Field(default=5_000_000, ge=1, le=50_000_000, description="events looked at")
    seconds: float = Field(default=600, gt=0, le=3600)
