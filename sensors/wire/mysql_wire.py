"""MySQL's packets: greeting, log-in, errors, and the course of one answer.

Defined in the MySQL Internals manual, "Connection Phase" and "Command Phase".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sensors.protocol import WireError
from sensors.wire.reader import Reader, text

COMMANDS: Final[dict[int, str]] = dict(
    enumerate(
        (
            "sleep", "quit", "init_db", "query", "field_list", "create_db", "drop_db", "refresh",
            "shutdown", "statistics", "process_info", "connect", "process_kill", "debug", "ping",
            "time", "delayed_insert", "change_user", "binlog_dump", "table_dump", "connect_out",
            "register_slave", "stmt_prepare", "stmt_execute", "stmt_send_long_data", "stmt_close",
            "stmt_reset", "set_option", "stmt_fetch", "daemon", "binlog_dump_gtid",
            "reset_connection",
        )
    )
)  # fmt: skip
COMMANDS[0xFA] = "stmt_bulk_execute"  # MariaDB
DEPRECATE_EOF: Final = 0x1000000
_PROTOCOL_41, _WITH_DATABASE, _SECURE = 0x200, 8, 0x8000
_PLUGIN, _LENENC_AUTH = 0x80000, 0x200000
_MORE_RESULTS, _CURSOR = 8, 0x40


@dataclass(slots=True)
class Login:
    """What a client says of itself; its password's hash is left where it is."""

    capabilities: int
    user: str
    database: str = ""
    plugin: str = ""


def lenenc(data: bytes, at: int) -> int:
    """A length-encoded integer; -1 where it is none or is cut off."""
    if at >= len(data):
        return -1
    first = data[at]
    if first < 0xFB:
        return first
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first, 0)
    if not size or at + 1 + size > len(data):
        return -1
    return int.from_bytes(data[at + 1 : at + 1 + size], "little")


