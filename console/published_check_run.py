"""The document of `fengsui check run --json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from console.api.schemas.words import Text
from console.published_document import Document, Error


class StepState(Document):
    """One step of a unit on one asset; `open`: not carried out, or not to be told."""

    name: str
    state: Literal["true", "false", "open"]
    text: Text


class EvidenceFact(Document):
    """One effective value, its source (file:line or `$ command`), and what it is held against."""

    name: str
    value: str | int
    source: str
    hash: str = Field(description="SHA-256 of the source; empty where nothing was read")
    limit: str | int
    mark: str = Field(description="whether a standard, practice or we set the limit, and where")
    step: str = Field(description="the step of the unit that it speaks of")


class EvidenceFinding(Document):
    """One check's verdict on one asset; the same evidence gives the same finding."""

    id: str
    check: str
    unit: str
    verdict: Literal["conforms", "partly", "does_not", "not_applicable", "insufficient_evidence"]
    may_be_worse: bool = Field(description="a step fails and another is open")
    asset: str
    kind: Literal[
        "host", "network", "security", "database", "service", "register", "windows", "scan", "probe"
    ]
    level: Literal["E0", "E1", "E4"] = Field(
        description="E0 offline, E1 taken on the running target, E4 probed over the network"
    )
    evidence: str = Field(description="SHA-256 of the evidence file")
    time: str = Field(description="of the collection; empty where the evidence does not say")
    claim: Text
    reason: Text
    repair: Text
    steps: list[StepState]
    facts: list[EvidenceFact]
    hash: str = Field(description="SHA-256 over the canonical JSON of facts and steps")


class EvidenceAsset(Document):
    """One asset that was read; `problems`: what of it was cut, missing or unreadable."""

    name: str
    kind: str
    source: str
    hash: str
    level: str
    time: str
    problems: list[str]


class RefusedEvidence(Document):
    """A file that was not taken, with the reason."""

    source: str
    error: Error


class ProbeAuthority(Document):
    """Who gave leave for probes, and for which networks."""

    by: str
    scope: list[str]


class CheckRun(Document):
    """`fengsui check run --json`."""

    profile: str
    authority: ProbeAuthority | None = Field(description="null where nobody gave leave to probe")
    assets: list[EvidenceAsset]
    findings: list[EvidenceFinding]
    refused: list[RefusedEvidence]
