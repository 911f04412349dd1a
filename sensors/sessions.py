"""Sessions: the parsers of all flows that are handed over, and the events they write.

Takes what the decoder hands over, in its order: a flow's begin, its bytes, gaps, its end. Nothing
that a parser raises goes further than here; the number of sessions is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, cast

import orjson

from fengsui.clock import SECOND, to_iso
from fengsui.event import Fields, Value
from fengsui.loss import Losses
from sensors.files.carried import UNWANTED, CarriedFile
from sensors.files.digests import HASHES
from sensors.files.keeping import FileStore
from sensors.protocol import (
    ORIGINATOR,
    FieldValues,
    FileSink,
    Flow,
    Protocol,
    Session,
    WireError,
)
from sensors.recognition import Recognition

MAX_SESSIONS: Final = 16_384
MAX_EXPECTED: Final = 4096
MAX_FILES: Final = 64  # open at once in one flow
_EXPECTED_FOR: Final = 300 * SECOND  # ns of capture time
_FILES: Final = frozenset({"files"})
_NOTHING: Final[tuple[object, ...]] = (None, "", [])  # values that are left out
# Fields of the common part that a parser's own fields replace.
_COMMON: Final = frozenset(
    {"network.protocol", "event.category", "event.kind", "network.transport"}
)
_HEAD: Final = b'{"event.id":"%b%08x%08x","@timestamp":"%b%06dZ","event.dataset":"%b",'
_SESSION_ID: Final = b'"zeek.session_id":"'
# Names of members are exchanged in the text: quotes within texts are escaped, and no list has such names.
_TURNS: Final = (
    (b',"source.', b',"\0'), (b',"destination.', b',"source.'), (b',"\0', b',"destination.'),
)  # fmt: skip


@dataclass(slots=True)
class _Expected:
    name: str
    note: object
    until: int


class Sessions:
    """Parsers by flow, and the lines of events that they wrote since the last `take`.

    Args:
        protocols: what may be parsed, by name.
        losses: where everything that was not understood is counted.
        datasets: datasets to write; None for all.
        store: where carried files are kept when the policy wants them.
        hashes: made of each carried file.
    """

    def __init__(
        self,
        protocols: Mapping[str, Protocol],
        losses: Losses,
        datasets: frozenset[str] | None = None,
        *,
        store: FileStore | None = None,
        hashes: tuple[str, ...] = HASHES,
    ) -> None:
        self.protocols = protocols
        self.store = store
        self.hashes = hashes
        self.losses = losses
        self.datasets = datasets
        self.counts: dict[str, int] = {}
        self.expected: OrderedDict[tuple[str, int], _Expected] = OrderedDict()
        self.shared: dict[str, dict[Any, Any]] = {}  # by protocol: what crosses flows
        self.open: OrderedDict[int, FlowContext] = OrderedDict()
        self.recognise = Recognition(protocols, losses).recognise
        self.lines: list[bytes] = []
        self.second = -1  # the one whose text is the next
        self.stamp = b""
        # By protocol the datasets whose events never say otherwise than the common fields.
        self.plain = {
            name: _FILES.union(
                dataset for dataset, fields in one.datasets.items() if _COMMON.isdisjoint(fields)
            )
            for name, one in protocols.items()
        }

    def begin(self, serial: int, flow: Flow, common: bytes, name: str, protocol: str = "") -> None:
        """A flow is handed over.

        Args:
            serial: number of the flow, used once.
            flow: what its parser may know.
            common: fields that all events of the flow share: members of a JSON object, without braces.
            name: seed of the event ids: the flow's session id.
            protocol: name, where the decoder has recognised it.
        """
        self._open(serial, FlowContext(self, common, flow.start, flow, name), protocol)

    def meet(self, serial: int, common: bytes, time: int, protocol: str) -> None:
        """`begin` with what the decoder says: the rest of it stands in `common`, read when it is wanted."""
        self._open(serial, FlowContext(self, common, time), protocol)

    def _open(self, serial: int, context: FlowContext, protocol: str) -> None:
        while len(self.open) >= MAX_SESSIONS:
            oldest = next(iter(self.open))
            self.losses.add("session.evicted")
            self.end(oldest, self.open[oldest].newest)
        self.open[serial] = context
        if self.expected:
            context.look_expected()
        if protocol:
            context.start(protocol)

    def named(self, serial: int, protocol: str) -> None:
        """The decoder has recognised a flow that was handed over before."""
        context = self.open.get(serial)
        if context is None or context.parser is not None:
            return
        if not protocol or context.over or context.protocol != protocol:
            context.name(protocol)  # else a body of HTTP says it again

    def context(self, serial: int) -> FlowContext | None:
        """What a flow's parser works with, None where the flow is not open."""
        return self.open.get(serial)

    def data(self, serial: int, side: int, data: bytes, time: int) -> None:
        """The next bytes of a direction, or a datagram."""
        context = self.open.get(serial)
        if context is not None:
            context.feed(side, data, time)

    def gap(self, serial: int, side: int, size: int, time: int) -> None:
        """Bytes of a direction are lost."""
        context = self.open.get(serial)
        if context is not None:
            context.lose(side, size, time)

    def end(self, serial: int, time: int) -> None:
        """The flow is over; its parser's last events are written."""
        context = self.open.pop(serial, None)
        if context is not None:
            context.finish(time)

    def end_all(self) -> None:
        """All flows are over."""
        for serial in list(self.open):
            self.end(serial, self.open[serial].newest)

    def protocol(self, serial: int) -> str:
        """Name of a flow's protocol as far as it is known; "" where it is not."""
        context = self.open.get(serial)
        return context.protocol if context else ""

    def verdict(self, serial: int) -> tuple[bool, str, bool]:
        """What the decoder has to know of a flow: whether nothing more of it is wanted, its protocol
        where that is known, and whether it should recognise what follows by itself.
        """
        context = self.open.get(serial)
        if context is None:
            return True, "", False
        again, context.again = context.again, False
        context.settled = context.parser is not None and not context.over
        return context.over, context.protocol, again

    def opened(self, serial: int, record: bytes) -> None:
        """The decoder has seen a file being opened that the parser needs now (`Session.opened`)."""
        context = self.open.get(serial)
        if context is not None:
            context.opened(record)

    def take(self) -> tuple[bytes, int]:
        """Lines written since the last call, and their number."""
        lines = self.lines
        self.lines = []
        return b"".join(lines), len(lines)


