"""A filed system and its year: register row, what people attested, runs of checks, verdicts, repairs.

Dates of the register are days (`2026-11-21`, "" unknown); all other times are ns. Everything here is
kept as it was made: a later word about the same thing is one more row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fengsui.control import Conformity
from fengsui.text import Text

AttestationKind = Literal["record", "not_applicable", "adjustment", "high_risk", "major_risk"]
RunKind = Literal["full", "daily", "change"]
CollectionKind = Literal["ssh", "winrm", "device", "database", "probe"]
TaskStatus = Literal["open", "proved", "closed"]
TaskActKind = Literal[
    "made", "prove", "ask_extension", "extend", "refuse_extension", "close", "reopen", "note"
]
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inherited:
    """A unit whose control another system (the district platform) keeps for this one."""

    unit: str
    system: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Evidence of an asset that the installation fetches by itself before a run.

    Attributes:
        asset: id of the register.
        target: `user@host`, a database's URL without password, or of a probe the host.
        secret: name of the password; never the password itself.
        hours: in which the target may be asked, such as `22:00-06:00` (UTC+8); "" always.
        approved_by: who allowed it; a must for a probe.
        options: by kind: `vendor`; `host_key`, `known_hosts`, `key`, `sudo`; `ca`, `auth`; `ports`,
            `allow`, `speak`, `rate`.
    """

    asset: str
    kind: CollectionKind
    target: str
    secret: str = ""
    hours: str = ""
    approved_by: str = ""
    options: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class FiledSystem:
    """One row of the filing register (GB/T 22240-2020; 公网安〔2025〕1001号).

    Attributes:
        unit: id of the owner in the address plan, or its name.
        responsible: first responsible person (第一责任人).
        s_level, a_level: 1–4; the level is the higher.
        number: of the filing; its form differs by province, so it is free text.
        graded, filed, certified, assessed, renewed: days; `renewed` when the certificate was
            last extended on request.
        public: serves the Internet as government application: its records are kept for a year.
        continuity, key_industry: scope of some high-risk cases.
        assets: ids of the asset register.
        daily: whether the worker runs its checks each day; evidence that arrives always starts one.
        high_risk_edition, score_edition: "" the one in use on the day.
        collections: evidence that is fetched before a full or daily run.
        version: rises with each change.
    """

    id: str
    name: str
    unit: str
    responsible: str
    s_level: int
    a_level: int
    extensions: tuple[str, ...] = ()
    number: str = ""
    graded: str = ""
    filed: str = ""
    certified: str = ""
    assessed: str = ""
    renewed: str = ""
    public: bool = False
    continuity: bool = False
    key_industry: bool = False
    assets: tuple[str, ...] = ()
    inherited: tuple[Inherited, ...] = ()
    daily: bool = True
    high_risk_edition: str = ""
    score_edition: str = ""
    collections: tuple[Collection, ...] = ()
    version: int = 0

    @property
    def level(self) -> int:
        """The level: the higher of S and A."""
        return max(self.s_level, self.a_level)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that was handed in, by its digests; the bytes lie beside the state."""

    name: str
    size: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a person saw, decided or excused, signed with a name and limited in time.

    Attributes:
        kind: `record` of a step carried out; `not_applicable`; `adjustment` of the whole-system
            assessment (shown beside the verdict, never instead of it); `high_risk` and `major_risk`
            decisions.
        step: of the unit or of a check, or the case or code of a risk; `asset`: "" for all.
        holds: whether it speaks for the requirement (of a risk: whether it is accepted as mitigated).
        level: E5 a test, E6 an interview or document.
        sample: how the sample was chosen: frame, rule, seed, and what was looked at.
        approver: another person than `by`; a must for everything but records.
    """

    id: str
    system: str
    unit: str
    kind: AttestationKind
    step: str
    asset: str
    holds: bool
    level: Literal["E5", "E6"]
    statement: str
    sample: str
    by: str
    approver: str
    at: int
    expires: int
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of evidence that was brought: the newest of an asset is judged."""

    sha256: str
    system: str
    name: str
    asset: str
    kind: str
    level: str
    collected: int
    brought: int
    by: str
    size: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """A verdict that turned between two runs: of an item, or of one asset where its item stayed."""

    unit: str
    before: Conformity
    after: Conformity
    asset: str = ""

    @property
    def worse(self) -> bool:
        """Whether the requirement was met, or was nearer to it, before."""
        return _RANK[self.after] < _RANK[self.before]


_RANK: Mapping[Conformity, int] = {
    Conformity.DOES_NOT: 0,
    Conformity.PARTLY: 1,
    Conformity.INSUFFICIENT: 2,
    Conformity.NOT_APPLICABLE: 3,
    Conformity.CONFORMS: 4,
}


@dataclass(frozen=True, slots=True)
class AssessmentRun:
    """One run of all checks of a system. `digest` covers the verdicts and what they rest on."""

    id: str
    system: str
    kind: RunKind
    by: str
    started: int
    finished: int
    profile: str
    counts: Mapping[str, int]
    evidence: tuple[str, ...]
    problems: tuple[str, ...]
    drift: tuple[Drift, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """Verdict of one item in one run, with the sentence that says why."""

    system: str
    unit: str
    run: str
    time: int
    verdict: Conformity
    may_be_worse: bool
    reason: Text
    assets: Mapping[str, str]
    open_steps: tuple[str, ...]
    findings: tuple[str, ...]
    attested: tuple[str, ...]
    inherited: str
    digest: str


@dataclass(frozen=True, slots=True)
class AssetVerdict:
    """One check's newest finding about one asset of a system, as published by `check run`."""

    system: str
    unit: str
    asset: str
    check: str
    document: Document


@dataclass(frozen=True, slots=True)
class TaskAct:
    """One entry of a task's history."""

    kind: TaskActKind
    by: str
    at: int
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class RepairTask:
    """A finding that a unit mends by a day; closed only by the same check.

    Attributes:
        steps: those that failed when it was made: all must hold to close it.
        due: day; `wish`: the day that was asked for instead, until somebody decides.
    """

    id: str
    system: str
    unit: str
    check: str
    asset: str
    steps: tuple[str, ...]
    assignee: str
    due: str
    status: TaskStatus
    made: int
    wish: str = ""
    history: tuple[TaskAct, ...] = ()
    version: int = 0
