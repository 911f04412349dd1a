"""What a capture worker is told on its command line, and what it tells its parent over a socket:
batches of events, and reports as JSON.
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, cast

import orjson

from sensors.files.digests import HASHES
from sensors.live.kept import KeptFiles, KeptPackets
from sensors.source import Batch

EVENTS: Final = 1
REPORT: Final = 2
_HEAD: Final = struct.Struct("=BIqI")  # kind, bytes that follow, clock, events
_MOST: Final = 64 << 20  # no message is longer: what says so is not ours
_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told on its command line."""

    interface: str
    ring: int  # file descriptors
    out: int
    blocks: int
    link_type: int
    sensor: str
    fields: dict[str, str]
    max_flows: int
    protocols: list[str]  # datasets to write; empty for all
    user: str = ""
    core: int = -1
    every: float = 1.0  # seconds between reports, and the most that an event waits here
    hashes: list[str] = field(default_factory=lambda: list(HASHES))  # of carried files
    packets: KeptPackets | None = None
    files: KeptFiles | None = None
    writer: str = ""  # of packets: nobody else's name

    def as_argument(self) -> str:
        """One JSON document."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def of_argument(cls, argument: str) -> Task:
        """The task of a command line.

        Raises:
            TypeError: it is none.
        """
        document: Any = orjson.loads(argument)
        if not isinstance(document, dict):
            raise TypeError("a worker is told its task as one JSON object")
        rows = cast("dict[str, Any]", document)
        if rows.get("packets"):
            rows["packets"] = KeptPackets(**rows["packets"])
        if rows.get("files"):
            rows["files"] = KeptFiles(**rows["files"])
        return cls(**rows)


@dataclass(slots=True)
class Report:
    """Counts since the worker's start; `lag_seconds` and `peak_blocks` since the last report."""

    packets: int = 0
    drops: int = 0
    freezes: int = 0
    bytes: int = 0
    events: int = 0
    blocks_used: int = 0
    peak_blocks: int = 0
    blocks: int = 0
    queue_bytes: int = 0
    held_back: int = 0  # times that the ring had to wait because the parent did not take events
    shed_seconds: float = 0.0  # in which new flows got no second-tier parser
    shedding: bool = False
    lag_seconds: float = 0.0
    newest: int = 0
    up: bool = True
    losses: dict[str, int] = field(default_factory=dict[str, int])
    kept: dict[str, Any] = field(default_factory=dict[str, Any])  # of packets: `Keeper.status`


@dataclass(frozen=True, slots=True)
class Message:
    """A batch (`EVENTS`: JSON lines) or a report (`REPORT`: one JSON document)."""

    kind: int
    content: bytes
    clock: int = 0
    count: int = 0


class Outbox:
    """Messages of a worker; never blocks, so that a slow parent holds back the ring and not the stop."""

    def __init__(self, to: socket.socket, most: int) -> None:
        self._to = to
        self._most = most
        self._waiting: deque[memoryview] = deque()
        self.bytes = 0
        to.setblocking(False)

    def fileno(self) -> int:
        """For poll."""
        return self._to.fileno()

    @property
    def full(self) -> bool:
        """Whether nothing more should be made before some of it was taken."""
        return self.bytes > self._most

    def events(self, batch: Batch) -> None:
        """Queue a batch, unless it is empty."""
        if batch.count:
            self._put(Message(EVENTS, batch.lines, batch.clock, batch.count))

    def report(self, document: bytes) -> None:
        """Queue a report."""
        self._put(Message(REPORT, document))

    def _put(self, message: Message) -> None:
        head = _HEAD.pack(message.kind, len(message.content), message.clock, message.count)
        for part in (head, message.content):
            if part:
                self._waiting.append(memoryview(part))
                self.bytes += len(part)

    def send(self) -> None:
        """Send what the parent has room for.

        Raises:
            BrokenPipeError: the parent is gone.
        """
        while self._waiting:
            try:
                sent = self._to.send(self._waiting[0][:_CHUNK])
            except BlockingIOError:
                return
            self.bytes -= sent
            if sent == len(self._waiting[0]):
                self._waiting.popleft()
            else:
                self._waiting[0] = self._waiting[0][sent:]


class Inbox:
    """The parent's end: bytes in, whole messages out."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._held = bytearray()

    def fileno(self) -> int:
        """For a selector."""
        return self._source.fileno()

    def read(self) -> bool:
        """Read what is there; False when the worker has closed its end."""
        try:
            data = self._source.recv(_CHUNK)
        except ConnectionResetError:
            return False
        self._held += data
        return bool(data)

    def messages(self) -> Iterator[Message]:
        """Whole messages.

        Raises:
            ValueError: what arrived is no message.
        """
        held = self._held
        while len(held) >= _HEAD.size:
            kind, size, clock, count = _HEAD.unpack_from(held)
            if kind not in (EVENTS, REPORT) or size > _MOST:
                raise ValueError("not a message of a capture worker")
            end = _HEAD.size + size
            if len(held) < end:
                return
            content = bytes(memoryview(held)[_HEAD.size : end])
            del held[:end]
            yield Message(kind, content, clock, count)

    def close(self) -> None:
        """Close our end: the worker's next send fails, and it ends."""
        self._source.close()
