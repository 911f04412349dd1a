"""Which files of the followed folders are due, and what was taken of each before.

A file is due whole when it has not changed for a second. One that keeps changing is due as
`growing`: a capture is then read on by a follower, a log piece by piece. What was taken is remembered
over restarts by path and inode, so that a log that was renamed by rotation is not read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final, cast

from fengsui.loss import Losses

_STILL: Final = 1.0  # seconds without change after which a file is whole
_GROWING: Final = 3.0  # seconds of change after which a file is one that grows
_HEAD: Final = 1024
_REMEMBERED: Final = 20_000  # files; the oldest are forgotten


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that is due; `taken` bytes of it were read before."""

    path: Path
    growing: bool
    taken: int


@dataclass(slots=True)
class _Seen:
    size: int
    first: float
    changed: float


@dataclass(slots=True)
class _Taken:
    size: int
    modified: float
    inode: int = 0
    offset: int = 0
    head_size: int = 0
    head: str = ""  # of its first bytes: an inode is used again, and a file may be written anew

    def is_of(self, path: Path, stat: os.stat_result) -> bool:
        """Whether the file is the one that was taken, with perhaps more behind."""
        return (
            self.inode == stat.st_ino
            and self.offset <= stat.st_size
            and self.head_size > 0
            and _head(path, self.head_size) == self.head
        )


class Arrivals:
    """Looks at folders, and remembers in the file `memory`."""

    def __init__(self, folders: Sequence[Path], memory: Path) -> None:
        self._folders = folders
        self._memory = memory
        self._taken = _remembered(memory)
        self._seen: dict[Path, _Seen] = {}
        self._held: set[Path] = set()
        self.losses = Losses()

    def due(self) -> list[Arrival]:
        """Files that are due now, oldest first; not those that are held."""
        found: list[tuple[float, Arrival]] = []
        now = time.monotonic()
        for entry in self._entries():
            path = Path(entry.path)
            try:
                stat = entry.stat()
            except FileNotFoundError:
                continue  # moved away while we looked
            arrival = self._look(path, stat, now)
            if arrival is not None:
                found.append((stat.st_mtime, arrival))
        return [arrival for _, arrival in sorted(found, key=lambda pair: pair[0])]

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        for folder in self._folders:
            if not folder.is_dir():
                self.losses.add("sensor.missing_folder_looks")
                continue
            with os.scandir(folder) as entries:
                yield from (entry for entry in entries if entry.is_file() and entry.name[:1] != ".")

    def _look(self, path: Path, stat: os.stat_result, now: float) -> Arrival | None:
        if path in self._held:
            return None
        before = self._taken.get(str(path)) or self._renamed(path, stat)
        if before and (before.size, before.modified) == (stat.st_size, stat.st_mtime):
            self._seen.pop(path, None)
            return None
        seen = self._seen.setdefault(path, _Seen(-1, now, now))
        if seen.size != stat.st_size:
            seen.size, seen.changed = stat.st_size, now
        offset = before.offset if before and before.is_of(path, stat) else 0
        if now - seen.changed >= _STILL:
            return Arrival(path, bool(offset), offset)
        return Arrival(path, True, offset) if now - seen.first >= _GROWING else None

    def _renamed(self, path: Path, stat: os.stat_result) -> _Taken | None:
        """What was taken of this file under a name that leads elsewhere now."""
        for name, known in self._taken.items():
            gone = known.inode == stat.st_ino and not _leads_to(Path(name), known.inode)
            if gone and known.is_of(path, stat):
                self._taken[str(path)] = self._taken.pop(name)
                return known
        return None

    def hold(self, path: Path) -> None:
        """Somebody reads this file on: it is not due until `take`."""
        self._held.add(path)

    def held(self) -> list[Path]:
        """Files that somebody reads on."""
        return list(self._held)

    def take(self, path: Path, offset: int) -> None:
        """`offset` bytes of the file were read; remembered durably."""
        self._held.discard(path)
        self._seen.pop(path, None)
        try:
            stat = path.stat()
        except FileNotFoundError:
            return  # it was rotated away
        before = self._taken.pop(str(path), None)
        begun = min(_HEAD, offset)
        mark = _Taken(stat.st_size, stat.st_mtime, stat.st_ino, offset, begun, _head(path, begun))
        if offset < stat.st_size and (before is None or offset > before.offset):
            mark.size = offset  # more came while we read: it is due again
        self._taken[str(path)] = mark
        while len(self._taken) > _REMEMBERED:
            del self._taken[next(iter(self._taken))]
        temporary = self._memory.with_suffix(".writing")
        rows = {name: list(astuple(one)) for name, one in self._taken.items()}
        temporary.write_text(json.dumps(rows), "utf-8")
        temporary.rename(self._memory)


def _remembered(memory: Path) -> dict[str, _Taken]:
    if not memory.exists():
        return {}
    rows = cast("dict[str, list[Any]]", json.loads(memory.read_text("utf-8")))
    return {name: _Taken(int(row[0]), *row[1:6]) for name, row in rows.items()}


def _head(path: Path, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(size)).hexdigest()[:32]


def _leads_to(path: Path, inode: int) -> bool:
    try:
        return path.stat().st_ino == inode
    except FileNotFoundError:
        return False
