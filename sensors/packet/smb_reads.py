"""Reads of SMB2 that nobody reports: left out before they cost a call of the plain parser.

A client that waits on a pipe asks to read it again and again. Once the parser has said that nothing
is learned from reading a file (`Session.quiet_files`), requests to read it and their answers are passed
over here, as long as each is one message in one segment (MS-SMB2 §2.2.19, §2.2.20). Any other
message that could change which file an id means takes the word back; the parser gives it again, and is
asked for it when several answers came in a row: a burst of thousands may stand in one batch.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16, read32
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes, Record, Tables

HEADER: Final = 64  # bytes, behind the four of the session header
_READ: Final = 8
# Messages that leave the meaning of file ids as it is, besides reads: write, control, echo, find, notify,
# query, set and break, as bits.
_HARMLESS: Final = 1 << 9 | 1 << 11 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18
_RESPONSE: Final = 1
_BESIDE: Final = 2 | 4  # asynchronous, related to the message before
_PENDING: Final = 0x103
_LONGEST: Final = 2048
_ENOUGH: Final = 6  # answers to reads that the parser gets before it is asked about their file
MAGIC: Final = 0x424D53FE


@compiled
def is_unwanted(t: Tables, s: Record, f: Record, at: int, end: int) -> bool:
    """Whether a message is a read, or its answer, that the parser does not want."""
    mem = t.arena
    if _is_one(mem, at, end):
        start = at + 4
        command = read16(mem, start + 12, 0)
        if command == _READ:
            if read32(mem, start + 16, 0) & _RESPONSE:
                if _answers(mem, f, start):
                    return True
                f.reads += 1
                if f.reads == _ENOUGH:
                    s.asking = 1
                return False
            return _asks(mem, f, start, end)
        if command < 32 and (_HARMLESS >> command) & 1:
            return False
    forget_quiet(f)
    return False


@compiled
def forget_quiet(f: Record) -> None:
    """The parser's word about files does not hold any more."""
    for i in range(8):
        f.quiet[i] = 0
    f.reads = 0


@compiled
def word(mem: Bytes, at: int) -> int:
    """Eight bytes, little endian."""
    value = 0
    for i in range(8):
        value |= i64(mem[at + i]) << (8 * i)
    return value


@compiled
def _is_one(mem: Bytes, at: int, end: int) -> bool:
    """Whether these are one message of SMB2, alone, not too long to be gathered."""
    size = end - at
    if size < 4 + HEADER or size > _LONGEST:
        return False
    if read32(mem, at, 1) != size - 4 or read32(mem, at + 4, 0) != MAGIC:
        return False
    return read16(mem, at + 8, 0) == HEADER and read32(mem, at + 24, 0) == 0


@compiled
def _asks(mem: Bytes, f: Record, start: int, end: int) -> bool:
    """Whether a request reads a file that is quiet; its number is remembered."""
    if end - start < HEADER + 32 or read32(mem, start + 16, 0) & _BESIDE:
        return False
    low = word(mem, start + HEADER + 16)
    high = word(mem, start + HEADER + 24)
    known = False
    for i in range(0, 8, 2):
        if low == f.quiet[i] and high == f.quiet[i + 1]:
            known = True
    if low == 0 or not known:
        return False
    for i in range(3, 0, -1):
        f.unanswered[i] = f.unanswered[i - 1]
    f.unanswered[0] = word(mem, start + 24) + 1
    return True


@compiled
def _answers(mem: Bytes, f: Record, start: int) -> bool:
    """Whether an answer is that to a request which was left out."""
    number = word(mem, start + 24) + 1
    for i in range(4):
        if number != 0 and f.unanswered[i] == number:
            if read32(mem, start + 8, 0) != _PENDING:
                f.unanswered[i] = 0
            return True
    return False
