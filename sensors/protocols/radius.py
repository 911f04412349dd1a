"""RADIUS: who is let in by which access device, from where, and whether it was granted.

One event an authentication: the rounds of an EAP exchange belong together by their State; one event
for each accounting record. Stamped with the first request. Passwords are hidden on the wire and are
not kept. RFC 2865, RFC 2866, RFC 2868 (tunnels), RFC 2869 (Connect-Info), RFC 5176 (disconnects).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, Session, WireError
from sensors.wire.reader import text

_CODES: Final = {
    1: "Access-Request", 2: "Access-Accept", 3: "Access-Reject", 4: "Accounting-Request",
    5: "Accounting-Response", 11: "Access-Challenge", 12: "Status-Server", 13: "Status-Client",
    40: "Disconnect-Request", 41: "Disconnect-ACK", 42: "Disconnect-NAK", 43: "CoA-Request",
    44: "CoA-ACK", 45: "CoA-NAK",
}  # fmt: skip
_PORTS: Final = frozenset({1812, 1813, 1645, 1646, 3799})
_FIRST: Final = frozenset({1, 4, 5, 31, 32, 40, 44})  # user, device, its port, station, accounting
_REQUESTS: Final = frozenset({1, 4, 12, 13, 40, 43})
_GRANTED: Final = {2: True, 3: False, 41: True, 42: False, 44: True, 45: False}
_ACCEPT, _REJECT, _CHALLENGE, _STATE = 2, 3, 11, 24
_TEXTS: Final = {
    1: "user.name", 18: "radius.reply_msg", 30: "radius.called_station",
    31: "radius.calling_station", 32: "radius.nas_identifier", 44: "radius.acct_session_id",
    77: "radius.connect_info", 87: "radius.nas_port_id",
}  # fmt: skip
_ADDRESSES: Final = {4: "radius.nas_ip", 8: "radius.framed_addr", 14: "radius.login_ip"}
_STATUS: Final = {
    1: "Start",
    2: "Stop",
    3: "Interim-Update",
    7: "Accounting-On",
    8: "Accounting-Off",
}
_MOST_WAITING: Final = 256

Fields = dict[str, Value | None]


@dataclass(slots=True)
class _Exchange:
    time: int
    side: int
    code: int
    fields: Fields = field(default_factory=dict[str, Value | None])


class RadiusSession(Session):
    """The exchanges of an access device with a server."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked: dict[int, _Exchange] = {}  # by identifier
        self._challenged: dict[bytes, _Exchange] = {}  # by State

    def data(self, side: int, data: bytes, time: int) -> None:
        """One packet."""
        try:
            code, attributes = _packet(data)
        except WireError:
            self.context.lost("malformed")
            return
        if code in _REQUESTS:
            self._request(side, code, data[1], attributes, time)
        else:
            self._answer(side, code, data[1], attributes, time)

    def end(self, time: int) -> None:
        """Requests without an answer, and exchanges that broke off."""
        del time
        for exchange in (*self._asked.values(), *self._challenged.values()):
            if exchange.code == 1:
                exchange.fields["radius.result"] = "unknown"
            self._emit(exchange)
        self._asked = {}
        self._challenged = {}

    def _request(
        self, side: int, code: int, number: int, attributes: list[tuple[int, bytes]], time: int
    ) -> None:
        fields = _fields(attributes)
        known = self._asked.get(number)
        if (
            known is not None
            and known.code == code
            and known.fields.get("user.name") == fields.get("user.name")
        ):
            return  # sent again
        state = next((value for kind, value in attributes if kind == _STATE), b"")
        exchange = self._challenged.pop(state, None) if state else None
        if exchange is None:
            fields["radius.request"] = _CODES[code]
            exchange = _Exchange(time, side, code, fields)
        if known is not None:
            self._emit(known)
        elif len(self._asked) >= _MOST_WAITING:
            self.context.lost("unanswered")
            self._emit(self._asked.pop(next(iter(self._asked))))
        self._asked[number] = exchange

    def _answer(
        self, side: int, code: int, number: int, attributes: list[tuple[int, bytes]], time: int
    ) -> None:
        exchange = self._asked.pop(number, None)
        fields = _fields(attributes)
        if exchange is None:
            exchange = _Exchange(time, 1 - side, 0)
        else:
            fields["event.duration"] = time - exchange.time
        for key, value in fields.items():
            if key != "user.name" or not exchange.fields.get(key):
                exchange.fields[key] = value
        exchange.fields["radius.response"] = _CODES[code]
        state = next((value for kind, value in attributes if kind == _STATE), b"")
        if code == _CHALLENGE and state and exchange.code:
            if len(self._challenged) >= _MOST_WAITING:
                self._emit(self._challenged.pop(next(iter(self._challenged))))
            self._challenged[state] = exchange
            return
        granted = _GRANTED.get(code)
        if granted is not None:
            exchange.fields["radius.result"] = "success" if granted else "failed"
            exchange.fields["event.outcome"] = "success" if granted else "failure"
        self._emit(exchange)

    def _emit(self, exchange: _Exchange) -> None:
        self.context.emit("radius", exchange.time, exchange.fields, client=exchange.side)


