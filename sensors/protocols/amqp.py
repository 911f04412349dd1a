"""AMQP 0-9-1 (RabbitMQ): who logs in where, what queues and exchanges are used, how much flows.

One event for the log-in, one for each declaration, binding, deletion and subscription, and one at
the end that counts what was published and delivered. AMQP 1.0 is named and no more.
Defined in the AMQP 0-9-1 specification and its XML.
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, WireError
from sensors.wire.frames import FramedSession
from sensors.wire.reader import Reader, text

_START, _START_OK, _TUNE, _OPEN, _OPEN_OK, _CLOSE = 10, 11, 30, 40, 41, 50
_PUBLISH, _DELIVER, _GET_OK = (60, 40), (60, 60), (60, 71)
_TOLD: Final = {
    (40, 10): "exchange.declare", (40, 20): "exchange.delete", (50, 10): "queue.declare",
    (50, 20): "queue.bind", (50, 30): "queue.purge", (50, 40): "queue.delete",
    (60, 20): "basic.consume",
}  # fmt: skip
_MOST_TOLD: Final = 256
_Fields = dict[str, str | int | bool | None]


class AmqpSession(FramedSession):
    """One connection."""

    keep = 2048

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.client: int | None = None
        self.known: _Fields = {}
        self.begun = 0
        self.logged_in = False
        self.told = 0
        self.published = self.delivered = self.bytes = 0

    def frame(self, side: int, data: bytes, at: int) -> int:
        """The protocol's header; or a frame: type, channel, size, body, end mark."""
        if data[at] == 0x41:
            if len(data) - at < 8:
                return 0
            if data[at : at + 4] != b"AMQP":
                raise WireError("no_amqp")
            if self.client is None:
                self.client = side
            return 8
        if len(data) - at < 7:
            return 0
        size = int.from_bytes(data[at + 3 : at + 7], "big")
        if not (1 <= data[at] <= 3 or data[at] == 8) or size > 1 << 27:
            raise WireError("no_frame")
        if self.client is None:
            self.client = ORIGINATOR
        return 8 + size

    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """A frame."""
        self.begun = self.begun or time
        if data[0] == 0x41:
            self.known["amqp.version"] = ".".join(str(part) for part in data[5:8])
            if data[5] == 1 or data[4]:
                self._tell(time, "connect", {})
                self.stop()
            return
        if data[0] == 1 and len(data) >= 12:
            where = int.from_bytes(data[7:9], "big"), int.from_bytes(data[9:11], "big")
            reader = Reader(data, 11, min(len(data), size - 1))
            if where[0] == 10:
                self._connection(where[1], reader, time)
            else:
                self._method(where, reader, time)
        elif data[0] == 3:
            self.bytes += size - 8
        del side

    def _connection(self, method: int, reader: Reader, time: int) -> None:
        if method == _START:
            reader.skip(2)
            properties = table(reader)
            self.known["amqp.server.product"] = properties.get("product", "")
            self.known["amqp.server.version"] = properties.get("version", "")
        elif method == _START_OK:
            properties = table(reader)
            self.known["amqp.client.product"] = properties.get("product", "")
            self.known["amqp.client.version"] = properties.get("version", "")
            mechanism = _short(reader)
            self.known["amqp.mechanism"] = mechanism
            answer = reader.take(min(reader.u32(), reader.left))
            parts = answer.split(b"\0")
            if mechanism == "PLAIN" and len(parts) == 3:
                self.known["user.name"] = text(parts[1], 128)
                self.known["amqp.password_seen"] = True
        elif method == _OPEN:
            self.known["amqp.vhost"] = _short(reader)
        elif method == _OPEN_OK:
            self._log_in(time, {"event.outcome": "success"})
        elif method == _CLOSE:
            code, words = reader.u16(), _short(reader)
            if not self.logged_in:
                failed: _Fields = {"event.outcome": "failure"} if code >= 300 else {}
                self._log_in(time, {**failed, "amqp.reply_code": code, "amqp.reply_text": words})
            elif code != 200:
                self._tell(time, "close", {"amqp.reply_code": code, "amqp.reply_text": words})

    def _log_in(self, time: int, fields: _Fields) -> None:
        self.logged_in = True
        begun = self.begun or time
        self._tell(begun, "login", {**fields, "event.duration": time - begun})
        self.known.pop("amqp.password_seen", None)

    def _method(self, where: tuple[int, int], reader: Reader, time: int) -> None:
        if where == _PUBLISH:
            self.published += 1
        elif where in (_DELIVER, _GET_OK):
            self.delivered += 1
        elif where in _TOLD:
            self.told += 1
            if self.told > _MOST_TOLD:
                self.context.lost("methods")
                return
            name = _TOLD[where]
            reader.skip(2)
            first = _short(reader)
            of_queue = name.startswith(("queue", "basic"))
            fields: _Fields = {"amqp.queue" if of_queue else "amqp.exchange": first}
            if name == "queue.bind":
                fields["amqp.exchange"] = _short(reader)
                fields["amqp.routing_key"] = _short(reader)
            elif name == "exchange.declare":
                fields["amqp.exchange_type"] = _short(reader)
            self._tell(time, name, fields)

    def _tell(self, time: int, name: str, fields: _Fields) -> None:
        self.context.emit(
            "amqp",
            time,
            {**self.known, "amqp.method": name, "event.action": name, **fields},
            client=RESPONDER if self.client == RESPONDER else ORIGINATOR,
        )

    def end(self, time: int) -> None:
        """What flowed; or a log-in that was not finished."""
        if not self.begun or self.stopped:
            return
        if not self.logged_in and not self.published and not self.delivered:
            self._tell(self.begun, "login", {})
        elif self.published or self.delivered:
            self._tell(self.begun, "transfer", {
                "amqp.published": self.published,
                "amqp.delivered": self.delivered,
                "amqp.bytes": self.bytes,
                "event.duration": time - self.begun,
            })  # fmt: skip


