"""TDS, the protocol of Microsoft SQL Server and Sybase: log-ins, batches, procedures, row counts.

One event a request: the log-in with user, host, program and database (never the password), each SQL
batch and each procedure call with what came back. Where everything after the log-in is encrypted,
one event tells the versions and the encryption.
Defined in MS-TDS.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, WireError
from sensors.wire.frames import FramedSession
from sensors.wire.reader import text, utf16
from sensors.wire.tds_wire import (
    Answer,
    behind_headers,
    last_done,
    login5,
    login7,
    prelogin,
    procedure,
    read_tokens,
)

_BATCH, _LOGIN5, _RPC, _ANSWER, _ATTENTION, _BULK, _FEDERATED = 1, 2, 3, 4, 6, 7, 8
_TRANSACTION, _LOGIN7, _SSPI, _PRELOGIN = 0x0E, 0x10, 0x11, 0x12
_TYPES: Final = frozenset((1, 2, 3, 4, 6, 7, 8, 0x0E, 0x0F, 0x10, 0x11, 0x12))
_NAMES: Final = {
    _BATCH: "sql_batch", _LOGIN5: "login", _RPC: "rpc", _BULK: "bulk_load", _LOGIN7: "login",
    _TRANSACTION: "transaction_manager", 0x0F: "language",
}  # fmt: skip
_ENCRYPTION: Final = {0: "off", 1: "on", 2: "not_supported", 3: "required"}
_TRANSACTIONS: Final = {0: "dtc_address", 1: "propagate", 5: "begin", 6: "promote", 7: "commit",
                        8: "rollback", 9: "save"}  # fmt: skip
_MAX_PENDING: Final = 64
_MOST: Final = 8192  # bytes of a request that are kept


@dataclass(slots=True)
class _Request:
    kind: int
    time: int
    body: bytes = b""
    fields: dict[str, str | int | bool | None] = field(
        default_factory=dict[str, "str | int | bool | None"]
    )
    answer: Answer = field(default_factory=Answer)
    size: int = 0  # of the answer
    tail: bytes = b""


class TdsSession(FramedSession):
    """One connection."""

    keep = 32_768

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.client: int | None = None
        self.request: _Request | None = None  # still being sent
        self.pending: deque[_Request] = deque()
        self.told = False
        self.begun = 0
        self.known: dict[str, str | int | bool | None] = {}  # of the session

    def frame(self, side: int, data: bytes, at: int) -> int:
        """A packet's header; or a record of TLS where encryption has begun."""
        if len(data) - at < 8:
            return 0
        kind = data[at]
        if 0x14 <= kind <= 0x17 and data[at + 1] == 3 and "tds.encryption" in self.known:
            if kind == 0x17 and self.known.get("tds.encryption") in ("on", "required"):
                self.stop()
            return 5 + int.from_bytes(data[at + 3 : at + 5], "big")
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if kind not in _TYPES or size < 8 or data[at + 1] & 0xE0:
            raise WireError("no_tds")
        if self.client is None:
            self.client = 1 - side if kind == _ANSWER else side
        return size

    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """A packet."""
        kind = data[0]
        if self.stopped or (0x14 <= kind <= 0x17 and data[1] == 3):
            return
        last = bool(data[1] & 1)
        if kind == _PRELOGIN or (
            kind == _ANSWER and not self.pending and data[8:9] in (b"\0", b"\1")
        ):
            self._prelogin(side, data[8:], time)
        elif side != self.client:
            self._answer(data[8:], size, time, last=last)
        elif kind == _ATTENTION:
            self.known["tds.cancelled"] = True
        elif kind not in (_SSPI, _FEDERATED):
            self._asked(kind, data[8:], time, last=last)

    def _prelogin(self, side: int, body: bytes, time: int) -> None:
        if body[1:2] == b"\3" and 0x14 <= body[0] <= 0x17:
            return  # the handshake of TLS
        version, encryption = prelogin(body)
        if not version and encryption is None:
            raise WireError("prelogin")
        who = "client" if side == self.client else "server"
        self.known[f"tds.{who}.version"] = version
        if encryption is not None:
            self.known["tds.encryption"] = _ENCRYPTION.get(encryption & 3, str(encryption))
        self.begun = self.begun if side != self.client and self.begun else time
        self.told = False

    def _asked(self, kind: int, body: bytes, time: int, *, last: bool) -> None:
        request = self.request
        if request is None:
            request = self.request = _Request(kind, time)
        if len(request.body) < _MOST:
            request.body += body[:_MOST]
        if not last:
            return
        self.request = None
        self._read(request)
        request.body = b""
        if len(self.pending) >= _MAX_PENDING:
            self._tell(self.pending.popleft(), time)
            self.context.lost("pending")
        self.pending.append(request)

    def _read(self, request: _Request) -> None:
        body, fields = request.body, request.fields
        if request.kind in (_LOGIN7, _LOGIN5):
            self._log_in(request)
        elif request.kind == _BATCH:
            fields["tds.query"] = utf16(body[behind_headers(body) :], 4096)
        elif request.kind == _RPC:
            fields["tds.procedure_name"], query = procedure(body, behind_headers(body))
            fields["tds.query"] = query
        elif request.kind == _TRANSACTION:
            at = behind_headers(body)
            number = int.from_bytes(body[at : at + 2], "little")
            fields["tds.transaction"] = _TRANSACTIONS.get(number, str(number))
        elif request.kind == 0x0F and body[:1] == b"\x21":  # TDS 5.0: a language token
            fields["tds.query"] = text(body[6:], 2048)

    def _log_in(self, request: _Request) -> None:
        words = (login7 if request.kind == _LOGIN7 else login5)(request.body)
        self.known |= {
            "user.name": words.get("user", ""),
            "tds.client.host": words.get("host", ""),
            "tds.client.app": words.get("app", ""),
            "tds.client.library": words.get("library", ""),
            "tds.server.name": words.get("server", ""),
            "tds.database": words.get("database", ""),
        }
        request.fields["tds.password_seen"] = True if words.get("password") else None
        request.fields["tds.version"] = words.get("version", "")

    def _answer(self, body: bytes, size: int, time: int, *, last: bool) -> None:
        if not self.pending:
            if self.request is not None or not self.begun:
                return
            self.pending.append(_Request(_LOGIN7, self.begun))  # a log-in inside TLS
        request = self.pending[0]
        if request.size == 0:
            read_tokens(body, request.answer)
        request.size += size
        request.tail = (request.tail + body[-64:])[-64:]
        if last:
            self.pending.popleft()
            self._finish(request, time)

    def _finish(self, request: _Request, time: int) -> None:
        answer, fields = request.answer, request.fields
        done = last_done(request.tail)
        failed = bool(answer.errors) or (done is not None and bool(done[0] & 2))
        if request.kind in (_LOGIN7, _LOGIN5):
            failed = not answer.accepted
            if not failed:
                self.known["tds.server.program"] = answer.program
                self.known["tds.server.version"] = answer.version
        if answer.database:
            self.known["tds.database"] = answer.database
        fields |= {
            "tds.success": not failed,
            "event.outcome": "failure" if failed else "success",
            "tds.rows": done[1] if done else None,
            "tds.response_bytes": request.size,
            "event.duration": time - request.time,
        }
        if answer.errors:
            fields["tds.error_code"], fields["tds.error_message"] = answer.errors[0]
        self._tell(request, time)

    def _tell(self, request: _Request, time: int) -> None:
        del time
        self.told = True
        command = _NAMES.get(request.kind, str(request.kind))
        self.context.emit(
            "tds",
            request.time,
            {**self.known, "tds.command": command, "event.action": command, **request.fields},
            client=RESPONDER if self.client == RESPONDER else ORIGINATOR,
        )
        self.known.pop("tds.cancelled", None)

    def end(self, time: int) -> None:
        """Requests without an answer; and a session of which nothing but its beginning was seen."""
        while self.pending:
            self._tell(self.pending.popleft(), time)
        if self.begun and not self.told:
            self._tell_beginning()

    def _tell_beginning(self) -> None:
        self.context.emit(
            "tds", self.begun, {**self.known, "tds.command": "prelogin", "event.action": "prelogin"},
            client=RESPONDER if self.client == RESPONDER else ORIGINATOR,
        )  # fmt: skip


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A pre-login or a log-in whose length fits, or a batch at SQL Server's own port."""
    del side
    if len(data) < 16 or data[4:6] != b"\0\0" or data[7]:
        return False
    size = int.from_bytes(data[2:4], "big")
    if data[0] == _PRELOGIN and data[1] == 1:
        return size == len(data) and data[8] == 0 and data[11:13] == b"\0\6"
    if data[0] == _LOGIN7 and data[1] in (0, 1) and len(data) >= 44:
        return int.from_bytes(data[8:12], "little") + 8 >= size > 94 and data[15] >> 4 == 7
    if data[0] == _BATCH and flow.destination_port == 1433:
        return data[1] in (0, 1) and (size == len(data) or size == 4096)
    return False


PROTOCOL: Final = Protocol(
    name="tds",
    title="Tabular Data Stream (Microsoft SQL Server, Sybase)",
    standard="MS-TDS",
    transports=frozenset({"tcp"}),
    session=TdsSession,
    recognises=recognises,
    ports=frozenset({1433}),
    datasets={
        "tds": (
            "tds.command", "tds.query", "tds.procedure_name", "tds.transaction", "tds.success",
            "tds.rows", "tds.response_bytes", "tds.error_code", "tds.error_message",
            "tds.encryption", "tds.version", "tds.client.version", "tds.client.host",
            "tds.client.app", "tds.client.library", "tds.server.version", "tds.server.name",
            "tds.server.program", "tds.database", "tds.password_seen", "tds.cancelled",
            "user.name", "event.action", "event.outcome", "event.duration",
        )
    },
)  # fmt: skip
