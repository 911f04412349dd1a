"""PostgreSQL: who logs in to which database, every query, its result and its errors.

One event where Zeek's postgresql.log has a line: the request for TLS and its answer, the start of
the session up to the server being ready, each simple query, the end; and one for each statement of
the extended protocol. Data rows are counted and not kept.
Defined in the PostgreSQL manual, "Frontend/Backend Protocol".
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Protocol, WireError
from sensors.wire.frames import FramedSession
from sensors.wire.postgres_wire import (
    AUTH,
    BACK,
    CANCEL,
    FRONT,
    GSS,
    SSL,
    SYNC,
    Deed,
    identified,
    recognises,
    remember,
)
from sensors.wire.reader import text

_MAX_PENDING: Final = 64


class PostgresSession(FramedSession):
    """One connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.front: int | None = None  # the client's side
        self.started = False
        self.asked_tls = False
        self.user = self.database = self.application = self.version = ""
        self.clear = False  # the next password is one in clear
        self.password = False
        self.parsed = ""  # the newest statement
        self.pending: deque[Deed] = deque()
        self.statements: OrderedDict[bytes, str] = OrderedDict()
        self.portals: OrderedDict[bytes, str] = OrderedDict()

    def frame(self, side: int, data: bytes, at: int) -> int:
        """A letter and a length; or a length alone in what a client says first."""
        if self.front is None:
            self._sides(side, data)
        if side == self.front and self.asked_tls and data[at]:
            return 0  # a handshake of TLS waits for the server's word
        if side == self.front and not self.started:
            size = int.from_bytes(data[at : at + 4], "big") if len(data) - at >= 4 else 0
            if size and not 8 <= size <= 20_000:
                raise WireError("startup")
            return size
        if side != self.front and self.asked_tls:
            return 1
        if len(data) - at < 5:
            return 0
        kinds = FRONT if side == self.front else BACK
        size = int.from_bytes(data[at + 1 : at + 5], "big")
        if data[at] not in kinds or not 4 <= size < 1 << 30:
            raise WireError("no_message")
        return 1 + size

    def _sides(self, side: int, data: bytes) -> None:
        if data[0] == 0:
            self.front = side
            return
        self.started = True  # met in the middle
        front, back = data[0] in FRONT, data[0] in BACK
        if not front and not back:
            raise WireError("no_message")
        # Letters that both sides use (C, D, E, S) decide nothing: the responder serves.
        self.front = ORIGINATOR if front == back else side if front else 1 - side

    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """One message."""
        if side != self.front:
            if self.asked_tls:
                self._answer_tls(data, time)
            else:
                self._backend(data[:1], data[5:], size, time)
        elif self.started:
            self._frontend(data[:1], data[5:], time)
        else:
            self._startup(data, time)

    # What the client says.

    def _startup(self, data: bytes, time: int) -> None:
        code = int.from_bytes(data[4:8], "big")
        if code in (SSL, GSS):
            self.asked_tls = True
            self._begin("ssl_request" if code == SSL else "gssenc_request", time)
        elif code == CANCEL:
            self._begin("cancel_request", time, synced=False)
            self._flush(time)
            self.stop()
        elif code >> 16 in (2, 3):
            self.started = True
            self.asked_tls = False
            if code >> 16 == 3:
                self._parameters(data[8:])
            self._begin("startup", time)
        else:
            raise WireError("version")

    def _parameters(self, data: bytes) -> None:
        words = data.split(b"\0")
        for at in range(0, min(len(words) - 1, 64), 2):
            value = text(words[at + 1], 256)
            if words[at] == b"user":
                self.user = value
            elif words[at] == b"database":
                self.database = value
            elif words[at] == b"application_name":
                self.application = value

    def _begin(self, name: str, time: int, arg: str = "", *, synced: bool = True) -> Deed:
        if len(self.pending) >= _MAX_PENDING:
            self._tell(self.pending.popleft(), time)
            self.context.lost("pending")
        deed = Deed(name, time, arg, synced=synced)
        self.pending.append(deed)
        return deed

    def _frontend(self, kind: bytes, body: bytes, time: int) -> None:
        if kind == b"Q":
            self._flush_unsynced(time)
            self._begin("simple_query", time, text(body.partition(b"\0")[0], 2048)).rows = 0
        elif kind == b"P":
            name, _, rest = body.partition(b"\0")
            self.parsed = text(rest.partition(b"\0")[0], 2048)
            remember(self.statements, name, self.parsed)
        elif kind == b"B":
            portal, _, rest = body.partition(b"\0")
            remember(self.portals, portal, self.statements.get(rest.partition(b"\0")[0], ""))
        elif kind == b"E":
            arg = self.portals.get(body.partition(b"\0")[0], "")
            self._begin("extended_query", time, arg, synced=False).rows = 0
        elif kind == b"S":
            self._begin(SYNC, time)
        elif kind == b"F":
            self._begin("function_call", time, str(int.from_bytes(body[:4], "big")))
        elif kind == b"p":
            if self.clear:
                self.password = True
        elif kind == b"X":
            self._flush(time)
            self._tell(Deed("terminate", time), time)

    # What the server says.

    def _answer_tls(self, data: bytes, time: int) -> None:
        self.asked_tls = False
        deed = self.pending.popleft()
        if data in (b"S", b"N", b"G"):
            deed.backend = "ssl_reply" if deed.frontend == "ssl_request" else "gssenc_reply"
            deed.backend_args = [data.decode()]
            deed.success = data != b"N"
        else:  # a server of old answers with an error in its own form
            deed.backend, deed.success = "error", False
        deed.over = time
        self._tell(deed, time)
        if data != b"N":
            self.stop("tls" if data == b"S" else None)

    def _backend(self, kind: bytes, body: bytes, size: int, time: int) -> None:
        if kind == b"S":
            name, _, rest = body.partition(b"\0")
            if name == b"server_version":
                self.version = text(rest.partition(b"\0")[0], 64)
            return
        if not self.pending:
            if kind not in b"DERT":
                return
            self._begin("", time)  # an answer whose question was not seen
        deed = self.pending[0]
        deed.size += size
        self._told(deed, kind, body, time)

    def _told(self, deed: Deed, kind: bytes, body: bytes, time: int) -> None:
        """What a message of the server says of the deed that it answers."""
        if kind == b"D":
            deed.rows = (deed.rows or 0) + 1
        elif kind == b"R":
            self._authentication(deed, int.from_bytes(body[:4], "big"))
        elif kind == b"E":
            self._error(deed, body, time)
        elif kind == b"N":
            deed.backend_args += identified(body)
        elif kind in (b"C", b"I", b"s"):
            if kind == b"C" and len(deed.tags) < 16:
                deed.tags.append(text(body.partition(b"\0")[0], 64))
            if not deed.synced:
                self._done(time, success=True)
        elif kind == b"Z":
            self._ready(body[:1], time)

    def _authentication(self, deed: Deed, code: int) -> None:
        self.clear = code == 3
        if code == 0:
            deed.backend = "auth_ok"
            deed.success = True
            return
        again = deed.backend and not deed.backend.endswith("auth")
        deed.backend = deed.backend + ",auth_request" if again else "auth_request"
        deed.backend_args.append(AUTH.get(code, f"UnknownAuthId{code}"))

    def _error(self, deed: Deed, body: bytes, time: int) -> None:
        if deed.frontend == SYNC:  # a statement that did not come to be executed
            deed = Deed("extended_query", time, self.parsed, synced=False)
            self.pending.appendleft(deed)
        deed.backend = deed.backend + ",error" if deed.backend else "error"
        found = identified(body)
        deed.backend_args += found
        deed.code = next((one[5:] for one in found if one.startswith("Code=")), "")
        deed.rows = None
        self._done(time, success=False)
        if deed.synced:
            self.pending.appendleft(Deed(SYNC, time))  # the server will still say it is ready
        else:
            self._flush_unsynced(time)  # what was asked for before the next Sync is not done

    def _ready(self, status: bytes, time: int) -> None:
        self._flush_unsynced(time)
        if self.pending and self.pending[0].synced:
            self._done(time, success=status in (b"I", b"T"))

    def _done(self, time: int, *, success: bool) -> None:
        deed = self.pending.popleft()
        if deed.success is None or not success:
            deed.success = success
        deed.over = time
        self._tell(deed, time)

    def _flush_unsynced(self, time: int) -> None:
        while self.pending and not self.pending[0].synced:
            self._tell(self.pending.popleft(), time)

    def _flush(self, time: int) -> None:
        while self.pending:
            self._tell(self.pending.popleft(), time)

    def _tell(self, deed: Deed, time: int) -> None:
        del time
        if deed.frontend == SYNC:
            return
        success = deed.success
        self.context.emit("postgresql", deed.time, {
            "user.name": self.user,
            "postgresql.database": self.database,
            "postgresql.application_name": self.application,
            "postgresql.frontend": deed.frontend,
            "postgresql.frontend_arg": deed.arg,
            "postgresql.backend": deed.backend,
            "postgresql.backend_arg": ",".join(deed.backend_args)[:2048],
            "postgresql.success": success,
            "postgresql.rows": deed.rows,
            "postgresql.command_tag": deed.tags,
            "postgresql.error_code": deed.code,
            "postgresql.response_bytes": deed.size or None,
            "postgresql.server_version": self.version,
            "postgresql.password_seen": self.password or None,
            "event.action": deed.frontend,
            "event.outcome": None if success is None else "success" if success else "failure",
            "event.duration": deed.over - deed.time if deed.over else None,
        }, client=RESPONDER if self.front == RESPONDER else ORIGINATOR)  # fmt: skip
        self.password = False

    def end(self, time: int) -> None:
        """What was not answered."""
        self._flush(time)


PROTOCOL: Final = Protocol(
    name="postgresql",
    title="PostgreSQL frontend/backend protocol",
    standard="PostgreSQL manual, Frontend/Backend Protocol",
    transports=frozenset({"tcp"}),
    session=PostgresSession,
    recognises=recognises,
    ports=frozenset({5432}),
    datasets={
        "postgresql": (
            "user.name", "postgresql.database", "postgresql.application_name",
            "postgresql.frontend", "postgresql.frontend_arg", "postgresql.backend",
            "postgresql.backend_arg", "postgresql.success", "postgresql.rows",
            "postgresql.command_tag", "postgresql.error_code", "postgresql.response_bytes",
            "postgresql.server_version", "postgresql.password_seen", "event.action",
            "event.outcome", "event.duration",
        )
    },
    upgrades=True,
)  # fmt: skip
