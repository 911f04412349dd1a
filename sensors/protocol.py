"""Protocol: one application protocol of the second tier, and the parser of one flow of it.

The interface of the shelf `sensors.protocols`: each of its modules has `PROTOCOL`, a Protocol. The
packet decoder puts a flow's payloads in order and hands them over; a parser says who did what and
what came of it, as events. Parsers see hostile bytes: whatever they raise is caught, counted by
protocol, and ends that flow's parser only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from typing import Protocol as Interface

from fengsui.event import Value

ORIGINATOR: Final = 0  # who opened the flow: source.* of its events
RESPONDER: Final = 1

FieldValues = Mapping[str, Value | None]


class WireError(ValueError):
    """The bytes are not what the protocol says; counted, and this flow's parser ends.

    What was already emitted stays.
    """


@dataclass(frozen=True, slots=True)
class Flow:
    """What a parser may know of its flow.

    Attributes:
        transport: `tcp`, `udp` or `sctp`.
        source: address of the originator, as text.
        destination: address of the responder.
        start: first packet, ns since the epoch.
    """

    transport: str
    source: str
    source_port: int
    destination: str
    destination_port: int
    start: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share of SMB2 that a client is connected to.

    Attributes:
        session: number of the client's session.
        number: the share's in it.
        texts: members of JSON for events of requests, for events of files, and the begin of
            `file.path`.
    """

    session: int
    number: int
    texts: tuple[bytes, bytes, bytes]


class FileSink(Interface):
    """Receives one carried file; it becomes an event of dataset `files` with type, size and hashes."""

    def write(self, data: bytes | memoryview) -> None:
        """The next bytes; they may be overwritten afterwards."""
        ...

    def skip(self, size: int) -> None:
        """`size` bytes are lost: the hashes will be left out and the event says so."""
        ...

    def end(self, time: int) -> None:
        """The file is over; more calls do nothing. Called by the flow's end at the latest."""
        ...


class Context(Interface):
    """What a parser can do besides reading: it is handed in when a flow's parser is made."""

    @property
    def flow(self) -> Flow:
        """What it may know of its flow."""
        ...

    def emit(
        self, dataset: str, time: int, fields: FieldValues, *, client: int = ORIGINATOR
    ) -> None:
        """Write an event.

        Fields that are None, "" or [] are left out. Endpoints, ids, Community ID, `network.protocol`
        and the common fields are added; a field given here wins over those. `client` is the side
        that becomes source.* (RESPONDER where the flow was met from its answer). The dataset and
        all fields must be declared in the protocol's `datasets`.
        """
        ...

    def file(
        self, time: int, *, name: str = "", path: str = "", sender: int, size: int | None = None
    ) -> FileSink:
        """Begin a carried file; `sender` is the side that it comes from, `size` as declared."""
        ...

    def lost(self, what: str, count: int = 1) -> None:
        """Count something that was not understood or not kept, as `<protocol>.<what>`."""
        ...

    def switch(self, name: str = "") -> None:
        """What follows on both sides belongs to another protocol (STARTTLS, a proxy's tunnel).

        `name` of that protocol, or "" to recognise it by the bytes that follow. Takes effect with
        the next bytes: a parser returns from `parse` behind the last byte that it used itself.
        """
        ...

    def expect(self, address: str, port: int, name: str, note: object = None) -> None:
        """A flow to this responder is coming that only this one can name (FTP data).

        It gets the protocol `name`, whose context has `note`. Kept for five minutes of capture
        time, and a bounded number of them.
        """
        ...

    @property
    def shared(self) -> dict[Any, Any]:
        """What all flows of this protocol keep in common, for exchanges that cross flows (DHCP).

        Whoever puts something in bounds it.
        """
        ...

    @property
    def note(self) -> object:
        """What `expect` was given for this flow, or None."""
        ...

    def done(self) -> None:
        """Nothing more is wanted of this flow (what follows is encrypted or only bulk)."""
        ...


