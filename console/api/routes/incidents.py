"""The queue and its incidents: list, look, act."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from typing import Annotated, cast, get_args

from fastapi import APIRouter, Query

from console.api.access import Analyst, Reader, Visitor
from console.api.parts import ApiParts, Parts
from console.api.problems import problem_of
from console.api.schemas.incidents import (
    ActRequest,
    ActValues,
    BulkActRequest,
    BulkActResult,
    Case,
    CaseFacets,
    CasePage,
    CaseQuery,
    FailedAct,
)
from console.api.shown import case_row, case_shown, counts
from console.api.times import time_range
from fengsui.clock import HOUR
from fengsui.errors import FengsuiError, InputError, NotFoundError
from fengsui.incident import IncidentStatus
from fengsui.store.sql.history import counting
from fengsui.store.state import Act, ActKind, Budget, CaseFilter
from fengsui.store.state import Case as StoredCase

router = APIRouter(prefix="/incidents", tags=["incidents"])
NOTHING = {"owner": "none", "run": "live"}  # words for what is empty inside, in filters and facets


@router.get("")
def list_incidents(visitor: Reader, parts: Parts, asked: Annotated[CaseQuery, Query()]) -> CasePage:
    """Incidents in order, with facets."""
    within = time_range(asked.since, asked.until)
    which = CaseFilter(
        statuses=_statuses(asked.status),
        owner=_owner(asked.owner, visitor.name),
        severities=tuple(word for word in asked.severity.split(",") if word),
        run=run_of(asked.run),
        text=asked.text,
        since=within.since,
        until=within.until,
        origin=asked.origin or None,
        budget=_budget(parts),
        below={"above": False, "below": True}.get(asked.line),
    )
    units = _units(parts, which)
    if asked.unit:
        which = replace(which, among=units.get(asked.unit, frozenset()))
    cases, total = parts.state.cases(which, sort=asked.sort, limit=asked.limit, offset=asked.offset)
    facets = {
        name: counts(rows, NOTHING.get(name)) for name, rows in parts.state.facets(which).items()
    }
    facets["unit"] = counts(sorted(((u, len(c)) for u, c in units.items()), key=_most_first))
    return CasePage(
        total=total,
        items=[case_row(case, parts.unit_of, now_of(parts, case)) for case in cases],
        facets=CaseFacets.model_validate(facets),
    )


@router.get("/{incident}")
def read_incident(visitor: Reader, incident: str, parts: Parts) -> Case:
    """A whole incident; an absorbed id gives the incident that it went into."""
    return _shown(parts, find_case(parts, incident))


@router.post("/acts")
def act_on_incidents(given: BulkActRequest, visitor: Analyst, parts: Parts) -> BulkActResult:
    """The same act on several incidents; those that cannot be acted on are told, the others done."""
    done: list[str] = []
    failed: list[FailedAct] = []
    for target in given.items:
        try:
            _act(parts, visitor, target.id, given.kind, target.version, given.values)
        except FengsuiError as error:
            failed.append(FailedAct(id=target.id, problem=problem_of(error)))
        else:
            done.append(target.id)
    return BulkActResult(done=done, failed=failed)


@router.post("/{incident}/acts")
def act_on_incident(given: ActRequest, incident: str, visitor: Analyst, parts: Parts) -> Case:
    """Act on an incident as it was seen; 409 `version_conflict` when somebody else acted meanwhile."""
    return _shown(parts, _act(parts, visitor, incident, given.kind, given.version, given.values))


def now_of(parts: ApiParts, case: StoredCase) -> int:
    """The clock of a case: ours for live telemetry, for a run the moment of its own last alert."""
    return case.incident.last if case.incident.run else parts.clock.now()


def _budget(parts: ApiParts) -> Budget:
    given = parts.settings.settings.correlation
    return Budget(given.budget, int(given.shift_hours * HOUR), given.raise_at)


def _units(parts: ApiParts, which: CaseFilter) -> dict[str, frozenset[str]]:
    """The incidents of each unit whose hosts take part in them."""
    unit_of = cache(parts.unit_of)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for host, case in parts.state.case_hosts(which):
        if unit := unit_of(host):
            found[unit].add(case)
    return {unit: frozenset(cases) for unit, cases in found.items()}


def _most_first(row: tuple[str, int]) -> tuple[int, str]:
    return -row[1], row[0]


def find_case(parts: ApiParts, incident: str) -> StoredCase:
    """A case.

    Raises:
        NotFoundError: there is none.
    """
    case = parts.state.case(incident)
    if case is None:
        raise NotFoundError("There is no such incident", where=incident, next="Go to the queue")
    return case


def run_of(word: str) -> str | None:
    """The run that a query names: `any` is None, `live` is ""."""
    return {"any": None, "": None, "live": ""}.get(word, word)


def _owner(word: str, me: str) -> str | None:
    return {"": None, "me": me, "none": ""}.get(word, word)


def _act(
    parts: ApiParts,
    visitor: Visitor,
    incident: str,
    kind: ActKind,
    version: int,
    values: ActValues,
) -> StoredCase:
    if kind == "assign" and values.owner and not _is_person(parts, values.owner):
        raise InputError(
            f"There is no user {values.owner}", where="owner", next="Name another", code="no_user"
        )
    told = values.model_dump(exclude_none=True)
    if kind in {"merge", "split"}:
        raise InputError(
            "Merges and splits have routes of their own",
            where="kind",
            next=f"POST /api/incidents/merge or /api/incidents/{incident}/split",
            code="bad_kind",
        )
    if kind == "undo":
        _take_back(parts, visitor, incident, version)
        version = find_case(parts, incident).version
    act = Act(kind, visitor.name, parts.clock.now(), told)
    case = parts.state.act(incident, act, version)
    parts.state.audit(visitor.name, f"incident.{kind}", case.incident.id, told)
    return case


def _take_back(parts: ApiParts, visitor: Visitor, incident: str, version: int) -> None:
    """Where the last act was a merge or a split, take the decision back as well."""
    case = find_case(parts, incident)
    last = counting(case.history)[-1:]
    if case.version == version and last and last[0].kind in {"merge", "split"}:
        parts.regrouping.undo(case, str(last[0].values.get("decision", "")), visitor.name)


def _is_person(parts: ApiParts, name: str) -> bool:
    user = parts.state.user(name)
    return user is not None and not user.disabled


def _shown(parts: ApiParts, case: StoredCase) -> Case:
    story = parts.stories.of(case.incident)
    return case_shown(case, story, _similar_open(parts, case), parts.unit_of)


def _similar_open(parts: ApiParts, case: StoredCase) -> int:
    """Other incidents that are not closed and name one of the same hosts of ours."""
    others: set[str] = set()
    ours = [entity for entity in case.incident.entities if entity.internal][:5]
    for entity in ours:
        for other in parts.state.cases_about(entity.kind, entity.value):
            if other.status != "closed" and other.incident.id != case.incident.id:
                others.add(other.incident.id)
    return len(others)


def _statuses(words: str) -> tuple[IncidentStatus, ...]:
    given = tuple(word for word in words.split(",") if word)
    known = get_args(IncidentStatus)
    if not set(given) <= set(known):
        raise InputError(
            "This is not a status",
            where="status",
            next="Use " + ", ".join(known),
            code="bad_status",
        )
    return cast("tuple[IncidentStatus, ...]", given)
