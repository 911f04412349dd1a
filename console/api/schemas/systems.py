"""Filed systems: the register, how each stands, its items, runs, repairs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from console.api.schemas.compliance import VerdictCounts
from console.api.schemas.words import Given, Text, Time
from fengsui.control import Conformity
from fengsui.system import CollectionKind

Id = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
Words = Annotated[str, Field(max_length=200)]
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Level = Annotated[int, Field(ge=1, le=4)]


class Inherited(Given):
    """A unit whose control another system keeps for this one."""

    unit: Words
    system: Words


class Collection(Given):
    """Evidence that is fetched before a run; see `fengsui.system.Collection`."""

    asset: Annotated[str, Field(min_length=1, max_length=200)]
    kind: CollectionKind
    target: Annotated[str, Field(min_length=1, max_length=400)]
    secret: Words = ""
    hours: Annotated[str, Field(max_length=11)] = ""
    approved_by: Words = ""
    options: Annotated[
        dict[Words, Annotated[str, Field(max_length=1000)]], Field(max_length=20)
    ] = Field(default_factory=dict[str, str])


class Register(Given):
    """A row of the filing register. Days are `2026-11-21`, empty where unknown."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    unit: Annotated[str, Field(min_length=1, max_length=200)]
    responsible: Words = ""
    s_level: Level
    a_level: Level
    extensions: list[Words] = Field(default_factory=list[str])
    number: Words = ""
    graded: Day = ""
    filed: Day = ""
    certified: Day = ""
    assessed: Day = ""
    renewed: Day = ""
    public: bool = False
    continuity: bool = False
    key_industry: bool = False
    assets: Annotated[list[Words], Field(max_length=20_000)] = Field(default_factory=list[str])
    inherited: Annotated[list[Inherited], Field(max_length=500)] = Field(
        default_factory=list[Inherited]
    )
    daily: bool = True
    high_risk_edition: Words = ""
    score_edition: Words = ""
    collections: Annotated[list[Collection], Field(max_length=2000)] = Field(
        default_factory=list[Collection]
    )
    version: int = 0


class NewSystem(Register):
    """A system to be filed."""

    id: Id


class Clock(BaseModel):
    """What falls due; `days` are left (negative: late), `mark` says how far its text was read."""

    name: str
    state: Literal["done", "running", "soon", "overdue", "unknown"]
    due: str
    days: int
    mark: Text


class TraceLine(BaseModel):
    """One line of a score's sum."""

    name: str
    formula: str
    value: str
    mark: Text | None


class Conclusion(BaseModel):
    """A score: with open items counted as failing, and as conforming (`best`)."""

    template: str
    value: str
    grade: str
    worst_grade: str
    best_value: str
    best_grade: str
    open_items: int
    trace: list[TraceLine]


class AreaCounts(BaseModel):
    """One class of a system."""

    prefix: str
    area: Text
    counts: VerdictCounts


class SystemRow(BaseModel):
    """One line of the matrix."""

    id: str
    name: str
    unit: str
    responsible: str
    profile: str
    level: int
    number: str
    items: int
    counts: VerdictCounts
    areas: list[AreaCounts]
    conclusion: Conclusion
    high_risks: int
    clock: Clock | None
    overdue: int
    open_tasks: int
    last_run: Time | None


class Systems(BaseModel):
    """The filing register as a matrix."""

    items: list[SystemRow]


class Drift(BaseModel):
    """A verdict that turned; `asset` where one asset's did and its item's did not."""

    unit: str
    asset: str = ""
    before: Conformity
    after: Conformity
    worse: bool


class RunRow(BaseModel):
    """One run of all checks."""

    id: str
    kind: str
    by: str
    started: Time
    counts: VerdictCounts
    drift: list[Drift]
    problems: list[str]
    evidence: int
    digest: str


class ItemRow(BaseModel):
    """One item of a system; `automation`: A software decides, S assists, M a person."""

    unit: str
    clause: str
    item: str
    title: Text
    control_point: Text
    area: Text
    prefix: str
    automation: str
    mark: str
    verdict: Conformity
    may_be_worse: bool
    reason: Text
    inherited: str
    failing: int
    high_risk_case: str
    open_tasks: int


