"""MySQL and MariaDB: who logs in to which database, every command, and how much came back.

One event a command, as Zeek's mysql.log has it: the log-in (`login`), then queries and the rest,
stamped with the request. Rows and bytes of a result are counted and not kept, so a bulk read shows.
Where TLS follows, or the log-in never comes, one event says which server it was.
Defined in the MySQL Internals manual, "Client/Server Protocol", and MariaDB's "Protocol".
"""

from __future__ import annotations

from collections import deque
from typing import Final

from sensors.protocol import (
    ORIGINATOR,
    RESPONDER,
    Context,
    FieldValues,
    Flow,
    Protocol,
    WireError,
)
from sensors.wire.frames import FramedSession
from sensors.wire.mysql_wire import (
    COMMANDS,
    DEPRECATE_EOF,
    Login,
    Reply,
    error_of,
    greeting_of,
    is_login,
    lenenc,
    login_of,
)
from sensors.wire.reader import text

_MAX_PENDING: Final = 256
_QUIT, _QUERY, _CHANGE_USER = 1, 3, 0x11
_SILENT: Final = frozenset({_QUIT, 0x18, 0x19})  # no answer: quit, send_long_data, stmt_close
# Commands whose argument is text: init_db, query, field_list, create_db, drop_db, stmt_prepare.
_TEXTUAL: Final = frozenset({2, 3, 4, 5, 6, 0x16})
# Commands that a result set may answer; all others by one packet.
_RESULTS: Final = frozenset({_QUERY, 0x04, 0x0A, 0x17, 0x1C, 0xFA})
_SSL: Final = 0x800
_COMPRESS: Final = 0x20 | 0x4000000


