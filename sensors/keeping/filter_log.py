"""The filters of all of a writer's segments in one file, so that a flow is not looked for in each.

`egress-1.filters` lies beside the segments of the writer `egress-1`. Of every segment that has an
index it repeats the head and the filter, as they are there, sealed ones sealed; one read of it rules
out nearly all segments, where opening each index costs a cold disk two seeks. It is no more than
that: a segment that it does not name is looked into, and it is made anew at each start.

    { FSFILTR1 · length of the name (2) · length of the filter (4) · name · head · filter }…
"""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from fengsui.errors import FengsuiError
from sensors.keeping.sealing import Keyring
from sensors.keeping.segment_index import (
    HEAD_SIZE,
    Head,
    may_hold,
    read_filter,
    read_head,
    unpack_head,
)
from sensors.keeping.segments import Segment, list_segments

log = logging.getLogger(__name__)

SUFFIX: Final = ".filters"
_MAGIC: Final = b"FSFILTR1"
_ENTRY: Final = struct.Struct("<8sHI")
_BUFFER: Final = 1 << 20
_LONGEST: Final = 1 << 21  # bytes of a filter: more is damage
_SLACK: Final = 64  # entries of removed segments that a file may have besides as many as are there


class Entry(NamedTuple):
    """Of one segment; `at` is where its filter lies in the file."""

    name: str
    packed: bytes  # the head
    head: Head
    at: int
    size: int


class FilterLog:
    """Appends to the file of one writer; what the disk does not take is left out.

    Args:
        folder: of the ring.
        writer: whose segments.
    """

    def __init__(self, folder: Path, writer: str) -> None:
        self._folder = folder
        self._writer = writer
        self._path = folder / (writer + SUFFIX)
        self._entries = 0
        self._renew(_indexed(self._mine()))
        self._forget_others()

    def add(self, segment: Segment) -> None:
        """Take a segment over whose index has just been written."""
        try:
            append_to(self._path, _entry_of(segment))
            self._entries += 1
            if self._entries > _SLACK and self._entries > _SLACK + 2 * len(self._mine()):
                self._renew(self._kept())
        except (FengsuiError, OSError):  # torn, on a full disk, or made before rights were given up
            self._renew(_indexed(self._mine()))

    def _mine(self) -> list[Segment]:
        return [s for s in list_segments(self._folder) if s.writer == self._writer]

    def _kept(self) -> Iterator[bytes]:
        """Entries of segments that are still there: of one file, in order, so it is soon done."""
        there = {segment.path.stem for segment in self._mine()}
        with self._path.open("rb", buffering=_BUFFER) as file:
            for entry in _entries(file):
                if entry.name in there:
                    file.seek(entry.at)
                    yield _pack(entry.name, entry.packed, file.read(entry.size))

    def _renew(self, entries: Iterator[bytes]) -> None:
        """Write the file again, of these entries."""
        temporary = self._path.with_name(f"filters.{self._writer}.1.writing")  # `repair` knows it
        count = 0
        try:
            temporary.unlink(missing_ok=True)
            for entry in entries:
                append_to(temporary, entry)
                count += 1
            if count:
                temporary.rename(self._path)
            else:
                self._path.unlink(missing_ok=True)
            self._entries = count
        except OSError:
            log.exception("The filters cannot be renewed", extra={"path": str(self._path)})
            for path in (temporary, self._path):  # none is better than one with a torn entry
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            self._entries = 0

    def _forget_others(self) -> None:
        """Remove files of writers that have no segments any more."""
        writers = {segment.writer for segment in list_segments(self._folder)} | {self._writer}
        for path in self._folder.glob("*" + SUFFIX):
            if path.name.removesuffix(SUFFIX) not in writers:
                path.unlink(missing_ok=True)


def ruled_out(
    folder: Path, wanted: tuple[int, ...], since: int, until: int, keyring: Keyring
) -> set[str]:
    """Stems of segments that have no packet of any of these hashes in that time (ns)."""
    out: set[str] = set()
    for path in sorted(folder.glob("*" + SUFFIX)):
        try:
            with path.open("rb", buffering=_BUFFER) as file:
                for entry in _entries(file):
                    if not _may_have(file, entry, wanted, (since, until), keyring):
                        out.add(entry.name)
        except (FengsuiError, OSError):
            continue  # renewed under our hands, or of a key that we do not have
    return out


def _may_have(
    file: BinaryIO, entry: Entry, wanted: tuple[int, ...], span: tuple[int, int], keyring: Keyring
) -> bool:
    if entry.head.first > span[1] or entry.head.last < span[0]:
        return False
    file.seek(entry.at)
    stored = file.read(entry.size)
    filter_ = read_filter(stored, entry.head, keyring, Path(file.name))
    return any(may_hold(filter_, one) for one in wanted)


def _entries(file: BinaryIO) -> Iterator[Entry]:
    """Whole entries from the beginning; the rest of a damaged file is left alone."""
    at = 0
    end = os.fstat(file.fileno()).st_size
    while True:
        file.seek(at)
        start = file.read(_ENTRY.size)
        if len(start) < _ENTRY.size:
            return
        magic, name_size, size = _ENTRY.unpack(start)
        at += _ENTRY.size + name_size + HEAD_SIZE
        if magic != _MAGIC or size > _LONGEST or at + size > end:
            return
        name, packed = file.read(name_size), file.read(HEAD_SIZE)
        head = unpack_head(packed)
        if head is None:
            return
        yield Entry(name.decode("ascii", "replace"), packed, head, at, size)
        at += size


def _indexed(segments: list[Segment]) -> Iterator[bytes]:
    """Entries of those that have an index."""
    for segment in segments:
        try:
            yield _entry_of(segment)
        except (FengsuiError, OSError):
            continue


def _entry_of(segment: Segment) -> bytes:
    """An entry from a segment's index.

    Raises:
        InputError: it is damaged.
        OSError: there is none.
    """
    head = read_head(segment.index)
    with segment.index.open("rb") as file:
        packed, stored = file.read(HEAD_SIZE), file.read(head.lengths()[0])
    return _pack(segment.path.stem, packed, stored)


def _pack(name: str, packed: bytes, stored: bytes) -> bytes:
    return _ENTRY.pack(_MAGIC, len(name), len(stored)) + name.encode() + packed + stored


def append_to(path: Path, data: bytes) -> None:
    """Add to a file's end, which is made if needed, at once: another reads it meanwhile.

    Raises:
        OSError: it is not all there.
    """
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        if os.write(file, data) != len(data):
            raise OSError(28, "No space left on device")
    finally:
        os.close(file)
