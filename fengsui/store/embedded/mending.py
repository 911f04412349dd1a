"""What is damaged is set aside, and the rest is in service again.

A segment whose content is not what was written goes into the folder `damaged`, and out of the catalogue by a
link of its chain, so that sums over the rest are possible. A catalogue that cannot be read, or whose
chain does not hold, goes there too and is made anew from the segments: these hold all but the legal holds,
which are taken over as far as the old one can be read. Nothing is deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from fengsui.clock import Clock, WallClock, to_iso
from fengsui.errors import StoreError
from fengsui.hashes import file_digests
from fengsui.store.embedded.catalogue import FILE, Catalogue, Segment
from fengsui.store.embedded.schema import ID_BYTES, TIME
from fengsui.store.embedded.seen import SeenIds
from fengsui.store.embedded.segments import id_rows, is_young, read_packed
from fengsui.store.embedded.writing import FOLDER, Facts, commit, described
from fengsui.store.event_store import Hold
from fengsui.store.lock import writer_lock

DAMAGED: Final = "damaged"
_ALL: Final = 1 << 62  # ids: nothing can be read again here


def mend(folder: Path, clock: Clock | None = None) -> list[str]:
    """Mend a store that nobody writes to; what was done, a line each.

    Raises:
        BusyError: another process writes to it.
        StoreError: the folder cannot be used.
    """
    now = (clock or WallClock()).now()
    with writer_lock(folder, FOLDER):
        (folder / DAMAGED).mkdir(exist_ok=True)
        return [*_mend_catalogue(folder, now), *_mend_segments(folder, now)]


def _mend_segments(folder: Path, now: int) -> Iterator[str]:
    with closing(Catalogue(folder, writable=True)) as catalogue:
        bad = [one for one in catalogue.segments() if not _is_whole(folder, one)]
        for one in bad:
            _set_aside(folder, folder / one.path)
            yield f"{one.path}: set aside, {one.rows:,} events of {_span(one)}"
        if bad:
            catalogue.change("set aside", now, remove=bad)


def _mend_catalogue(folder: Path, now: int) -> Iterator[str]:
    if not (folder / FILE).exists() and not any((folder / FOLDER).iterdir()):
        return
    if (folder / FILE).exists() and _holds_together(folder):
        return
    holds = _old_holds(folder)
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        if (folder / name).exists():
            _set_aside(folder, folder / name, f".{now // 1_000_000}")
    with closing(Catalogue(folder, writable=True)) as catalogue:
        for hold in holds:
            catalogue.put_hold(hold)
        events = 0
        seen = SeenIds(lambda _: np.empty((0, ID_BYTES), np.uint8), _ALL)
        for path in sorted((folder / FOLDER).iterdir(), key=lambda one: -one.stat().st_mtime_ns):
            events += _take_up(folder, path, catalogue, seen, now)
        yield f"{FILE}: made anew, {len(catalogue.segments()):,} segments with {events:,} events"
        if holds:
            yield f"{FILE}: {len(holds)} legal holds taken over"


def _holds_together(folder: Path) -> bool:
    """Whether the catalogue can be read and its chain holds."""
    try:
        with closing(sqlite3.connect(folder / FILE)) as database:
            if database.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                return False
        with closing(Catalogue(folder, writable=True)) as catalogue:
            return not catalogue.faults()
    except (sqlite3.Error, StoreError):
        return False


def _old_holds(folder: Path) -> list[Hold]:
    try:
        with closing(Catalogue(folder, writable=False)) as catalogue:
            return catalogue.holds()
    except (StoreError, ValueError):
        return []


def _take_up(folder: Path, path: Path, catalogue: Catalogue, seen: SeenIds, now: int) -> int:
    """Enter a file, newest first: events that a later file holds too are left out; how many are new."""
    try:
        table = read_packed(path)
        ids = id_rows(table)
        times = table.column(TIME).cast(pa.int64()).to_numpy()
    except (OSError, KeyError, pa.ArrowException):
        _set_aside(folder, path)
        return 0
    new = seen.new(ids, times)
    seen.add(ids[new], times[new])
    place = path.stem.rpartition("-")[0]
    facts = Facts(place, 0 if is_young(path) else 1, path.stat().st_mtime_ns)
    if new.all():
        file = (path.stat().st_size, *file_digests(path))
        segment = described(f"{FOLDER}/{path.name}", table, facts, file)
        catalogue.change("rebuild", now, add=[segment])
    else:
        if new.any():
            rest = table.filter(pa.array(new))
            commit(folder, catalogue, "rebuild", now, [(rest, Facts(place, 1, facts.arrived))])
        _set_aside(folder, path)
    return int(new.sum())


def _is_whole(folder: Path, segment: Segment) -> bool:
    try:
        return file_digests(folder / segment.path) == (segment.sha256, segment.sm3)
    except OSError:
        return False


def _set_aside(folder: Path, path: Path, suffix: str = "") -> None:
    if path.exists():
        path.rename(folder / DAMAGED / (path.name + suffix))


def _span(segment: Segment) -> str:
    return f"{to_iso(segment.first * 1000)} to {to_iso(segment.last * 1000)}"
