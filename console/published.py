"""The documents that programs read (`--json`), as schemas: `fengsui schema NAME`.

Tests hold what the commands print against these. Times are ISO 8601, UTC, with Z.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from console.api.schemas.alerts import Alert
from console.api.schemas.compliance import Finding
from console.api.schemas.drills import StepScore
from console.api.schemas.retro_hunts import Estimate
from console.api.schemas.systems import RunRow, SystemPage, Systems
from console.api.schemas.words import Entity, SeverityWord, Text, Time
from console.published_check_run import CheckRun
from console.published_document import Document, Error
from console.published_hunt import Hunt, HuntRules
from console.published_incidents import IncidentList, IncidentsRecorrelate
from console.published_retro import RetroHunt, RetroHuntList
from console.published_rules import Rules, RulesCheck, RulesCoverage, RulesShow
from console.published_scheduled import RulesScheduled
from console.published_situation import Assets, SituationReport
from console.published_sizing import Sizing
from console.published_store import Backup, StoreCopied, StoreDoctor, StoreStatus, StoreVerified
from fengsui.ecs import registry
from fengsui.errors import NotFoundError

_JSON_TYPES = {"long": "integer", "float": "number", "boolean": "boolean"}


class ErrorDocument(Document):
    """What a command prints instead of its result; the exit status tells the kind."""

    error: Error


class Join(Document):
    """Why an alert stands beside another: what they have in common."""

    alert: str
    to: str
    kind: str
    value: str
    why: Text


class ScorePart(Document):
    """One summand of the score, with the ids of the alerts it sums."""

    name: str
    points: float
    why: Text
    alerts: list[str]


class Stage(Document):
    """One ATT&CK tactic reached, with the ids of its alerts."""

    tactic: str
    techniques: list[str]
    first: Time
    alerts: list[str]


class Incident(Document):
    """Alerts that belong together; `score` is the sum of the points of `parts`."""

    id: str
    title: Text
    score: float
    severity: SeverityWord
    parts: list[ScorePart]
    entities: list[Entity]
    stages: list[Stage]
    alerts: list[str] = Field(description="ids of its alerts")
    first: Time
    last: Time
    run: str
    origin: str = Field(description="own: of our rules; foreign: of other tools' alerts")
    learning: bool = Field(description="judged while too little of the site was known")
    count: int = Field(description="alerts with their repeats")
    joins: list[Join] = Field(description="why each alert stands in it: a tree over them")


class Input(Document):
    """One capture or log: what was read of it and what became of that."""

    name: str
    records: int = Field(description="packets or lines")
    bytes: int
    kinds: dict[str, int] = Field(description="records by what they are; their sum is `records`")
    events: dict[str, int] = Field(description="events by dataset")
    first: str
    last: str
    losses: dict[str, int]
    error: Error | None


class Events(Document):
    """`fengsui events --json`: what was read; the events themselves are the command's output."""

    inputs: list[Input]


class Replay(Document):
    """`fengsui replay --json`."""

    inputs: list[Input]
    packets: int = Field(description="packets or lines of all inputs")
    kinds: dict[str, int]
    events: dict[str, int]
    added: int
    duplicates: int
    first: str
    last: str
    alerts: list[Alert]
    incidents: list[Incident]
    losses: dict[str, int]
    seconds: float
    peak_memory_bytes: int


class Drill(Replay):
    """`fengsui drill run --json`: the replay of the drill's capture, and its scorecard."""

    drill: str
    scenario: str
    seed: int
    steps: list[StepScore]
    detected: int
    late: int
    missed: int
    false_alerts: int
    false_incidents: int
    false_alert_ids: list[str]
    false_incident_ids: list[str]
    capture_seconds: float
    capture_sha256: str


class UnitFindings(Document):
    """Findings of one unit of GB/T 28448, by id."""

    unit: str
    findings: list[str]


class Check(Document):
    """`fengsui check --json`."""

    findings: list[Finding]
    units: list[UnitFindings]


class AlertPlace(Document):
    """Where an alert stands: its file as it was named, its number there from 0."""

    file: str
    number: int
    shared: bool = Field(
        default=False,
        description="shown by a host that serves several sites: context, which others may have too",
    )


class SurprisePart(Document):
    """Bits that one kind of alert brings, or what the kinds are together; `title` in both languages."""

    name: str
    title: dict[str, str]
    bits: float


