"""Answers to the requests of SMB2 that compiled code has taken."""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16, read32
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import SHARES, SLOT_SIZE, SLOTS, Record, Tables
from sensors.packet.smb_events import CREATE, write_asked, write_opened
from sensors.packet.smb_layout import SHARE_SIZE
from sensors.packet.smb_reads import HEADER, word
from sensors.packet.smb_requests import CLOSE
from sensors.packet.smb_state import (
    SPARE,
    find_ask,
    find_opened,
    free_ask,
    free_opened,
    new_opened,
    tell_opened,
    was_seen,
)

_PENDING: Final = 0x103
_OVERFLOW: Final = 0x80000005
_GET_INFO: Final = 16
_PRIME: Final = 0x100000001B3


@compiled
def take_answer(t: Tables, s: Record, flow: int, at: int, end: int) -> None:
    """One answer, at least its header: report what it answers."""
    mem = t.arena
    f = t.flows[flow]
    mid = word(mem, at + 24)
    number = find_ask(t, f, mid)
    if not number:
        return
    one = t.asks[number - 1]
    status = read32(mem, at + 8, 0)
    if status == _PENDING:
        one.status = status
        return
    good = status == 0 or status == _OVERFLOW
    opened = 0
    if good and one.command == CREATE and read16(mem, at + 12, 0) == CREATE:
        if end - at >= HEADER + 80:
            opened = _open(t, s, flow, number, at + HEADER)
    elif good and one.command == CLOSE and one.after:
        found = find_opened(t, f, i64(one.key[0]), i64(one.key[1]))
        if found:
            free_opened(t, s, f, found)
    session = word(mem, at + 40)
    if session:
        one.session = session
    if one.command != _GET_INFO:
        write_asked(t, s, flow, number, status, s.time, opened)
    if opened == SPARE:
        tell_opened(t, s, flow, opened)
    elif opened:
        one.slot = 0  # it is the file's
    free_ask(t, s, f, number)


@compiled
def _open(t: Tables, s: Record, flow: int, number: int, body: int) -> int:
    """A file was opened: remember and report it; 1 + its index."""
    mem = t.arena
    f = t.flows[flow]
    one = t.asks[number - 1]
    low = word(mem, body + 64)
    high = word(mem, body + 72)
    old = find_opened(t, f, low, high)
    if old:
        free_opened(t, s, f, old)
    opened = new_opened(t, s, f)
    file = t.opened[opened - 1]
    file.key[0] = low
    file.key[1] = high
    file.session = one.session
    file.number = one.number
    file.time = one.time
    for i in range(4):
        file.times[i] = word(mem, body + 8 + 8 * i)
    file.bytes = word(mem, body + 48)
    if file.bytes < 0:
        file.bytes = 0x7FFFFFFFFFFFFFFF
    file.slot = one.slot
    file.size = one.size
    waiting = i64(f.asks)
    while waiting:
        if t.asks[waiting - 1].after == one.mid + 1:
            t.asks[waiting - 1].key[0] = low
            t.asks[waiting - 1].key[1] = high
        waiting = i64(t.asks[waiting - 1].next)
    if file.times[2] == 0 or not was_seen(t, _opening(t, f, file, i64(one.share)), i64(one.time)):
        write_opened(t, s, flow, number, opened)
    return opened


@compiled
def _opening(t: Tables, f: Record, file: Record, share: int) -> int:
    """A hash of what makes two openings the same: flow, share, name, size and times."""
    mem = t.arena
    hashed = i64(f.serial) * _PRIME
    at = SLOTS + (i64(file.slot) - 1) * SLOT_SIZE
    for i in range(file.size):
        hashed = (hashed ^ i64(mem[at + i])) * _PRIME
    one = t.shares[share - 1]
    at = SHARES + (share - 1) * SHARE_SIZE + i64(one.size[0]) + i64(one.size[1])
    for i in range(one.size[2]):
        hashed = (hashed ^ i64(mem[at + i])) * _PRIME
    hashed = (hashed ^ file.bytes) * _PRIME
    for i in range(4):
        if i != 1:
            hashed = (hashed ^ file.times[i]) * _PRIME
            hashed ^= (hashed >> 31) & 0x1FFFFFFFF
    return i64(hashed)
