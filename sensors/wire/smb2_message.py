"""One SMB2 message: its header (MS-SMB2 §2.2.1) and where its body lies."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

from fengsui.event import Value
from sensors.protocol import WireError
from sensors.wire.reader import utf16
from sensors.wire.smb_files import OpenFile, Tree, date
from sensors.wire.smb_talk import Request, Talk

HEADER: Final = 64
LAYOUT: Final = struct.Struct("<4sHHIHHIIQIIQ")
RESPONSE: Final = 0x1
ASYNC: Final = 0x2
RELATED: Final = 0x4
TRANSCEIVE: Final = 0x0011_C017  # FSCTL_PIPE_TRANSCEIVE
ROOT: Final = "<share_root>"  # what a file without a name is called
_RECORD: Final = struct.Struct("<10Q")
SAME: Final = b"\xff" * 16  # as file id: the file of the message before

NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT, TREE_DISCONNECT, CREATE, CLOSE = range(7)
READ, WRITE, IOCTL, CANCEL, FIND, CHANGE_NOTIFY, GET_INFO, SET_INFO = 8, 9, 11, 12, 14, 15, 16, 17


class Message:
    """One message of a compound: its header, and where its body lies."""

    __slots__ = (
        "at", "command", "data", "end", "flags", "mid", "session", "status", "time", "tree",
    )  # fmt: skip

    def __init__(self, data: bytes, at: int, end: int, time: int, head: tuple[int, ...]) -> None:
        self.data = data
        self.at = at
        self.end = end
        self.time = time
        self.status, self.command, self.flags, self.mid, self.tree, self.session = head

    def part(self, offset: int, size: int) -> bytes:
        """`size` bytes at an offset that counts from the header; b"" where it points elsewhere."""
        start = self.at - HEADER + offset
        return self.data[start : min(start + size, self.end)] if offset >= HEADER else b""

    def need(self, size: int) -> int:
        """Where the body begins, if it has `size` bytes."""
        if self.end - self.at < size:
            raise WireError("truncated")
        return self.at


@lru_cache(maxsize=256)
def handle_text(key: bytes) -> str:
    """A file id as text, spelt as EVE spells it."""
    turned = key[::-1].hex()
    return f"{turned[24:]}-{turned[20:24]}-{turned[16:20]}-{turned[12:16]}-{turned[:12]}"


def unknown_file(talk: Talk, request: Request, data: bytes) -> OpenFile:
    """A file whose opening was not seen: a pipe or not by what its first bytes are."""
    from_pipe = data[:1] == b"\x05" and not request.tree.path
    tree = Tree("", "PIPE") if from_pipe else request.tree
    file = OpenFile("", tree, request.time)
    request.file = file
    if isinstance(request.key, bytes) and request.key != SAME:
        file.number = handle_text(request.key)
        talk.opened(request.key, file, request)
    return file


def open_known(talk: Talk, record: bytes) -> None:
    """Remember a file that was opened without the parser (`sensors.packet.smb_state`)."""
    _low, _high, session, number, time, size, created, accessed, written, changed = (
        _RECORD.unpack_from(record)
    )
    tree = talk.tree(session, number)
    file = OpenFile(utf16(record[_RECORD.size :]) or ROOT, tree, time)
    key = record[:16]
    file.number = handle_text(key)
    file.size = size
    if written:
        file.times = times_of(created, accessed, written, changed)
    talk.opened(key, file, Request("", time, session, number, tree))


def times_of(created: int, accessed: int, written: int, changed: int) -> dict[str, Value | None]:
    """A file's four FILETIMEs as fields."""
    return {
        "file.created": date(created),
        "file.accessed": date(accessed),
        "file.mtime": date(written),
        "file.ctime": date(changed),
    }