def _packet(data: bytes) -> tuple[int, list[tuple[int, bytes]]]:
    """Code and attributes."""
    size = int.from_bytes(data[2:4], "big")
    if not 20 <= size <= len(data) or data[0] not in _CODES:
        raise WireError("packet")
    found: list[tuple[int, bytes]] = []
    at = 20
    while at + 2 <= size and len(found) < 128:
        length = data[at + 1]
        if length < 2 or at + length > size:
            raise WireError("attribute")
        found.append((data[at], data[at + 2 : at + length]))
        at += length
    return data[0], found


def _fields(attributes: list[tuple[int, bytes]]) -> Fields:
    fields: Fields = {}
    for kind, value in attributes:
        if kind in _TEXTS:
            fields.setdefault(_TEXTS[kind], text(value))
            if kind == 31:
                fields.setdefault("radius.mac", _mac(value))
        elif kind in _ADDRESSES and len(value) == 4:
            fields.setdefault(_ADDRESSES[kind], ".".join(map(str, value)))
        elif kind in {2, 3}:
            fields["radius.password_seen"] = True
        elif kind == 5 and len(value) == 4:
            fields["radius.nas_port"] = int.from_bytes(value, "big")
        elif kind == 40 and len(value) == 4:
            number = int.from_bytes(value, "big")
            fields["radius.acct_status_type"] = _STATUS.get(number, str(number))
        elif kind == 66:  # a tag byte below 0x20 may stand in front (RFC 2868)
            fields["radius.tunnel_client"] = text(value[1:] if value[:1] < b" " else value)
        elif kind == 79:
            fields["radius.eap"] = True
    return fields


def _mac(value: bytes) -> str | None:
    """A station id that is a MAC address, in lower case with colons."""
    digits = "".join(chr(x) for x in value[:64] if chr(x) not in "-:. ").lower()
    if len(digits) != 12 or any(x not in "0123456789abcdef" for x in digits):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A length that is the datagram's, and attributes that fill it exactly; elsewhere than at its ports
    a request that names an access device or a user first.
    """
    del side
    if len(data) < 20 or data[0] not in _CODES or int.from_bytes(data[2:4], "big") != len(data):
        return False
    if _PORTS.isdisjoint((flow.destination_port, flow.source_port)) and (
        data[0] not in _REQUESTS or len(data) < 26 or data[20] not in _FIRST
    ):
        return False
    at = 20
    while at + 2 <= len(data) and data[at + 1] >= 2:
        at += data[at + 1]
    return at == len(data)


PROTOCOL = Protocol(
    name="radius",
    title="Remote Authentication Dial-In User Service",
    standard="RFC 2865",
    transports=frozenset({"udp"}),
    session=RadiusSession,
    recognises=recognises,
    ports=frozenset({1812, 1813, 1645, 1646}),
    datasets={
        "radius": (
            "user.name", "event.outcome", "event.duration", "radius.request", "radius.response",
            "radius.result", "radius.mac", "radius.framed_addr", "radius.login_ip",
            "radius.tunnel_client", "radius.connect_info", "radius.reply_msg", "radius.nas_ip",
            "radius.nas_identifier", "radius.nas_port", "radius.nas_port_id",
            "radius.called_station", "radius.calling_station", "radius.acct_session_id",
            "radius.acct_status_type", "radius.password_seen", "radius.eap",
        )
    },
)  # fmt: skip
