"""EtherNet/IP with CIP: what is asked of a controller, and how it answers.

One event for a request with its response; messages that want none have their own. ODVA, CIP Volume 2
(encapsulation) and Volume 1 (services, paths), as far as public descriptions go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import Reader, text

_COMMANDS: Final = {
    0x00: "Nop", 0x04: "ListServices", 0x63: "ListIdentity", 0x64: "ListInterfaces",
    0x65: "RegisterSession", 0x66: "UnregisterSession", 0x6F: "SendRRData", 0x70: "SendUnitData",
    0x72: "IndicateStatus", 0x73: "Cancel",
}  # fmt: skip
_STATUS: Final = {
    0: "Success", 1: "InvalidCommand", 2: "NoResources", 3: "IncorrectData",
    0x64: "InvalidSession", 0x65: "InvalidLength", 0x69: "UnsupportedProtocol",
}  # fmt: skip
_SERVICES: Final = {
    0x01: "GetAttributesAll", 0x02: "SetAttributesAll", 0x03: "GetAttributeList",
    0x04: "SetAttributeList", 0x05: "Reset", 0x06: "Start", 0x07: "Stop", 0x08: "Create",
    0x09: "Delete", 0x0A: "MultipleServicePacket", 0x0D: "ApplyAttributes",
    0x0E: "GetAttributeSingle", 0x10: "SetAttributeSingle", 0x11: "FindNextObject",
    0x15: "Restore", 0x16: "Save", 0x17: "Nop", 0x4B: "ExecutePccc", 0x4C: "ReadTag",
    0x4D: "WriteTag", 0x4E: "ForwardClose", 0x52: "UnconnectedSend", 0x53: "WriteTagFragmented",
    0x54: "ForwardOpen", 0x5B: "LargeForwardOpen",
}  # fmt: skip
_ANSWERED: Final = frozenset({0x04, 0x63, 0x64, 0x65, 0x6F, 0x70})
_HEAD: Final = 24
_MOST_WAITING: Final = 32
_CONNECTED, _UNCONNECTED, _IDENTITY = 0xB1, 0xB2, 0x0C
_REPLY: Final = 0x80
Fields = dict[str, Value | None]


@dataclass(slots=True)
class _Request:
    time: int
    side: int
    command: int
    fields: Fields


class EnipSession(StreamSession):
    """One connection, or one exchange of datagrams."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked: list[_Request] = []

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One encapsulated message."""
        if len(data) < _HEAD:
            return 0
        command = int.from_bytes(data[:2], "little")
        size = _HEAD + int.from_bytes(data[2:4], "little")
        if command not in _COMMANDS:
            raise WireError("command")
        if len(data) < size:
            return 0
        self._message(side, command, data[:size], time)
        return size

    def _message(self, side: int, command: int, data: bytes, time: int) -> None:
        fields = _said(command, data)
        for number, request in enumerate(self._asked):
            if request.side != side and request.command == command:
                del self._asked[number]
                self._answered(request, fields, time)
                return
        request = _Request(time, side, command, fields)
        if command not in _ANSWERED or "enip.product" in fields:
            self._emit(request)
            return
        if len(self._asked) >= _MOST_WAITING:
            self._emit(self._asked.pop(0))
            self.context.lost("requests_waiting")
        self._asked.append(request)

    def _answered(self, request: _Request, answer: Fields, time: int) -> None:
        answer.pop("cip.service", None)
        fields = {**request.fields, **answer, "event.duration": time - request.time}
        good = fields["enip.status"] == "Success" and not fields.get("cip.status")
        fields["event.outcome"] = "success" if good else "failure"
        self.context.emit("enip", request.time, fields, client=request.side)

    def _emit(self, request: _Request) -> None:
        self.context.emit("enip", request.time, request.fields, client=request.side)

    def end(self, time: int) -> None:
        """Requests without an answer."""
        del time
        for request in self._asked:
            self._emit(request)
        self._asked.clear()


def _said(command: int, data: bytes) -> Fields:
    status = int.from_bytes(data[8:12], "little")
    fields: Fields = {
        "enip.command": _COMMANDS[command],
        "enip.status": _STATUS.get(status, f"{status:#x}"),
        "enip.session": int.from_bytes(data[4:8], "little") or None,
    }
    reader = Reader(data, _HEAD)
    if command in {0x6F, 0x70} and reader.left >= 8:
        reader.skip(6)  # interface and time-out
        _items(reader, fields)
    elif command == 0x63 and reader.left >= 2:
        _items(reader, fields)
    return fields


def _items(reader: Reader, fields: Fields) -> None:
    """The common packet format: typed items, of which one carries CIP or an identity."""
    for _ in range(min(_u16(reader), 8)):
        if reader.left < 4:
            return
        kind, size = _u16(reader), _u16(reader)
        body = bytes(reader.take(min(size, reader.left)))
        if kind == _IDENTITY:
            _identity(body, fields)
        elif kind == _UNCONNECTED:
            _service(body, fields)
        elif kind == _CONNECTED:
            _service(body[2:], fields)


def _u16(reader: Reader) -> int:
    low = reader.u8()
    return low | reader.u8() << 8


def _identity(body: bytes, fields: Fields) -> None:
    """What a device says of itself: vendor, kind, product, serial number and name."""
    if len(body) < 33:
        return
    fields["enip.vendor"] = int.from_bytes(body[18:20], "little")
    fields["enip.device_type"] = int.from_bytes(body[20:22], "little")
    fields["enip.revision"] = f"{body[24]}.{body[25]}"
    fields["enip.serial"] = f"{int.from_bytes(body[28:32], 'little'):08x}"
    fields["enip.product"] = text(body[33 : 33 + body[32]], 64)


def _service(body: bytes, fields: Fields) -> None:
    """Service with the class and instance of its path; of an answer, its status."""
    if len(body) < 2:
        return
    number = body[0] & ~_REPLY
    fields["cip.service"] = _SERVICES.get(number, f"{number:#04x}")
    if body[0] & _REPLY:
        fields["cip.status"] = body[2] if len(body) > 2 else None
        return
    path = body[2 : 2 + body[1] * 2]
    at = 0
    while at + 1 < len(path):
        segment, wide = path[at] & 0xFC, path[at] & 3
        if path[at] == 0x91:
            fields["cip.tag"] = text(path[at + 2 : at + 2 + path[at + 1]], 64)
            return
        name = {0x20: "cip.class", 0x24: "cip.instance", 0x30: "cip.attribute"}.get(segment)
        if name is None or wide > 1:
            return
        width = 2 if wide else 1
        start = at + 2 if wide else at + 1
        fields[name] = int.from_bytes(path[start : start + width], "little")
        at = start + width


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A known command, its length the payload's, no options, and a plausible status."""
    del side, flow
    return (
        len(data) >= _HEAD
        and data[1] == 0
        and data[0] in _COMMANDS
        and data[0] != 0
        and data[20:24] == b"\0\0\0\0"
        and data[9:12] == b"\0\0\0"
        and int.from_bytes(data[2:4], "little") == len(data) - _HEAD
    )


PROTOCOL = Protocol(
    name="enip",
    title="EtherNet/IP with CIP",
    standard="ODVA CIP Volumes 1 and 2",
    transports=frozenset({"tcp", "udp"}),
    session=EnipSession,
    recognises=recognises,
    ports=frozenset({44_818}),
    datasets={
        "enip": (
            "enip.command", "enip.status", "enip.session", "enip.vendor", "enip.device_type",
            "enip.revision", "enip.serial", "enip.product", "cip.service", "cip.status",
            "cip.class", "cip.instance", "cip.attribute", "cip.tag", "event.duration",
            "event.outcome",
        )
    },
)  # fmt: skip
