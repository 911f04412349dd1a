"""MQTT: which client connected as whom, what it subscribed to and what was published (3.1, 3.1.1, 5).

One event a connection, publication and subscription, as Zeek writes them: a connection with its
answer, a publication when its quality of service is fulfilled or the flow ends.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from fengsui.event import Value
from sensors.protocol import ORIGINATOR, Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import Reader, text

_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _PUBREC, _PUBREL, _PUBCOMP = range(1, 8)
_SUBSCRIBE, _SUBACK, _UNSUBSCRIBE, _UNSUBACK = range(8, 12)
_VERSIONS: Final = {3: "3.1", 4: "3.1.1", 5: "5.0"}
_QOS: Final = ("at most once", "at least once", "exactly once", "3")
_STATUS: Final = (
    "Connection Accepted", "Refused: unacceptable protocol version",
    "Refused: identifier rejected", "Refused: server unavailable",
    "Refused: bad user name or password", "Refused: not authorized",
)  # fmt: skip
# Reason codes of version 5 that say how a connection was refused.
_REASONS: Final = {
    0x80: "Refused: unspecified error", 0x81: "Refused: malformed packet",
    0x82: "Refused: protocol error", 0x84: "Refused: unacceptable protocol version",
    0x85: "Refused: identifier rejected", 0x86: "Refused: bad user name or password",
    0x87: "Refused: not authorized", 0x88: "Refused: server unavailable",
    0x89: "Refused: server busy", 0x8A: "Refused: banned", 0x8C: "Refused: bad authentication method",
    0x90: "Refused: topic name invalid", 0x95: "Refused: packet too large",
    0x97: "Refused: quota exceeded", 0x9C: "Refused: use another server",
    0x9D: "Refused: server moved", 0x9F: "Refused: connection rate exceeded",
}  # fmt: skip
_MOST_WAITING: Final = 256
_KEPT: Final = 4096  # bytes of a packet that are looked at
_PAYLOAD: Final = 100

_Fields = dict[str, Value | None]


class MqttSession(StreamSession):
    """One connection to a broker."""

    limit = 2 * _KEPT

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._client = ORIGINATOR
        self._version = 4
        self._skip = [0, 0]
        self._connect: tuple[int, _Fields] | None = None
        self._user = ""
        self._identity = ""
        self._published: OrderedDict[tuple[int, int], tuple[int, _Fields]] = OrderedDict()
        self._subscribed: OrderedDict[int, tuple[int, _Fields]] = OrderedDict()

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One control packet (section 2); of a large one the front."""
        if self._skip[side]:
            used = min(self._skip[side], len(data))
            self._skip[side] -= used
            return used
        size, at = 0, 1
        while True:
            if at >= len(data):
                return 0
            size |= (data[at] & 0x7F) << 7 * (at - 1)
            at += 1
            if data[at - 1] < 0x80:
                break
            if at > 4:
                raise WireError("bad_length")
        kept = min(size, _KEPT)
        if len(data) < at + kept:
            return 0
        self._skip[side] = size - kept
        self._packet(side, data[0], Reader(data, at, at + kept), size, time)
        return at + kept

    def gap(self, side: int, size: int, time: int) -> None:
        """Only a hole in what is passed over can be borne."""
        if self._skip[side] >= size and not self._waiting[side]:
            self._skip[side] -= size
            return
        super().gap(side, size, time)

    def _packet(self, side: int, first: int, reader: Reader, size: int, time: int) -> None:
        kind = first >> 4
        if kind == _CONNECT:
            self._client = side
            self._begin(reader, time)
        elif kind == _CONNACK:
            self._client = 1 - side
            self._accept(reader, time)
        elif kind == _PUBLISH:
            self._publish(side, first, reader, size, time)
        elif kind in {_PUBACK, _PUBREC, _PUBREL, _PUBCOMP}:
            self._progress(side, kind, reader.u16())
        elif kind in {_SUBSCRIBE, _UNSUBSCRIBE}:
            self._client = side
            self._subscribe(kind, reader, time)
        elif kind in {_SUBACK, _UNSUBACK}:
            self._granted(kind, reader)
        elif kind == 0 or (kind in {12, 13} and size):
            raise WireError("bad_packet")

    def _string(self, reader: Reader) -> bytes:
        return reader.take(reader.u16())

    def _properties(self, reader: Reader) -> None:
        """Step over the properties of version 5 (section 2.2.2)."""
        if self._version < 5:
            return
        size = shift = 0
        while True:
            one = reader.u8()
            size |= (one & 0x7F) << shift
            shift += 7
            if one < 0x80 or shift > 21:
                break
        reader.skip(size)

    def _begin(self, reader: Reader, time: int) -> None:
        name = self._string(reader)
        if name not in {b"MQTT", b"MQIsdp"}:
            raise WireError("no_mqtt")
        self._version = reader.u8() & 0x7F
        flags = reader.u8()
        keep_alive = reader.u16()
        self._properties(reader)
        self._identity = text(self._string(reader), 256)
        fields: _Fields = {
            "mqtt.proto_name": text(name),
            "mqtt.proto_version": _VERSIONS.get(self._version, str(self._version)),
            "mqtt.keep_alive": keep_alive,
            "mqtt.clean_session": bool(flags & 2),
        }
        if flags & 4:
            self._properties(reader)
            fields["mqtt.will_topic"] = text(self._string(reader), 512)
            fields["mqtt.will_payload"] = text(self._string(reader), _PAYLOAD)
        if flags & 0x80:
            self._user = text(self._string(reader), 256)
        if flags & 0x40:
            fields["mqtt.password_seen"] = True
        if self._connect:
            self._emit("connect", *self._connect)
        self._connect = (time, fields)

    def _accept(self, reader: Reader, time: int) -> None:
        reader.skip(1)
        code = reader.u8()
        when, fields = self._connect or (time, {})
        self._connect = None
        status = _STATUS[code] if code < len(_STATUS) else _REASONS.get(code, f"Refused: {code}")
        fields["mqtt.connect_status"] = status
        fields["event.outcome"] = "success" if code == 0 else "failure"
        self._emit("connect", when, fields)

    def _publish(self, side: int, first: int, reader: Reader, size: int, time: int) -> None:
        qos = first >> 1 & 3
        start = reader.at
        topic = text(self._string(reader), 1024)
        number = reader.u16() if qos else 0
        self._properties(reader)
        length = size - (reader.at - start)
        fields: _Fields = {
            "mqtt.topic": topic,
            "mqtt.qos": _QOS[qos],
            "mqtt.retain": bool(first & 1),
            "mqtt.from_client": side == self._client,
            "mqtt.payload": text(reader.take(min(reader.left, _PAYLOAD)), _PAYLOAD),
            "mqtt.payload_len": length,
            "mqtt.status": "ok" if qos == 0 else "incomplete_qos",
        }
        if qos == 0:
            self._emit("publish", time, fields)
            return
        if (side, number) in self._published and first & 8:
            return  # sent again
        if len(self._published) >= _MOST_WAITING:
            _, (when, oldest) = self._published.popitem(last=False)
            self._emit("publish", when, oldest)
            self.context.lost("publications_waiting")
        self._published[side, number] = (time, fields)

    def _progress(self, side: int, kind: int, number: int) -> None:
        """PUBACK ends quality 1, PUBCOMP quality 2; both come from the receiver."""
        key = (1 - side, number)
        waiting = self._published.get(key)
        if waiting is None or kind in {_PUBREC, _PUBREL}:
            return
        when, fields = waiting
        if (kind == _PUBACK) != (fields["mqtt.qos"] == _QOS[1]):
            return
        del self._published[key]
        fields["mqtt.status"] = "ok"
        self._emit("publish", when, fields)

    def _subscribe(self, kind: int, reader: Reader, time: int) -> None:
        number = reader.u16()
        self._properties(reader)
        topics: list[str] = []
        levels: list[int] = []
        while reader.left > 2 and len(topics) < 64:
            topics.append(text(self._string(reader), 512))
            if kind == _SUBSCRIBE:
                levels.append(reader.u8() & 3)
        fields: _Fields = {"mqtt.topics": topics, "mqtt.qos_levels": levels, "mqtt.ack": False}
        fields["event.action"] = "subscribe" if kind == _SUBSCRIBE else "unsubscribe"
        if len(self._subscribed) >= _MOST_WAITING:
            self._emit_subscription(*self._subscribed.popitem(last=False)[1])
            self.context.lost("subscriptions_waiting")
        self._subscribed[number] = (time, fields)

    def _granted(self, kind: int, reader: Reader) -> None:
        waiting = self._subscribed.pop(reader.u16(), None)
        if waiting is None:
            return
        when, fields = waiting
        fields["mqtt.ack"] = True
        self._properties(reader)
        if kind == _SUBACK and reader.left:
            level = reader.u8()
            fields["mqtt.granted_qos_level"] = level
            fields["event.outcome"] = "success" if level < 3 else "failure"
        self._emit_subscription(when, fields)

    def _emit_subscription(self, time: int, fields: _Fields) -> None:
        self._emit(str(fields["event.action"]), time, fields)

    def _emit(self, kind: str, time: int, fields: _Fields) -> None:
        fields["mqtt.message_type"] = kind
        fields["mqtt.client_id"] = self._identity
        fields["user.name"] = self._user
        self.context.emit("mqtt", time, fields, client=self._client)

    def end(self, time: int) -> None:
        """What nobody answered."""
        del time
        if self._connect:
            self._emit("connect", *self._connect)
            self._connect = None
        for when, fields in self._subscribed.values():
            self._emit_subscription(when, fields)
        for when, fields in self._published.values():
            self._emit("publish", when, fields)
        self._subscribed.clear()
        self._published.clear()


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A CONNECT packet with the protocol's name."""
    del side, flow
    if data[:1] != b"\x10":
        return False
    head = data[2:12]
    return b"\0\x04MQTT" in head or b"\0\x06MQIsdp" in data[2:14]


PROTOCOL = Protocol(
    name="mqtt",
    title="MQTT",
    standard="OASIS MQTT 3.1.1, MQTT 5.0",
    transports=frozenset({"tcp"}),
    ports=frozenset({1883}),
    session=MqttSession,
    recognises=recognises,
    datasets={
        "mqtt": (
            "event.action", "event.outcome", "user.name", "mqtt.message_type", "mqtt.client_id",
            "mqtt.proto_name", "mqtt.proto_version", "mqtt.keep_alive", "mqtt.clean_session",
            "mqtt.will_topic", "mqtt.will_payload", "mqtt.password_seen", "mqtt.connect_status",
            "mqtt.topic", "mqtt.qos", "mqtt.retain", "mqtt.from_client", "mqtt.payload",
            "mqtt.payload_len", "mqtt.status", "mqtt.topics", "mqtt.qos_levels", "mqtt.ack",
            "mqtt.granted_qos_level",
        )
    },
)  # fmt: skip
