"""Parts of TDS messages: log-in, procedure calls, the tokens of an answer (MS-TDS 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sensors.wire.reader import Reader, text, utf16

# MS-TDS 2.2.6.6: procedures that are called by number.
PROCEDURES: Final = {
    1: "Sp_Cursor", 2: "Sp_CursorOpen", 3: "Sp_CursorPrepare", 4: "Sp_CursorExecute",
    5: "Sp_CursorPrepExec", 6: "Sp_CursorUnprepare", 7: "Sp_CursorFetch", 8: "Sp_CursorOption",
    9: "Sp_CursorClose", 10: "Sp_ExecuteSql", 11: "Sp_Prepare", 12: "Sp_Execute",
    13: "Sp_PrepExec", 14: "Sp_PrepExecRpc", 15: "Sp_Unprepare",
}  # fmt: skip
_LOGIN_PARTS: Final = ("host", "user", "password", "app", "server", "", "library", "language",
                       "database")  # fmt: skip
_MAX_TOKENS: Final = 64


def login7(body: bytes) -> dict[str, str]:
    """Texts of a LOGIN7 (2.2.6.4); `password` is `yes` where one is given, never the password.

    Raises:
        WireError: it ends too early.
    """
    found: dict[str, str] = {"version": f"0x{int.from_bytes(body[4:8], 'little'):08x}"}
    reader = Reader(body, 36)
    for name in _LOGIN_PARTS:
        at, size = reader.le16(), reader.le16()
        if name == "password":
            found[name] = "yes" if size else ""
        elif name and size and at + 2 * size <= len(body):
            found[name] = utf16(body[at : at + 2 * size], 512)
    return found


def login5(body: bytes) -> dict[str, str]:
    """Texts of a TDS 4.2 or 5.0 log-in: fixed places of 30 bytes, the length behind each."""
    found: dict[str, str] = {}
    for name, at in (("host", 0), ("user", 31), ("password", 62), ("app", 140), ("server", 171)):
        if at + 31 <= len(body) and body[at + 30] <= 30:
            word = text(body[at : at + body[at + 30]])
            found[name] = ("yes" if word else "") if name == "password" else word
    return found


def prelogin(body: bytes) -> tuple[str, int | None]:
    """Version and encryption of a PRELOGIN (2.2.6.5)."""
    version, encryption = "", None
    at = 0
    while at + 5 <= len(body) and body[at] != 0xFF and at < 80:
        token = body[at]
        offset = int.from_bytes(body[at + 1 : at + 3], "big")
        value = body[offset : offset + int.from_bytes(body[at + 3 : at + 5], "big")]
        if token == 0 and len(value) >= 4:
            version = f"{value[0]}.{value[1]}.{int.from_bytes(value[2:4], 'big')}"
        elif token == 1 and value:
            encryption = value[0]
        at += 5
    return version, encryption


def behind_headers(body: bytes) -> int:
    """Where a batch begins behind ALL_HEADERS (2.2.5.3), which older versions do not have."""
    total = int.from_bytes(body[:4], "little")
    first, kind = int.from_bytes(body[4:8], "little"), int.from_bytes(body[8:10], "little")
    return total if 4 <= total <= len(body) and 6 <= first <= total and 1 <= kind <= 3 else 0


def procedure(body: bytes, at: int) -> tuple[str, str]:
    """Name of a called procedure, and the SQL that is its first text parameter (2.2.6.6)."""
    size = int.from_bytes(body[at : at + 2], "little")
    at += 2
    if size == 0xFFFF:
        number = int.from_bytes(body[at : at + 2], "little")
        name = PROCEDURES.get(number, str(number))
        at += 2
    else:
        name = utf16(body[at : at + 2 * size], 512)
        at += 2 * size
    return name, _first_text(body, at + 2)


def _first_text(body: bytes, at: int) -> str:
    """The first NVARCHAR or NTEXT among the first parameters."""
    for _ in range(4):
        if at + 3 > len(body):
            return ""
        at += 1 + 2 * body[at] + 1  # name, status
        kind = body[at] if at < len(body) else 0
        if kind == 0xE7:  # NVARCHAR
            most = int.from_bytes(body[at + 1 : at + 3], "little")
            at += 8
            if most == 0xFFFF:  # in chunks
                size = int.from_bytes(body[at + 8 : at + 12], "little")
                return utf16(body[at + 12 : at + 12 + size], 4096)
            size = int.from_bytes(body[at : at + 2], "little")
            return utf16(body[at + 2 : at + 2 + size], 4096) if size != 0xFFFF else ""
        if kind == 0x63:  # NTEXT
            size = int.from_bytes(body[at + 10 : at + 14], "little")
            return utf16(body[at + 14 : at + 14 + min(size, 4096)], 4096)
        if kind != 0x26 or at + 3 > len(body):  # INTN: a handle comes first
            return ""
        at += 3 + body[at + 2]
    return ""


@dataclass(slots=True)
class Answer:
    """What the tokens of an answer say."""

    version: str = ""  # of the server's program, where the log-in was accepted
    program: str = ""
    database: str = ""
    accepted: bool = False
    errors: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    tokens: int = 0


def read_tokens(body: bytes, answer: Answer) -> None:
    """Tokens at the front of an answer (2.2.7), up to the first set of rows."""
    at = 0
    for _ in range(_MAX_TOKENS):
        if at + 3 > len(body):
            return
        token = body[at]
        size = int.from_bytes(body[at + 1 : at + 3], "little")
        inside = body[at + 3 : at + 3 + size]
        if token == 0x79:  # RETURNSTATUS
            at += 5
            continue
        if token in (0xFD, 0xFE, 0xFF):  # DONE, DONEPROC, DONEINPROC
            at += 13
            continue
        if token == 0xAA:
            _error(inside, answer)
        elif token == 0xAD:
            _accepted(inside, answer)
        elif token == 0xE3:
            if inside[:1] == b"\x01":  # ENVCHANGE: database
                answer.database = utf16(inside[2 : 2 + 2 * inside[1]])
        elif token not in (0xAB, 0xE5, 0xA4, 0xA5, 0xA9, 0xED):
            return
        at += 3 + size


def _error(inside: bytes, answer: Answer) -> None:
    if len(answer.errors) < 8 and len(inside) >= 8:
        size = int.from_bytes(inside[6:8], "little")
        answer.errors.append(
            (
                int.from_bytes(inside[:4], "little", signed=True),
                utf16(inside[8 : 8 + 2 * size], 1024),
            )
        )


def _accepted(inside: bytes, answer: Answer) -> None:
    """LOGINACK: interface, TDS version, name and version of the program."""
    answer.accepted = True
    if len(inside) < 10:
        return
    size = inside[5]
    if 6 + 2 * size + 4 == len(inside):
        answer.program = utf16(inside[6 : 6 + 2 * size])
    else:  # TDS 4.2 and 5.0: one byte a letter
        answer.program = text(inside[6 : 6 + size])
    major, minor, high, low = inside[-4:]
    answer.version = f"{major}.{minor}.{high << 8 | low}"


def last_done(tail: bytes) -> tuple[int, int | None] | None:
    """Status and row count of the DONE that ends an answer; None where there is none to see.

    A procedure's own DONE counts no rows: the one of its last statement stands before it.
    """
    for size, wide in ((13, 8), (9, 4)):
        if len(tail) < size or tail[-size] not in (0xFD, 0xFE, 0xFF):
            continue
        done = tail[-size:]
        status = int.from_bytes(done[1:3], "little")
        if status & ~0x137:
            continue
        if done[0] == 0xFE and not status & 0x10:
            before = tail[: -size - 5]
            if len(before) >= size and before[-size] == 0xFF and tail[-size - 5] == 0x79:
                done = before[-size:]
        counted = int.from_bytes(done[1:3], "little") & 0x10
        return status, int.from_bytes(done[5 : 5 + wide], "little") if counted else None
    return None
