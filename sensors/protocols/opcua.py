"""OPC UA: who opens which server of a plant, under which security policy, and what goes wrong.

One event a connection, stamped with the client's greeting; services are not read. OPC 10000-6
section 7.1 (UA TCP) and 6.7 (secure conversation).
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import text

_KINDS: Final = frozenset({b"HEL", b"ACK", b"ERR", b"RHE", b"OPN", b"MSG", b"CLO"})
_CHUNKS: Final = frozenset(b"FCA")
_HEAD: Final = 8
_MOST: Final = 16 * 1024 * 1024  # a chunk that is longer is none
_POLICY: Final = "http://opcfoundation.org/UA/SecurityPolicy#"


class OpcUaSession(StreamSession):
    """One connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields: dict[str, Value | None] = {}
        self._client: int | None = None
        self._time = 0

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One chunk; those of services end the reading."""
        if len(data) < _HEAD:
            return 0
        kind, size = data[:3], int.from_bytes(data[4:8], "little")
        if kind not in _KINDS or data[3] not in _CHUNKS or not _HEAD <= size <= _MOST:
            raise WireError("chunk")
        if kind in {b"MSG", b"CLO"}:
            self._tell()
            self.context.done()
            return len(data)
        if len(data) < size:
            return 0
        self._chunk(side, kind, data[_HEAD:size], time)
        return size

    def _chunk(self, side: int, kind: bytes, body: bytes, time: int) -> None:
        if self._client is None:
            self._client = side if kind in {b"HEL", b"OPN"} else 1 - side
            self._time = time
        fields = self._fields
        if kind == b"HEL":
            fields["opcua.endpoint"] = _string(body, 20) or None
            fields["opcua.version"] = int.from_bytes(body[:4], "little")
        elif kind == b"ACK":
            fields["event.outcome"] = "success"
        elif kind == b"ERR":
            fields["opcua.error"] = f"{int.from_bytes(body[:4], 'little'):#010x}"
            fields["opcua.reason"] = _string(body, 4) or None
            fields["event.outcome"] = "failure"
        elif kind == b"OPN" and side == self._client:
            fields["opcua.security_policy"] = _string(body, 4).removeprefix(_POLICY) or None

    def _tell(self) -> None:
        if self._client is not None and self._time:
            self.context.emit("opcua", self._time, self._fields, client=self._client)
        self._time = 0

    def end(self, time: int) -> None:
        """What was learnt, unless it was told."""
        del time
        self._tell()


def _string(body: bytes, at: int) -> str:
    """A string with its length in front; "" for none (length -1)."""
    size = int.from_bytes(body[at : at + 4], "little", signed=True)
    return text(body[at + 4 : at + 4 + size], 512) if size > 0 else ""


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A greeting, an answer to one, or the opening of a channel, of a plausible size."""
    del side, flow
    if data[:4] not in {b"HELF", b"ACKF", b"OPNF"} or len(data) < _HEAD:
        return False
    size = int.from_bytes(data[4:8], "little")
    return size == 28 if data[:3] == b"ACK" else 32 <= size <= 65_536


PROTOCOL = Protocol(
    name="opcua",
    title="OPC UA",
    standard="OPC 10000-6",
    transports=frozenset({"tcp"}),
    session=OpcUaSession,
    recognises=recognises,
    ports=frozenset({4840}),
    datasets={
        "opcua": (
            "opcua.endpoint", "opcua.version", "opcua.security_policy", "opcua.error",
            "opcua.reason", "event.outcome",
        )
    },
)  # fmt: skip
