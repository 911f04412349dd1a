"""SMB2 in compiled code: messages that only open, list and close files do not reach the plain parser.

A client that browses a share opens, queries, lists and closes thousands of files. Where the parser
has told of the share (`sensors.packet.smb_shares`), such messages, and compounds of them, are taken
here: each is paired with its answer and reported (`sensors.packet.smb_events`). All others go to
the parser, which is told of the files that they are about. A request is taken whole or not at all; an
answer is followed header by header, so that what it lists may be long. After lost bytes all is the
parser's, until a segment begins with a message.

MS-SMB2 §2.2.1 (header), §2.2.13 to §2.2.16 (create, close), §3.2.4.1.4 (compounds); the session
header in front: RFC 1002 §4.3.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16, read32
from sensors.packet.handover import hand_over
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes, Record, Tables
from sensors.packet.records import DATA
from sensors.packet.smb_answers import take_answer
from sensors.packet.smb_reads import HEADER, MAGIC, forget_quiet, is_unwanted, word
from sensors.packet.smb_requests import CLOSE, handles, take
from sensors.packet.smb_state import (
    find_ask,
    find_opened,
    forget_asks,
    forget_shares,
    tell_all_opened,
    tell_opened,
)

_LOST: Final = -1  # where messages begin is not known any more
_SESSION_HEADER: Final = 4
_LONGEST: Final = 8192  # of a request that is waited for
_TELLING: Final = HEADER + 48  # bytes that tell what a message is about
_ANSWER: Final = HEADER + 88
_RESPONSE: Final = 1
_SETTING_UP: Final = 5  # commands below this one change shares and users
_READ, _WRITE, _LOCK, _IOCTL, _SET_INFO = 8, 9, 10, 11, 17


@compiled
def smb_bytes(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> int:
    """The next bytes of a direction; the offset up to which they were used."""
    f = t.flows[flow]
    while at < end:
        left = i64(f.remaining[side])
        if left < 0 and _begins(t.arena, at, end):
            f.remaining[side] = 0
            left = 0
        if left < 0:
            _give(t, s, flow, side, at, end)
            return end
        if left == 0:
            behind = _begin(t, s, flow, side, at, end, cut)
        elif f.ours[side]:
            behind = _follow(t, s, flow, side, at, end, cut)
        else:
            behind = min(at + left, end)
            f.remaining[side] = left - (behind - at)
            _give(t, s, flow, side, at, behind)
        if behind == at and f.remaining[side] == left:
            return at
        at = behind
    return at


@compiled
def _give(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> None:
    """To the parser."""
    if not hand_over(t, s, flow, DATA, side, at, end, 0):
        lose_step(t, s, flow, side)


@compiled
def lose_step(t: Tables, s: Record, flow: int, side: int) -> None:
    """Bytes are lost: where messages begin is not known."""
    f = t.flows[flow]
    f.remaining[side] = _LOST
    forget_quiet(f)
    forget_asks(t, s, flow)
    tell_all_opened(t, s, flow)
    forget_shares(t, s, f)


@compiled
def _begin(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> int:
    """A message begins: wait for enough of it, take it, or give it to the parser."""
    f = t.flows[flow]
    mem = t.arena
    size = end - at
    if size < _SESSION_HEADER:
        if not cut:
            return at
        lose_step(t, s, flow, side)
        return at
    kind = i64(mem[at])
    length = read32(mem, at, 1) & 0xFFFFFF
    if kind and (kind < 0x81 or kind > 0x85 or length > 1024):
        lose_step(t, s, flow, side)
        return at
    total = _SESSION_HEADER + length
    if size < min(total, _SESSION_HEADER + _TELLING) and not cut:
        return at
    start = at + _SESSION_HEADER
    if kind == 0 and min(size, total) >= _SESSION_HEADER + HEADER and _is_smb2(mem, start):
        if read32(mem, start + 16, 0) & _RESPONSE:
            if f.asks and find_ask(t, f, word(mem, start + 24)):
                f.ours[side] = 1
                f.to_header[side] = 0
                f.remaining[side] = length
                return start
        elif f.shares and handles(read16(mem, start + 12, 0)):
            if size < total and total <= _LONGEST and not cut:
                return at
            if size >= total and take(t, s, flow, side, start, at + total):
                return at + total
        _prepare(t, s, flow, start, min(end, at + total), total <= size)
    if size < total:
        forget_quiet(f)
    elif is_unwanted(t, s, f, at, at + total):
        return at + total
    behind = min(at + total, end)
    f.ours[side] = 0
    f.remaining[side] = total - (behind - at)
    _give(t, s, flow, side, at, behind)
    return behind


@compiled
def _begins(mem: Bytes, at: int, end: int) -> bool:
    """Whether a message of SMB2 begins here, as far as one can tell after lost bytes."""
    if end - at < _SESSION_HEADER + HEADER or mem[at]:
        return False
    return _is_smb2(mem, at + _SESSION_HEADER) and read32(mem, at, 1) >= HEADER


@compiled
def _is_smb2(mem: Bytes, at: int) -> bool:
    return bool(read32(mem, at, 0) == MAGIC and read16(mem, at + 4, 0) == HEADER)


@compiled
def _prepare(t: Tables, s: Record, flow: int, at: int, end: int, whole: int) -> None:
    """Before the parser gets a message: tell it of the files that the message is about."""
    f = t.flows[flow]
    mem = t.arena
    while f.opened or f.shares:
        command = read16(mem, at + 12, 0)
        following = read32(mem, at + 20, 0)
        if command < _SETTING_UP:
            forget_shares(t, s, f)
        if f.opened and not read32(mem, at + 16, 0) & _RESPONSE:
            _tell_of(t, s, flow, command, at + HEADER, end)
        if following < HEADER:
            return
        if at + following + HEADER > end or not _is_smb2(mem, at + following):
            if not whole:
                tell_all_opened(t, s, flow)
            return
        at += following


@compiled
def _tell_of(t: Tables, s: Record, flow: int, command: int, body: int, end: int) -> None:
    """Make the file that a request is about the parser's."""
    place = -1
    if command == _READ or command == _WRITE or command == _SET_INFO:
        place = 16
    elif command == CLOSE or command == _IOCTL or command == _LOCK:
        place = 8
    if place < 0:
        return
    if body + place + 16 > end:
        tell_all_opened(t, s, flow)
        return
    mem = t.arena
    found = find_opened(t, t.flows[flow], word(mem, body + place), word(mem, body + place + 8))
    if found:
        tell_opened(t, s, flow, found)


@compiled
def _follow(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> int:
    """Bytes of an answer that is ours: step to its next header, or take what is behind one."""
    f = t.flows[flow]
    mem = t.arena
    left = i64(f.remaining[side])
    size = min(left, end - at)
    if f.to_header[side] > 0:
        return _step(f, side, at, end)
    if size < min(left, _ANSWER) and not cut:
        return at
    f.to_header[side] = left
    if size >= HEADER and _is_smb2(mem, at):
        take_answer(t, s, flow, at, at + size)
        following = read32(mem, at + 20, 0)
        if following >= HEADER and following < left:
            f.to_header[side] = following
    return _step(f, side, at, end)


@compiled
def _step(f: Record, side: int, at: int, end: int) -> int:
    """Towards the next header of an answer."""
    step = min(i64(f.to_header[side]), i64(f.remaining[side]), end - at)
    f.to_header[side] -= step
    f.remaining[side] -= step
    return at + step
