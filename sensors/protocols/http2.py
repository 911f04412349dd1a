"""HTTP/2 in the clear (RFC 9113): with prior knowledge, or behind an upgrade of HTTP/1.

One event of dataset `http` a stream, with the fields of HTTP/1, stamped with its request; bodies are
carried files. Header compression (HPACK, RFC 7541) is undone with a bounded table: where the
capture begins too late for that, streams and bodies are still followed, without their headers.
"""

from __future__ import annotations

from typing import Final

import hpack

from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.http_exchange import Exchange
from sensors.wire.http_fields import FIELDS, Headers, first_values

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _PRIORITY, _RESET, _SETTINGS, _PROMISE, _PING, _AWAY, _WINDOW, _MORE = range(10)
_END_STREAM, _END_HEADERS, _PADDED, _WITH_PRIORITY = 1, 4, 8, 0x20
_LAST_KIND: Final = 0x1F  # extensions included
_TABLE_SETTING: Final = 1
_MOST_TABLE: Final = 64 * 1024
_MOST_BLOCK: Final = 64 * 1024
_MOST_STREAMS: Final = 128


class _Side:
    """What is remembered of the frames of one side."""

    __slots__ = (
        "begun",
        "blind",
        "block",
        "decoder",
        "ends",
        "flags",
        "padding",
        "plain",
        "stream",
    )

    def __init__(self) -> None:
        self.decoder = hpack.Decoder(_MOST_BLOCK)
        self.blind = False  # its header table is not known
        self.begun = False
        self.stream = 0  # of the frame that is under way
        self.plain = 0  # bytes of its DATA to come
        self.padding = 0  # bytes behind them that tell nothing
        self.ends = False  # the DATA under way ends its stream
        self.block: bytes | None = None  # of a header list under way
        self.flags = 0


