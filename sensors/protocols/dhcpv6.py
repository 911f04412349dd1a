"""DHCPv6: which device got which IPv6 address or prefix from whom, and how it calls itself.

One event a transaction of a flow, as with DHCP (`sensors.protocols.dhcp`), in the same dataset. What a
relay forwards is unwrapped, and the relay's words are kept. RFC 8415; options 37 (RFC 4649),
39 (RFC 4704), 23 and 24 (RFC 3646).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from fengsui.clock import SECOND
from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, Session, WireError
from sensors.wire.dhcp_options import labels, readable
from sensors.wire.reader import text

_TYPES: Final = {
    1: "SOLICIT", 2: "ADVERTISE", 3: "REQUEST", 4: "CONFIRM", 5: "RENEW", 6: "REBIND", 7: "REPLY",
    8: "RELEASE", 9: "DECLINE", 10: "RECONFIGURE", 11: "INFORMATION-REQUEST", 12: "RELAY-FORW",
    13: "RELAY-REPL",
}  # fmt: skip
_FROM_SERVER: Final = frozenset({2, 7, 10})
_ADVERTISE, _REPLY, _RELAY, _RELAY_BACK = 2, 7, 12, 13
_RELAYED: Final = 9
_STATUS: Final = (
    "Success", "UnspecFail", "NoAddrsAvail", "NoBinding", "NotOnLink", "UseMulticast",
    "NoPrefixAvail",
)  # fmt: skip
_MOST_OPEN: Final = 256
_MOST_HOPS: Final = 8
_MOST_OPTIONS: Final = 64
_SILENCE: Final = 10 * SECOND

Fields = dict[str, Value | None]
Options = list[tuple[int, bytes]]


@dataclass(slots=True)
class _Transaction:
    start: int
    newest: int
    types: list[str] = field(default_factory=list[str])
    fields: Fields = field(default_factory=dict[str, Value | None])


class Dhcpv6Session(Session):
    """The messages of one flow, by transaction."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._open: dict[int, _Transaction] = {}

    def data(self, side: int, data: bytes, time: int) -> None:
        """One message, out of its relays' wrappings."""
        relay: Fields = {}
        try:
            for _ in range(_MOST_HOPS):
                if not data or data[0] not in {_RELAY, _RELAY_BACK}:
                    break
                data = _unwrap(data, relay)
            if len(data) < 4 or data[0] not in _TYPES or data[0] >= _RELAY:
                raise WireError("message")
            options = _options(data, 4)
        except WireError:
            self.context.lost("malformed")
            return
        for number, one in list(islice(self._open.items(), 4)):
            if time - one.newest > _SILENCE:
                self._emit(number)
        self._message(side, data, options, relay, time)

    def end(self, time: int) -> None:
        """Transactions that were not finished here."""
        del time
        for number in list(self._open):
            self._emit(number)

    def _message(self, side: int, data: bytes, options: Options, relay: Fields, time: int) -> None:
        number = int.from_bytes(data[1:4], "big")
        one = self._open.get(number)
        if one is None:
            if len(self._open) >= _MOST_OPEN:
                self._emit(next(iter(self._open)))
            one = self._open[number] = _Transaction(time, time)
        one.newest = time
        if len(one.types) < 50:
            one.types.append(_TYPES[data[0]])
        one.fields.update(relay)
        flow = self.context.flow
        if not relay:
            server = (data[0] in _FROM_SERVER) == (side == 0)
            address = flow.source if server else flow.destination
            if not address.startswith("ff"):
                one.fields["dhcp.server_addr"] = address
            address = flow.destination if server else flow.source
            if not address.startswith("ff"):
                one.fields["dhcp.client_addr"] = address
        _fields(options, data[0] in _FROM_SERVER, one.fields)
        if data[0] == _REPLY:
            self._emit(number)

    def _emit(self, number: int) -> None:
        one = self._open.pop(number)
        one.fields["dhcp.transaction_id"] = f"{number:06x}"
        one.fields["dhcp.msg_types"] = one.types
        one.fields["event.duration"] = one.newest - one.start
        self.context.emit("dhcp", one.start, one.fields)


def _options(data: bytes, at: int) -> Options:
    found: Options = []
    while at + 4 <= len(data) and len(found) < _MOST_OPTIONS:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if at + 4 + size > len(data):
            raise WireError("option")
        found.append((int.from_bytes(data[at : at + 2], "big"), data[at + 4 : at + 4 + size]))
        at += 4 + size
    return found


