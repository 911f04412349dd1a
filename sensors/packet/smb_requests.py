"""Requests of SMB2 that compiled code takes: opening, closing, listing and asking about files."""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16, read32
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy
from sensors.packet.layout import SLOT_SIZE, SLOTS, Bytes, Record, Tables
from sensors.packet.slots import take_slot
from sensors.packet.smb_events import CREATE, write_asked
from sensors.packet.smb_reads import HEADER, MAGIC, word
from sensors.packet.smb_state import (
    find_ask,
    find_opened,
    find_share,
    free_ask,
    free_opened,
    has_room,
    new_ask,
)

CLOSE: Final = 6
FIND: Final = 14
GET_INFO: Final = 16
_MOST: Final = 4  # messages in a compound
_MOST_NAME: Final = 1024  # bytes
_RELATED: Final = 4
_OTHER_FLAGS: Final = 1 | 2  # an answer, asynchronous
_SAME: Final = -1  # half of the id that stands for the file of the message before


@compiled
def handles(command: int) -> bool:
    """Whether requests of this kind may be taken."""
    return bool(command == CREATE or command == CLOSE or command == FIND or command == GET_INFO)


@compiled
def take(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> bool:
    """Take a message and those compounded with it, if all of them can be taken."""
    f = t.flows[flow]
    count = _count(t, f, at, end)
    if count == 0 or not has_room(t, s, f, count):
        return False
    mem = t.arena
    share = 0
    created = 0
    for _ in range(count):
        following = read32(mem, at + 20, 0)
        if not share or not read32(mem, at + 16, 0) & _RELATED:
            share = find_share(t, f, word(mem, at + 40), read32(mem, at + 36, 0))
        created = _ask(t, s, flow, side, at, share, created)
        at += following
    return True


@compiled
def _count(t: Tables, f: Record, at: int, end: int) -> int:
    """Messages in this one, if all of them can be taken, or 0."""
    mem = t.arena
    created = 0
    for number in range(_MOST):
        if end - at < HEADER or read32(mem, at, 0) != MAGIC or read16(mem, at + 4, 0) != HEADER:
            return 0
        flags = read32(mem, at + 16, 0)
        command = read16(mem, at + 12, 0)
        following = read32(mem, at + 20, 0)
        behind = end if following == 0 else at + following
        if flags & _OTHER_FLAGS or behind > end or (following and following < HEADER):
            return 0
        if not (number and flags & _RELATED) and not find_share(
            t, f, word(mem, at + 40), read32(mem, at + 36, 0)
        ):
            return 0
        if command == CREATE:
            if created or not _is_plain_creation(mem, at, behind):
                return 0
            created = 1
        elif command == CLOSE:
            if not _is_known(t, f, at + HEADER, behind, created):
                return 0
        elif not handles(command):
            return 0
        if following == 0:
            return number + 1
        at = behind
    return 0


@compiled
def _is_plain_creation(mem: Bytes, at: int, end: int) -> bool:
    """Whether the name of a request to open is there, and is proper UTF-16 that does not end in zeros."""
    if end - at < HEADER + 48:
        return False
    offset = read16(mem, at + HEADER + 44, 0)
    size = read16(mem, at + HEADER + 46, 0)
    if size == 0:
        return True
    if offset < HEADER or at + offset + size > end or size > _MOST_NAME or size & 1:
        return False
    here = at + offset
    last = here + size
    while here < last:
        code = read16(mem, here, 0)
        here += 2
        if code >> 11 == 27:  # a surrogate: the first of two, with the second behind it
            if code >= 0xDC00 or here >= last or read16(mem, here, 0) >> 10 != 55:
                return False
            here += 2
        elif code == 0 and here == last:
            return False
    return True


@compiled
def _is_known(t: Tables, f: Record, body: int, end: int, created: int) -> bool:
    """Whether a request closes a file of ours, or the one that was opened in the same message."""
    if end - body < 24:
        return False
    low = word(t.arena, body + 8)
    high = word(t.arena, body + 16)
    if low == _SAME and high == _SAME:
        return bool(created)
    return find_opened(t, f, low, high) != 0


@compiled
def _ask(t: Tables, s: Record, flow: int, side: int, at: int, share: int, created: int) -> int:
    """Remember a request; 1 + the number of the one that opens a file, `created` unless this does."""
    mem = t.arena
    f = t.flows[flow]
    mid = word(mem, at + 24)
    old = find_ask(t, f, mid)
    if old:
        write_asked(t, s, flow, old, i64(t.asks[old - 1].status), 0, 0)
        free_ask(t, s, f, old)
    number = new_ask(t, s, f, mid)
    one = t.asks[number - 1]
    command = read16(mem, at + 12, 0)
    one.time = s.time
    one.session = t.shares[share - 1].session
    one.number = t.shares[share - 1].number
    one.share = share
    one.command = command
    one.client = side
    if command == CREATE:
        _note_name(t, s, one, at)
        return mid + 1
    if command == CLOSE:
        low = word(mem, at + HEADER + 8)
        high = word(mem, at + HEADER + 16)
        if low == _SAME and high == _SAME:
            one.after = created
        else:
            found = find_opened(t, f, low, high)
            if found:
                free_opened(t, s, f, found)
    return created


@compiled
def _note_name(t: Tables, s: Record, one: Record, at: int) -> None:
    """What a request to open says, and the name in a slot."""
    mem = t.arena
    body = at + HEADER
    one.disposition = read32(mem, body + 36, 0)
    one.options = read32(mem, body + 40, 0)
    size = read16(mem, body + 46, 0)
    if size == 0:
        return
    slot = take_slot(t, s)
    if slot:
        copy(mem, SLOTS + (slot - 1) * SLOT_SIZE, at + read16(mem, body + 44, 0), size)
        one.slot = slot
        one.size = size
