"""One capture through a sensor of its own, and what its run breaks of the decoder's laws."""

from __future__ import annotations

import ctypes
import io
import mmap
import os
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from fengsui import ecs
from fengsui.errors import InputError
from sensors import sessions
from sensors.packet import capture, decoder, layout
from sensors.packet.capture import CaptureSensor
from sensors.packet.decoder import Decoder
from sensors.packet.filling import Filler

GUARDS: Final = (
    layout.INPUT + layout.INPUT_SIZE,
    layout.OUT + layout.OUT_SIZE,
    layout.SCRATCH + layout.SCRATCH_SIZE,
    layout.OBSERVER + layout.OBSERVER_SIZE,
    layout.BLOCKS + layout.BLOCK_SIZE * layout.BLOCK_COUNT,
    layout.NOTES + layout.NOTE_SIZE * layout.NOTE_COUNT,
    layout.NAMES + layout.NAME_SIZE * layout.QUERY_COUNT,
    layout.SLOTS + layout.SLOT_SIZE * layout.SLOT_COUNT,
    layout.DEFRAGMENTED + 64 * layout.KIB,
    layout.WORDS + layout.WORDS_SIZE,
    layout.HANDOVER + layout.HANDOVER_SIZE,
)
_POOLS: Final = {
    "note": ("notes", "next"),
    "block": ("block_next", ""),
    "query": ("queries", "chain"),
    "slot": ("slots_held", "next"),
    "datagram": ("datagrams", "chain"),
    "flow": ("flows", "next"),
}
# Regions whose bytes mean nothing before they are written.
_PLAIN_REGIONS: Final = (
    (layout.INPUT, layout.INPUT_SIZE),
    (layout.OUT, layout.OUT_SIZE),
    (layout.SCRATCH, layout.SCRATCH_SIZE),
    (layout.DEFRAGMENTED, 64 * layout.KIB),
    (layout.HANDOVER, layout.HANDOVER_SIZE),
)


class Drips(io.RawIOBase):
    """A stream that gives what it has in pieces of unforeseen size."""

    def __init__(self, data: bytes, chance: random.Random) -> None:
        super().__init__()
        self._data = data
        self._at = 0
        self._chance = chance

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        most = self._chance.choice((7, 60, 300, 3000))
        data = self._data[self._at : self._at + (min(size, most) if size >= 0 else most)]
        self._at += len(data)
        return data


def fenced(tables: layout.Tables) -> layout.Tables:
    """The same tables with guards that must not even be read: whoever does ends the process."""
    memory = mmap.mmap(-1, layout.ARENA_SIZE)
    arena = np.frombuffer(memory, np.uint8)
    libc = ctypes.CDLL(None, use_errno=True)
    for guard in GUARDS:
        place = ctypes.c_void_p(arena.ctypes.data + guard)
        assert libc.mprotect(place, ctypes.c_size_t(layout.GUARD), 0) == 0
    return tables._replace(arena=arena)


class Poisoned(Filler):
    """Leaves bytes behind the input that no packet may depend on."""

    def _read(self, at: int, most: int) -> int:
        size = super()._read(at, most)
        behind = at + size
        self._view[behind : behind + 4096] = b"\xa5" * len(self._view[behind : behind + 4096])
        return size


@contextmanager
def unexpected(found: Counter[str]) -> Iterator[None]:
    """Count where parsers raise what they should not, by the last lines of the traceback."""
    lost = sessions.FlowContext.lost

    def noted(self: sessions.FlowContext, what: str, count: int = 1) -> None:
        if what == "parser_error":
            error = sys.exc_info()[1]
            place = traceback.extract_tb(error.__traceback__)[-2:] if error else []
            words = " < ".join(
                f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(place)
            )
            found[f"{self.protocol}: {error!r} at {words}"[:300]] += 1
        lost(self, what, count)

    sessions.FlowContext.lost = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        sessions.FlowContext.lost = lost  # type: ignore[method-assign]


