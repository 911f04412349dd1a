"""DNP3: what a control centre asks of an outstation, and what state it answers with.

One event for a request with its response, stamped with the response as Zeek's dnp3.log; a request that
changes something and gets none has an event of its own. IEEE 1815 (link frames in blocks with check
sums, transport segments, application layer), over TCP or UDP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError

_START: Final = b"\x05\x64"
_REQUESTS: Final = (
    "CONFIRM", "READ", "WRITE", "SELECT", "OPERATE", "DIRECT_OPERATE",
    "DIRECT_OPERATE_NR", "IMMED_FREEZE", "IMMED_FREEZE_NR", "FREEZE_CLEAR",
    "FREEZE_CLEAR_NR", "FREEZE_AT_TIME", "FREEZE_AT_TIME_NR", "COLD_RESTART",
    "WARM_RESTART", "INITIALIZE_DATA", "INITIALIZE_APPL", "START_APPL", "STOP_APPL",
    "SAVE_CONFIG", "ENABLE_UNSOLICITED", "DISABLE_UNSOLICITED", "ASSIGN_CLASS",
    "DELAY_MEASURE", "RECORD_CURRENT_TIME", "OPEN_FILE", "CLOSE_FILE", "DELETE_FILE",
    "GET_FILE_INFO", "AUTHENTICATE_FILE", "ABORT_FILE", "ACTIVATE_CONFIG",
    "AUTHENTICATE_REQ", "AUTHENTICATE_ERR",
)  # fmt: skip
_FUNCTIONS: Final = {
    **dict(enumerate(_REQUESTS)),
    0x81: "RESPONSE",
    0x82: "UNSOLICITED_RESPONSE",
    0x83: "AUTHENTICATE_RESP",
}
_CONFIRM: Final = 0
_FIRST: Final = 0x40
_USER_DATA: Final = frozenset({3, 4})  # link functions that carry data, confirmed or not


@dataclass(slots=True)
class _Request:
    time: int
    side: int
    function: int
    fields: dict[str, Value | None]


class Dnp3Session(StreamSession):
    """One association."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._request: _Request | None = None

    def data(self, side: int, data: bytes, time: int) -> None:
        """Frames of a datagram stand alone."""
        if self.context.flow.transport != "udp":
            super().data(side, data, time)
            return
        at = 0
        while at < len(data):
            used = self.parse(side, data[at:], time)
            if not used:
                self.context.lost("malformed")
                return
            at += used

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One link frame; what stands before its start is stepped over and counted."""
        if len(data) < 10:
            return 0
        if data[:2] != _START:
            place = data.find(_START, 1)
            self.context.lost("resynchronised")
            if place < 0:
                raise WireError("start")
            return place
        size = data[2] - 5
        if size < 0:
            raise WireError("length")
        whole = 10 + size + 2 * (-(-size // 16))
        if len(data) < whole:
            return 0
        if size and data[3] & 0x40 and data[3] & 15 not in _USER_DATA:
            return whole
        self._segment(side, data, _without_sums(data[10:whole], size), time)
        return whole

    def end(self, time: int) -> None:
        """A request without a response."""
        del time
        self._unanswered()

    def _segment(self, side: int, frame: bytes, body: bytes, time: int) -> None:
        """The first segment of a message has the application's head; the rest is objects."""
        if len(body) < 3 or not body[0] & _FIRST:
            return
        function = body[2]
        master, outstation = frame[6:8], frame[4:6]
        fields: dict[str, Value | None] = {}
        if function < 0x80:
            self._unanswered()
            fields["dnp3.fc_request"] = _name(function)
            fields["dnp3.objects"] = _objects(body[3:])
            fields["dnp3.source"] = int.from_bytes(master, "little")
            fields["dnp3.destination"] = int.from_bytes(outstation, "little")
            self._request = _Request(time, side, function, fields)
            return
        request = self._request
        self._request = None
        if request is not None:
            fields = request.fields
            fields["event.duration"] = time - request.time
        else:
            fields["dnp3.source"] = int.from_bytes(outstation, "little")
            fields["dnp3.destination"] = int.from_bytes(master, "little")
        fields["dnp3.fc_reply"] = _name(function)
        fields["dnp3.iin"] = int.from_bytes(body[3:5], "big") if len(body) >= 5 else None
        self.context.emit("dnp3", time, fields, client=request.side if request else 1 - side)

    def _unanswered(self) -> None:
        """A confirmation wants no answer and is no event."""
        request = self._request
        self._request = None
        if request is not None and request.function != _CONFIRM:
            self.context.emit("dnp3", request.time, request.fields, client=request.side)


def _name(function: int) -> str:
    return _FUNCTIONS.get(function, f"unknown-{function}")


def _without_sums(blocks: bytes, size: int) -> bytes:
    """User data without the two bytes of check sum behind every 16."""
    return b"".join(blocks[at : at + 16] for at in range(0, len(blocks), 18))[:size]


def _objects(data: bytes) -> list[str]:
    """Group and variation of the first object header (the length of what follows depends on them)."""
    return [f"g{data[0]}v{data[1]}"] if len(data) >= 2 else []


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The start bytes, a plausible length and a control byte of the protocol."""
    del side, flow
    return len(data) >= 10 and data[:2] == _START and data[2] >= 5 and _sum(data[:8]) == data[8:10]


def _sum(data: bytes) -> bytes:
    """Check sum of a block: CRC-16/DNP."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA6BC if value & 1 else 0)
    return (value ^ 0xFFFF).to_bytes(2, "little")


PROTOCOL = Protocol(
    name="dnp3",
    title="Distributed Network Protocol 3",
    standard="IEEE 1815",
    transports=frozenset({"tcp", "udp"}),
    session=Dnp3Session,
    recognises=recognises,
    ports=frozenset({20_000}),
    datasets={
        "dnp3": (
            "dnp3.fc_request", "dnp3.fc_reply", "dnp3.iin", "dnp3.objects", "dnp3.source",
            "dnp3.destination", "event.duration",
        )
    },
)  # fmt: skip
