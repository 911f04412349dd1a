"""DTLS (RFC 4347, 6347, 9147): TLS over datagrams, as VPNs, WebRTC and CoAP devices use it.

One event of dataset `tls` a handshake, with the fields of TLS over TCP. Messages come in fragments,
out of order and again; a HelloVerifyRequest makes the client send its hello twice.
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import Context, Flow, Protocol, Session, WireError
from sensors.wire.handshake import FIELDS, Handshake

_CHANGE, _ALERT, _HANDSHAKE, _DATA, _HEARTBEAT = range(20, 25)
_ACK: Final = 26
_WITH_ID: Final = 25  # tls12_cid of RFC 9146
_HEAD: Final = 13
_MOST_MESSAGE: Final = 32 * 1024
_MOST_OPEN: Final = 6  # messages of a side that wait for fragments
_MOST_RECORDS: Final = 64
_MOST_IDLE: Final = 400
_VERSIONS: Final = frozenset({b"\xfe\xff", b"\xfe\xfd", b"\xfe\xfc", b"\1\0", b"\1\1"})


class Fragments:
    """One message that comes in parts."""

    __slots__ = ("body", "kind", "parts")

    def __init__(self, kind: int, size: int) -> None:
        self.kind = kind
        self.body = bytearray(size)
        self.parts: list[tuple[int, int]] = []  # from, to; sorted and apart

    def add(self, at: int, data: bytes) -> bool:
        """Another part; whether the message is whole now."""
        end = at + len(data)
        if end > len(self.body):
            raise WireError("fragment_too_long")
        self.body[at:end] = data
        joined: list[tuple[int, int]] = []
        for start, stop in self.parts:
            if stop < at or start > end:
                joined.append((start, stop))
            else:
                at, end = min(at, start), max(end, stop)
        joined.append((at, end))
        self.parts = sorted(joined)[:_MOST_RECORDS]
        return self.parts == [(0, len(self.body))]


class DtlsSession(Session):
    """Both sides' records up to the end of the handshake."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.handshake = Handshake("d")
        self._open: tuple[dict[int, Fragments], dict[int, Fragments]] = ({}, {})
        self._seen: tuple[set[tuple[int, int]], set[tuple[int, int]]] = (set(), set())
        self._time = 0
        self._idle = 0
        self._written = False

    def data(self, side: int, data: bytes, time: int) -> None:
        """One datagram: one or several records."""
        at = 0
        for _ in range(_MOST_RECORDS):
            if at + _HEAD > len(data) or data[at] & 0xE0 == 0x20:
                break
            if not _is_record(data, at):
                raise WireError("not_dtls")
            if data[at] == _WITH_ID:  # always encrypted, its length stands behind the id
                self.handshake.encrypted(side, data=True)
                break
            end = at + _HEAD + int.from_bytes(data[at + 11 : at + 13], "big")
            self._record(side, data, at, end, time)
            at = end
        if at < len(data) and data[at] & 0xE0 == 0x20:  # a short header of DTLS 1.3
            self._time = self._time or time
            self.handshake.encrypted(side, data=True)
        self._idle += 1
        if self.handshake.established or self._idle > _MOST_IDLE:
            self._write(time)
            self.context.done()

    def end(self, time: int) -> None:
        """The handshake did not come to its end."""
        self._write(time)

    def _record(self, side: int, data: bytes, at: int, end: int, time: int) -> None:
        kind = data[at]
        content = data[at + _HEAD : end]
        handshake = self.handshake
        self._time = self._time or time
        if data[at + 3 : at + 5] != b"\0\0":  # a later epoch: encrypted
            handshake.switched[side] = True
            handshake.encrypted(side, data=kind == _DATA)
        elif kind == _CHANGE:
            handshake.switch(side)
        elif kind == _ALERT:
            handshake.alert(side, content)
        elif kind == _HANDSHAKE:
            self._messages(side, content, cut=end > len(data))

    def _messages(self, side: int, content: bytes, *, cut: bool) -> None:
        """The messages, or the parts of them, of one record."""
        at = 0
        while at + 12 <= len(content):
            kind = content[at]
            size = int.from_bytes(content[at + 1 : at + 4], "big")
            number = int.from_bytes(content[at + 4 : at + 6], "big")
            offset = int.from_bytes(content[at + 6 : at + 9], "big")
            length = int.from_bytes(content[at + 9 : at + 12], "big")
            part = content[at + 12 : at + 12 + length]
            at += 12 + length
            if size > _MOST_MESSAGE or offset + length > size:
                raise WireError("bad_fragment")
            if (number, kind) in self._seen[side]:
                continue  # sent again
            if len(part) < length:
                if cut and kind in {1, 2} and offset == 0:
                    self._message(side, number, kind, part, whole=False)
                return
            if length == size:
                self._message(side, number, kind, part, whole=True)
            else:
                self._fragment(side, number, kind, size, offset, part)

    def _fragment(
        self, side: int, number: int, kind: int, size: int, offset: int, part: bytes
    ) -> None:
        waiting = self._open[side]
        found = waiting.get(number)
        if found is None or found.kind != kind or len(found.body) != size:
            if len(waiting) >= _MOST_OPEN:
                waiting.pop(next(iter(waiting)))
                self.context.lost("fragments_evicted")
            found = waiting[number] = Fragments(kind, size)
        if found.add(offset, part):
            del waiting[number]
            self._message(side, number, kind, bytes(found.body), whole=True)

    def _message(self, side: int, number: int, kind: int, body: bytes, *, whole: bool) -> None:
        if len(self._seen[side]) < 256:
            self._seen[side].add((number, kind))
        self._idle = 0
        self.handshake.message(side, kind, body, whole=whole)

    def _write(self, time: int) -> None:
        if self._written or not self.handshake.anything:
            return
        self._written = True
        self.context.emit(
            "tls", self._time or time, self.handshake.event(), client=self.handshake.client
        )


def _is_record(data: bytes, at: int) -> bool:
    """Whether a DTLS record begins at `at`."""
    kind = data[at]
    return (_CHANGE <= kind <= _ACK) and data[at + 1 : at + 3] in _VERSIONS


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A record of epoch 0 with a hello, or with the server's request to repeat it."""
    del side, flow
    if len(data) < _HEAD + 12 or data[0] != _HANDSHAKE or not _is_record(data, 0):
        return False
    size = int.from_bytes(data[11:13], "big")
    return data[3:5] == b"\0\0" and data[13] in {1, 2, 3} and 12 <= size <= _MOST_MESSAGE


PROTOCOL = Protocol(
    name="dtls",
    title="Datagram Transport Layer Security",
    standard="RFC 6347, RFC 9147",
    transports=frozenset({"udp"}),
    session=DtlsSession,
    recognises=recognises,
    ports=frozenset({853, 2055, 3391, 4433, 5349, 5684, 10161}),
    datasets={"tls": FIELDS},
)
