"""OrderedLines: JSON lines of events in order of their time, in bounded memory.

A flow is written when it ends and stamped with its begin, so that a sensor's lines are nearly, but
not quite, in order. The time stands at a fixed place of each line (`fengsui.event`), so that numpy
finds and sorts it for a whole block at once. Blocks that do not fit into memory go, sorted, to
unnamed temporary files, which are merged block by block. Lines of the same time keep their order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.int64]
Write = Callable[[bytes], object]

MEMORY: Final = 32 << 20
_MOST_RUNS: Final = 64
_LEAST_BLOCK: Final = 64 * 1024
_SLICES: Final = 512  # joined at once
_SCANNED: Final = 1 << 20

# {"event.id":"<32 hex>","@timestamp":"2026-11-21T07:49:45.123456Z","event.dataset":…
_QUOTE: Final = 60
_STAMP: Final = 28  # bytes of a time with the quote before it and its Z
_LEAST_LINE: Final = _QUOTE + _STAMP + 1
_FACTORS: Final = (  # digit places of the time, from its quote, and what one there is worth
    [(1 + i, 12 * 31 * 86_400_000_000 * 10 ** (3 - i)) for i in range(4)]
    + [(6, 31 * 86_400_000_000 * 10), (7, 31 * 86_400_000_000)]
    + [(9, 86_400_000_000 * 10), (10, 86_400_000_000)]
    + [(12, 3_600_000_000 * 10), (13, 3_600_000_000), (15, 60_000_000 * 10), (16, 60_000_000)]
    + [(18, 10_000_000), (19, 1_000_000)]
    + [(21 + i, 10 ** (5 - i)) for i in range(6)]
)
_MARKS: Final = ((0, ord('"')), (11, ord("T")), (27, ord("Z")))


@dataclass(slots=True)
class _Block:
    """Lines that lie one behind the other, and the number that each is sorted by."""

    data: memoryview
    starts: Words
    ends: Words
    keys: Words


class OrderedLines:
    """Takes lines in any order and writes them by time when it is told that all are there.

    Args:
        write: takes sorted lines, some hundred kilobytes at a time.
        memory: bytes of lines that are sorted at once.
        folder: for temporary files; None for the system's own place.
    """

    def __init__(self, write: Write, *, memory: int = MEMORY, folder: Path | None = None) -> None:
        self.runs: list[IO[bytes]] = []
        self._write = write
        self._memory = memory
        self._folder = folder
        self._buffer = bytearray(
            memory
        )  # used again and again: fresh memory costs more than sorting
        self._used = 0

    def put(self, lines: bytes) -> None:
        """Take lines, each ended by a newline.

        Raises:
            OSError: the temporary file cannot be written.
        """
        if lines and not lines.endswith(b"\n"):
            lines += b"\n"
        if self._used + len(lines) > len(self._buffer):
            self._spill()
            if len(lines) > len(self._buffer):
                self._buffer = bytearray(len(lines))
        self._buffer[self._used : self._used + len(lines)] = lines
        self._used += len(lines)

    def finish(self) -> None:
        """Write everything.

        Raises:
            OSError: from `write`, or from a temporary file.
        """
        if not self.runs:
            self._write_buffer(self._write)
            return
        self._spill()
        self._buffer = bytearray()
        self._merge(self._write)

    def close(self) -> None:
        """Let go of the temporary files."""
        for run in self.runs:
            run.close()
        self.runs = []

    def _write_buffer(self, write: Write) -> None:
        with memoryview(self._buffer) as whole, whole[: self._used] as data:
            _write_sorted(_block_of(data), write)
        self._used = 0

    def _spill(self) -> None:
        if not self._used:
            return
        run = self._new_run()
        self.runs.append(run)
        self._write_buffer(run.write)
        if len(self.runs) >= _MOST_RUNS:
            whole = self._new_run()
            try:
                self._merge(whole.write)
            except OSError:
                whole.close()
                raise
            self.runs = [whole]

    def _new_run(self) -> IO[bytes]:
        return tempfile.TemporaryFile(prefix="fengsui-", dir=self._folder)

    def _merge(self, write: Write) -> None:
        """All runs into one, in order; the runs are gone afterwards."""
        size = max(_LEAST_BLOCK, self._memory // 2 // len(self.runs))
        fronts = [_Front(run, size) for run in self.runs]
        fronts = [front for front in fronts if front.fill()]
        while fronts:
            # Nothing beyond the least of the last times is sure: it ends the round. Of equal times
            # those of earlier runs come first.
            newest, first = min((front.newest, at) for at, front in enumerate(fronts))
            parts = [front.take(newest, at <= first) for at, front in enumerate(fronts)]
            _write_sorted(_joined([part for part in parts if len(part.keys)]), write)
            fronts = [front for front in fronts if front.ready or front.fill()]
        self.close()


class _Front:
    """The block of a run that is being merged."""

    def __init__(self, run: IO[bytes], size: int) -> None:
        run.seek(0)
        self._run = run
        self._size = size
        self._block: _Block | None = None
        self._at = 0  # lines of it that are gone

    @property
    def ready(self) -> bool:
        """Whether lines are left."""
        return self._block is not None and self._at < len(self._block.keys)

    @property
    def newest(self) -> int:
        """Time of the last line."""
        return int(self._block.keys[-1]) if self._block else 0

    def fill(self) -> bool:
        """Read the next block; whether there was one."""
        data = self._run.read(self._size)
        if data and not data.endswith(b"\n"):
            data += self._run.readline()
        self._block = _block_of(memoryview(data)) if data else None
        self._at = 0
        return bool(data)

    def take(self, newest: int, also_equal: bool) -> _Block:
        """Lines up to a time."""
        block = self._block
        if block is None:
            raise EOFError("nothing is left of this run")
        first = self._at
        found = np.searchsorted(block.keys, newest, "right" if also_equal else "left")
        self._at = max(first, int(found))
        lines = slice(first, self._at)
        return _Block(block.data, block.starts[lines], block.ends[lines], block.keys[lines])


def _joined(blocks: list[_Block]) -> _Block:
    """Blocks one behind the other."""
    if len(blocks) == 1:
        return blocks[0]
    texts: list[memoryview] = []
    shift, starts, ends = 0, [], []
    for block in blocks:
        begin, end = int(block.starts[0]), int(block.ends[-1])
        texts.append(block.data[begin:end])
        starts.append(block.starts + (shift - begin))
        ends.append(block.ends + (shift - begin))
        shift += end - begin
    keys = np.concatenate([block.keys for block in blocks])
    data = memoryview(b"".join(texts))
    return _Block(data, np.concatenate(starts), np.concatenate(ends), keys)


def _block_of(data: memoryview) -> _Block:
    starts, ends = bounds_of(data)
    return _Block(data, starts, ends, keys_of(data, starts, ends))


def bounds_of(data: bytes | memoryview) -> tuple[Words, Words]:
    """Where lines begin, and where they end with their newline."""
    mem = np.frombuffer(data, np.uint8)
    found = [
        np.flatnonzero(mem[at : at + _SCANNED] == 0x0A) + (at + 1)
        for at in range(0, len(mem), _SCANNED)
    ]
    ends = np.concatenate(found) if found else np.empty(0, np.int64)
    starts = np.empty_like(ends)
    starts[1:] = ends[:-1]
    starts[:1] = 0
    return starts, ends


def keys_of(data: bytes | memoryview, starts: Words, ends: Words) -> Words:
    """A number for each line that grows with its time.

    A line without a time at its place (there is none from our sensors) goes with the one before.
    """
    keys = np.zeros(len(starts), np.int64)
    good = ends - starts > _LEAST_LINE
    if not good.any():
        return keys
    at = np.where(good, starts, starts[np.argmax(good)]) + _QUOTE
    # What stands at every place, as text as long as a time: only those of the lines are copied.
    texts = np.ndarray((len(data) - _STAMP + 1,), f"S{_STAMP}", data, 0, (1,))
    stamps = texts[at].view(np.uint8).reshape(-1, _STAMP)
    for place, mark in _MARKS:
        good &= stamps[:, place] == mark
    for place, worth in _FACTORS:
        keys += (stamps[:, place].astype(np.int64) - 0x30) * worth
    if not good.all():
        last = np.maximum.accumulate(np.where(good, np.arange(len(keys)), 0))
        keys = np.where(good, keys, 0)[last]
    return keys


def _write_sorted(block: _Block, write: Write) -> None:
    """Write the lines of a block in order of time."""
    if not len(block.keys):
        return
    order = np.argsort(block.keys, kind="stable")
    # Lines that stay neighbours are moved together.
    breaks = np.flatnonzero(np.diff(order) != 1) + 1
    first = order[np.concatenate((np.zeros(1, np.int64), breaks))]
    last = order[np.concatenate((breaks - 1, np.array([len(order) - 1])))]
    begins, stops = block.starts[first].tolist(), block.ends[last].tolist()
    view = block.data
    for at in range(0, len(begins), _SLICES):
        pairs = zip(begins[at : at + _SLICES], stops[at : at + _SLICES], strict=True)
        write(b"".join([view[begin:stop] for begin, stop in pairs]))
