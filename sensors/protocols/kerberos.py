"""Kerberos 5: who asks for a ticket to what, with which encryption, and whether it is given.

One event for each request to a KDC (AS or TGS) with its reply or error, stamped with the request.
`kerberos.ciphers` lists what the client offers: a service ticket asked for with RC4 only is the mark
of Kerberoasting. RFC 4120 (messages), RFC 3961/3962/4757/8009 (encryption types), MS-KILE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire import ber
from sensors.wire.kerberos_names import CIPHERS, ERRORS, PADATA, WEAK, date
from sensors.wire.reader import text

_AS_REQ, _AS_REP, _TGS_REQ, _TGS_REP = 0x6A, 0x6B, 0x6C, 0x6D
_ERROR: Final = 0x7E
_OTHERS: Final = frozenset({0x6E, 0x6F, 0x74, 0x75, 0x76})  # AP-REQ, AP-REP, SAFE, PRIV, CRED
_REPLIES: Final = {_AS_REP: _AS_REQ, _TGS_REP: _TGS_REQ}
_NAMES: Final = {_AS_REQ: "AS", _TGS_REQ: "TGS"}
_MOST_WAITING: Final = 64
_LONGEST: Final = 128 * 1024
_MOST_LIST: Final = 32
_BAD: Final = (ValueError, KeyError, IndexError)  # a member is missing or is no ASN.1

Fields = dict[str, Value | None]


@dataclass(slots=True)
class _Request:
    kind: int
    nonce: int
    side: int
    time: int
    fields: Fields


class KerberosSession(StreamSession):
    """The exchanges of a client with a KDC; datagrams, or a length and a message on TCP."""

    limit = _LONGEST + 4

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._waiting_for: list[_Request] = []

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram is a message; a stream is cut by its lengths."""
        if self.context.flow.transport != "udp":
            super().data(side, data, time)
            return
        try:
            self._message(side, data, time)
        except _BAD:
            self.context.lost("malformed")

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One message behind its length (RFC 4120 §7.2.2)."""
        if len(data) < 4:
            return 0
        size = int.from_bytes(data[:4], "big")
        if not 8 <= size <= _LONGEST or (len(data) > 4 and data[4] & 0xE0 != 0x60):
            raise WireError("length")
        if len(data) < 4 + size:
            return 0
        try:
            self._message(side, data[4 : 4 + size], time)
        except _BAD:
            self.context.lost("malformed")
        return 4 + size

    def end(self, time: int) -> None:
        """Requests that nobody answered."""
        del time
        for request in self._waiting_for:
            self._emit(request, {})
        self._waiting_for = []

    def _message(self, side: int, data: bytes, time: int) -> None:
        outer = ber.item(data, 0, len(data))
        if outer.tag in _OTHERS:
            return
        inner = ber.expect(data, outer.start, outer.end, ber.SEQUENCE)
        members = ber.by_tag(data, inner.start, inner.end)
        if outer.tag in _NAMES:
            self._request(outer.tag, side, data, members, time)
        elif outer.tag in _REPLIES:
            self._answer(_REPLIES[outer.tag], side, _reply(data, members), time)
        elif outer.tag == _ERROR:
            self._answer(0, side, _error(data, members), time)
        else:
            raise WireError("message")

    def _request(
        self, kind: int, side: int, data: bytes, members: dict[int, ber.Item], time: int
    ) -> None:
        nonce, fields = _request(data, members)
        fields["kerberos.request_type"] = _NAMES[kind]
        for other in self._waiting_for:
            if other.kind == kind and other.nonce == nonce and nonce:
                return  # sent again
        if len(self._waiting_for) >= _MOST_WAITING:
            self.context.lost("unanswered")
            self._emit(self._waiting_for.pop(0), {})
        self._waiting_for.append(_Request(kind, nonce, side, time, fields))

    def _answer(self, kind: int, side: int, found: Fields, time: int) -> None:
        """Join a reply with the oldest request of its kind; an error (0) with the oldest of all."""
        for place, request in enumerate(self._waiting_for):
            if request.side != side and kind in {0, request.kind}:
                del self._waiting_for[place]
                found["event.duration"] = time - request.time
                self._emit(request, found)
                return
        alone: Fields = {"kerberos.request_type": _NAMES.get(kind)}
        self._emit(_Request(kind, 0, 1 - side, time, alone), found)

    def _emit(self, request: _Request, answer: Fields) -> None:
        fields = request.fields
        asked = fields.get("kerberos.client")
        fields.update((key, value) for key, value in answer.items() if value is not None)
        client = asked or fields.get("kerberos.client")
        if client:
            fields["kerberos.client"] = client
            fields["user.name"] = str(client).partition("/")[0]
        success = fields.get("kerberos.success")
        if success is not None:
            fields["event.outcome"] = "success" if success else "failure"
        self.context.emit("kerberos", request.time, fields, client=request.side)


def _request(data: bytes, members: dict[int, ber.Item]) -> tuple[int, Fields]:
    """Nonce and fields of an AS-REQ or TGS-REQ."""
    body = ber.expect(data, members[0xA4].start, members[0xA4].end, ber.SEQUENCE)
    parts = ber.by_tag(data, body.start, body.end)
    realm = _words(data, parts.get(0xA2))
    client = _principal(data, parts.get(0xA1))
    options = _inner(data, parts.get(0xA0))
    flags = data[options.start + 1 : options.end] if options else b""
    types = _numbers(data, parts.get(0xA8))
    return _number(data, parts.get(0xA7)), {
        "kerberos.client": f"{client}/{realm}" if client else None,
        "kerberos.realm": realm,
        "kerberos.service": _principal(data, parts.get(0xA3)),
        "kerberos.from": date(_words(data, parts.get(0xA4))),
        "kerberos.till": date(_words(data, parts.get(0xA5))),
        "kerberos.forwardable": bool(flags[0] & 0x40) if flags else None,
        "kerberos.renewable": bool(flags[1] & 0x80) if len(flags) > 1 else None,
        "kerberos.ciphers": [_cipher(one) for one in types],
        "kerberos.padata": _padata(data, members.get(0xA3)),
    }


def _reply(data: bytes, members: dict[int, ber.Item]) -> Fields:
    """Fields of an AS-REP or TGS-REP."""
    client, realm = _principal(data, members.get(0xA4)), _words(data, members.get(0xA3))
    ticket = ber.item(data, members[0xA5].start, members[0xA5].end)
    inner = ber.expect(data, ticket.start, ticket.end, ber.SEQUENCE)
    parts = ber.by_tag(data, inner.start, inner.end)
    cipher = _etype(data, parts.get(0xA3))
    sealed = _etype(data, members.get(0xA6))
    return {
        "kerberos.client": f"{client}/{realm}" if client or realm else None,
        "kerberos.realm": _words(data, parts.get(0xA1)),
        "kerberos.service": _principal(data, parts.get(0xA2)),
        "kerberos.cipher": None if cipher is None else _cipher(cipher),
        "kerberos.reply_cipher": None if sealed is None else _cipher(sealed),
        "kerberos.weak_encryption": cipher in WEAK or sealed in WEAK,
        "kerberos.success": True,
    }


def _error(data: bytes, members: dict[int, ber.Item]) -> Fields:
    """Fields of a KRB-ERROR: the server's own words where it sends some, else the code's name."""
    client, realm = _principal(data, members.get(0xA8)), _words(data, members.get(0xA7))
    code = _number(data, members[0xA6])
    name = ERRORS.get(code, f"unknown-{code}")
    return {
        "kerberos.client": f"{client}/{realm}" if client else None,
        "kerberos.realm": _words(data, members.get(0xA9)),
        "kerberos.service": _principal(data, members.get(0xAA)),
        "kerberos.error": _words(data, members.get(0xAB)) or name,
        "kerberos.error_code": name,
        "kerberos.success": False,
    }


def _inner(data: bytes, wrapped: ber.Item | None) -> ber.Item | None:
    return None if wrapped is None else ber.item(data, wrapped.start, wrapped.end)


def _words(data: bytes, wrapped: ber.Item | None) -> str | None:
    inner = _inner(data, wrapped)
    return None if inner is None else text(ber.content(data, inner), 256)


def _number(data: bytes, wrapped: ber.Item | None) -> int:
    inner = _inner(data, wrapped)
    return 0 if inner is None else ber.number(data, inner)


def _numbers(data: bytes, wrapped: ber.Item | None) -> list[int]:
    inner = _inner(data, wrapped)
    if inner is None:
        return []
    return [ber.number(data, one) for one in ber.items(data, inner.start, inner.end, _MOST_LIST)]


def _principal(data: bytes, wrapped: ber.Item | None) -> str | None:
    """The parts of a PrincipalName joined by `/`."""
    inner = _inner(data, wrapped)
    if inner is None:
        return None
    names = ber.by_tag(data, inner.start, inner.end).get(0xA1)
    listed = _inner(data, names)
    if listed is None:
        return None
    parts = ber.items(data, listed.start, listed.end, 8)
    return "/".join(text(ber.content(data, one), 256) for one in parts)


def _etype(data: bytes, wrapped: ber.Item | None) -> int | None:
    """The encryption type of an EncryptedData."""
    inner = _inner(data, wrapped)
    if inner is None:
        return None
    found = ber.by_tag(data, inner.start, inner.end).get(0xA0)
    return None if found is None else _number(data, found)


def _cipher(number: int) -> str:
    return CIPHERS.get(number, f"unknown-{number}")


def _padata(data: bytes, wrapped: ber.Item | None) -> list[str]:
    """Types of the pre-authentication data."""
    inner = _inner(data, wrapped)
    found: list[str] = []
    for one in ber.items(data, inner.start, inner.end, _MOST_LIST) if inner else []:
        kind = _number(data, ber.by_tag(data, one.start, one.end).get(0xA1))
        found.append(PADATA.get(kind, str(kind)))
    return found


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A KDC message whose outer lengths agree with each other (and with the datagram)."""
    del side
    at = 0 if flow.transport == "udp" else 4
    if len(data) < at + 10 or (
        data[at] not in _REPLIES and data[at] not in {_AS_REQ, _TGS_REQ, _ERROR}
    ):
        return False
    try:
        outer = ber.head(data, at)
        inner = outer and ber.head(data, outer.start)
    except WireError:
        return False
    if not outer or not inner or inner.tag != ber.SEQUENCE or inner.end != outer.end:
        return False
    if at and int.from_bytes(data[:4], "big") != outer.end - 4:
        return False
    if not at and outer.end != len(data):
        return False
    # pvno [0] or [1] INTEGER 5 comes first in all of them
    return (
        data[inner.start] in {0xA0, 0xA1} and data[inner.start + 1 : inner.start + 5] == b"\3\2\1\5"
    )


_FIELDS: Final = (
    "kerberos.client", "kerberos.service", "kerberos.cipher", "kerberos.request_type",
    "kerberos.error", "kerberos.success", "kerberos.error_code", "kerberos.realm", "kerberos.from",
    "kerberos.till", "kerberos.forwardable", "kerberos.renewable", "kerberos.ciphers",
    "kerberos.reply_cipher", "kerberos.weak_encryption", "kerberos.padata", "user.name",
    "event.outcome", "event.duration",
)  # fmt: skip

PROTOCOL = Protocol(
    name="kerberos",
    title="Kerberos 5",
    standard="RFC 4120",
    transports=frozenset({"tcp", "udp"}),
    session=KerberosSession,
    recognises=recognises,
    ports=frozenset({88}),
    datasets={"kerberos": _FIELDS},
)
