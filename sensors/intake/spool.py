"""The durable, bounded queue between a sensor and a worker: one file a batch.

A batch is written to a temporary file, fsynced, renamed and its folder fsynced before `put` returns;
it is removed only after the store has its events. So kill -9 on either side loses nothing that was
acknowledged, and what is read twice is made harmless by deterministic ids.

A file is one header line of JSON and the events as JSON lines. Its name orders it: a stream's batches
are taken in order, and streams in turn, so that a long replay does not starve live telemetry.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from fengsui.clock import MILLISECOND
from fengsui.errors import BusyError, InputError

BatchKind = Literal["start", "events", "end"]
_AT_ONCE = 16  # batches of one stream before the next stream has its turn


@dataclass(frozen=True, slots=True)
class Spooled:
    """One batch. `header` of a start or end batch carries what the run is, or its summary."""

    stream: str
    number: int
    kind: BatchKind
    clock: int
    lines: bytes = b""
    header: Mapping[str, Any] = field(default_factory=dict[str, Any])
    path: Path = Path()


class Spool:
    """A folder of streams; several processes may write, one takes."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._max_bytes = max_bytes

    def put(self, batch: Spooled) -> Path:
        """Keep a batch durably.

        Raises:
            BusyError: the spool is full (code `spool_full`); nothing was written, so try again.
        """
        if self.size() + len(batch.lines) > self._max_bytes:
            raise BusyError(
                "The spool is full: the worker is behind or stopped",
                where=str(self._folder),
                next="Start the worker (`fengsui work`) or raise spool.max_megabytes",
                code="spool_full",
            )
        folder = self._folder / batch.stream
        folder.mkdir(exist_ok=True, mode=0o700)
        path = folder / f"{batch.number:015d}.batch"
        header = {"kind": batch.kind, "clock": batch.clock, "header": dict(batch.header)}
        temporary = path.with_suffix(".writing")
        with temporary.open("wb") as file:
            file.write(orjson.dumps(header) + b"\n" + batch.lines)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        _fsync_folder(folder)
        return path

    def next_number(self, stream: str, now: int) -> int:
        """A number above every earlier one of the stream, also across restarts: the time (ns) in ms."""
        names = [int(path.stem) for path in (self._folder / stream).glob("*.batch")]
        return max([now // MILLISECOND, *(number + 1 for number in names)])

    def take(self, held: Collection[Path]) -> Iterator[Path]:
        """Files of waiting batches, a few of each stream in turn, each stream's in order.

        `held` are those that were taken before: a batch stays in its folder until `done`.
        """
        for folder in sorted(entry for entry in self._folder.iterdir() if entry.is_dir()):
            yield from [p for p in sorted(folder.glob("*.batch")) if p not in held][:_AT_ONCE]

    def done(self, batch: Spooled) -> None:
        """The store has it: remove it, and its stream's folder after the end."""
        batch.path.unlink(missing_ok=True)
        if batch.kind == "end":
            try:
                batch.path.parent.rmdir()
            except OSError:
                return  # another writer has begun a stream of the same name

    def set_aside(self, path: Path) -> None:
        """Keep a batch that cannot be read for a look by a person; it is not taken again."""
        path.rename(path.with_suffix(".unreadable"))

    def size(self) -> int:
        """Bytes that wait."""
        total = 0
        for entry in self._folder.rglob("*.batch"):
            try:
                total += entry.stat().st_size
            except FileNotFoundError:
                continue  # taken by the worker while we counted
        return total

    def waiting(self) -> dict[str, int]:
        """Batches that wait, by stream."""
        streams = (folder for folder in self._folder.iterdir() if folder.is_dir())
        counts = {folder.name: len(list(folder.glob("*.batch"))) for folder in streams}
        return {stream: count for stream, count in counts.items() if count}


def read_batch(path: Path) -> Spooled:
    """A batch from its file.

    Raises:
        InputError: the file is no batch (code `bad_batch`).
    """
    head, _, lines = path.read_bytes().partition(b"\n")
    try:
        document = orjson.loads(head)
        return Spooled(
            path.parent.name,
            int(path.stem),
            document["kind"],
            document["clock"],
            lines,
            document["header"],
            path,
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"A spooled batch cannot be read: {error}",
            where=str(path),
            next="It is set aside as .unreadable; report it with that file",
            code="bad_batch",
        ) from error


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
