"""QUIC (RFC 9000, 9001, 9369; drafts 22 to 34; Google's older ones as far as they are in the clear).

Two events of a connection, as Zeek has two logs: `quic` with version, connection ids, server name,
application protocol and history; `tls` with what the two hellos say. After the handshake nothing
more is to be learned: the parser ends with the first short packets.
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import Context, Flow, Protocol, Session, WireError
from sensors.wire import gquic, quic_entry
from sensors.wire.crypto_stream import CryptoStream
from sensors.wire.handshake import CLIENT_HELLO, FIELDS, SERVER_HELLO, Handshake
from sensors.wire.quic_entry import QuicEntry
from sensors.wire.quic_packets import (
    HANDSHAKE,
    INITIAL,
    RESERVED,
    RETRY,
    SALTS,
    ZERO_RTT,
    Head,
    Keys,
    candidates,
    frames,
    long_head,
)

_MOST_DATAGRAMS: Final = 400
_MOST_SHORT: Final = 32  # of one side alone, before we stop
_MOST_EVENTS: Final = 16
_MOST_COALESCED: Final = 16
_LETTERS: Final = {INITIAL: "i", ZERO_RTT: "z", HANDSHAKE: "h", RETRY: "r"}
_Q050: Final = 0x51303530  # the frames of QUIC with a hello of tags
_TAGS_WITHIN: Final = 16  # datagrams of Google's older versions


class QuicSession(Session):
    """Datagrams of both sides up to the end of the handshake."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._entry = QuicEntry()
        self._client = 0
        self._keys: tuple[Keys, Keys] | None = None  # client's, server's
        self._crypto = (CryptoStream(), CryptoStream())
        self._tls = Handshake("q")
        self._tls_time = 0
        self._short = [0, 0]
        self._decrypted = False
        self._unknown_noted = False
        self._google = ""
        self._datagrams = 0
        self._events = 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """One datagram: one or several packets."""
        self._datagrams += 1
        at = 0
        for _ in range(_MOST_COALESCED):
            if at >= len(data):
                break
            if data[at] & 0x40 == 0 and not (at == 0 and data[at] & 0x80):
                self._other(side, data[at:], time)
                break
            if data[at] & 0x80 == 0:
                self._short[side] += 1
                break
            at = self._long(side, data, at, time)
        if self._is_over():
            self._finish(time)
            self.context.done()

    def end(self, time: int) -> None:
        """Write what is known."""
        self._finish(time)

    def _is_over(self) -> bool:
        first, second = self._short
        if self._google and self._datagrams > _TAGS_WITHIN:
            return True
        if first and second:
            return True
        return first + second > _MOST_SHORT or self._datagrams > _MOST_DATAGRAMS

    def _other(self, side: int, data: bytes, time: int) -> None:
        """A packet without the fixed bit: Google's public header, padding, or what is no packet."""
        version = gquic.version_of(data)
        if version:
            self._take_google(side, version, data, time)
        elif self._decrypted and self._entry.time:
            self._letter(side, "x")

    def _long(self, side: int, data: bytes, at: int, time: int) -> int:
        """A packet with a long header; where it ends."""
        old = gquic.version_of(data[at : at + 16])
        if old and int.from_bytes(old.encode(), "big") not in SALTS:
            self._take_google(side, old, data[at:], time)
            return len(data)
        head = long_head(data, at)
        if head.version == 0:
            return len(data)  # version negotiation: the client's next packet tells
        if head.kind < 0:
            self._take_unknown(side, head, time)
            return len(data)
        plain = self._opened(side, head, data, at) if head.kind == INITIAL else None
        if head.version == _Q050:
            self._google = "Q050"
        self._entry.note(head, time, client=side == self._client)
        self._letter(side, "u" if head.version not in SALTS else _LETTERS[head.kind])
        if plain is not None:
            self._frames(side, head, plain, time, cut=head.end > len(data))
        if head.kind == RETRY:
            self._write()
            self._keys = None
            self._crypto = (CryptoStream(), CryptoStream())
        return head.end

    def _opened(self, side: int, head: Head, data: bytes, at: int) -> bytes | None:
        """What an Initial packet holds; the first one that opens tells who is the client."""
        whose = 0 if side == self._client else 1
        if self._decrypted and self._crypto[whose].done:
            return None
        plain = self._keys[whose].open(data, at, head) if self._keys else None
        if plain is None and head.destination and (whose == 0 or not self._decrypted):
            plain = self._fresh_keys(side, head, data, at)
        if plain is None:
            self.context.lost("not_decrypted")
        else:
            self._decrypted = True
        return plain

    def _fresh_keys(self, side: int, head: Head, data: bytes, at: int) -> bytes | None:
        """Open a client's Initial packet with keys of its own connection id."""
        for version in candidates(head.version):
            keys = Keys(version, head.destination, server=False)
            plain = keys.open(data, at, head)
            if plain is not None:
                self._keys = keys, Keys(version, head.destination, server=True)
                if self._client != side:
                    self._client = side
                    self._entry.fields.clear()
                return plain
        return None

    def _frames(self, side: int, head: Head, plain: bytes, time: int, *, cut: bool) -> None:
        """Take the CRYPTO frames of an Initial packet."""
        crypto = self._crypto[0 if side == self._client else 1]
        pieces, closed = frames(plain, head.version)
        for offset, piece in pieces:
            if piece and not crypto.done:
                crypto.add(offset, piece)
        self._hello(side, time, cut=cut)
        if closed:
            self._letter(side, "c")
            self._write()

    def _hello(self, side: int, time: int, *, cut: bool) -> None:
        """Hand a hello over once it is whole; with `cut` as far as it is there."""
        crypto = self._crypto[0 if side == self._client else 1]
        if self._google:
            self._entry.tags(self._google, crypto.data)
            return
        found = None if crypto.done else crypto.message()
        if found is None or not (found[2] or cut):
            return
        kind, body, whole = found
        if kind not in {CLIENT_HELLO, SERVER_HELLO} or (not whole and body[:2] != b"\3\3"):
            crypto.done = True
            return
        try:
            self._tls.message(side, kind, body, whole=whole)
        except WireError:
            self.context.lost("hello_malformed")
            crypto.done = True
            return
        self._tls_time = self._tls_time or time
        self._letter(side, "s")
        crypto.done = kind == CLIENT_HELLO or self._tls.server_seen
        if kind == CLIENT_HELLO:
            self._entry.hello(self._tls.fields)
        elif not crypto.done:
            crypto.step()  # a retry: the real one follows

    def _take_unknown(self, side: int, head: Head, time: int) -> None:
        """A version that we cannot read: noted once."""
        if self._unknown_noted or self._entry.time:
            return
        self._unknown_noted = True
        self._entry.note(head, time, client=side == self._client)
        self._letter(side, "u")
        self._write()

    def _take_google(self, side: int, version: str, packet: bytes, time: int) -> None:
        """A packet of Google's own QUIC."""
        self._google = version
        self._entry.begin(time, version)
        self._letter(side, "u")
        to, back = gquic.connections(packet)
        self._entry.ids(to, back, client=side == self._client)
        self._entry.tags(version, packet)

    def _letter(self, side: int, letter: str) -> None:
        self._entry.letter(letter, client=side == self._client)

    def _write(self) -> None:
        """Write the open `quic` event; the next packet opens another one."""
        entry, self._entry = self._entry, QuicEntry()
        if not entry.time:
            return
        self._events += 1
        if self._events <= _MOST_EVENTS:
            self.context.emit("quic", entry.time, entry.event(), client=self._client)

    def _finish(self, time: int) -> None:
        """Write both events, with a hello that never became whole."""
        for side in (self._client, 1 - self._client):
            self._hello(side, time, cut=True)
        if self._tls.anything:
            made = self._tls.event()
            self.context.emit("tls", self._tls_time or time, made, client=self._client)
            self._tls = Handshake("q")
        self._write()


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A long header of a version that we know, a version negotiation, or Google's older header."""
    del side
    if gquic.version_of(data):
        return True
    if len(data) < 21 or data[0] & 0x80 == 0:
        return False
    try:
        head = long_head(data, 0)
    except WireError:
        return False
    if len(head.destination) > 20 or len(head.source) > 20:
        return False
    if head.version == 0:
        offered = data[head.number_at :]
        listed = [offered[at : at + 4] for at in range(0, min(len(offered), 64), 4)]
        return len(offered) % 4 == 0 and any(int.from_bytes(one, "big") in SALTS for one in listed)
    if head.version in SALTS:
        return bool(data[0] & 0x40)
    asks = head.version & 0x0F0F0F0F == RESERVED  # to be told the server's versions
    return asks and len(data) >= 1200 and flow.destination_port == 443


PROTOCOL = Protocol(
    name="quic",
    title="QUIC",
    standard="RFC 9000, RFC 9001, RFC 9369",
    transports=frozenset({"udp"}),
    session=QuicSession,
    recognises=recognises,
    ports=frozenset({443, 784, 853}),
    datasets={
        "quic": quic_entry.FIELDS,
        "tls": FIELDS,
    },
)
