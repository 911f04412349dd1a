"""CaptureSensor: a pcap or pcapng file, or a stream of one, as events."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from fengsui.errors import InputError
from sensors.packet import kinds
from sensors.packet.compile import is_cached, warm_up
from sensors.packet.engine import BAD, ENDED, READY, run
from sensors.packet.filling import Filler
from sensors.packet.layout import OBSERVER, OUT, Tables, make_tables
from sensors.packet.opening import decompressed, open_raw
from sensors.packet.texts import DATASET_NAMES
from sensors.source import Batch, Summary


class CaptureSensor:
    """One capture, read once.

    Args:
        path: the file; None to read `stream` (standard input) instead.
        name: how messages call the input.
        sensor: `observer.name` of the events.
        max_flows: flows tracked at once; beyond, the one not seen for longest ends early.
    """

    def __init__(
        self,
        path: Path | None,
        stream: BinaryIO | None = None,
        *,
        name: str,
        sensor: str,
        max_flows: int = 262_144,
    ) -> None:
        self.name = name
        self.size = 0
        self._path = path
        self._stream = stream
        self._sensor = sensor
        self._max_flows = max(1, max_flows)
        self._summary = Summary()
        if path is not None and path.is_file():
            self.size = path.stat().st_size

    @property
    def summary(self) -> Summary:
        """Counts so far; kinds and events are complete once the iterator has ended."""
        return self._summary

    def __iter__(self) -> Iterator[Batch]:
        """Batches until the input ends.

        Raises:
            InputError: nothing of the input can be used.
        """
        raw, self.size = open_raw(self._path, self._stream, self.name)
        try:
            yield from self._sense(raw)
        finally:
            if self._stream is None:
                raw.close()

    def _sense(self, raw: BinaryIO) -> Iterator[Batch]:
        counting, reader = decompressed(raw, self.name)
        tables = self._tables()
        filler = Filler(tables, reader, self.name)
        filler.begin()
        log = logging.getLogger("sensors.packet")
        if not is_cached():
            log.info("Compiling the packet decoder; this is done once.", extra={"input": self.name})
            warm_up()
        while True:
            status = run(tables, 0)
            if status == READY:
                yield self._batch(tables, counting.done)
            elif status == BAD or not filler.fill():
                break
        filler.end(self._summary.losses, stopped=status == BAD)
        self._summary.bytes = filler.bytes
        self._count(tables)
        self._check_usable(tables)
        while run(tables, 1) != ENDED:
            yield self._batch(tables, counting.done)
        yield self._batch(tables, counting.done)
        self._count(tables)

    def _tables(self) -> Tables:
        tables = make_tables(
            self._max_flows, secrets.randbits(30), kinds.COUNT, len(kinds.LOSS_NAMES)
        )
        observer = orjson.dumps(self._sensor[:256])[1:-1]
        tables.arena[OBSERVER : OBSERVER + len(observer)] = memoryview(observer)
        tables.state[0]["observer"] = len(observer)
        return tables

    def _batch(self, tables: Tables, done: int) -> Batch:
        state = tables.state[0]
        lines = tables.arena[OUT : int(state["out"])].tobytes()
        count = int(state["batch_events"])
        state["out"] = OUT
        state["batch_events"] = 0
        self._summary.records = int(state["records"])
        return Batch(lines, count, int(state["newest"]), done)

    def _count(self, tables: Tables) -> None:
        state = tables.state[0]
        summary = self._summary
        summary.records = int(state["records"])
        summary.first = int(state["first"])
        summary.last = int(state["newest"])
        used = tables.counts.nonzero()[0]
        summary.kinds = kinds.named_counts((int(kind), int(tables.counts[kind])) for kind in used)
        summary.events = {
            name: int(tables.events[number])
            for number, name in enumerate(DATASET_NAMES)
            if tables.events[number]
        }
        for number, name in enumerate(kinds.LOSS_NAMES):
            summary.losses.add(name, int(tables.losses[number]))
            tables.losses[number] = 0

    def _check_usable(self, tables: Tables) -> None:
        """Refuse an input of which no packet could be read at all."""
        summary = self._summary
        if summary.records == 0 and summary.losses.as_json():
            raise InputError(
                "no packet of the capture can be read: it is cut or damaged",
                where=self.name,
                next="get a whole copy",
                code="cut",
            )
        links = [kind for kind in summary.kinds if kind.startswith("link.")]
        if links and sum(summary.kinds[kind] for kind in links) == summary.records:
            numbers = ", ".join(kind.removeprefix("link.") for kind in links)
            raise InputError(
                f"no packet can be used: link type {numbers} is not supported",
                where=self.name,
                next="record on an Ethernet, Linux cooked or raw IP interface",
                code="link_type",
            )
