"""Modbus/TCP: which master reads or writes what in which device, and what is refused.

One event for each request and each response, as Zeek's modbus.log. MODBUS Application Protocol
V1.1b3, MODBUS Messaging on TCP/IP V1.0b.
"""

from __future__ import annotations

import struct
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.modbus_names import EXCEPTIONS, WRITES, function

_PORT: Final = 502
_LONGEST: Final = 260  # unit and PDU
_RANGES: Final = frozenset({1, 2, 3, 4, 15, 16})  # address and count in the request
_SINGLE: Final = frozenset({5, 6})


class ModbusSession(StreamSession):
    """One Modbus connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        flow = context.flow
        turned = flow.source_port == _PORT and flow.destination_port != _PORT
        self._client = 1 if turned else 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """Over UDP each datagram is a message."""
        if self.context.flow.transport == "udp":
            if not self.parse(side, data, time):
                self.context.lost("malformed")
            return
        super().data(side, data, time)

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One message: transaction, 0, length, unit, function."""
        if len(data) < 8:
            return 0
        number, protocol, size = struct.unpack_from(">HHH", data)
        unit, code = data[6], data[7]
        if protocol or not 2 <= size <= _LONGEST:
            raise WireError("header")
        if len(data) < 6 + size:
            return 0
        request = side == self._client
        fields: dict[str, Value | None] = {
            "modbus.tid": number,
            "modbus.unit": unit,
            "modbus.func": function(code),
            "modbus.pdu_type": "REQ" if request else "RESP",
            "modbus.write": code & 0x7F in WRITES or None,
        }
        body = data[8 : 6 + size]
        if code & 0x80:
            if body:
                fields["modbus.exception"] = EXCEPTIONS.get(body[0], f"unknown-{body[0]}")
            fields["event.outcome"] = "failure"
        else:
            _places(code, body, request, fields)
        self.context.emit("modbus", time, fields, client=self._client)
        return int(6 + size)


def _places(code: int, body: bytes, request: bool, fields: dict[str, Value | None]) -> None:
    """What is read or written, where the PDU says it."""
    if len(body) >= 4 and (code in _SINGLE or (code in _RANGES and (request or code > 4))):
        address, number = struct.unpack_from(">HH", body)
        fields["modbus.address"] = address
        fields["modbus.value" if code in _SINGLE else "modbus.quantity"] = number
    elif code == 23 and request and len(body) >= 8:
        fields["modbus.address"], fields["modbus.quantity"] = struct.unpack_from(">HH", body)
        write, count = struct.unpack_from(">HH", body, 4)
        fields["modbus.write_address"], fields["modbus.write_quantity"] = write, count
    elif code in {22, 24} and request and len(body) >= 2:
        fields["modbus.address"] = int.from_bytes(body[:2], "big")
    elif code == 8 and len(body) >= 2:
        fields["modbus.sub_function"] = int.from_bytes(body[:2], "big")
    elif code == 43 and body:
        fields["modbus.sub_function"] = body[0]


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A header of a plausible length at the usual port; elsewhere a request whose length fits what it
    asks for. Modbus has no magic.
    """
    del side
    if len(data) < 8 or data[2:4] != b"\0\0":
        return False
    size = int.from_bytes(data[4:6], "big")
    if _PORT in (flow.destination_port, flow.source_port):
        return 2 <= size <= _LONGEST and data[7] != 0
    if size != len(data) - 6 or size < 6:
        return False
    if data[7] in (15, 16):
        return size > 7 and size == 7 + data[12]
    return size == 6 and 1 <= data[7] <= 6


PROTOCOL = Protocol(
    name="modbus",
    title="Modbus/TCP",
    standard="MODBUS Application Protocol V1.1b3",
    transports=frozenset({"tcp", "udp"}),
    session=ModbusSession,
    recognises=recognises,
    ports=frozenset({_PORT}),
    datasets={
        "modbus": (
            "modbus.tid", "modbus.unit", "modbus.func", "modbus.pdu_type", "modbus.exception",
            "modbus.write", "modbus.address", "modbus.quantity", "modbus.value",
            "modbus.write_address", "modbus.write_quantity", "modbus.sub_function",
            "event.outcome",
        )
    },
)  # fmt: skip
