"""One command of an SMB1 message (MS-CIFS §2.2.3): its words and its bytes."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from sensors.protocol import WireError
from sensors.wire.reader import text, utf16
from sensors.wire.smb_files import OpenFile
from sensors.wire.smb_talk import Request, Talk

HEADER: Final = 32
CLOSE, DELETE, RENAME, TRANS, OPEN, READ, WRITE = 0x04, 0x06, 0x07, 0x25, 0x2D, 0x2E, 0x2F
TRANS2, DISCONNECT, NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT = (
    0x32, 0x71, 0x72, 0x73, 0x74, 0x75,
)  # fmt: skip
CREATE: Final = 0xA2
CORE_READ, CORE_WRITE, WRITE_CLOSE = 0x0A, 0x0B, 0x2C  # of the first version of the protocol
MOST_NAME: Final = 1024
_NT_STATUS: Final = 0x4000


class Command(NamedTuple):
    """One command of a message.

    Attributes:
        at: of its words in `data`, which begins at the header.
        words: bytes of them.
        bytes: where its bytes begin.
        end: and end.
    """

    data: bytes
    at: int
    words: int
    bytes: int
    end: int
    unicode: bool
    time: int

    def need(self, size: int) -> int:
        """Where the words begin, if they are `size` bytes."""
        if self.words < size:
            raise WireError("truncated")
        return self.at

    def string(self, at: int, *, ascii_only: bool = False) -> tuple[str, int]:
        """The text with an end mark at `at`, and the offset behind it."""
        if self.unicode and not ascii_only:
            at += at & 1  # even from the header on
            end = self.data.find(b"\0\0", at, self.end)
            while end >= 0 and (end - at) & 1:
                end = self.data.find(b"\0\0", end + 1, self.end)
            end = self.end if end < 0 else end
            return utf16(self.data[at : min(end, at + MOST_NAME)]), end + 2
        end = self.data.find(b"\0", at, self.end)
        end = self.end if end < 0 else end
        return text(self.data[at:end], MOST_NAME), end + 1


def number_of(data: bytes, command: int) -> int:
    """What a request and its answer have in common: process, multiplex id and command."""
    pid = int.from_bytes(data[26:28], "little")
    mid = int.from_bytes(data[30:32], "little")
    return (1 << 64) + (command << 32) + (pid << 16) + mid


def status_of(data: bytes) -> int:
    """A message's status; a DOS error as class and code one behind the other."""
    status, _flags, flags = struct.unpack_from("<IBH", data, 5)
    if flags & _NT_STATUS:
        return int(status)
    return int(status & 0xFF) << 24 | int(status >> 16) if status else 0


def written(data: bytes, at: int) -> tuple[int, int, int, int]:
    """File, offset, size of a WRITE_ANDX whose words begin at `at`, and where its bytes lie."""
    fid, low = struct.unpack_from("<HI", data, at + 4)
    more, size, start = struct.unpack_from("<HHH", data, at + 18)
    high = int.from_bytes(data[at + 24 : at + 28], "little") if data[at - 1] == 14 else 0
    return fid, low | high << 32, size | more << 16, start


def got(data: bytes, at: int) -> tuple[int, int]:
    """Size of what an answer to READ_ANDX brings, and where it lies."""
    size, start, more = struct.unpack_from("<HHI", data, at + 10)
    return size | (more & 0xFFFF) << 16, start


def unknown_file(talk: Talk, request: Request, fid: int) -> OpenFile:
    """A file whose opening was not seen."""
    file = OpenFile("", request.tree, request.time)
    talk.opened(fid, file, request)
    return file