class MySqlSession(FramedSession):
    """One connection."""

    keep = 2100

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.server: int | None = None
        self.version = ""
        self.offered = 0  # capabilities of the server
        self.capabilities = 0
        self.user = ""
        self.database = ""
        self.plugin = ""
        self.greeted = 0  # time of the greeting while no event has told of it
        self.login: Reply | None = None
        self.pending: deque[Reply] = deque()
        self.heard = False  # the server was heard at all
        self.long = [False, False]  # whether a side's last packet goes on in the next one

    def frame(self, side: int, data: bytes, at: int) -> int:
        """Three bytes of length, one of sequence."""
        if len(data) - at < 4:
            return 0
        size = int.from_bytes(data[at : at + 3], "little")
        if self.server is None and not (0 < size < 0x10000):
            raise WireError("no_mysql")
        return 4 + size

    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """A packet."""
        goes_on, self.long[side] = self.long[side], size == 4 + 0xFFFFFF
        body = data[4:]
        if self.server is None:
            self._sides(side, data[3], body)
        if goes_on or not body:
            self._more(side, size, time)
        elif side == self.server:
            self._answer(data[3], body, size, time)
        else:
            self._request(data[3], body, size, time)

    def _sides(self, side: int, sequence: int, body: bytes) -> None:
        """Find out which side serves: who greets, or who does not ask."""
        asks = (sequence == 0 and body[0] in COMMANDS and body[0] != 0x0A) or (
            sequence in (1, 2) and is_login(body)
        )
        greets = sequence == 0 and (body[0] == 0xFF or greeting_of(body) is not None)
        if not asks and not greets and sequence == 0:
            raise WireError("no_mysql")
        self.server = (
            side if greets and not (asks and side == ORIGINATOR) else 1 - side if asks else side
        )

    def _more(self, side: int, size: int, time: int) -> None:
        """An empty packet, or the rest of a long one."""
        del time
        if side == self.server and self.pending:
            self.pending[0].size += size

    # What the client says.

    def _request(self, sequence: int, body: bytes, size: int, time: int) -> None:
        if self.login is not None and sequence:
            if self.login.clear:
                self.login.password = True
            return  # the answer to a challenge
        if sequence and not self.pending and is_login(body):
            self._log_in(body, size - 4, time)
        elif sequence == 0:
            self._command(body, time)

    def _log_in(self, body: bytes, size: int, time: int) -> None:
        login = login_of(body)
        self.capabilities = login.capabilities
        if login.capabilities & _SSL and size <= 36:
            self._tell_server(time, tls=True)
            self.stop("tls")
            return
        self._remember(login)
        self.login = Reply(0, "login", login.user, time, plugin=self.plugin)
        if login.plugin == "mysql_clear_password":
            self.login.password = True

    def _remember(self, login: Login) -> None:
        self.user = login.user
        self.database = login.database or self.database
        self.plugin = login.plugin or self.plugin

    def _command(self, body: bytes, time: int) -> None:
        code = body[0]
        name = COMMANDS.get(code)
        if name is None:
            raise WireError("no_command")
        arg = body[1:]
        if self.login is not None:  # it was let in, or nobody saw the answer
            self._finish(self.login, time)
            self.login = None
        if code == _CHANGE_USER:
            name_end = arg.find(b"\0")
            self.user = text(arg[: max(0, name_end)])
            self.login = Reply(code, name, self.user, time)
            return
        if code == 2:  # init_db
            self.database = text(arg, 256)
        words = text(arg, 2048) if code in _TEXTUAL else ""
        if code == _QUERY and len(arg) > 2 and arg[0] == 0 and arg[1] == 1:
            words = text(arg[2:], 2048)  # query attributes: none, one set (MySQL 8.0.25)
        reply = Reply(code, name, words, time)
        while self.pending and not self.heard:  # only the client is seen
            self._finish(self.pending.popleft(), time)
        if code in _SILENT:
            self._finish(reply, time)
            return
        if len(self.pending) >= _MAX_PENDING:
            self._finish(self.pending.popleft(), time)
            self.context.lost("pending")
        self.pending.append(reply)

    # What the server says.

    def _answer(self, sequence: int, body: bytes, size: int, time: int) -> None:
        self.heard = True
        if sequence == 0 and not self.pending and self.login is None:
            self._greet(body, time)
            return
        if self.login is not None:
            self._admit(self.login, body, time)
            return
        if not self.pending:
            return
        reply = self.pending[0]
        reply.size += size
        reply.begun = True
        if reply.code in _RESULTS:
            over = reply.result(body, size - 4, bool(self.capabilities & DEPRECATE_EOF))
        else:
            over = reply.plain(body)
        if over:
            self.pending.popleft()
            self._finish(reply, time)

    def _greet(self, body: bytes, time: int) -> None:
        if body[0] == 0xFF:
            code, words = error_of(body)
            self._emit(time, {
                "mysql.success": False, "mysql.response": words, "mysql.error_code": code,
                "event.outcome": "failure",
            })  # fmt: skip
            return
        greeting = greeting_of(body)
        if greeting is None:
            return
        self.version, self.offered, self.plugin = greeting
        self.greeted = time

    def _admit(self, login: Reply, body: bytes, time: int) -> None:
        """The server's side of a log-in."""
        if body[0] == 0xFE:  # another method
            self.plugin = text(body[1:].partition(b"\0")[0], 64)
            login.clear = self.plugin in ("mysql_clear_password", "dialog")
            login.plugin = self.plugin
        elif body[0] in (0, 0xFF):
            login.plain(body)
            self.login = None
            self._finish(login, time)
            if body[0] == 0 and self.capabilities & self.offered & _COMPRESS:
                self.context.lost("compressed")
                self.stop()

    # What is told.

    def _finish(self, reply: Reply, time: int) -> None:
        success = reply.success
        self._emit(reply.time, {
            "mysql.cmd": reply.name,
            "mysql.arg": reply.arg,
            "mysql.success": success,
            "mysql.rows": reply.rows,
            "mysql.response": reply.words,
            "mysql.error_code": reply.error or None,
            "mysql.response_bytes": reply.size or None,
            "mysql.auth_plugin": reply.plugin,
            "mysql.password_seen": reply.password or None,
            "event.action": reply.name,
            "event.outcome": None if success is None else "success" if success else "failure",
            "event.duration": time - reply.time if success is not None else None,
        })  # fmt: skip

    def _tell_server(self, time: int, *, tls: bool = False) -> None:
        """The server, where no log-in tells of it."""
        if self.greeted or tls:
            self._emit(self.greeted or time, {"mysql.tls": tls or None})

    def _emit(self, time: int, fields: FieldValues) -> None:
        self.greeted = 0
        self.context.emit(
            "mysql",
            time,
            {
                **fields,
                "mysql.server_version": self.version,
                "mysql.database": self.database,
                "user.name": self.user,
            },
            client=RESPONDER if self.server == ORIGINATOR else ORIGINATOR,
        )

    def end(self, time: int) -> None:
        """Commands without an answer, and a greeting that nobody answered."""
        if self.login is not None:
            self._finish(self.login, time)
            self.login = None
        while self.pending:
            self._finish(self.pending.popleft(), time)
        if self.greeted:
            self._tell_server(time)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A greeting of version 10, a refusal, or a log-in of protocol 4.1."""
    del side, flow
    if len(data) < 12 or data[3] > 2:
        return False
    size = int.from_bytes(data[:3], "little")
    if not 0 < size <= min(1024, len(data) - 4):
        return False
    body = data[4 : 4 + size]
    if data[3] == 0:
        if body[0] == 0xFF and len(data) == size + 4:
            return 1000 <= int.from_bytes(body[1:3], "little") < 2000 and body[3:].isascii()
        return body[0] == 10 and greeting_of(body) is not None
    return data[3] in (1, 2) and len(data) == size + 4 and is_login(body) and lenenc(body, 0) >= 0


PROTOCOL: Final = Protocol(
    name="mysql",
    title="MySQL and MariaDB",
    standard="MySQL Internals: Client/Server Protocol",
    transports=frozenset({"tcp"}),
    session=MySqlSession,
    recognises=recognises,
    ports=frozenset({3306}),
    datasets={
        "mysql": (
            "mysql.cmd", "mysql.arg", "mysql.success", "mysql.rows", "mysql.response",
            "mysql.error_code", "mysql.response_bytes", "mysql.auth_plugin", "mysql.password_seen",
            "mysql.server_version", "mysql.database", "mysql.tls", "user.name", "event.action",
            "event.outcome", "event.duration",
        )
    },
    upgrades=True,
)  # fmt: skip