class FlowContext:
    """A flow's parser and what it can do (`sensors.protocol.Context`)."""

    __slots__ = (
        "_begun", "_common", "_early", "_files", "_flow", "_name", "_ordinal", "_plain", "_seed",
        "_sessions", "_told", "again", "newest", "note", "over", "parser", "protocol", "settled", "switches",
    )  # fmt: skip

    def __init__(
        self,
        sessions: Sessions,
        common: bytes,
        begun: int,
        flow: Flow | None = None,
        name: str = "",
    ) -> None:
        self._flow = flow
        self.protocol = ""
        self.over = False
        self._begun = self.newest = begun
        self.note: object = None
        self.parser: Session | None = None
        self._early: list[tuple[int, bytes, int]] = []  # what came before it was recognised
        self.again = False  # the decoder is to recognise what follows
        self.switches = 0
        self._sessions = sessions
        self._common = common
        self.settled = False  # the decoder was told whose the flow is
        self._told = [b"", b""]  # fields of each event by its client; b"" until there is one
        self._name = name  # "" as long as it was not read
        self._seed = b""
        self._plain = _FILES
        self._ordinal = 0
        self._files: list[CarriedFile] = []

    @property
    def flow(self) -> Flow:
        """What a parser may know of the flow."""
        if self._flow is None:
            fields: dict[str, Any] = orjson.loads(b"{" + self._common + b"}")
            self._flow = Flow(
                fields["network.transport"],
                fields["source.ip"],
                fields.get("source.port", 0),
                fields["destination.ip"],
                fields.get("destination.port", 0),
                self._begun,
            )
        return self._flow

    def look_expected(self) -> None:
        """Take the protocol that another flow has announced for this one."""
        flow = self.flow
        expected = self._sessions.expected.pop((flow.destination, flow.destination_port), None)
        if expected and self._begun <= expected.until:
            self.note = expected.note
            self.start(expected.name)

    def start(self, name: str) -> None:
        """Make the parser of protocol `name`."""
        protocol = self._sessions.protocols.get(name)
        self.protocol = name
        self.settled = False
        self._told = [b"", b""]
        self._plain = self._sessions.plain.get(name, _FILES)
        if protocol is not None:  # else compiled code has it, until it finds something else behind
            self.parser = protocol.session(self)

    def feed(self, side: int, data: bytes, time: int) -> None:
        """Bytes for the parser; recognises the protocol first where it is not known."""
        if self.over:
            return
        if time > self.newest:  # noqa: PLR1730 - a call costs more, and this is done for each packet
            self.newest = time
        parser = self.parser
        if parser is None:
            if self._recognised(side, data, time):
                self._parse(side, data, time)
            return
        try:  # `_parse`, without the call: this is where most bytes go by
            parser.data(side, data, time)
        except Exception as error:  # noqa: BLE001 - nothing that a parser raises goes further
            self._failed(error)
        if parser.released:
            self._pass_on(parser, side, time)

    def name(self, protocol: str) -> None:
        """Begin with a protocol that was recognised from outside, and give it what came before."""
        early, self._early = self._early, []
        self.over = False
        self.start(protocol)
        for side, data, time in early:
            self._parse(side, data, time)

    def _recognised(self, side: int, data: bytes, time: int) -> bool:
        """Whether there is a parser now; what cannot be told yet waits."""
        whole = b"".join(part for which, part, _ in self._early if which == side) + data
        name = self._sessions.recognise(self.flow, side, whole if self._early else data)
        if not name:
            self._early.append((side, data[:_EARLY], time))
            if len(self._early) >= _TRIES:
                self._early.clear()
                self.over = True
            return False
        self.name(name)
        return self.parser is not None

    def _parse(self, side: int, data: bytes, time: int) -> None:
        parser = self.parser
        if parser is None or self.over:
            return
        try:
            parser.data(side, data, time)
        except Exception as error:  # noqa: BLE001 - nothing that a parser raises goes further
            self._failed(error)
        if parser.released:
            self._pass_on(parser, side, time)

    def _pass_on(self, parser: Session, side: int, time: int) -> None:
        """Give what a parser left to the next one."""
        for which in (side, 1 - side):
            rest = parser.waiting(which)
            if rest:
                self.feed(which, rest, time)

    def lose(self, side: int, size: int, time: int) -> None:
        """Tell the parser of a gap."""
        if self.over or self.parser is None:
            return
        try:
            self.parser.gap(side, size, time)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error)

    def opened(self, record: bytes) -> None:
        """Tell the parser of an opened file."""
        if self.over or self.parser is None:
            return
        try:
            self.parser.opened(record)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Count what a parser raised by its kind: `parser_error` is a mistake of ours."""
        if isinstance(error, WireError):
            self.lost(_word(str(error)))
        else:
            self.lost("too_deep" if isinstance(error, RecursionError) else "parser_error")
        self.over = True

    def finish(self, time: int) -> None:
        """The flow is over."""
        if self.parser is not None:
            try:
                self.parser.end(time)
            except Exception as error:  # noqa: BLE001 - as above
                self._failed(error)
        for file in self._files:
            file.end(time)
        self.over = True
        # Both know this context: without the cycle all is free at once.
        self.parser = None
        self._files = []

    def emit(
        self, dataset: str, time: int, fields: FieldValues, *, client: int = ORIGINATOR
    ) -> None:
        """Write an event."""
        sessions = self._sessions
        if sessions.datasets is not None and dataset not in sessions.datasets:
            return
        self._ordinal += 1
        second = time // SECOND
        if second != sessions.second:
            sessions.second, sessions.stamp = second, to_iso(second * SECOND)[:20].encode()
        if not all(fields.values()):  # as a rule there is nothing to leave out, or little
            empty = [key for key, one in fields.items() if not one and one in _NOTHING]
            fields = dict(fields)
            for key in empty:
                del fields[key]
        own = orjson.dumps(fields)
        common = self._told[client] or self._tell(client)
        if not fields:
            common = common[:-1]
        elif dataset not in self._plain and not _COMMON.isdisjoint(fields):
            common, own = b"", self._replaced(fields, client)
        # The id: of the flow, and of the event among the flow's.
        head = _HEAD % (
            self._seed or self._named(), self._ordinal, time & 0xFFFFFFFF,
            sessions.stamp, (time - second * SECOND) // 1000, dataset.encode(),
        )  # fmt: skip
        sessions.lines.append(b"".join((head, common, own[1:], b"\n")))
        counts = sessions.counts
        counts[dataset] = counts.get(dataset, 0) + 1

    def _named(self) -> bytes:
        """Half of the ids of all events of the flow."""
        if not self._name:
            self._name = self._common.partition(_SESSION_ID)[2].partition(b'"')[0].decode()
        self._seed = blake2b(self._name.encode(), digest_size=8).hexdigest().encode()
        return self._seed

    def _replaced(self, fields: FieldValues, client: int) -> bytes:
        """All fields of an event some of which replace common ones."""
        mine: Fields = orjson.loads(b"{" + (self._swap() if client else self._common) + b"}")
        mine["network.protocol"] = self.protocol
        mine.update(cast("dict[str, Value]", fields))
        return orjson.dumps(mine)

    def _tell(self, client: int) -> bytes:
        """The fields that each event has which does not say otherwise."""
        common = self._swap() if client else self._common
        told = common + b',"network.protocol":"' + self.protocol.encode() + b'",'
        self._told[client] = told
        return told

    def _swap(self) -> bytes:
        """The common fields with the responder as source."""
        turned = b"," + self._common
        for name, other in _TURNS:
            turned = turned.replace(name, other)
        return turned[1:]

    def file(
        self, time: int, *, name: str = "", path: str = "", sender: int, size: int | None = None
    ) -> FileSink:
        """Begin a carried file."""
        wanted = self._sessions.datasets
        if wanted is not None and "files" not in wanted:
            return UNWANTED

        def write(when: int, fields: FieldValues) -> None:
            self.emit("files", when, fields, client=sender)

        self._files = [file for file in self._files if not file.over]
        if len(self._files) >= MAX_FILES:
            self._files.pop(0).end(self.newest)
            self.lost("files_evicted")
        carried = CarriedFile(
            write,
            name=name,
            path=path,
            size=size,
            time=time,
            lost=self.lost,
            store=self._sessions.store,
            hashes=self._sessions.hashes,
        )
        self._files.append(carried)
        return carried

    def lost(self, what: str, count: int = 1) -> None:
        """Count something not understood."""
        self._sessions.losses.add(f"{self.protocol or 'session'}.{what}", count)

    def switch(self, name: str = "") -> None:
        """What follows belongs to another protocol."""
        if self.parser is not None:
            self.parser.released = True
        self.parser = None
        self.settled = False
        self._early.clear()
        self.switches += 1
        if self.switches > _SWITCHES:
            self.lost("too_many_switches")
            self.over = True
            return
        if name:
            self.start(name)
        else:
            self.again = True

    @property
    def shared(self) -> dict[Any, Any]:
        """What all flows of this protocol keep in common."""
        return self._sessions.shared.setdefault(self.protocol, {})

    def expect(self, address: str, port: int, name: str, note: object = None) -> None:
        """A flow to this responder is coming."""
        expected = self._sessions.expected
        while len(expected) >= MAX_EXPECTED:
            expected.popitem(last=False)
        expected[(address, port)] = _Expected(name, note, self.newest + _EXPECTED_FOR)

    def done(self) -> None:
        """Nothing more is wanted."""
        self.over = True


_SWITCHES: Final = 8  # of one flow: two that hand it to each other end
_TRIES: Final = 4  # payloads of a flow that are looked at to recognise it
_EARLY: Final = 16 * 1024  # bytes of each that wait meanwhile


def _word(message: str) -> str:
    """The name under which a WireError is counted: our own words, `malformed` for what is no word."""
    return message if message.isidentifier() and len(message) <= 32 else "malformed"
