"""S7comm: who reads, writes, programs or stops a Siemens controller.

One event for each S7 PDU, one for the COTP connection (with the TSAPs, that is rack and slot), and one
for a flow that goes on as S7comm-plus, whose content is not read. TPKT (RFC 1006), COTP (ISO 8073).
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import Reader, text
from sensors.wire.s7_names import AREAS, ERRORS, FUNCTIONS, GROUPS, ROSCTR, SUBFUNCTIONS

_REQUEST, _CONFIRM, _DISCONNECT, _DATA = 0xE0, 0xD0, 0x80, 0xF0
_COTP: Final = {
    _REQUEST: "Connection Request",
    _CONFIRM: "Connection Confirm",
    _DISCONNECT: "Disconnect",
}
_S7, _PLUS = 0x32, 0x72
_PLUS_OPCODES: Final = {0x31: "Request", 0x32: "Response", 0x33: "Notification"}
_LONGEST: Final = 65_535
_MOST_ITEMS: Final = 32

Fields = dict[str, Value | None]


class S7Session(StreamSession):
    """One connection to a controller."""

    limit = _LONGEST + 1

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        flow = context.flow
        self._client = 1 if flow.source_port == 102 and flow.destination_port != 102 else 0
        self._plus = False
        self._s7 = False
        self._opening: list[tuple[int, int, Fields]] = []  # until it is S7 that is carried
        self._parts: list[bytes] = [b"", b""]  # of a message in several COTP packets

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One TPKT."""
        if len(data) < 7:
            return 0
        size = int.from_bytes(data[2:4], "big")
        head = data[4] + 5
        if data[:2] != b"\3\0" or size < 7 or head > size:
            raise WireError("tpkt")
        if len(data) < size:
            return 0
        kind = data[5] & 0xF0
        if kind == _DATA:
            self._data(side, data[6] & 0x80 != 0, data[head:size], time)
        elif kind in _COTP:
            if kind == _REQUEST:
                self._client = side
            self._connect(side, time, _connection(kind, data[7:head]))
        return size

    def end(self, time: int) -> None:
        """A connection that carried nothing: S7's own TSAPs have two bytes."""
        del time
        if any(len(str(fields.get("s7comm.called_tsap", ""))) == 4 for *_, fields in self._opening):
            self._is_s7()

    def _connect(self, side: int, time: int, fields: Fields) -> None:
        if self._s7:
            self._emit(side, time, fields)
        elif len(self._opening) < 8:
            self._opening.append((side, time, fields))

    def _is_s7(self) -> None:
        self._s7 = True
        for side, time, fields in self._opening:
            self._emit(side, time, fields)
        self._opening = []

    def _data(self, side: int, last: bool, body: bytes, time: int) -> None:
        body = self._parts[side] + body
        if not last:
            if len(body) > _LONGEST:
                raise WireError("too_long")
            self._parts[side] = body
            return
        self._parts[side] = b""
        if body[:1] in {b"\x32", b"\x72"}:
            self._is_s7()
        if body[:1] == b"\x32":
            try:
                fields = _pdu(body)
            except WireError:
                self.context.lost("malformed")
                return
            self._emit(side, time, fields)
        elif body[:1] == b"\x72":
            self._go_plus(side, body, time)
        elif body:
            self._opening = []
            raise WireError("not_s7")  # MMS or another user of COTP

    def _go_plus(self, side: int, body: bytes, time: int) -> None:
        if self._plus:
            return
        self._plus = True
        opcode = body[4] if len(body) > 4 else 0
        fields: Fields = {
            "s7comm.variant": "S7comm-plus",
            "s7comm.rosctr": _PLUS_OPCODES.get(opcode, str(opcode)),
            "s7comm.version": body[1] if len(body) > 1 else None,
        }
        self._emit(side, time, fields)

    def _emit(self, side: int, time: int, fields: Fields) -> None:
        fields["s7comm.is_response"] = side != self._client
        self.context.emit("s7comm", time, fields, client=self._client)


def _connection(kind: int, options: bytes) -> Fields:
    """A COTP packet with its parameters: TSAPs."""
    fields: Fields = {"s7comm.rosctr": f"COTP {_COTP[kind]}"}
    at = 0
    while at + 2 <= len(options):
        value = options[at + 2 : at + 2 + options[at + 1]]
        if options[at] in {0xC1, 0xC2}:
            name = "s7comm.calling_tsap" if options[at] == 0xC1 else "s7comm.called_tsap"
            fields[name] = value[:32].hex()
            if options[at] == 0xC2 and len(value) == 2:
                fields["s7comm.rack"], fields["s7comm.slot"] = value[1] >> 5, value[1] & 31
        at += 2 + options[at + 1]
    return fields


