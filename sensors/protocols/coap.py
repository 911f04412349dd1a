"""CoAP: requests of small devices, and their answers.

One event a request with its response, stamped with the request; notifications of an observed
resource are counted in it no more.
Defined in RFC 7252; block-wise transfer in RFC 7959.
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import ip_address
from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, Session, WireError
from sensors.wire.reader import text

_METHODS: Final = {1: "GET", 2: "POST", 3: "PUT", 4: "DELETE", 5: "FETCH", 6: "PATCH", 7: "iPATCH"}
_TYPES: Final = ("CON", "NON", "ACK", "RST")
# Codes of responses that are registered: 2.01-2.05, 2.31, 4.00-4.06, 4.08-5.08.
_RESPONSES: Final = frozenset(
    (65, 66, 67, 68, 69, 95, 128, 129, 130, 131, 132, 133, 134, 136, 137, 140, 141, 143, 150, 157,
     160, 161, 162, 163, 164, 165, 168)
)  # fmt: skip
_MAX_PENDING: Final = 256
_Fields = dict[str, str | int | None]


class CoapSession(Session):
    """One flow of datagrams."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.pending: OrderedDict[tuple[int, bytes], tuple[int, int, _Fields]] = OrderedDict()

    def data(self, side: int, data: bytes, time: int) -> None:
        """One message."""
        if len(data) < 4 or data[0] >> 6 != 1 or data[0] & 15 > 8 or len(data) < 4 + (data[0] & 15):
            raise WireError("no_coap")
        code, number = data[1], int.from_bytes(data[2:4], "big")
        token = data[4 : 4 + (data[0] & 15)]
        if code in _METHODS:
            self._request(side, data, number, token, time)
        elif code >> 5 in (2, 4, 5):
            self._response(side, data, token, time)
        elif data[0] >> 4 & 3 == 3:
            self._reset(side, number, time)

    def _request(self, side: int, data: bytes, number: int, token: bytes, time: int) -> None:
        if (side, token) in self.pending:
            return  # sent again
        fields: _Fields = {
            "coap.type": _TYPES[data[0] >> 4 & 3],
            "coap.method": _METHODS[data[1]],
            "event.action": _METHODS[data[1]].lower(),
        }
        path: list[str] = []
        query: list[str] = []
        for option, value in _options(data, 4 + len(token)):
            if option == 11:
                path.append(text(value))
            elif option == 15:
                query.append(text(value))
            elif option == 3:
                fields["coap.uri_host"] = text(value)
            elif option == 12:
                fields["coap.request.content_format"] = int.from_bytes(value[:4], "big")
            elif option == 6:
                fields["coap.observe"] = int.from_bytes(value[:4], "big")
            elif option == 35:
                fields["coap.proxy_uri"] = text(value)
        fields["url.path"] = "/" + "/".join(path)
        fields["url.query"] = "&".join(query)
        fields["coap.request.bytes"] = len(data)
        if len(self.pending) >= _MAX_PENDING:
            (old, _), (when, _, known) = self.pending.popitem(last=False)
            self._tell(old, when, known)
            self.context.lost("pending")
        self.pending[(side, token)] = (time, number, fields)

    def _response(self, side: int, data: bytes, token: bytes, time: int) -> None:
        asked = self.pending.pop((1 - side, token), None)
        if asked is None:
            return
        when, _, fields = asked
        fields["coap.response.code"] = f"{data[1] >> 5}.{data[1] & 31:02d}"
        fields["coap.response.bytes"] = len(data)
        for option, value in _options(data, 4 + len(token)):
            if option == 12:
                fields["coap.response.content_format"] = int.from_bytes(value[:4], "big")
        fields["event.outcome"] = "success" if data[1] >> 5 == 2 else "failure"
        fields["event.duration"] = time - when
        self._tell(1 - side, when, fields)

    def _reset(self, side: int, number: int, time: int) -> None:
        for key, (when, asked, fields) in self.pending.items():
            if asked == number and key[0] != side:
                del self.pending[key]
                fields["coap.response.code"] = "reset"
                fields["event.outcome"] = "failure"
                fields["event.duration"] = time - when
                self._tell(key[0], when, fields)
                return

    def _tell(self, side: int, time: int, fields: _Fields) -> None:
        host = fields.get("coap.uri_host")
        if isinstance(host, str) and not _is_address(host):
            fields["destination.domain"] = host
        self.context.emit("coap", time, fields, client=RESPONDER if side else ORIGINATOR)

    def end(self, time: int) -> None:
        """Requests without a response."""
        del time
        for (side, _), (when, _, fields) in self.pending.items():
            self._tell(side, when, fields)
        self.pending.clear()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _options(data: bytes, at: int) -> list[tuple[int, bytes]]:
    """Numbers and values of the options; stops at the payload, or where they are broken."""
    found: list[tuple[int, bytes]] = []
    number = 0
    while at < len(data) and data[at] != 0xFF and len(found) < 32:
        delta, size = data[at] >> 4, data[at] & 15
        at += 1
        if delta == 15 or size == 15:
            break
        delta, at = _extended(delta, data, at)
        size, at = _extended(size, data, at)
        number += delta
        if at + size > len(data):
            break
        found.append((number, data[at : at + size]))
        at += size
    return found


def _extended(value: int, data: bytes, at: int) -> tuple[int, int]:
    if value == 13:
        return 13 + int.from_bytes(data[at : at + 1], "big"), at + 1
    if value == 14:
        return 269 + int.from_bytes(data[at : at + 2], "big"), at + 2
    return value, at


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """Only at CoAP's own port: four bytes of header say too little by themselves."""
    del side
    if 5683 not in (flow.source_port, flow.destination_port) or len(data) < 4:
        return False
    code = data[1]
    known = code in _METHODS or code in _RESPONSES or code == 0
    if data[0] >> 6 != 1 or data[0] & 15 > 8 or not known or len(data) < 4 + (data[0] & 15):
        return False
    if code == 0:
        return len(data) == 4
    return _whole(data, 4 + (data[0] & 15))


def _whole(data: bytes, at: int) -> bool:
    """Whether options of numbers that exist fill the message, or a payload follows them."""
    number = 0
    while at < len(data):
        if data[at] == 0xFF:
            return at + 1 < len(data)
        delta, size = data[at] >> 4, data[at] & 15
        if delta == 15 or size == 15:
            return False
        delta, at = _extended(delta, data, at + 1)
        size, at = _extended(size, data, at)
        number += delta
        at += size
        if not (number <= 60 or number in (258, 292)):
            return False
    return at == len(data)


PROTOCOL: Final = Protocol(
    name="coap",
    title="Constrained Application Protocol",
    standard="RFC 7252",
    transports=frozenset({"udp"}),
    session=CoapSession,
    recognises=recognises,
    ports=frozenset({5683}),
    datasets={
        "coap": (
            "coap.type", "coap.method", "coap.uri_host", "coap.proxy_uri", "coap.observe",
            "coap.request.content_format", "coap.request.bytes", "coap.response.code",
            "coap.response.content_format", "coap.response.bytes", "url.path", "url.query",
            "destination.domain", "event.action", "event.outcome", "event.duration",
        )
    },
)  # fmt: skip
