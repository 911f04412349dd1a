"""BACnet/IP: who asks or commands what in a building's controls.

One event for each application PDU. ASHRAE 135 annex J (BVLC), clause 6 (NPDU), clause 20 (APDU).
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import Flow, Protocol, Session, WireError
from sensors.wire.reader import Reader

_PORT: Final = 47_808
_BVLC: Final = {
    0: "BVLC-Result", 1: "Write-Broadcast-Distribution-Table",
    2: "Read-Broadcast-Distribution-Table", 3: "Read-Broadcast-Distribution-Table-Ack",
    4: "Forwarded-NPDU", 5: "Register-Foreign-Device", 6: "Read-Foreign-Device-Table",
    7: "Read-Foreign-Device-Table-Ack", 8: "Delete-Foreign-Device-Table-Entry",
    9: "Distribute-Broadcast-To-Network", 10: "Original-Unicast-NPDU",
    11: "Original-Broadcast-NPDU", 12: "Secure-BVLL",
}  # fmt: skip
_CARRIES: Final = frozenset({4, 9, 10, 11})
_PDUS: Final = (
    "Confirmed-REQ", "Unconfirmed-REQ", "Simple-ACK", "Complex-ACK", "Segment-ACK", "Error",
    "Reject", "Abort",
)  # fmt: skip
_CONFIRMED: Final = {
    0: "acknowledgeAlarm", 1: "confirmedCOVNotification", 2: "confirmedEventNotification",
    3: "getAlarmSummary", 4: "getEnrollmentSummary", 5: "subscribeCOV", 6: "atomicReadFile",
    7: "atomicWriteFile", 8: "addListElement", 9: "removeListElement", 10: "createObject",
    11: "deleteObject", 12: "readProperty", 14: "readPropertyMultiple", 15: "writeProperty",
    16: "writePropertyMultiple", 17: "deviceCommunicationControl", 18: "confirmedPrivateTransfer",
    19: "confirmedTextMessage", 20: "reinitializeDevice", 26: "readRange",
    28: "subscribeCOVProperty", 29: "getEventInformation",
}  # fmt: skip
_UNCONFIRMED: Final = {
    0: "i-Am", 1: "i-Have", 2: "unconfirmedCOVNotification", 3: "unconfirmedEventNotification",
    4: "unconfirmedPrivateTransfer", 5: "unconfirmedTextMessage", 6: "timeSynchronization",
    7: "who-Has", 8: "who-Is", 9: "utcTimeSynchronization", 10: "writeGroup",
}  # fmt: skip
_OBJECTS: Final = (
    "analog-input", "analog-output", "analog-value", "binary-input", "binary-output",
    "binary-value", "calendar", "command", "device", "event-enrollment", "file", "group", "loop",
    "multi-state-input", "multi-state-output", "notification-class", "program", "schedule",
    "averaging", "multi-state-value", "trend-log",
)  # fmt: skip

Fields = dict[str, Value | None]


class BacnetSession(Session):
    """The datagrams of two devices."""

    def data(self, side: int, data: bytes, time: int) -> None:
        """One BVLC message."""
        del side
        try:
            fields = _message(data)
        except WireError:
            self.context.lost("malformed")
            return
        self.context.emit("bacnet", time, fields)


def _message(data: bytes) -> Fields:
    reader = Reader(data)
    if reader.u8() != 0x81:
        raise WireError("bvlc")
    function = reader.u8()
    size = reader.u16()
    if not 4 <= size <= len(data):
        raise WireError("length")
    fields: Fields = {"bacnet.bvlc": _BVLC.get(function, str(function))}
    reader = Reader(data, 4, size)
    if function not in _CARRIES:
        return fields
    if function == 4:
        reader.skip(6)
    if reader.u8() != 1:
        raise WireError("npdu")
    control = reader.u8()
    if control & 0x20:
        fields["bacnet.destination_network"] = reader.u16()
        reader.skip(reader.u8())
    if control & 0x08:
        fields["bacnet.source_network"] = reader.u16()
        reader.skip(reader.u8())
    if control & 0x20:
        reader.skip(1)
    if control & 0x80:
        fields["bacnet.pdu_type"] = "Network-Layer-Message"
        fields["bacnet.service"] = f"network message {reader.u8()}"
        return fields
    _application(reader, fields)
    return fields


def _application(reader: Reader, fields: Fields) -> None:
    first = reader.u8()
    kind = first >> 4
    if kind >= len(_PDUS):
        raise WireError("apdu")
    fields["bacnet.pdu_type"] = _PDUS[kind]
    if kind == 0:
        reader.skip(1)
    if kind != 1:
        fields["bacnet.invoke_id"] = reader.u8()
    if first & 8 and kind in {0, 3}:
        reader.skip(2)
    if kind in {4, 6, 7}:
        return
    service = reader.u8()
    names = _UNCONFIRMED if kind == 1 else _CONFIRMED
    fields["bacnet.service"] = names.get(service, f"service {service}")
    if kind in {0, 3} and service in {12, 15}:
        _property(reader, fields)
    elif kind == 1 and service == 0 and reader.left >= 5 and reader.u8() == 0xC4:
        fields["bacnet.object"] = _object(reader.u32())


def _property(reader: Reader, fields: Fields) -> None:
    """Object [0] and property [1] of readProperty and writeProperty."""
    if reader.left < 7 or reader.u8() != 0x0C:
        return
    fields["bacnet.object"] = _object(reader.u32())
    tag = reader.u8()
    if tag in {0x19, 0x1A}:
        fields["bacnet.property"] = reader.u8() if tag == 0x19 else reader.u16()


def _object(number: int) -> str:
    kind = number >> 22
    name = _OBJECTS[kind] if kind < len(_OBJECTS) else str(kind)
    return f"{name},{number & 0x3FFFFF}"


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """BVLC of a known function whose length is the datagram's."""
    del side, flow
    if len(data) < 6 or data[0] != 0x81 or data[1] not in _BVLC:
        return False
    if int.from_bytes(data[2:4], "big") != len(data):
        return False
    place = 10 if data[1] == 4 else 4
    return data[1] not in _CARRIES or data[place : place + 1] == b"\1"


PROTOCOL = Protocol(
    name="bacnet",
    title="BACnet/IP",
    standard="ASHRAE 135",
    transports=frozenset({"udp"}),
    session=BacnetSession,
    recognises=recognises,
    ports=frozenset({_PORT}),
    datasets={
        "bacnet": (
            "bacnet.bvlc", "bacnet.pdu_type", "bacnet.service", "bacnet.invoke_id",
            "bacnet.object", "bacnet.property", "bacnet.source_network",
            "bacnet.destination_network",
        )
    },
)  # fmt: skip