def _pdu(data: bytes) -> Fields:
    """One S7 PDU: header, parameters, data."""
    reader = Reader(data, 1)
    kind = reader.u8()
    reader.skip(2)
    fields: Fields = {
        "s7comm.rosctr": ROSCTR.get(kind, f"unknown-{kind}"),
        "s7comm.pdu_reference": reader.u16(),
    }
    size = reader.u16()
    reader.skip(2)
    if kind in {2, 3}:
        error, code = reader.u8(), reader.u8()
        fields["event.outcome"] = "failure" if error else "success"
        if error:
            fields["s7comm.error_class"] = ERRORS.get(error, f"unknown-{error}")
            fields["s7comm.error_code"] = code
    part = reader.part(size)
    if not part.left:
        return fields
    if kind == 7:
        _userdata(part, fields)
        return fields
    function = part.u8()
    fields["s7comm.function"] = FUNCTIONS.get(function, f"unknown-{function}")
    if kind == 1:
        _job(function, part, fields)
    elif function == 0xF0 and part.left >= 7:
        part.skip(5)
        fields["s7comm.pdu_size"] = part.u16()
    return fields


def _userdata(part: Reader, fields: Fields) -> None:
    part.skip(5)
    kind, sub = part.u8(), part.u8()
    group = kind & 15
    fields["s7comm.function"] = GROUPS.get(group, f"unknown-{group}")
    fields["s7comm.subfunction"] = SUBFUNCTIONS.get((group, sub), f"unknown-{sub}")


def _job(function: int, part: Reader, fields: Fields) -> None:
    """What a job asks for: places, a block's file name, or a service of the controller."""
    if function in {4, 5}:
        fields["s7comm.items"] = _items(part)
    elif function in {0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F} and part.left > 8:
        part.skip(7)
        fields["s7comm.block"] = text(part.take(min(part.u8(), part.left)), 64)
    elif function == 0x28 and part.left > 9:
        part.skip(7)
        fields["s7comm.block"] = text(part.take(min(part.u16(), part.left)), 64)
        if part.left:
            fields["s7comm.service"] = text(part.take(min(part.u8(), part.left)), 64)
    elif function == 0x29 and part.left > 6:
        part.skip(5)
        fields["s7comm.service"] = text(part.take(min(part.u8(), part.left)), 64)
    elif function == 0xF0 and part.left >= 7:
        part.skip(5)
        fields["s7comm.pdu_size"] = part.u16()


def _items(part: Reader) -> list[str]:
    """Places in the usual addressing: `DB1 84.0 x4`."""
    found: list[str] = []
    for _ in range(min(part.u8(), _MOST_ITEMS)):
        if part.left < 2 or part.u8() != 0x12:
            break
        item = part.part(part.u8())
        if item.left < 10 or item.u8() != 0x10:
            found.append("symbolic")
        else:
            item.skip(1)
            count, block, area, bits = item.u16(), item.u16(), item.u8(), item.u24()
            name = AREAS.get(area, f"area {area:#04x}") + (
                str(block) if area in {0x84, 0x85} else ""
            )
            found.append(f"{name} {bits >> 3}.{bits & 7} x{count}")
    return found


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """TPKT with S7 in it, or a COTP request with TSAPs to the usual port."""
    del side
    if len(data) < 11 or data[:2] != b"\3\0" or int.from_bytes(data[2:4], "big") < 7:
        return False
    if data[4] == 2 and data[5] == _DATA:
        return data[7] in {_S7, _PLUS} and data[8] in {1, 2, 3, 7}
    usual = 102 in {flow.destination_port, flow.source_port}
    return (
        usual
        and data[5] in {_REQUEST, _CONFIRM}
        and data[4] == len(data) - 5
        and (len(data) == 11 or data[11] in {0xC0, 0xC1, 0xC2})
    )


PROTOCOL = Protocol(
    name="s7comm",
    title="S7 Communication",
    standard="RFC 1006, ISO 8073 (carriers)",
    transports=frozenset({"tcp"}),
    session=S7Session,
    recognises=recognises,
    ports=frozenset({102}),
    datasets={
        "s7comm": (
            "s7comm.rosctr", "s7comm.pdu_reference", "s7comm.function", "s7comm.subfunction",
            "s7comm.error_class", "s7comm.error_code", "s7comm.items", "s7comm.block",
            "s7comm.service", "s7comm.pdu_size", "s7comm.calling_tsap", "s7comm.called_tsap",
            "s7comm.rack", "s7comm.slot", "s7comm.variant", "s7comm.version",
            "s7comm.is_response", "event.outcome",
        )
    },
)  # fmt: skip
