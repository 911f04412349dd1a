"""What `fengsui rules …` prints with `--json`, as schemas: see `console.published`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from console.api.schemas.words import SeverityWord, Text
from console.published_document import Document


class Question(Document):
    """One thing to look at first; `query` is Lucene, `{source.ip}` that field of the event."""

    question: Text
    query: str


class Guidance(Document):
    """What a person does with an alert of a rule."""

    means: Text
    harmless: Text
    check: list[Question]
    act: Text


class Rule(Document):
    """One rule or detector; `status` is live, inert or parked."""

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
    gbt20986: list[str]
    author: str
    licence: str
    path: str
    description: Text
    guidance: Guidance | None


class Covered(Document):
    """One Sigma rule: `live`, `partial`, `inert` or `refused`, and why."""

    id: str
    title: str
    logsource: str
    state: str
    reason: str
    datasets: list[str]
    path: str
    line: int
    author: str
    licence: str
    missing: list[str] = Field(description="fields of the rule that its datasets lack")


class Rules(Document):
    """`fengsui rules --json`."""

    rules: list[Rule]
    coverage: list[Covered]


class LogsourceTotal(Document):
    """Rules of one log source by state."""

    logsource: str
    live: int
    partial: int
    inert: int
    reason: str = Field(description="most frequent reason of those that are not live")


class MissingField(Document):
    """A field that the datasets of a log source lack."""

    field: str
    logsource: str
    rules: int = Field(description="rules that ask for it")
    unlocks: int = Field(description="those of them that lack nothing else")


class RulesCoverage(Document):
    """`fengsui rules coverage --json`."""

    states: dict[str, int] = Field(description="rules by live, partial, inert, refused")
    logsources: list[LogsourceTotal]
    missing: list[MissingField]
    rules: list[Covered]


class Problem(Document):
    """One thing to mend in a rule file."""

    path: str
    line: int
    severity: str = Field(description="error or warning")
    reason: str
    rule: str = Field(description="id, empty where the document did not load")


class RulesCheck(Document):
    """`fengsui rules check --json`."""

    rules: int
    errors: int
    problems: list[Problem]


class SampleRow(Document):
    """What became of one sample of a rule."""

    kind: str
    number: int
    fired: bool
    ok: bool


class RulesShow(Document):
    """`fengsui rules show ID --json`."""

    coverage: Covered
    source: str
    guidance: Guidance | None
    samples: list[SampleRow]
    example: dict[str, Any] | None = Field(description="an event that the rule would fire on")