def _unwrap(data: bytes, relay: Fields) -> bytes:
    """The message that a relay carries; what the relay says goes to `relay`."""
    if len(data) < 34:
        raise WireError("relay")
    relay["dhcp.relay_addr"] = _address(data[2:18])
    relay["dhcp.client_addr"] = _address(data[18:34])
    inner = b""
    for number, value in _options(data, 34):
        if number == _RELAYED:
            inner = value
        elif number == 18:
            relay["dhcp.circuit_id"] = readable(value)
        elif number == 37:
            relay["dhcp.remote_id"] = readable(value[4:])
        elif number == 38:
            relay["dhcp.subscriber_id"] = readable(value)
    return inner


def _address(raw: bytes) -> str | None:
    return str(ipaddress.IPv6Address(raw)) if len(raw) == 16 and any(raw) else None


def _fields(options: Options, server: bool, fields: Fields) -> None:
    for number, value in options:
        if number == 1:
            fields["dhcp.client_id"] = value[:64].hex(":")
            fields["dhcp.mac"] = _mac(value)
        elif number == 2:
            fields["dhcp.server_duid"] = value[:64].hex(":")
        elif number in {3, 4, 25}:
            _association(number, value, server, fields)
        elif number == 6:
            asked = [value[at : at + 2] for at in range(0, min(len(value), 128) - 1, 2)]
            fields["dhcp.parameters"] = [str(int.from_bytes(one, "big")) for one in asked]
        elif number == 13:
            _status(value, fields)
        elif number == 16 and len(value) > 6:
            fields["dhcp.vendor_class"] = text(value[6:], 256)
        elif number == 23:
            found = (_address(value[at : at + 16]) for at in range(0, min(len(value), 256), 16))
            fields["dhcp.dns_servers"] = [one for one in found if one]
        elif number == 24:
            fields["dhcp.domain"] = labels(value)[0]
        elif number == 39 and (not server or not fields.get("dhcp.client_fqdn")):
            fields["dhcp.client_fqdn"] = labels(value[1:])[0]


def _mac(duid: bytes) -> str | None:
    """The hardware address in a DUID of type 1 or 3 over Ethernet."""
    if duid[:4] == b"\0\1\0\1" and len(duid) == 14:
        return duid[8:].hex(":")
    return duid[4:].hex(":") if duid[:4] == b"\0\3\0\1" and len(duid) == 10 else None


def _association(number: int, value: bytes, server: bool, fields: Fields) -> None:
    """Addresses (IA_NA, IA_TA) or prefixes (IA_PD)."""
    for kind, inner in _options(value, 4 if number == 4 else 12):
        if kind == 5 and len(inner) >= 24:
            name = "dhcp.assigned_addr" if server else "dhcp.requested_addr"
            fields[name] = _address(inner[:16])
            if server:
                fields["dhcp.lease_time"] = int.from_bytes(inner[20:24], "big")
        elif kind == 26 and len(inner) >= 25 and inner[8] <= 128:
            address = ipaddress.IPv6Address(inner[9:25])
            if server:
                fields["dhcp.assigned_prefix"] = f"{address}/{inner[8]}"
                fields["dhcp.lease_time"] = int.from_bytes(inner[4:8], "big")
        elif kind == 13:
            _status(inner, fields)


def _status(value: bytes, fields: Fields) -> None:
    if len(value) < 2:
        return
    code = int.from_bytes(value[:2], "big")
    fields["dhcp.status"] = _STATUS[code] if code < len(_STATUS) else str(code)
    fields["dhcp.server_message"] = text(value[2:], 256) or None


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """By port, a known type, and options that fill the datagram exactly."""
    del side
    if not {546, 547} & {flow.destination_port, flow.source_port}:
        return False
    if len(data) < 8 or data[0] not in _TYPES:
        return False
    at = 4 if data[0] < _RELAY else 34
    while at + 4 <= len(data):
        at += 4 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at == len(data)


PROTOCOL = Protocol(
    name="dhcpv6",
    title="Dynamic Host Configuration Protocol for IPv6",
    standard="RFC 8415",
    transports=frozenset({"udp"}),
    session=Dhcpv6Session,
    recognises=recognises,
    ports=frozenset({546, 547}),
    datasets={
        "dhcp": (
            "dhcp.mac", "dhcp.client_id", "dhcp.server_duid", "dhcp.client_fqdn", "dhcp.domain",
            "dhcp.requested_addr", "dhcp.assigned_addr", "dhcp.assigned_prefix",
            "dhcp.lease_time", "dhcp.status", "dhcp.server_message", "dhcp.msg_types",
            "dhcp.client_addr", "dhcp.server_addr", "dhcp.transaction_id", "dhcp.vendor_class",
            "dhcp.parameters", "dhcp.relay_addr", "dhcp.circuit_id", "dhcp.remote_id",
            "dhcp.subscriber_id", "dhcp.dns_servers", "event.duration",
        )
    },
)  # fmt: skip
