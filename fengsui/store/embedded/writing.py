"""How files and catalogue change together: files first, durable, then one transaction that names them.

A writer that dies between the two leaves files that no commit names; they are removed when the next one
opens. One that fails (a full disk) removes them itself.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from fengsui.errors import StoreError
from fengsui.ids import random_id
from fengsui.store.embedded.arrow import pc
from fengsui.store.embedded.catalogue import Catalogue, Segment, full_disk
from fengsui.store.embedded.schema import TIME, lowered, runs_of
from fengsui.store.embedded.segments import sync_folder, write_grown, write_young
from fengsui.store.embedded.tally import FOLDER as TALLIES
from fengsui.store.embedded.tally import LEAST_ROWS, tally_path, write_tally

FOLDER: Final = "segments"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the catalogue knows of a file besides its content."""

    dataset: str
    level: int
    arrived: int


def commit(
    folder: Path,
    catalogue: Catalogue,
    what: str,
    at: int,
    tables: Sequence[tuple[pa.Table, Facts]],
    old: Sequence[Segment] = (),
) -> None:
    """Put these tables in the place of old segments: all of it, or nothing.

    Raises:
        StoreError: nothing was changed; code `disk_full` where that is why.
    """
    (folder / TALLIES).mkdir(exist_ok=True)
    paths = [new_path(facts) for _, facts in tables]
    try:
        made = [
            new_segment(folder, path, table, facts)
            for path, (table, facts) in zip(paths, tables, strict=True)
        ]
        sync_folder(folder / TALLIES)
        sync_folder(folder / FOLDER)
        catalogue.change(what, at, add=made, remove=old)
    except OSError as error:
        _withdraw(folder, catalogue, paths)
        if error.errno in _FULL:
            raise full_disk(folder) from error
        raise StoreError(
            f"The event store cannot be written: {error.strerror or error}",
            where=str(folder),
            next="Check the disk; nothing of this was acknowledged, it is sent again",
            code="store_write",
        ) from error
    except BaseException:
        _withdraw(folder, catalogue, paths)
        raise


def _withdraw(folder: Path, catalogue: Catalogue, paths: Sequence[str]) -> None:
    """Remove files that no commit names; the next start does when this cannot be told now."""
    try:
        known = {one.path for one in catalogue.segments()}
    except StoreError:
        return
    for path in paths:
        if path not in known:
            remove(folder, path)


def remove(folder: Path, path: str) -> None:
    """Unlink a segment and its tally."""
    (folder / path).unlink(missing_ok=True)
    (folder / tally_path(path)).unlink(missing_ok=True)


def new_path(facts: Facts) -> str:
    """A name for a segment, within the store's folder."""
    return f"{FOLDER}/{facts.dataset}-{random_id()[:16]}.parquet"


def new_segment(folder: Path, path: str, table: pa.Table, facts: Facts) -> Segment:
    """Write a segment durably; its folder is still to be synced."""
    if facts.level == 0:
        return described(path, table, facts, write_young(folder / path, table))
    tally = ""
    if table.num_rows >= LEAST_ROWS:
        tally = write_tally(folder / tally_path(path), table)
    return described(path, table, facts, write_grown(folder / path, table, tally))


def described(path: str, table: pa.Table, facts: Facts, file: tuple[int, str, str]) -> Segment:
    """The catalogue's row of a file: its content, and bytes, SHA-256 and SM3."""
    times = pc.min_max(table.column(TIME))
    size, first, second = file
    return Segment(
        path=path,
        dataset=facts.dataset,
        level=facts.level,
        first=times["min"].value,
        last=times["max"].value,
        rows=table.num_rows,
        bytes=size,
        arrived=facts.arrived,
        columns=_json(lowered(table)),
        runs=_json(runs_of(table)),
        sha256=first,
        sm3=second,
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