class SurpriseIncident(Document):
    """One incident of foreign alerts; `context` counts alerts of its hosts that prove nothing, by kind."""

    id: str
    title: dict[str, Any]
    severity: str
    score: float
    parts: list[SurprisePart]
    first: str
    last: str
    raised: str | None
    entities: list[dict[str, Any]]
    stages: list[str]
    learning: bool
    context: dict[str, int]
    alerts: list[AlertPlace]


class Correlate(Document):
    """`fengsui correlate --json`; what could not be correlated is counted in `set_aside`."""

    incidents: list[SurpriseIncident]
    suppressed: int
    alerts_read: int
    set_aside: dict[str, int]
    learning_until: str | None
    seconds: float
    peak_mib: int


class Setting(Document):
    """One setting and where its value comes from."""

    name: str
    value: Any
    origin: str
    description: str


class Settings(Document):
    """`fengsui settings show --json`."""

    settings: list[Setting]


class SourceRow(Document):
    """One dataset of one sensor."""

    sensor: str
    dataset: str
    events: int
    first: Time
    last: Time


class StoreRow(Document):
    """What the event store holds of one dataset."""

    dataset: str
    events: int
    bytes: int
    first: Time
    last: Time


class Health(Document):
    """`fengsui health --json`."""

    roles: dict[str, dict[str, Any]]
    losses: dict[str, int]
    sources: list[SourceRow]
    store: list[StoreRow]


class Packets(Document):
    """`fengsui packets status --json`; times are empty where nothing is held."""

    segments: int
    unfinished: int = Field(description="segments that are being written")
    bytes: int
    packets: int
    first: str
    last: str
    sealed: int = Field(description="segments that are sealed")
    keys: list[str] = Field(description="ids of their keys")
    unreadable: int = Field(description="keys that are not at hand")
    folder: str
    keep: bool
    max_gigabytes: float
    max_hours: float
    writers: list[dict[str, Any]] = Field(
        description="what the writers of the sensor last reported"
    )


class Carve(Document):
    """`fengsui packets --flow … --json`."""

    packets: int
    bounded: bool = Field(description="there are more than the bounds let in")
    segments: int = Field(description="files that hold packets of the flow")
    lost_segments: int = Field(description="files that were removed while they were looked at")


_DOCUMENTS: dict[str, type[BaseModel]] = {
    "alert": Alert,
    "carve": Carve,
    "check": Check,
    "check-run": CheckRun,
    "drill": Drill,
    "correlate": Correlate,
    "error": ErrorDocument,
    "events": Events,
    "finding": Finding,
    "health": Health,
    "hunt": Hunt,
    "hunt_rules": HuntRules,
    "incident": Incident,
    "incidents": IncidentList,
    "incidents-recorrelate": IncidentsRecorrelate,
    "packets": Packets,
    "replay": Replay,
    "retro-hunt": RetroHunt,
    "retro-hunts": RetroHuntList,
    "retro-hunt-estimate": Estimate,
    "rules": Rules,
    "rules-check": RulesCheck,
    "rules-coverage": RulesCoverage,
    "rules-scheduled": RulesScheduled,
    "rules-show": RulesShow,
    "settings": Settings,
    "sizing": Sizing,
    "situation": SituationReport,
    "assets": Assets,
    "system": SystemPage,
    "system-run": RunRow,
    "store-copy": StoreCopied,
    "store-doctor": StoreDoctor,
    "store-status": StoreStatus,
    "store-verify": StoreVerified,
    "backup": Backup,
    "systems": Systems,
}


def names() -> list[str]:
    """Names of all published documents."""
    return sorted([*_DOCUMENTS, "event"])


def document(name: str) -> type[BaseModel]:
    """The model of a document, for tests."""
    return _DOCUMENTS[name]


def json_schema(name: str) -> dict[str, Any]:
    """JSON Schema of a document.

    Raises:
        NotFoundError: there is none of that name.
    """
    if name == "event":
        return _event_schema()
    if name not in _DOCUMENTS:
        raise NotFoundError(
            f"There is no schema {name!r}",
            where="fengsui schema",
            next="Known: " + ", ".join(names()),
        )
    return _DOCUMENTS[name].model_json_schema()


def _event_schema() -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for field in registry().values():
        one: dict[str, Any] = {"type": _JSON_TYPES.get(field.type, "string")}
        if field.type == "date":
            one["format"] = "date-time"
        shape = {"type": "array", "items": one} if field.is_list else one
        properties[field.name] = shape | (
            {"description": field.description} if field.description else {}
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "type": "object",
        "required": ["event.id", "@timestamp", "event.dataset"],
        "properties": properties,
    }
