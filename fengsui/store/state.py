"""The state: what changes (alerts, cases, runs, people, audit) behind one protocol.

Everything mutable has a version; two people never overwrite each other silently. Each call is one
transaction. Times are ns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from fengsui.alert import Alert, Verdict
from fengsui.asset import Asset, Network, System, Unit
from fengsui.control import Finding
from fengsui.errors import FengsuiError
from fengsui.incident import Incident, IncidentStatus
from fengsui.playbook import Run
from fengsui.store.decision_states import DecisionStates
from fengsui.store.rule_states import RuleStates
from fengsui.store.situation_states import SituationStates
from fengsui.store.story_states import StoryStates
from fengsui.store.system_states import SystemStates

Role = Literal[
    "analyst", "responder", "compliance", "system_admin", "security_admin", "auditor", "viewer"
]
ActKind = Literal[
    "take", "assign", "close", "reopen", "escalate", "wait", "note", "merge", "split", "undo"
]
ReplayKind = Literal["live", "replay", "drill"]
JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of a case's history; never changed, only followed by another."""

    kind: ActKind
    by: str
    at: int
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with what people made of it. `version` rises with each act."""

    incident: Incident
    status: IncidentStatus
    owner: str
    verdict: Verdict | None
    verdict_reason: str
    escalated: bool
    version: int
    history: tuple[Act, ...]
    below_line: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """How many incidents a shift can answer; the lower ones that nobody took stand below the line.

    `shift` in ns; shifts are counted from the epoch in event time, an incident is in that of its first
    alert. Below the line is also what scores less than `least`.
    """

    incidents: int
    shift: int
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases: each given value must hold. `run`: "" is live telemetry; None is any.

    `below`: those below the line of `budget`, or those that are not; None is both. `among`: these ids.
    """

    statuses: tuple[IncidentStatus, ...] = ()
    owner: str | None = None
    severities: tuple[str, ...] = ()
    run: str | None = None
    text: str = ""
    since: int = 0
    until: int = 2**63 - 1
    origin: str | None = None
    budget: Budget | None = None
    below: bool | None = None
    among: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """A run of input through the pipeline: live, a capture, or a drill."""

    id: str
    kind: ReplayKind
    name: str
    captures: tuple[str, ...]
    started: int
    finished: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is registered as ours."""

    units: tuple[Unit, ...] = ()
    systems: tuple[System, ...] = ()
    networks: tuple[Network, ...] = ()
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """A person; `password_hash` is argon2id."""

    name: str
    roles: tuple[Role, ...]
    password_hash: str
    must_change: bool = False
    language: str = "zh"
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """Long work asked of the worker, with its progress (`done` of `total` in `unit`s)."""

    id: str
    kind: str
    arguments: Mapping[str, Any]
    status: JobStatus
    by: str
    created: int
    done: int = 0
    total: int = 0
    message: str = ""
    result: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def failed(self, error: FengsuiError) -> Job:
        """The same job, ended by an error that its result tells beside what was found until then."""
        return replace(self, status="failed", result={**self.result, "error": error.as_json()})


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """A log source: one dataset of one sensor, with first and last event (event time, ns)."""

    sensor: str
    dataset: str
    events: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One link of the chain: `hash` covers the record and the hash before it (SM3 and SHA-256)."""

    number: int
    at: int
    by: str
    what: str
    target: str
    detail: Mapping[str, Any]
    sm3: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SavedHunt:
    """A query that somebody keeps."""

    id: str
    name: str
    query: str
    by: str
    at: int


class Candidate(Protocol):
    """One process that would take the lead of a role."""

    def leads(self) -> bool:
        """Take the lead if nobody has it; whether it is ours now. Never waits."""
        ...

    def resign(self) -> None:
        """Give it up."""
        ...