def _short(reader: Reader) -> str:
    return text(reader.take(reader.u8()))


def table(reader: Reader) -> dict[str, str]:
    """The texts of a table of fields; other kinds of value are stepped over, or end the reading."""
    size = reader.u32()
    inside = Reader(reader.data, reader.at, min(reader.end, reader.at + size))
    reader.skip(min(size, reader.left))
    found: dict[str, str] = {}
    sizes = {"t": 1, "b": 1, "B": 1, "s": 2, "u": 2, "I": 4, "i": 4, "l": 8, "f": 4, "d": 8, "T": 8,
             "V": 0}  # fmt: skip
    while inside.left >= 2 and len(found) < 32:
        name, kind = _short(inside), chr(inside.u8())
        if kind in ("S", "F", "A", "x"):
            value = inside.take(min(inside.u32(), inside.left))
            found[name] = text(value, 128) if kind == "S" else ""
        elif kind in sizes:
            inside.skip(sizes[kind])
        else:
            break
    return found


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The header that a client begins with."""
    del side, flow
    return data[:4] == b"AMQP" and len(data) >= 8 and data[4] <= 3 and data[5] <= 1


PROTOCOL: Final = Protocol(
    name="amqp",
    title="Advanced Message Queuing Protocol",
    standard="AMQP 0-9-1",
    transports=frozenset({"tcp"}),
    session=AmqpSession,
    recognises=recognises,
    ports=frozenset({5672}),
    datasets={
        "amqp": (
            "amqp.method", "amqp.version", "amqp.vhost", "amqp.mechanism", "amqp.password_seen",
            "amqp.queue", "amqp.exchange", "amqp.exchange_type", "amqp.routing_key",
            "amqp.reply_code", "amqp.reply_text", "amqp.published", "amqp.delivered", "amqp.bytes",
            "amqp.client.product", "amqp.client.version", "amqp.server.product",
            "amqp.server.version", "user.name", "event.action", "event.outcome", "event.duration",
        )
    },
)  # fmt: skip
