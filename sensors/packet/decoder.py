"""Decoder: the compiled pass and the plain parsers behind it, as one thing that takes packets.

`sensors.packet.capture` feeds it files, `sensors.live` the blocks of a ring.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

import orjson

from fengsui.loss import Losses
from sensors.files.digests import HASHES
from sensors.files.keeping import FileStore
from sensors.packet import kinds
from sensors.packet.answers import ASKING, ENDED, READY
from sensors.packet.layout import (
    INPUT,
    OBSERVER,
    OBSERVER_SIZE,
    OUT,
    WANT_BODIES,
    WANT_DNS,
    WANT_FLOW,
    WANT_HTTP,
    WANT_LOGONS,
    WANT_OPEN_FLOWS,
    WANT_SESSIONS,
    WANT_SMB,
    WANT_SMB_FILES,
    WANT_TLS,
    WANT_UNKNOWN,
    make_tables,
)
from sensors.packet.native import entry
from sensors.packet.receiving import Receiver
from sensors.packet.texts import DATASET_NAMES
from sensors.sessions import Sessions
from sensors.shelf import protocols_for
from sensors.source import Batch, Summary

_OWN: Final = {
    "flow": WANT_FLOW,
    "dns": WANT_DNS,
    "http": WANT_HTTP,
    "tls": WANT_TLS,
    "flow_open": WANT_OPEN_FLOWS,
    "smb": WANT_SMB,
    "smb_files": WANT_SMB_FILES,
}

_FIRST_TIER: Final = frozenset(_OWN) - {"smb", "smb_files"}


def wanted_bits(datasets: frozenset[str] | None) -> int:
    """What the compiled code has to do for these datasets; None for all."""
    if datasets is None:
        return sum(_OWN.values()) | WANT_BODIES | WANT_SESSIONS | WANT_UNKNOWN | WANT_LOGONS
    bits = sum(bit for name, bit in _OWN.items() if name in datasets)
    if "files" in datasets:
        bits |= WANT_BODIES
    if not datasets.isdisjoint({"ntlm", "kerberos"}):
        bits |= WANT_LOGONS
    if datasets - {"flow", "flow_open", "dns"}:
        bits |= WANT_SESSIONS
    return bits | (WANT_UNKNOWN if datasets - _FIRST_TIER else 0)


class Decoder:
    """Tables, parsers and counts of one stream of packets.

    Args:
        sensor: `observer.name` of the events.
        max_flows: flows tracked at once.
        datasets: to write, None for all.
        report_every: ns of packet time after which an open flow is reported, 0 for never.
        store: where carried files are kept when the policy wants them.
        hashes: made of each carried file.
        fields: more fields that every event carries, such as the name of an interface.

    Raises:
        ValueError: the name of the sensor and these fields are too long together.
    """

    def __init__(
        self,
        sensor: str,
        *,
        max_flows: int = 262_144,
        datasets: frozenset[str] | None = None,
        report_every: int = 0,
        store: FileStore | None = None,
        hashes: tuple[str, ...] = HASHES,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self.tables = make_tables(
            max(1, max_flows), secrets.randbits(30), kinds.COUNT, len(kinds.LOSS_NAMES)
        )
        self._run = entry("run", self.tables)
        self._state = self.tables.state[0]
        self._write_observer(sensor, fields or {})
        self._state["wanted"] = wanted_bits(datasets)
        self._state["report_every"] = report_every
        self._losses = Losses()
        bits = wanted_bits(datasets)
        shelf = protocols_for(datasets) if bits & WANT_SESSIONS else {}
        self._sessions = Sessions(shelf, self._losses, datasets, store=store, hashes=hashes)
        self._receiver = Receiver(
            self.tables,
            self._sessions,
            glanced=frozenset(
                name
                for name, one in shelf.items()
                if datasets is not None
                and datasets.isdisjoint(one.datasets)
                and not one.leads_to
                and not (one.files and "files" in datasets)
            ),
            bodies=bool(bits & WANT_BODIES),
            store=store,
            hashes=hashes,
        )

    def _write_observer(self, sensor: str, fields: Mapping[str, str]) -> None:
        """Compiled code copies this behind `"observer.name":"` of each event, and a quote behind it."""
        text = orjson.dumps({"": sensor[:256], **fields})[len(b'{"":"') : -len(b'"}')]
        if len(text) > OBSERVER_SIZE:
            raise ValueError(f"fields of every event have {len(text)} bytes of {OBSERVER_SIZE}")
        self.tables.arena[OBSERVER : OBSERVER + len(text)] = memoryview(text)
        self._state["observer"] = len(text)

    def run(self) -> int:
        """Go on with the input; READY, MORE or BAD of `sensors.packet.engine`."""
        while True:
            status = self._run(0)
            if status == ASKING or status == READY:
                self._receiver.receive()
            if status != ASKING:
                return status

    def block(self, block: memoryview, first: int, packets: int) -> None:
        """Take a block of a TPACKET_V3 ring as the next input; `run` then works it off.

        Args:
            block: its used part, at most `layout.INPUT_SIZE` bytes; it may be handed back at once.
            first: offset of its first frame.
            packets: frames in it.
        """
        state = self._state
        size = len(block)
        self.tables.arena.data[INPUT : INPUT + size] = block
        state["position"] = INPUT + first
        state["limit"] = INPUT + size
        state["ring_left"] = packets

    def live(self, link: int) -> None:
        """Read blocks of a ring from here on; `link` is their link type (1: Ethernet)."""
        self._state["ring"] = 1
        self._state["interfaces"] = 1
        self._state["if_link"][0] = link

    def idle(self, now: int) -> None:
        """Nothing arrives: `run` then ends what was silent for too long. `now` in ns."""
        self._state["tick"] = now

    def finish(self) -> int:
        """End what is open, as far as there is room; READY or ENDED."""
        self._receiver.receive()
        status = self._run(1)
        self._receiver.receive()
        if status == ENDED:
            self._sessions.end_all()
        return status

    def take(self, done: int) -> Batch:
        """Events since the last call; `done` is the batch's own."""
        state = self._state
        count = int(state["batch_events"])
        more, number = self._receiver.take()
        lines = b"".join((self.tables.arena.data[OUT : int(state["out"])], more))
        state["out"] = OUT
        state["batch_events"] = 0
        return Batch(lines, count + number, int(state["newest"]), done)

    def count(self, summary: Summary) -> None:
        """Bring a summary up to date."""
        state = self._state
        summary.records = int(state["records"])
        summary.first = int(state["first"])
        summary.last = int(state["newest"])
        used = self.tables.counts.nonzero()[0]
        summary.kinds = kinds.named_counts(
            (int(kind), int(self.tables.counts[kind])) for kind in used
        )
        events = {
            name: int(self.tables.events[number])
            for number, name in enumerate(DATASET_NAMES)
            if self.tables.events[number]
        }
        for name, number in self._sessions.counts.items():
            events[name] = events.get(name, 0) + number
        summary.events = events
        for number, name in enumerate(kinds.LOSS_NAMES):
            summary.losses.add(name, int(self.tables.losses[number]))
            self.tables.losses[number] = 0
        summary.losses.merge(self._losses)
        self._losses.clear()