def resident() -> int:
    """KiB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


class Run:
    """One capture through a sensor of its own, with what is left of it afterwards."""

    def __init__(
        self, stream: Any, *, poison: int = 0, fences: bool = False, **options: Any
    ) -> None:
        self.sensor = CaptureSensor(None, stream, name="mutant", sensor="tap", **options)
        self.decoders: list[Decoder] = []
        self._fences = fences
        make: Callable[[], Decoder] = self.sensor._make

        def remember() -> Decoder:
            decoder.make_tables = _fenced_tables if fences else layout.make_tables
            self.decoders.append(make())
            decoder.make_tables = layout.make_tables
            if poison:
                for at, size in _PLAIN_REGIONS:
                    self.decoders[-1].tables.arena[at : at + size] = poison
            return self.decoders[-1]

        self.sensor._make = remember  # type: ignore[assignment]
        self.lines: list[bytes] = []
        self.refused = False
        self.wrong: list[str] = []
        capture.Filler = Poisoned if poison else Filler  # type: ignore[misc]
        try:
            for one in self.sensor:
                lines = one.lines.splitlines()
                if len(lines) != one.count:
                    self.wrong.append(f"a batch of {one.count} events has {len(lines)} lines")
                self.lines += lines
        except InputError:
            self.refused = True
        finally:
            del self.sensor._make  # it knows this run
            capture.Filler = Filler  # type: ignore[misc]

    def faults(self, every: int = 1) -> list[str]:
        """What breaks a law."""
        found = list(self.wrong)
        summary = self.sensor.summary
        for one in self.decoders:
            if not self._fences:
                found += _written(one)
            found += [] if self.refused else _left(one)
        if self.refused:
            return found
        if sum(summary.kinds.values()) != summary.records:
            found.append(f"{summary.records} records, kinds of {sum(summary.kinds.values())}")
        if sum(summary.events.values()) != len(self.lines):
            found.append(f"{len(self.lines)} lines, counted {sum(summary.events.values())}")
        for line in self.lines[::every]:
            found += _line_faults(line)
        return found[:20]


def _line_faults(line: bytes) -> list[str]:
    try:
        event = orjson.loads(line)
    except ValueError as error:
        return [f"no JSON ({error}): {line[:2000]!r}"]
    found = ecs.faults(event)
    if event["event.dataset"] not in ecs.DATASETS:
        found.append(f"dataset {event['event.dataset']}")
    return [f"{event['event.dataset']}: {one}" for one in found]


def _fenced_tables(*sizes: int) -> layout.Tables:
    return fenced(layout.make_tables(*sizes))


def _written(one: Decoder) -> list[str]:
    """Guards that do not hold zeros any more."""
    arena = one.tables.arena
    return [
        f"the guard at {guard} was written"
        for guard in GUARDS
        if arena[guard : guard + layout.GUARD].any()
    ]


def _left(one: Decoder) -> list[str]:
    """What a decoder that has ended did not clear away."""
    tables = one.tables
    state = tables.state[0]
    found: list[str] = []
    if state["live"] or state["fragment_slots"]:
        found.append(f"{state['live']} flows, {state['fragment_slots']} fragments are left")
    for pool, (table, link) in _POOLS.items():
        links = getattr(tables, table)
        links = links[link] if link else links
        free, count = int(state[f"free_{pool}"]), 0
        while free and count <= len(links):
            count += 1
            free = int(links[free - 1])
        if count != state[f"fresh_{pool}"]:
            found.append(f"{pool}: {count} of {state[f'fresh_{pool}']} handed back")
    if tables.slots.any():
        found.append("the flow table has entries")
    if one._sessions.open:
        found.append(f"{len(one._sessions.open)} sessions are open")
    bodies = one._receiver._bodies
    if bodies is not None and len(bodies):
        found.append(f"{len(bodies)} bodies are open")
    return found