def _lenenc_size(first: int) -> int:
    return {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(first, 1)


def greeting_of(body: bytes) -> tuple[str, int, str] | None:
    """Server version, capabilities and log-in method of a greeting, or None where it is none."""
    end = body.find(b"\0", 1, 80)
    if body[0] not in (9, 10) or end < 3 or not body[1:end].isascii():
        return None
    version = body[1:end].decode("ascii")
    if not version.isprintable() or not any(letter.isdigit() for letter in version[:12]):
        return None
    if body[0] == 9:
        return version, 0, ""
    at = end + 13  # thread id, eight bytes of challenge
    if len(body) < at + 3 or body[at] != 0:
        return None
    capabilities = int.from_bytes(body[at + 1 : at + 3], "little")
    if len(body) < at + 8:
        return version, capabilities, ""
    capabilities |= int.from_bytes(body[at + 6 : at + 8], "little") << 16
    plugin = b""
    if capabilities & _PLUGIN and len(body) > at + 19:
        challenge = max(13, body[at + 8] - 8)
        plugin = body[at + 19 + challenge :].partition(b"\0")[0]
    return version, capabilities, text(plugin, 64)


def is_login(body: bytes) -> bool:
    """Whether this is a log-in, or the request for TLS that comes before it."""
    if len(body) >= 32:
        capabilities = int.from_bytes(body[:4], "little")
        if capabilities & _PROTOCOL_41 and not any(body[9:28]):
            return len(body) == 32 or bool(capabilities & 0x8201)
    # Before 4.1: two bytes of flags, three of size, a name.
    if 8 <= len(body) <= 128 and not int.from_bytes(body[:2], "little") & _PROTOCOL_41:
        end = body.find(b"\0", 5)
        return body[:2] != b"\0\0" and 5 < end < 64 and body[5:end].isalnum()
    return False


def login_of(body: bytes) -> Login:
    """A log-in's fields.

    Raises:
        WireError: it ends too early.
    """
    capabilities = int.from_bytes(body[:4], "little")
    if not capabilities & _PROTOCOL_41:
        return Login(capabilities & 0xFFFF, text(body[5:].partition(b"\0")[0], 256))
    if len(body) <= 36:
        return Login(capabilities, "")
    end = body.find(b"\0", 32)
    if end < 0:
        raise WireError("truncated")
    login = Login(capabilities, text(body[32:end], 256))
    reader = Reader(body, end + 1)
    if capabilities & _LENENC_AUTH and reader.left:
        size = lenenc(body, reader.at)
        reader.skip(_lenenc_size(body[reader.at]))
        reader.skip(size)
    elif capabilities & _SECURE and reader.left:
        reader.skip(reader.u8())
    else:
        _word(reader)
    if capabilities & _WITH_DATABASE:
        login.database = text(_word(reader), 256)
    if capabilities & _PLUGIN:
        login.plugin = text(_word(reader), 64)
    return login


def _word(reader: Reader) -> bytes:
    """Up to a zero byte or the end."""
    end = reader.data.find(b"\0", reader.at, reader.end)
    word = reader.take((end if end >= 0 else reader.end) - reader.at)
    if end >= 0:
        reader.skip(1)
    return word


def error_of(body: bytes) -> tuple[int, str]:
    """Number and words of an error packet; the SQL state is left out of the words, as in Zeek."""
    words = body[3:]
    if words[:1] == b"#":
        words = words[6:]
    return int.from_bytes(body[1:3], "little"), text(words, 512)


@dataclass(slots=True)
class Reply:
    """A command, and what has come of it so far."""

    code: int
    name: str
    arg: str
    time: int
    plugin: str = ""
    success: bool | None = None
    rows: int | None = None
    words: str = ""
    error: int = 0
    size: int = 0
    begun: bool = False
    clear: bool = False  # the next packet of the client is a password
    password: bool = False
    _columns: int = -1  # definitions that are still to come; -1 before the first packet
    _in_rows: bool = False

    def fail(self, body: bytes) -> bool:
        """An error packet."""
        self.success = False
        self.error, self.words = error_of(body)
        return True

    def plain(self, body: bytes) -> bool:
        """An answer of one packet."""
        if body[0] == 0xFF:
            return self.fail(body)
        self.success = True
        rows = lenenc(body, 1) if body[0] == 0 and len(body) >= 7 else 0
        self.rows = max(0, rows) if self.code != 0x16 else 0
        return True

    def result(self, body: bytes, size: int, no_eof: bool) -> bool:
        """One packet of an answer that may be a set of rows; whether it was the last.

        Args:
            body: its first bytes.
            size: its whole size.
            no_eof: the client asked to leave out the end-of-definitions packet.
        """
        first = body[0]
        if first == 0xFF and (size < 1024 or not self._in_rows):
            return self.fail(body)
        if first == 0xFE and size < 9:
            return self._end_of_part(int.from_bytes(body[3:5], "little"))
        if self.code in (0x1C, 4):  # rows, or definitions of columns, without a count
            self.rows = (self.rows or 0) + (self.code == 0x1C)
            return False
        if self._in_rows:
            if first == 0xFE and no_eof and size < 0xFFFFFF:
                return self._ok(body, rows=False)
            self.rows = (self.rows or 0) + 1
            return False
        if self._columns < 0:
            return self._head(body)
        self._columns -= 1
        if self._columns == 0 and no_eof:
            self._in_rows = True
        return False

    def _head(self, body: bytes) -> bool:
        if body[0] == 0:
            return self._ok(body, rows=True)
        if body[0] == 0xFB:  # LOAD DATA LOCAL: the server asks for a file
            self.words = "LOCAL INFILE " + text(body[1:], 512)
            return False
        count = lenenc(body, 0)
        if not 0 < count <= 4096:
            raise WireError("columns")
        self._columns = count
        self.rows = self.rows or 0
        return False

    def _end_of_part(self, status: int) -> bool:
        if self._columns >= 0 and not self._in_rows and self.code not in (0x1C, 4):
            self._in_rows = True
            if not (status & _CURSOR and self.code == 0x17):
                return False
        return self._next(status)

    def _ok(self, body: bytes, *, rows: bool) -> bool:
        count = lenenc(body, 1)
        at = 1 + _lenenc_size(body[1]) if len(body) > 1 else 1
        at += _lenenc_size(body[at]) if at < len(body) else 1
        if rows:
            self.rows = (self.rows or 0) + max(0, count)
        return self._next(int.from_bytes(body[at : at + 2], "little"))

    def _next(self, status: int) -> bool:
        """A result is over; whether it was the last of this answer."""
        self.success = True
        self._columns = -1
        self._in_rows = False
        self.rows = self.rows or 0
        return not status & _MORE_RESULTS
