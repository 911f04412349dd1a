"""ONC remote procedure calls, and the arguments of NFS and of mounting that name files.

Defined in RFC 5531 (ONC RPC), RFC 1094, 1813 and 8881 (NFS 2, 3 and 4).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sensors.protocol import WireError
from sensors.wire.reader import Reader, text

NFS, MOUNT, PORTMAP = 100_003, 100_005, 100_000
PROGRAMS: Final = {NFS: "nfs", MOUNT: "mount", PORTMAP: "portmap"}
AUTH: Final = {0: "NULL", 1: "UNIX", 2: "SHORT", 3: "DH", 5: "KERB", 6: "RPCSEC_GSS"}
_NFS3: Final = (
    "NULL", "GETATTR", "SETATTR", "LOOKUP", "ACCESS", "READLINK", "READ", "WRITE", "CREATE",
    "MKDIR", "SYMLINK", "MKNOD", "REMOVE", "RMDIR", "RENAME", "LINK", "READDIR", "READDIRPLUS",
    "FSSTAT", "FSINFO", "PATHCONF", "COMMIT",
)  # fmt: skip
_NFS2: Final = (
    "NULL", "GETATTR", "SETATTR", "ROOT", "LOOKUP", "READLINK", "READ", "WRITECACHE", "WRITE",
    "CREATE", "REMOVE", "RENAME", "LINK", "SYMLINK", "MKDIR", "RMDIR", "READDIR", "STATFS",
)  # fmt: skip
_MOUNT: Final = ("NULL", "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT", "EXPORTALL")
_PORTMAP: Final = ("NULL", "SET", "UNSET", "GETPORT", "DUMP", "CALLIT", "GETTIME")
_OPERATIONS4: Final = {
    3: "ACCESS", 4: "CLOSE", 5: "COMMIT", 6: "CREATE", 9: "GETATTR", 10: "GETFH", 11: "LINK",
    12: "LOCK", 14: "LOCKU", 15: "LOOKUP", 16: "LOOKUPP", 18: "OPEN", 20: "OPEN_CONFIRM",
    21: "OPEN_DOWNGRADE", 22: "PUTFH", 23: "PUTPUBFH", 24: "PUTROOTFH", 25: "READ", 26: "READDIR",
    27: "READLINK", 28: "REMOVE", 29: "RENAME", 30: "RENEW", 31: "RESTOREFH", 32: "SAVEFH",
    34: "SETATTR", 35: "SETCLIENTID", 36: "SETCLIENTID_CONFIRM", 38: "WRITE", 42: "EXCHANGE_ID",
    43: "CREATE_SESSION", 44: "DESTROY_SESSION", 53: "SEQUENCE", 57: "DESTROY_CLIENTID",
    58: "RECLAIM_COMPLETE", 52: "SECINFO_NO_NAME", 33: "SECINFO",
}  # fmt: skip
STATUS: Final = {
    0: "OK", 1: "ERR_PERM", 2: "ERR_NOENT", 5: "ERR_IO", 6: "ERR_NXIO", 13: "ERR_ACCESS",
    17: "ERR_EXIST", 18: "ERR_XDEV", 19: "ERR_NODEV", 20: "ERR_NOTDIR", 21: "ERR_ISDIR",
    22: "ERR_INVAL", 27: "ERR_FBIG", 28: "ERR_NOSPC", 30: "ERR_ROFS", 31: "ERR_MLINK",
    63: "ERR_NAMETOOLONG", 66: "ERR_NOTEMPTY", 69: "ERR_DQUOT", 70: "ERR_STALE", 71: "ERR_REMOTE",
    10001: "ERR_BADHANDLE", 10002: "ERR_NOT_SYNC", 10003: "ERR_BAD_COOKIE", 10004: "ERR_NOTSUPP",
    10005: "ERR_TOOSMALL", 10006: "ERR_SERVERFAULT", 10007: "ERR_BADTYPE", 10008: "ERR_JUKEBOX",
}  # fmt: skip


@dataclass(slots=True)
class Call:
    """A call with what its arguments say of files."""

    xid: int
    program: int
    version: int
    procedure: str
    auth: str = ""
    machine: str = ""
    uid: int | None = None
    gid: int | None = None
    filename: str = ""
    to: str = ""
    count: int | None = None
    offset: int | None = None
    operations: list[str] | None = None


def _name(names: tuple[str, ...], number: int) -> str:
    return names[number] if number < len(names) else str(number)


def _opaque(reader: Reader, most: int = 4096) -> bytes:
    size = reader.u32()
    if size > most:
        raise WireError("too_long")
    value = reader.take(size)
    reader.skip(min(-size % 4, reader.left))
    return value


def call_of(data: bytes) -> Call | None:
    """A call of a program that is known; None for all others.

    Raises:
        WireError: it is no call, or ends too early.
    """
    reader = Reader(data)
    xid, kind, version = reader.u32(), reader.u32(), reader.u32()
    if kind != 0 or version != 2:
        raise WireError("no_call")
    program, version, number = reader.u32(), reader.u32(), reader.u32()
    if program not in PROGRAMS:
        return None
    call = Call(xid, program, version, str(number))
    _credentials(reader, call)
    with suppress(WireError):  # the rest of the arguments was cut off or is not known
        _arguments(reader, call, number)
    return call


def _credentials(reader: Reader, call: Call) -> None:
    flavour = reader.u32()
    body = Reader(_opaque(reader, 1024))
    call.auth = AUTH.get(flavour, str(flavour))
    if flavour == 1 and body.left >= 16:
        body.skip(4)
        call.machine = text(_opaque(body, 255))
        call.uid, call.gid = body.u32(), body.u32()
    reader.skip(4)
    _opaque(reader, 1024)


def _arguments(reader: Reader, call: Call, number: int) -> None:
    if call.program == MOUNT:
        call.procedure = _name(_MOUNT, number)
        if call.procedure in ("MNT", "UMNT"):
            call.filename = text(_opaque(reader))
    elif call.program == PORTMAP:
        call.procedure = _name(_PORTMAP, number)
        if call.version == 2 and call.procedure == "GETPORT":
            wanted = reader.u32()
            call.filename = PROGRAMS.get(wanted, str(wanted))
    elif call.version == 3:
        call.procedure = _name(_NFS3, number)
        _arguments3(reader, call)
    elif call.version == 2:
        call.procedure = _name(_NFS2, number)
        _arguments2(reader, call)
    elif number == 0:
        call.procedure = "NULL"
    else:
        call.procedure = "COMPOUND"
        _compound(reader, call)


_NAMED: Final = frozenset({"LOOKUP", "CREATE", "MKDIR", "SYMLINK", "MKNOD", "REMOVE", "RMDIR",
                           "RENAME"})  # fmt: skip


def _arguments3(reader: Reader, call: Call) -> None:
    if call.procedure == "NULL":
        return
    _opaque(reader, 64)
    if call.procedure in _NAMED:
        call.filename = text(_opaque(reader))
        if call.procedure == "RENAME":
            _opaque(reader, 64)
            call.to = text(_opaque(reader))
    elif call.procedure in ("READ", "WRITE"):
        call.offset, call.count = _offset(reader), reader.u32()


def _offset(reader: Reader) -> int:
    value = reader.u64()
    return value if value < 1 << 63 else -1


def _arguments2(reader: Reader, call: Call) -> None:
    if call.procedure == "NULL":
        return
    reader.skip(32)
    if call.procedure in _NAMED:
        call.filename = text(_opaque(reader))
        if call.procedure == "RENAME":
            reader.skip(32)
            call.to = text(_opaque(reader))
    elif call.procedure == "READ":
        call.offset, call.count = reader.u32(), reader.u32()


def _compound(reader: Reader, call: Call) -> None:
    """Operations of NFS 4, as far as the arguments of each can be stepped over."""
    _opaque(reader)
    reader.skip(4)
    call.operations = []
    for _ in range(min(reader.u32(), 32)):
        number = reader.u32()
        name = _OPERATIONS4.get(number, str(number))
        call.operations.append(name)
        if name not in (
            "SEQUENCE",
            "PUTFH",
            "PUTROOTFH",
            "PUTPUBFH",
            "GETFH",
            "SAVEFH",
            "RESTOREFH",
        ):
            call.procedure = name if call.procedure in ("COMPOUND", "LOOKUP") else call.procedure
        if not _operation4(reader, call, name):
            return


def _operation4(reader: Reader, call: Call, name: str) -> bool:
    """Step over one operation's arguments; whether that could be done."""
    if name in ("GETFH", "PUTROOTFH", "PUTPUBFH", "SAVEFH", "RESTOREFH", "LOOKUPP", "READLINK"):
        return True
    size = {"SEQUENCE": 32, "ACCESS": 4, "CLOSE": 20, "COMMIT": 12, "RENEW": 8, "READDIR": 24}.get(
        name
    )
    if size is not None:
        reader.skip(size)
        if name == "READDIR":
            reader.skip(4 * reader.u32())
        return True
    if name == "PUTFH":
        _opaque(reader, 128)
    elif name in ("LOOKUP", "REMOVE", "SECINFO"):
        call.filename = text(_opaque(reader))
    elif name == "RENAME":
        call.filename, call.to = text(_opaque(reader)), text(_opaque(reader))
    elif name == "GETATTR":
        reader.skip(4 * reader.u32())
    elif name in ("READ", "WRITE"):
        reader.skip(16)
        call.offset = _offset(reader)
        if name == "WRITE":
            reader.skip(4)
        call.count = reader.u32()
        return name == "READ"
    elif name == "OPEN":
        return _open4(reader, call)
    else:
        return False
    return True


