"""Filed systems: the register, evidence, records, runs, repairs and papers of each."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from console.api.access import Assessor, Reader
from console.api.parts import ApiParts, Parts
from console.api.schemas.jobs import Job
from console.api.schemas.systems import (
    Attachment,
    Attestation,
    Brought,
    ItemPage,
    NewAttestation,
    NewSystem,
    NewTask,
    NewTaskAct,
    Register,
    SystemPage,
    SystemRow,
    Systems,
    Task,
    Withdrawal,
)
from console.api.shown import job_shown
from console.api.uploads import FILE_FORM, receive_file
from console.compliance.desk import Desk, Word
from console.compliance.folders import attachment_folder, kept
from console.compliance.papers.papers import PaperKind, make_paper
from console.compliance.reading import Standing, standing
from console.compliance.register import system_of
from console.compliance.requirements import text_of
from console.compliance.shown import (
    attestation_shown,
    evidence_shown,
    item_page,
    page_shown,
    row_shown,
    task_shown,
)
from fengsui.errors import BusyError, InputError
from fengsui.system import RunKind

router = APIRouter(prefix="/compliance", tags=["compliance"])
_FILE: Final[dict[str, Any]] = {
    "description": "The paper",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


def _desk(parts: ApiParts) -> Desk:
    return Desk(parts.settings.settings, parts.state, parts.clock)


def _standing(parts: ApiParts, system: str) -> Standing:
    now, today = parts.clock.now(), _desk(parts).today()
    return standing(parts.settings.settings, parts.state, system, now, today)


@router.get("/systems")
def list_systems(visitor: Reader, parts: Parts) -> Systems:
    """The filing register as a matrix of classes and systems."""
    known = parts.state.systems()
    return Systems(items=[row_shown(_standing(parts, system.id)) for system in known])


@router.post("/systems")
def add_system(body: NewSystem, visitor: Assessor, parts: Parts) -> SystemRow:
    """File a system."""
    if parts.state.system(body.id) is not None:
        raise BusyError("This id is filed already", where=body.id, code="system_exists")
    _desk(parts).file_system(system_of(body.id, body, version=0), visitor.name)
    return row_shown(_standing(parts, body.id))


@router.get("/systems/{system}")
def read_system(system: str, visitor: Reader, parts: Parts) -> SystemPage:
    """One system: clocks, items, risks, conclusion, what-if, runs, repairs, evidence."""
    return page_shown(_standing(parts, system), parts.state)


@router.put("/systems/{system}")
def change_system(system: str, body: Register, visitor: Assessor, parts: Parts) -> SystemRow:
    """Change the register's row; 409 when somebody else did meanwhile."""
    _standing(parts, system)
    _desk(parts).file_system(system_of(system, body, version=body.version), visitor.name)
    return row_shown(_standing(parts, system))


@router.get("/systems/{system}/items/{unit}")
def read_item(system: str, unit: str, visitor: Reader, parts: Parts) -> ItemPage:
    """One item of a system."""
    text = text_of(parts.settings.settings, unit)
    return item_page(_standing(parts, system), parts.state, unit, parts.clock.now(), text)


@router.post("/systems/{system}/runs")
def run_system(system: str, visitor: Assessor, parts: Parts) -> Job:
    """Ask for all checks of a system."""
    kind: RunKind = "full"
    return job_shown(_desk(parts).ask_run(system, kind, visitor.name))


@router.post("/systems/{system}/evidence", openapi_extra=FILE_FORM)
async def bring_evidence(
    system: str,
    request: Request,
    visitor: Assessor,
    parts: Parts,
    asset: Annotated[str, Query(max_length=200)] = "",
) -> Brought:
    """A host bundle or device configuration; 422 when it is none. It is judged at once."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "evidence"
        name = await receive_file(request, target, _limit(parts))
        file = await run_in_threadpool(
            _desk(parts).bring, target, name, system, visitor.name, asset
        )
    job = _desk(parts).ask_run(system, "change", visitor.name)
    return Brought(file=evidence_shown(file), job=job.id)


@router.post("/attachments", openapi_extra=FILE_FORM)
async def bring_attachment(request: Request, visitor: Assessor, parts: Parts) -> Attachment:
    """A document that an attestation or a proof will name."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "document"
        name = await receive_file(request, target, _limit(parts))
        document = await run_in_threadpool(_desk(parts).keep_document, target, name, visitor.name)
    return Attachment(
        name=document.name, size=document.size, sha256=document.sha256, sm3=document.sm3
    )


@router.post("/systems/{system}/attestations")
def attest(system: str, body: NewAttestation, visitor: Assessor, parts: Parts) -> Attestation:
    """A record, an excuse or a decision, signed with the visitor's name."""
    word = Word(**body.model_dump(exclude={"attachment"}))
    document = _document(parts, body.attachment)
    made = _desk(parts).attest(system, word, visitor.name, document)
    return attestation_shown(made, parts.clock.now())


@router.post("/systems/{system}/attestations/{attestation}/withdraw")
def withdraw(
    system: str, attestation: str, body: Withdrawal, visitor: Assessor, parts: Parts
) -> Attestation:
    """Take a record, an excuse or a decision back; what it said stays on file."""
    made = _desk(parts).withdraw(system, attestation, body.reason, visitor.name)
    return attestation_shown(made, parts.clock.now())


@router.post("/systems/{system}/tasks")
def assign(system: str, body: NewTask, visitor: Assessor, parts: Parts) -> Task:
    """Give a finding to a unit to be mended by a day."""
    place = (body.unit, body.asset, body.check)
    task = _desk(parts).assign(system, place, body.assignee, body.due, visitor.name)
    return task_shown(task, _desk(parts).today().isoformat())


@router.post("/tasks/{task}/acts")
def act_on_task(task: str, body: NewTaskAct, visitor: Assessor, parts: Parts) -> Task:
    """Prove, ask for or decide an extension, note; only a check closes a task."""
    if body.kind in {"prove", "note"} and not body.text.strip():
        raise InputError("Say what was done", where="text", code="nothing_said")
    values = {name: value for name in ("text", "due") if (value := getattr(body, name))}
    kept_task = _desk(parts).act(task, body.kind, values, visitor.name, body.version)
    return task_shown(kept_task, _desk(parts).today().isoformat())


@router.get("/systems/{system}/papers/{paper}", response_class=Response, responses={200: _FILE})
def download_paper(system: str, paper: PaperKind, visitor: Reader, parts: Parts) -> Response:
    """A paper of the system as it stands now."""
    made = make_paper(
        paper, _standing(parts, system), parts.settings.settings, parts.state, parts.clock.now()
    )
    parts.state.audit(visitor.name, "paper.make", system, {"paper": paper})
    return Response(
        made.data,
        media_type=made.media_type,
        headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
    )


def _limit(parts: ApiParts) -> int:
    return parts.settings.settings.console.upload_megabytes * 1_000_000


def _document(parts: ApiParts, sha256: str) -> tuple[Path, str] | None:
    if not sha256:
        return None
    path = kept(attachment_folder(parts.settings.settings), sha256)
    return path, path.name
