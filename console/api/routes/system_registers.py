"""Registers of a system, as forms: read, written, taken back."""

from __future__ import annotations

from fastapi import APIRouter

from console.api.access import Assessor, Reader
from console.api.parts import ApiParts, Parts
from console.api.schemas.system_registers import (
    RegisterBack,
    RegisterColumn,
    RegisterRows,
    RegisterVersion,
    SystemRegister,
    SystemRegisters,
)
from console.compliance.desk import Desk
from console.compliance.registering import (
    MOST_ROWS,
    Kept,
    registers_of,
    restore_register,
    write_register,
)
from detections.compliance.events.registers import Shape
from fengsui.clock import to_iso

router = APIRouter(prefix="/compliance/systems/{system}/registers", tags=["compliance"])


@router.get("")
def list_registers(system: str, visitor: Reader, parts: Parts) -> SystemRegisters:
    """All registers that event queries ask, with the rows of the newest version."""
    return _shown(system, parts)


@router.put("/{name}")
def write_rows(
    system: str, name: str, body: RegisterRows, visitor: Assessor, parts: Parts
) -> SystemRegisters:
    """Keep the rows as a new version; 409 when somebody else did meanwhile. It is judged at once."""
    place = (system, name)
    write_register(_desk(parts), parts.state, place, body.rows, body.seen, visitor.name)
    return _shown(system, parts)


@router.post("/{name}/restore")
def take_back(
    system: str, name: str, body: RegisterBack, visitor: Assessor, parts: Parts
) -> SystemRegisters:
    """Take an older version again."""
    settings = parts.settings.settings
    place = (system, name)
    restore_register(settings, _desk(parts), parts.state, place, body.sha256, visitor.name)
    return _shown(system, parts)


def _desk(parts: ApiParts) -> Desk:
    return Desk(parts.settings.settings, parts.state, parts.clock)


def _shown(system: str, parts: ApiParts) -> SystemRegisters:
    kept = registers_of(parts.settings.settings, parts.state, system, parts.clock.now())
    return SystemRegisters(items=[_register(each) for each in kept])


def _register(kept: Kept) -> SystemRegister:
    return SystemRegister(
        name=kept.name,
        columns=[_column(kept.shape, name) for name in kept.shape.columns],
        rows=[dict(row) for row in kept.rows[:MOST_ROWS]],
        count=len(kept.rows),
        problems=list(kept.problems),
        fresh=kept.fresh,
        versions=[
            RegisterVersion(sha256=each.sha256, brought=to_iso(each.brought), by=each.by)
            for each in kept.versions
        ],
    )


def _column(shape: Shape, name: str) -> RegisterColumn:
    choice = name == "kind" and bool(shape.kinds)
    return RegisterColumn(
        name=name,
        takes="choice" if choice else "time" if name in shape.times
        else "number" if name in shape.numbers else "text",
        must=name in shape.must,
        choices=list(shape.kinds) if choice else [],
    )  # fmt: skip