def _open4(reader: Reader, call: Call) -> bool:
    reader.skip(20)  # sequence, access, deny, client
    _opaque(reader, 1024)
    if reader.u32() == 1:  # to be created
        if reader.u32() == 2:
            reader.skip(8)
        else:
            reader.skip(4 * reader.u32())
            _opaque(reader)
    if reader.u32() == 0:
        call.filename = text(_opaque(reader))
        return True
    return False


def reply_of(data: bytes) -> tuple[int, str, int | None]:
    """Transaction, the call's own status and the first word of the result.

    Raises:
        WireError: it is no reply.
    """
    reader = Reader(data)
    xid, kind, denied = reader.u32(), reader.u32(), reader.u32()
    if kind != 1 or denied > 1:
        raise WireError("no_reply")
    if denied:
        return xid, "DENIED", None
    reader.skip(4)
    _opaque(reader, 1024)
    accepted = reader.u32()
    words = {0: "ACCEPTED", 1: "PROG_UNAVAIL", 2: "PROG_MISMATCH", 3: "PROC_UNAVAIL",
             4: "GARBAGE_ARGS", 5: "SYSTEM_ERR"}  # fmt: skip
    status = reader.u32() if not accepted and reader.left >= 4 else None
    return xid, words.get(accepted, str(accepted)), status
