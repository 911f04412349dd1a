"""Registers as forms: their rows are written into the file that `parse_register` reads, and brought.

Each version stays as evidence; an older one is taken again by bringing it again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.compliance.assessing import found_system
from console.compliance.desk import Desk
from console.compliance.folders import evidence_folder, kept
from console.compliance.ledger import FRESH_DAYS, REGISTER
from detections.compliance.events.ledger import Register
from detections.compliance.events.registers import SHAPES, Shape, parse_register, written
from fengsui.clock import DAY
from fengsui.errors import BusyError, FengsuiError, InputError, NotFoundError
from fengsui.settings import Settings
from fengsui.store.state import State
from fengsui.system import EvidenceFile

MOST_ROWS: Final = 2000  # of a form; larger ones are kept as files
VERSIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """One register of a system: its versions, newest first, and the rows of the newest."""

    name: str
    shape: Shape
    versions: tuple[EvidenceFile, ...]
    rows: tuple[Mapping[str, str], ...]
    problems: tuple[str, ...]
    fresh: bool


def registers_of(settings: Settings, state: State, system: str, now: int) -> list[Kept]:
    """All registers of a system, those that nobody filled too.

    Raises:
        NotFoundError: no such system.
    """
    found_system(state, system)
    files = [file for file in state.evidence(system) if file.kind == REGISTER]
    return [_kept(settings, name, files, now) for name in SHAPES]


def write_register(
    desk: Desk,
    state: State,
    place: tuple[str, str],
    rows: Sequence[Mapping[str, str]],
    seen: str,
    by: str,
) -> EvidenceFile:
    """Keep the rows of a register (system, name) as its newest version, and have it judged.

    Args:
        desk: that keeps it.
        state: of the installation.
        place: id of the system and name of the register.
        rows: by column.
        seen: SHA-256 of the version that was looked at, "" for none.
        by: who writes.

    Raises:
        NotFoundError: no such system or register.
        InputError: a row is not as it must be; names the first.
        BusyError: somebody else wrote meanwhile.
    """
    system, name = place
    files = _versions(state, system, name)
    if (files[0].sha256 if files else "") != seen:
        raise BusyError(
            "Somebody else changed this register",
            where=name,
            next="Load it again, then write",
            code="register_changed",
        )
    if len(rows) > MOST_ROWS:
        raise InputError(f"Over {MOST_ROWS} rows", where=name, next="Bring it as a file")
    data = written(name, rows)
    found = parse_register(data, name)
    if found.problems:
        raise InputError(
            f"A row is not understood: {found.problems[0]}",
            where=name,
            next="Line 3 is the first row; mend it and save again",
            code="bad_row",
        )
    return _brought(desk, place, data, by)


def restore_register(
    settings: Settings, desk: Desk, state: State, place: tuple[str, str], sha256: str, by: str
) -> EvidenceFile:
    """Take an older version again.

    Raises:
        NotFoundError: no such system, register or version.
    """
    system, name = place
    if all(file.sha256 != sha256 for file in _versions(state, system, name)):
        raise NotFoundError("There is no such version", where=name, code="no_such_version")
    return _brought(desk, place, kept(evidence_folder(settings), sha256).read_bytes(), by)


def _brought(desk: Desk, place: tuple[str, str], data: bytes, by: str) -> EvidenceFile:
    system, name = place
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        path.write_bytes(data)
        return desk.bring(path, path.name, system, by)


def _versions(state: State, system: str, name: str) -> list[EvidenceFile]:
    found_system(state, system)
    if name not in SHAPES:
        raise NotFoundError(f"There is no register {name[:30]}", next=f"Known: {', '.join(SHAPES)}")
    return [
        file
        for file in state.evidence(system)
        if (file.kind, file.asset) == (REGISTER, f"register:{name}")
    ]


def _kept(settings: Settings, name: str, files: Sequence[EvidenceFile], now: int) -> Kept:
    mine = [file for file in files if file.asset == f"register:{name}"]
    if not mine:
        return Kept(name, SHAPES[name], (), (), (), fresh=False)
    found = _read(settings, mine[0])
    fresh = now - mine[0].brought <= FRESH_DAYS * DAY
    return Kept(name, SHAPES[name], tuple(mine[:VERSIONS]), found.rows, found.problems, fresh)


def _read(settings: Settings, file: EvidenceFile) -> Register:
    try:
        data = kept(evidence_folder(settings), file.sha256).read_bytes()
        return parse_register(data, file.name)
    except (FengsuiError, OSError) as error:
        return Register(file.name, (), file.sha256, (str(error)[:200],))