class Http2Session(StreamSession):
    """Frames of both sides."""

    limit = _MOST_BLOCK + 4096

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._client = 0
        self._sides = (_Side(), _Side())
        self._open: dict[int, Exchange] = {}
        self._count = 0

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One frame, or what is there of the one under way."""
        mine = self._sides[side]
        if not mine.begun:
            if PREFACE.startswith(data[: len(PREFACE)]):
                if len(data) < len(PREFACE):
                    return 0
                mine.begun = True
                self._client = side
                return len(PREFACE)
            mine.begun = True
        if mine.plain:
            return self._body(side, mine, data, time)
        if mine.padding:
            used = min(mine.padding, len(data))
            mine.padding -= used
            return used
        if len(data) < 9:
            return 0
        size = int.from_bytes(data[:3], "big")
        kind, flags = data[3], data[4]
        number = int.from_bytes(data[5:9], "big") & 0x7FFFFFFF
        if kind > _LAST_KIND or (kind in {_DATA, _HEADERS} and number == 0):
            raise WireError("not_http2")
        if kind == _DATA:
            return self._begin_body(side, data, size, time)
        if kind not in {_HEADERS, _PROMISE, _MORE, _SETTINGS, _RESET}:
            mine.padding = size
            return 9
        if size > _MOST_BLOCK:
            raise WireError("frame_too_long")
        if len(data) < 9 + size:
            return 0
        self._frame(side, kind, flags, number, data[9 : 9 + size], time)
        return 9 + size

    def gap(self, side: int, size: int, time: int) -> None:
        """Frames cannot be found again behind a gap."""
        del side, size
        self.context.lost("gap")
        self.end(time)
        self.context.done()

    def end(self, time: int) -> None:
        """Write every stream that is open."""
        for number in list(self._open):
            self._write(number, time)

    def _begin_body(self, side: int, data: bytes, size: int, time: int) -> int:
        """The head of a DATA frame; its bytes are taken as they come."""
        mine = self._sides[side]
        used, padding = 9, 0
        if data[4] & _PADDED:
            if len(data) < 10:
                return 0
            used, padding = 10, data[9]
        plain = size - (used - 9) - padding
        if plain < 0:
            raise WireError("bad_padding")
        mine.stream = int.from_bytes(data[5:9], "big") & 0x7FFFFFFF
        mine.plain, mine.padding = plain, padding
        mine.ends = bool(data[4] & _END_STREAM)
        if plain == 0 and mine.ends:
            self._side_over(side, mine.stream, time)
        return used

    def _body(self, side: int, mine: _Side, data: bytes, time: int) -> int:
        part = data[: mine.plain]
        mine.plain -= len(part)
        exchange = self._exchange(mine.stream, time)
        exchange.data(side, part, time)
        if mine.plain == 0 and mine.ends:
            self._side_over(side, mine.stream, time)
        return len(part)

    def _frame(
        self, side: int, kind: int, flags: int, number: int, content: bytes, time: int
    ) -> None:
        mine = self._sides[side]
        if kind == _SETTINGS:
            self._settings(side, flags, content)
            return
        if kind == _RESET:
            if number in self._open:
                self._write(number, time)
            return
        if kind == _MORE:
            if mine.block is None or len(mine.block) + len(content) > _MOST_BLOCK:
                raise WireError("bad_continuation")
            mine.block += content
            mine.flags |= flags & _END_HEADERS
        else:
            if flags & _PADDED and not content:
                raise WireError("bad_padding")
            at = 1 if flags & _PADDED else 0
            end = len(content) - (content[0] if at else 0)
            if kind == _PROMISE:
                number = int.from_bytes(content[at : at + 4], "big") & 0x7FFFFFFF
                flags &= ~_END_STREAM
                at += 4
            elif flags & _WITH_PRIORITY:
                at += 5
            if at > end:
                raise WireError("bad_padding")
            mine.stream, mine.flags, mine.block = number, flags, content[at:end]
        if mine.flags & _END_HEADERS:
            block, mine.block = mine.block, None
            self._headers(side, mine, block, time)

    def _settings(self, side: int, flags: int, content: bytes) -> None:
        """The size of the table with which the other side may compress."""
        for at in range(0, len(content) - 5, 6):
            if int.from_bytes(content[at : at + 2], "big") == _TABLE_SETTING and not flags & 1:
                size = int.from_bytes(content[at + 2 : at + 6], "big")
                self._sides[1 - side].decoder.max_allowed_table_size = min(size, _MOST_TABLE)

    def _headers(self, side: int, mine: _Side, block: bytes, time: int) -> None:
        """A whole header list: of a request, promised ones too, of a response, or trailers."""
        headers = self._decoded(mine, block)
        values = first_values(headers)
        exchange = self._exchange(mine.stream, time)
        if b":method" in values:
            if mine.stream % 2:
                self._client = side
            exchange.request(self._client, headers)
            if side != self._client:  # promised
                exchange.end(self._client, time)
        elif b":status" in values:
            self._client = 1 - side
            exchange.response(side, headers)
        if mine.flags & _END_STREAM:
            self._side_over(side, mine.stream, time)

    def _decoded(self, mine: _Side, block: bytes) -> Headers:
        if mine.blind:
            return []
        try:
            return [(bytes(one[0]), bytes(one[1])) for one in mine.decoder.decode(block, raw=True)]
        except (hpack.HPACKError, ValueError, IndexError):
            mine.blind = True
            self.context.lost("headers_not_decoded")
            return []

    def _exchange(self, number: int, time: int) -> Exchange:
        found = self._open.get(number)
        if found is None:
            if len(self._open) >= _MOST_STREAMS:
                self.context.lost("streams_evicted")
                self._write(next(iter(self._open)), time)
            found = self._open[number] = Exchange(self.context, time)
        return found

    def _side_over(self, side: int, number: int, time: int) -> None:
        exchange = self._exchange(number, time)
        exchange.end(side, time)
        if exchange.over:
            self._write(number, time)

    def _write(self, number: int, time: int) -> None:
        exchange = self._open.pop(number)
        if not exchange.anything:
            return
        self._count += 1
        fields = exchange.event(self._client, time)
        fields["http.version"] = "2"
        fields["http.stream_id"] = number
        fields["http.transaction"] = self._count
        self.context.emit("http", exchange.time, fields, client=self._client)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The client's preface, or a server's first SETTINGS frame."""
    del side, flow
    if data.startswith(PREFACE[:16]):
        return True
    if len(data) < 15 or data[3:9] != b"\4\0\0\0\0\0":
        return False
    size = int.from_bytes(data[:3], "big")
    if size % 6 or not 6 <= size <= 60:
        return False
    known = [
        int.from_bytes(data[at : at + 2], "big") for at in range(9, min(9 + size, len(data)), 6)
    ]
    return all(1 <= one <= 9 for one in known)


PROTOCOL = Protocol(
    name="http2",
    title="Hypertext Transfer Protocol, version 2",
    standard="RFC 9113, RFC 7541",
    transports=frozenset({"tcp"}),
    session=Http2Session,
    recognises=recognises,
    datasets={"http": FIELDS},
    files=True,
)