class RiskCase(BaseModel):
    """A high-risk case that items raise."""

    id: str
    title: str
    state: str
    units: list[str]
    mitigable: bool
    mark: str
    decided: bool


class MajorRisk(BaseModel):
    """A major risk: proposed, or set by a person."""

    code: str
    title: str
    units: list[str]
    set_by: str
    repaired: bool
    mark: str


class RepairIdea(BaseModel):
    """What one repair would bring."""

    unit: str
    title: Text
    verdict: Conformity
    lift: str
    days: str
    high_risk: str


class TaskAct(BaseModel):
    """One entry of a task's history."""

    kind: str
    by: str
    at: Time
    values: dict[str, Any]


class Task(BaseModel):
    """A repair."""

    id: str
    system: str
    unit: str
    title: Text
    check: str
    asset: str
    steps: list[str]
    assignee: str
    due: str
    wish: str
    status: Literal["open", "proved", "closed"]
    overdue: bool
    made: Time
    history: list[TaskAct]
    version: int


class EvidenceRow(BaseModel):
    """A file of evidence that was brought."""

    sha256: str
    name: str
    asset: str
    kind: str
    level: str
    collected: Time | None
    brought: Time
    by: str
    size: int
    problems: list[str]


class SystemPage(SystemRow):
    """One system as it stands."""

    register_row: Register
    clocks: list[Clock]
    runs: list[RunRow]
    rows: list[ItemRow]
    high_risk_edition: str
    cases: list[RiskCase]
    majors: list[MajorRisk]
    conclusions: list[Conclusion]
    what_if: list[RepairIdea]
    tasks: list[Task]
    evidence: list[EvidenceRow]


class Attachment(BaseModel):
    """A document by its digests."""

    name: str
    size: int
    sha256: str
    sm3: str


class Attestation(BaseModel):
    """What a person saw, decided or excused."""

    id: str
    unit: str
    kind: str
    step: str
    asset: str
    holds: bool
    level: str
    statement: str
    sample: str
    by: str
    approver: str
    at: Time
    expires: Time
    expired: bool
    attachment: Attachment | None


class Withdrawal(Given):
    """Why a word is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=4000)]


class VerdictOfRun(BaseModel):
    """One verdict of an item's history."""

    run: str
    time: Time
    verdict: Conformity
    reason: Text


class AssetState(BaseModel):
    """One asset under an item."""

    name: str
    verdict: Conformity


class ItemPage(BaseModel):
    """One item: what is asked, by what it was judged, by whom it is mended."""

    row: ItemRow
    text: str = Field(description="of the standard, where the user brought it")
    steps: list[str]
    steps_mark: str
    open_steps: list[str]
    assets: list[AssetState]
    findings: list[dict[str, Any]]
    attestations: list[Attestation]
    history: list[VerdictOfRun]
    tasks: list[Task]
    risk: RiskCase | None


class NewTask(Given):
    """A finding given to a unit to mend; `check` empty: the item as a whole."""

    unit: Words
    asset: Words = ""
    check: Words = ""
    assignee: Annotated[str, Field(min_length=1, max_length=200)]
    due: Day


class NewTaskAct(Given):
    """What is done with a task."""

    kind: Literal["prove", "ask_extension", "extend", "refuse_extension", "note"]
    text: Annotated[str, Field(max_length=4000)] = ""
    due: Day = ""
    version: int


class NewAttestation(Given):
    """What is attested; the document is uploaded first, by its SHA-256."""

    unit: Words = ""
    kind: Literal["record", "not_applicable", "adjustment", "high_risk", "major_risk"]
    step: Words = ""
    asset: Words = ""
    holds: bool
    level: Literal["E5", "E6"] = "E6"
    statement: Annotated[str, Field(min_length=1, max_length=4000)]
    sample: Annotated[str, Field(max_length=1000)] = ""
    approver: Words = ""
    days: Annotated[int, Field(ge=1, le=365)] = 365
    attachment: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class Brought(BaseModel):
    """A file that was kept, and the job that judges it."""

    file: EvidenceRow
    job: str