class State(RuleStates, DecisionStates, SituationStates, StoryStates, SystemStates, Protocol):
    """All mutable things of one installation."""

    # Alerts and cases
    def put_alerts(self, alerts: Sequence[Alert], folded: Mapping[str, str] = ...) -> None:
        """Insert or replace by id (the newer fold of the same alert).

        `folded`: ids that are no more → the alerts that they were counted into; removed first.
        """
        ...

    def alerts(
        self,
        ids: Sequence[str] | None = None,
        *,
        run: str | None = None,
        rule: str | None = None,
        since: int = 0,
        until: int = 2**63 - 1,
        limit: int = 1000,
    ) -> list[Alert]:
        """Alerts by id, or the newest ones; `run` "" means live telemetry only, None any.

        `rule`: of that rule only; `since`, `until`: time of the first event, ns.
        """
        ...

    def put_incidents(self, incidents: Sequence[Incident], absorbed: Mapping[str, str]) -> None:
        """Insert or replace what correlation knows, leaving what people did. `absorbed`: id → into."""
        ...

    def withdraw(self, incidents: Sequence[str], alerts: Sequence[str] = ()) -> list[str]:
        """Remove incidents that alerts judged anew no longer make; those that somebody acted on stay.

        `alerts`: of them, those that then stand in no incident are removed too. Gives the incidents
        that were removed.
        """
        ...

    def correlated_anew(self, run: str) -> None:
        """Tell whoever holds a picture of a run that it was made anew (topic `correlated`)."""
        ...

    def case(self, incident: str) -> Case | None:
        """One case; an absorbed id leads to the case that it went into."""
        ...

    def cases(
        self, which: CaseFilter, *, sort: str = "-score", limit: int = 50, offset: int = 0
    ) -> tuple[list[Case], int]:
        """Cases in order of `score`, `last`, `first` or `severity` (`-` is falling) and how many in all."""
        ...

    def case_hosts(self, which: CaseFilter, limit: int = 50_000) -> list[tuple[str, str]]:
        """(host, case) of all hosts that the cases name, at most so many."""
        ...

    def facets(self, which: CaseFilter) -> dict[str, list[tuple[str, int]]]:
        """Counts by `status`, `severity` (words), `owner`, `run` and `origin`, largest first.

        Each facet ignores the filter's own choice in it, so that the others can still be picked.
        """
        ...

    def cases_about(self, kind: str, value: str, limit: int = 50) -> list[Case]:
        """Cases that name an entity, the newest first."""
        ...

    def alerts_about(self, kind: str, value: str, limit: int = 200) -> list[Alert]:
        """Alerts that name an entity, the newest first."""
        ...

    def alerts_of(self, events: Sequence[str]) -> list[Alert]:
        """Alerts that keep one of these events as evidence."""
        ...

    def cases_with(self, alerts: Sequence[str]) -> list[Case]:
        """Cases that hold one of these alerts."""
        ...

    def hits(self) -> dict[str, int]:
        """How often each rule spoke (counts of its alerts), by rule id."""
        ...

    def changes(self, after: int = -1) -> tuple[int, dict[str, list[str]]]:
        """The newest change number, and ids by topic (`incidents`, `jobs`, `health`, `rules`) changed since.

        Cheap when nothing changed; with `after` -1 only the number is given. At most 500 ids.
        """
        ...

    def act(self, incident: str, act: Act, version: int) -> Case:
        """Record an act and its effect; the history stays, an `undo` is one more entry of it.

        Raises:
            NotFoundError: no such incident.
            InputError: the act does not fit (`verdict_needed`, `owner_needed`, `case_closed`, …).
            BusyError: somebody else acted since `version` (code `version_conflict`).
        """
        ...

    # Runs of the pipeline
    def put_replay(self, replay: Replay) -> None:
        """Insert or replace."""
        ...

    def replays(self, kind: ReplayKind | None = None) -> list[Replay]:
        """Newest first."""
        ...

    def replay(self, id: str) -> Replay | None:  # noqa: A002
        """One run."""
        ...

    def purge_run(self, run: str) -> None:
        """Remove alerts, incidents, scorecards and the run itself."""
        ...

    # Playbook runs, findings, scorecards
    def put_run(self, run: Run) -> None:
        """Insert or replace a playbook run."""
        ...

    def runs(self, incident: str | None = None) -> list[Run]:
        """Playbook runs, newest first."""
        ...

    def run(self, id: str) -> Run | None:  # noqa: A002
        """One playbook run."""
        ...

    def put_findings(self, findings: Sequence[Finding]) -> None:
        """Append; older findings stay as history."""
        ...

    def findings(self, *, unit: str | None = None, latest: bool = True) -> list[Finding]:
        """Newest finding of each check, or all of them newest first."""
        ...

    def put_scorecard(self, drill: str, document: Mapping[str, Any]) -> None:
        """Keep a scorecard (JSON form)."""
        ...

    def scorecards(self) -> list[Mapping[str, Any]]:
        """Newest first."""
        ...

    # Assets
    def put_plan(self, plan: Plan) -> None:
        """Replace units, systems, networks and assets; first and last seen are kept."""
        ...

    def plan(self) -> Plan:
        """Everything registered."""
        ...

    def saw_assets(self, seen: Mapping[str, tuple[int, int]]) -> None:
        """Widen first and last seen (ns) of assets by id."""
        ...

    # Sources and health
    def saw_sources(self, seen: Sequence[SourceSeen]) -> None:
        """Add counts, widen first and last."""
        ...

    def sources(self) -> list[SourceSeen]:
        """All sources ever seen, by sensor and dataset."""
        ...

    def put_health(self, role: str, at: int, document: Mapping[str, Any]) -> None:
        """Latest self-report of a role (`sense`, `work`, `serve`)."""
        ...

    def health(self) -> dict[str, tuple[int, Mapping[str, Any]]]:
        """Latest report of each role with its time (ns)."""
        ...

    # Jobs
    def put_job(self, job: Job) -> None:
        """Insert or replace; a job that was cancelled does not become running again."""
        ...

    def take_job(self, kinds: Sequence[str]) -> Job | None:
        """Mark the oldest queued job of these kinds as running and return it."""
        ...

    def job(self, id: str) -> Job | None:  # noqa: A002
        """One job."""
        ...

    def jobs(self, limit: int = 50) -> list[Job]:
        """Newest first."""
        ...

    # People, sessions, audit
    def put_user(self, user: User, seen: User | None = None) -> None:
        """Insert or replace by name; given `seen`, only while the person is still kept like that.

        Raises:
            BusyError: somebody else changed the person since `seen` (code `version_conflict`).
        """
        ...

    def user(self, name: str) -> User | None:
        """One person."""
        ...

    def users(self) -> list[User]:
        """All, by name."""
        ...

    def put_session(self, token_hash: str, user: str, expires: int) -> None:
        """Remember a login."""
        ...

    def session(self, token_hash: str, now: int) -> str | None:
        """Name of the user of a session that has not expired."""
        ...

    def drop_session(self, token_hash: str) -> None:
        """Forget a login."""
        ...

    def drop_sessions(self, user: str, keep: str = "") -> None:
        """Forget all logins of a person but the one with the token hash `keep`."""
        ...

    def audit(
        self, by: str, what: str, target: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        """Append to the chain."""
        ...

    def audit_records(self, limit: int = 200, before: int | None = None) -> list[AuditRecord]:
        """Newest first."""
        ...

    def verify_audit(self) -> list[str]:
        """Faults in the chain; empty when it is whole."""
        ...

    # Hunts
    def put_hunt(self, hunt: SavedHunt) -> None:
        """Insert or replace."""
        ...

    def hunts(self) -> list[SavedHunt]:
        """By name."""
        ...

    def drop_hunt(self, id: str) -> None:  # noqa: A002
        """Remove."""
        ...

    def leader(self, role: str) -> Candidate:
        """A candidate for a role that one process of all that share this state has at a time."""
        ...

    def close(self) -> None:
        """Release the database."""
        ...
