"""CaptureSensor: a pcap or pcapng file, or a stream of one, as events."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from fengsui.errors import InputError
from sensors.files.digests import HASHES
from sensors.files.keeping import FileStore
from sensors.packet.answers import BAD, ENDED, READY
from sensors.packet.decoder import Decoder
from sensors.packet.filling import Filler
from sensors.packet.native import is_cached
from sensors.packet.opening import decompressed, open_raw
from sensors.source import Batch, Summary

_NO_INTERFACE: Final = "malformed.interface"
_UNUSABLE: Final = ("malformed.", "link.")  # kinds of packets of which nothing can be told


class CaptureSensor:
    """One capture, read once.

    Args:
        path: the file; None to read `stream` (standard input) instead.
        name: how messages call the input.
        sensor: `observer.name` of the events.
        max_flows: flows tracked at once; beyond, the one not seen for longest ends early.
        datasets: datasets to write, None for all; what none of them needs is not done.
        report_every: ns of packet time after which a flow that is still open is reported (dataset
            `flow_open`); 0 for never.
        store: where carried files are kept when the policy wants them.
        hashes: made of each carried file.
    """

    def __init__(
        self,
        path: Path | None,
        stream: BinaryIO | None = None,
        *,
        name: str,
        sensor: str,
        max_flows: int = 262_144,
        datasets: frozenset[str] | None = None,
        report_every: int = 0,
        store: FileStore | None = None,
        hashes: tuple[str, ...] = HASHES,
    ) -> None:
        self.name = name
        self.size = 0
        self._path = path
        self._stream = stream
        self._make = partial(
            Decoder,
            sensor,
            max_flows=max_flows,
            datasets=datasets,
            report_every=report_every,
            store=store,
            hashes=hashes,
        )
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
        if not is_cached():
            log = logging.getLogger("sensors.packet")
            log.info("Compiling the packet decoder; this is done once.", extra={"input": self.name})
        decoder = self._make()
        filler = Filler(decoder.tables, reader, self.name)
        filler.begin()
        while True:
            status = decoder.run()
            if status == READY:
                yield decoder.take(counting.done)
            elif status == BAD or not filler.fill():
                break
        filler.end(self._summary.losses, stopped=status == BAD)
        self._summary.bytes = filler.bytes
        decoder.count(self._summary)
        self._check_usable()
        while decoder.finish() != ENDED:
            yield decoder.take(counting.done)
        yield decoder.take(counting.done)
        decoder.count(self._summary)
        for kind, count in self._summary.kinds.items():
            if kind.startswith(_UNUSABLE):
                self._summary.losses.add("packet." + kind.replace(".", "_"), count)

    def _check_usable(self) -> None:
        """Refuse an input of which no packet could be read at all."""
        summary = self._summary
        if summary.records == 0 and summary.losses.as_json():
            raise InputError(
                "no packet of the capture can be read: it is cut or damaged",
                where=self.name,
                next="get a whole copy",
                code="cut",
            )
        links = [kind for kind in summary.kinds if kind.startswith(("link.", _NO_INTERFACE))]
        if links and sum(summary.kinds[kind] for kind in links) == summary.records:
            numbers = ", ".join(kind.removeprefix("link.") for kind in links)
            why = f"link type {numbers} is not supported"
            raise InputError(
                "no packet can be used: "
                + ("no interface is described" if _NO_INTERFACE in links else why),
                where=self.name,
                next="record on an Ethernet, Linux cooked or raw IP interface",
                code="link_type",
            )