class Session(ABC):
    """The parser of one flow. Made at the flow's first payload.

    State must be bounded: nothing may grow with the length of a flow.

    Attributes:
        teaches: whether it has `quiet_files` and `new_shares` for the decoder.
    """

    teaches = False

    def __init__(self, context: Context) -> None:
        self.context = context
        self.released = False  # what follows belongs to another parser

    @abstractmethod
    def data(self, side: int, data: bytes, time: int) -> None:
        """The next bytes of a TCP direction, in order; or one datagram.

        A side's calls come in order; those of the two sides in the order of their packets.

        Raises:
            WireError: the flow is not (any more) of this protocol.
        """

    def waiting(self, side: int) -> bytes:
        """Bytes of a side that were not yet used: after a switch the next parser gets them."""
        del side
        return b""

    def gap(self, side: int, size: int, time: int) -> None:
        """`size` bytes of a TCP direction are lost. The default gives the flow up, counted."""
        del side, size, time
        self.context.lost("gap")
        self.context.done()

    @property
    def quiet_files(self) -> Sequence[bytes]:
        """Ids of files of SMB2 from which reading tells nothing, four at most.

        The decoder leaves out requests to read them, with their answers, until anything else is said.
        """
        return ()

    def new_shares(self) -> Sequence[Share] | None:
        """Shares of SMB2 whose files the decoder may open, list and close by itself; None where they
        are those of the last call.
        """
        return None

    def opened(self, data: bytes) -> None:
        """The decoder has seen a file of SMB2 being opened that something is done with now.

        `data` is a record of `sensors.packet.smb_state`.
        """
        del data

    def end(self, time: int) -> None:
        """The flow is over (closed, silent, evicted or the capture ended): emit what waits."""
        del time


class StreamSession(Session):
    """A session that reads whole messages out of a stream.

    `parse` gets all bytes of a side that were not yet used, and says how many it used. What it does
    not use waits, at most `limit` bytes a side; more is counted as `too_long` and ends the parser.
    """

    limit = 64 * 1024

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._waiting: list[bytes] = [b"", b""]

    @abstractmethod
    def parse(self, side: int, data: bytes, time: int) -> int:
        """Use whole messages at the front of `data`; the number of bytes used, 0 to wait for more.

        Called again with the rest as long as it uses some and some are left.

        Raises:
            WireError: these bytes are not of this protocol.
        """

    def data(self, side: int, data: bytes, time: int) -> None:
        """Join with what waits, and parse as far as it goes."""
        waiting = self._waiting[side]
        if waiting:
            data = waiting + data
        at = 0
        while at < len(data):
            used = self.parse(side, data[at:] if at else data, time)
            if used <= 0:
                break
            at += used
            if self.released:
                break
        rest = data[at:]
        if len(rest) > self.limit:
            raise WireError("too_long")
        self._waiting[side] = rest

    def waiting(self, side: int) -> bytes:
        """Bytes of a side that were not yet used."""
        return self._waiting[side]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol of the shelf.

    Attributes:
        name: word of `network.protocol`.
        title: its usual name, for the reference (`Server Message Block`).
        standard: where it is defined (`RFC 4253`, `MS-SMB2`).
        transports: of `tcp`, `udp`, `sctp`.
        ports: where servers usually listen: another protocol found there is a mismatch that the
            flow's event names. Empty where it has no place of its own.
        session: makes the parser of one flow.
        recognises: whether the first bytes of a side are this protocol: `(data, side, flow)`. Asked
            only where the decoder's own recognition (`sensors.packet.protocols`) found nothing, at
            the first payloads of a flow; must be quick and never take what could be something else.
        datasets: fields that its events may have besides the common ones, by dataset.
        files: whether it carries files (`Context.file`).
        leads_to: protocol that its flows always go on as: it is needed wherever that one is.
        upgrades: whether its flows may go on as TLS (STARTTLS and its like).
        tunnels: whether it carries other protocols (`Context.switch("")`): the decoder then waits for
            each answer, and recognises what is inside by itself.
    """

    name: str
    title: str
    standard: str
    transports: frozenset[str]
    session: Callable[[Context], Session]
    recognises: Callable[[bytes, int, Flow], bool]
    ports: frozenset[int] = frozenset()
    datasets: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    files: bool = False
    leads_to: str = ""
    upgrades: bool = False
    tunnels: bool = False
