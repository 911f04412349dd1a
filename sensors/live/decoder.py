"""RingDecoder: the decoder of files, fed with the blocks of a live ring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sensors.files.digests import HASHES
from sensors.files.keeping import FileStore
from sensors.packet.answers import ENDED, READY
from sensors.packet.decoder import Decoder
from sensors.packet.layout import WANT_BODIES, WANT_LOGONS, WANT_SESSIONS
from sensors.packet.native import warm_up
from sensors.source import Batch, Summary


class RingDecoder:
    """Blocks in, batches out; one for each worker.

    Args:
        sensor: `observer.name` of the events.
        fields: more fields that every event carries, such as the interface's name.
        max_flows: flows tracked at once.
        link: LINKTYPE_* of the interface.
        datasets: to write, None for all.
        store: where carried files are kept when the policy wants them.
        hashes: made of each carried file.
    """

    def __init__(
        self,
        *,
        sensor: str,
        fields: Mapping[str, str],
        max_flows: int,
        link: int,
        datasets: frozenset[str] | None = None,
        store: FileStore | None = None,
        hashes: tuple[str, ...] = HASHES,
    ) -> None:
        warm_up()
        self._decoder = Decoder(
            sensor,
            max_flows=max_flows,
            datasets=datasets,
            store=store,
            hashes=hashes,
            fields=fields,
        )
        self._wanted = int(self._decoder.tables.state[0]["wanted"])
        self._decoder.live(link)
        self._ready: list[Batch] = []
        self._summary = Summary()
        self._decoder.run()  # loads the compiled code

    @property
    def summary(self) -> Summary:
        """Counts up to the last batch."""
        return self._summary

    def block(self, block: memoryview, first: int, packets: int) -> None:
        """Decode a block of the ring: its used part, its first frame at `first`."""
        self._summary.bytes += len(block)
        self._decoder.block(block, first, packets)
        self._work_off()

    def idle(self, now: int) -> None:
        """Nothing came for a while; it is `now` (ns), so flows that were silent for long can end."""
        self._decoder.idle(now)
        self._work_off()

    def shed(self, *, on: bool) -> None:
        """Give no plain parser to flows that begin from here on, or give them again.

        Those parsers cost ten times what compiled code does: without them a ring that runs full
        still yields every flow, name, request and handshake. Flows that have one keep it.
        """
        spared = WANT_SESSIONS | WANT_BODIES | WANT_LOGONS if on else 0
        self._decoder.tables.state[0]["wanted"] = self._wanted & ~spared

    def _work_off(self) -> None:
        while self._decoder.run() == READY:
            self._ready.append(self._batch())

    def take(self) -> Batch | None:
        """The next batch that is there, whole or begun; None when there is none."""
        if self._ready:
            return self._ready.pop(0)
        batch = self._batch()
        return batch if batch.count else None

    def finish(self) -> Iterator[Batch]:
        """End all flows; the last batches."""
        while self._decoder.finish() != ENDED:
            yield self._batch()
        yield self._batch()

    def _batch(self) -> Batch:
        batch = self._decoder.take(self._summary.bytes)
        self._decoder.count(self._summary)
        return batch
