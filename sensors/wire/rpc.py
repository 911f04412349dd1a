"""DCE/RPC of one association, connection-oriented (C706 chapter 12, MS-RPCE §2.2.2), however carried.

Serves a TCP connection and an SMB pipe alike. A call becomes an event when its answer's last
fragment is there, with the time of its request; what is left without an answer at the end.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from fengsui.event import Value
from sensors.protocol import FieldValues, WireError
from sensors.wire import spnego
from sensors.wire.gss_logons import GssLogons
from sensors.wire.reader import text
from sensors.wire.rpc_names import PREPARING, endpoint, of_pipe, operation, uuid_text
from sensors.wire.rpc_towers import listeners

REQUEST: Final = 0
RESPONSE: Final = 2
FAULT: Final = 3
BIND: Final = 11
BIND_ACK: Final = 12
BIND_NAK: Final = 13
ALTER: Final = 14
ALTER_RESPONSE: Final = 15
AUTH3: Final = 16
_LAST_KIND: Final = 20
ANSWERS: Final = frozenset({RESPONSE, FAULT, BIND_ACK, BIND_NAK, ALTER_RESPONSE, 17})

_FIRST: Final = 1
_LAST: Final = 2
_OBJECT: Final = 0x80
_HEADER: Final = 16
_CALLS: Final = 256
_CONTEXTS: Final = 64
_EPMAPPER: Final = "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
_AUTH: Final = {9: "spnego", 10: "ntlm", 14: "tls", 16: "kerberos", 68: "netlogon"}
_LEVEL: Final = {1: "none", 2: "connect", 3: "call", 4: "packet", 5: "integrity", 6: "privacy"}

CALL_FIELDS: Final = (
    "event.duration", "event.outcome", "dce_rpc.endpoint", "dce_rpc.operation",
    "dce_rpc.named_pipe", "dce_rpc.interface", "dce_rpc.interface_version", "dce_rpc.opnum",
    "dce_rpc.call_id", "dce_rpc.response_type", "dce_rpc.fault_status", "dce_rpc.request_bytes",
    "dce_rpc.response_bytes", "dce_rpc.request_fragments", "dce_rpc.response_fragments",
    "dce_rpc.auth", "dce_rpc.auth_level", "dce_rpc.activity_id", "dce_rpc.object", "network.protocol",
)  # fmt: skip

Report = Callable[[str, int, FieldValues], None]  # dataset, time, fields
Listener = Callable[[str, str, int], None]  # transport, address, port


def is_pdu(data: bytes) -> bool:
    """Whether a connection-oriented PDU begins here."""
    return (
        len(data) >= 10
        and data[0] == 5
        and data[1] <= 1
        and data[2] <= _LAST_KIND
        and data[4] in (0x00, 0x01, 0x10, 0x11)
        and data[5] <= 3
        and data[6] == 0
        and int.from_bytes(data[8:10], "little" if data[4] & 0x10 else "big") >= _HEADER
    )


class _Call:
    """A request that waits for its answer."""

    __slots__ = (
        "answer", "answer_parts", "answered", "context", "object", "opnum", "parts", "size", "time"
    )  # fmt: skip

    def __init__(self, time: int, context: int, opnum: int) -> None:
        self.time = time
        self.context = context
        self.opnum = opnum
        self.object = ""
        self.size = 0
        self.parts = 0
        self.answer = 0
        self.answer_parts = 0
        self.answered = False


class Association:
    """What two sides say on one connection or pipe.

    Args:
        report: takes an event: dataset, time, fields.
        lost: counts.
        listener: told of each listener that an endpoint mapper names.
        pipe: name of the pipe that carries it.
    """

    def __init__(
        self,
        report: Report,
        lost: Callable[[str], None],
        listener: Listener | None = None,
        pipe: str = "",
    ) -> None:
        self.pipe = pipe
        self._report = report
        self._logons = GssLogons(report)
        self._lost = lost
        self._listener = listener
        self._contexts: dict[int, tuple[str, str]] = {}
        self._bound = ("", "")  # what was bound last
        self._opened = pipe
        self._calls: dict[int, _Call] = {}
        self._waiting = [b"", b""]
        self._auth = ""
        self._level = ""
        self.over = False

    def feed(self, answer: bool, data: bytes, time: int) -> None:
        """The next bytes of a direction.

        Raises:
            WireError: they are no DCE/RPC.
        """
        if self._waiting[answer]:
            data = self._waiting[answer] + data
        at, end = 0, len(data)
        while end - at >= _HEADER:
            if data[at] != 5 or data[at + 1] > 1 or data[at + 2] > _LAST_KIND:
                raise WireError("no_rpc")
            little = data[at + 4] & 0x10
            size = int.from_bytes(data[at + 8 : at + 10], "little" if little else "big")
            if size < _HEADER:
                raise WireError("no_rpc")
            if end - at < size:
                break
            self._pdu(
                data[at : at + size] if at or end > size else data, "<" if little else ">", time
            )
            at += size
        self._waiting[answer] = data[at:] if at else data

    def lose(self) -> None:
        """Bytes are lost: what was begun is dropped."""
        self._waiting = [b"", b""]

    def end(self) -> None:
        """The association is over: report what was not answered."""
        for number, call in self._calls.items():
            self._emit(number, call, None, "", b"")
        self._calls.clear()
        self._logons.end()

    def _pdu(self, data: bytes, order: str, time: int) -> None:
        kind = data[2]
        if kind == REQUEST:
            self._request(data, order, time)
        elif kind in (RESPONSE, FAULT):
            self._answer(data, order, time, kind)
        elif kind in (BIND, ALTER):
            self._bind(data, order)
        elif kind == BIND_ACK:
            self._bound_to(data, order)
        if kind in (BIND, BIND_ACK, ALTER, ALTER_RESPONSE, AUTH3):
            self._authentication(data, order, time)

    def _bind(self, data: bytes, order: str) -> None:
        if len(data) < 28:
            raise WireError("truncated")
        at = 28
        name = "little" if order == "<" else "big"
        for _ in range(min(data[24], _CONTEXTS)):
            if at + 24 > len(data):
                break
            number, syntaxes = struct.unpack_from(order + "HB", data, at)
            interface = uuid_text(data[at + 4 : at + 20], name)
            major, minor = struct.unpack_from(order + "HH", data, at + 20)
            if len(self._contexts) >= _CONTEXTS and number not in self._contexts:
                self._contexts.pop(next(iter(self._contexts)))
                self._lost("contexts_dropped")
            self._bound = self._contexts[number] = (interface, f"{major}.{minor}")
            at += 24 + 20 * syntaxes

    def _bound_to(self, data: bytes, order: str) -> None:
        if len(data) < 26:
            return
        (size,) = struct.unpack_from(order + "H", data, 24)
        name = text(data[26 : 26 + min(size, 256)])
        if name:
            self.pipe = name

    def _request(self, data: bytes, order: str, time: int) -> None:
        if len(data) < 24:
            raise WireError("truncated")
        flags = data[3]
        number, _hint, context, opnum = struct.unpack_from(order + "IIHH", data, 12)
        call = self._calls.get(number)
        if call is None or flags & _FIRST:
            if call is not None:
                self._emit(number, call, None, "", b"")
            elif len(self._calls) >= _CALLS:
                self._calls.pop(next(iter(self._calls)))
                self._lost("calls_dropped")
            self._calls[number] = call = _Call(time, context, opnum)
            if flags & _OBJECT and len(data) >= 40:
                call.object = uuid_text(data[24:40], "little" if order == "<" else "big")
        call.time = time
        call.parts += 1
        call.size += self._stub(data, order, 40 if flags & _OBJECT else 24)

    def _answer(self, data: bytes, order: str, time: int, kind: int) -> None:
        if len(data) < 24:
            raise WireError("truncated")
        (number,) = struct.unpack_from(order + "I", data, 12)
        call = self._calls.get(number)
        if call is None:
            self._lost("answer_alone")
            return
        size = self._stub(data, order, 24)
        call.answer += size
        call.answer_parts += 1
        stub = data[24 : 24 + size] if call.answer_parts == 1 else b""
        if call.opnum in (2, 3) and stub and self._listener and self._of(call)[0] == _EPMAPPER:
            for one in listeners(stub):
                self._listener(*one)
        if data[3] & _LAST or kind == FAULT:
            del self._calls[number]
            if kind == FAULT:
                (status,) = struct.unpack_from(order + "I", data, 24) if len(data) >= 28 else (0,)
                self._emit(number, call, time, "FAULT", status.to_bytes(4, "big"))
            else:
                self._emit(number, call, time, "RESPONSE", b"")

    @staticmethod
    def _stub(data: bytes, order: str, start: int) -> int:
        """Bytes of arguments, without the authentication behind them."""
        (auth,) = struct.unpack_from(order + "H", data, 10)
        end = len(data)
        if auth and auth + 8 <= end - start:
            end -= auth + 8
            end -= min(data[end + 2], end - start)
        return max(0, end - start)

    def _of(self, call: _Call) -> tuple[str, str]:
        """Interface and version of a call: by its context, else by the last bind, else by the pipe."""
        found = self._contexts.get(call.context, self._bound)
        return found if found[0] else (of_pipe(self._opened), "")

    def _emit(self, number: int, call: _Call, time: int | None, kind: str, fault: bytes) -> None:
        interface, version = self._of(call)
        name = endpoint(interface) if interface else ""
        deed = operation(interface, call.opnum) if interface else ""
        if (name, deed) in PREPARING:
            return
        fields: dict[str, Value | None] = {
            "event.duration": time - call.time if time is not None and time > call.time else None,
            "event.outcome": "unknown" if not kind else "failure" if fault else "success",
            "dce_rpc.endpoint": name,
            "dce_rpc.operation": deed,
            "dce_rpc.named_pipe": self.pipe,
            "dce_rpc.interface": interface,
            "dce_rpc.interface_version": version,
            "dce_rpc.opnum": call.opnum,
            "dce_rpc.call_id": number,
            "dce_rpc.response_type": kind,
            "dce_rpc.fault_status": f"0x{fault.hex()}" if fault else None,
            "dce_rpc.request_bytes": call.size,
            "dce_rpc.request_fragments": call.parts,
            "dce_rpc.response_bytes": call.answer if kind else None,
            "dce_rpc.response_fragments": call.answer_parts if kind else None,
            "dce_rpc.auth": self._auth,
            "dce_rpc.auth_level": self._level,
            "dce_rpc.object": call.object,
        }
        self._report("dce_rpc", call.time, fields)

    def _authentication(self, data: bytes, order: str, time: int) -> None:
        (size,) = struct.unpack_from(order + "H", data, 10)
        at = len(data) - size - 8
        if not size or at < _HEADER:
            return
        kind = data[at]
        self._level = _LEVEL.get(data[at + 1], str(data[at + 1]))
        token = self._logons.take(data[at + 8 :], time)
        self._auth = token.mechanism or self._auth or _AUTH.get(kind, str(kind))
        if token.state in (spnego.ACCEPTED, spnego.REJECTED):
            self._logons.answered(token.state == spnego.ACCEPTED)
