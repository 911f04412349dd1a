"""Events of SMB2 that compiled code writes by itself: of requests with their answers, of opened files.

Their fields are those of `sensors.wire.smb_talk`. What a share adds to them comes from the parser, as
members of JSON: `,"smb.version":…,"smb.path":…,"smb.share.type":…` for requests, the path and the
user for files, and `,"file.path":"` with the path and the separator behind it.
"""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.events import begin_event, end_event, next_ordinal, put_protocol
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import (
    put,
    put_escaped,
    put_hex,
    put_member,
    put_number,
    put_time,
)
from sensors.packet.layout import SHARES, SLOT_SIZE, SLOTS, Bytes, Record, Tables
from sensors.packet.smb_layout import SHARE_SIZE

SMB: Final = 8
SMB_FILES: Final = 9
CREATE: Final = 5
_EPOCH: Final = 116_444_736_000_000_000  # 1970 as FILETIME
_LATEST: Final = _EPOCH + 4_102_444_800 * 10_000_000
_PENDING: Final = 0x103
_DIRECTORY: Final = 0x1
_DELETE_ON_CLOSE: Final = 0x1000


@compiled
def write_asked(
    t: Tables, s: Record, flow: int, at: int, status: int, time: int, opened: int
) -> None:
    """The event of request `at` (1 + index); `status` -1 where no answer was seen, `opened`: 1 + index
    of the file that the answer tells of, or 0.
    """
    mem = t.arena
    f = t.flows[flow]
    one = t.asks[at - 1]
    pos = begin_event(t, f, SMB, one.time, next_ordinal(f), i64(one.client))
    if pos < 0:
        return
    pos = put_protocol(t, pos, i64(f.protocol))
    pos = put(mem, put(mem, pos, t9n.SMB_COMMAND), i64(t9n.SMB_COMMANDS[one.command]))
    pos = _put_unsigned(mem, put(mem, put(mem, pos, t9n.QUOTE), t9n.SMB_SESSION), one.session)
    pos = put_member(mem, put(mem, pos, t9n.QUOTE), t9n.SMB_TREE, one.number)
    pos = _put_share(t, pos, i64(one.share), 0)
    if status >= 0:
        pos = _put_status(t, pos, status)
        if time > one.time:
            pos = put_member(mem, pos, t9n.EVENT_DURATION, time - one.time)
    if one.command == CREATE:
        pos = _put_creation(mem, pos, one)
        if opened:
            file = t.opened[opened - 1]
            pos = _put_times(mem, pos, file)
            pos = put_member(mem, pos, t9n.FILE_SIZE, file.bytes)
            pos = put(mem, _put_handle(mem, put(mem, pos, t9n.SMB_FUID), file), t9n.QUOTE)
    end_event(t, pos, SMB)


@compiled
def write_opened(t: Tables, s: Record, flow: int, at: int, opened: int) -> None:
    """The event of a file that request `at` has opened."""
    mem = t.arena
    f = t.flows[flow]
    one = t.asks[at - 1]
    pos = begin_event(t, f, SMB_FILES, one.time, next_ordinal(f), i64(one.client))
    if pos < 0:
        return
    file = t.opened[opened - 1]
    pos = put_protocol(t, pos, i64(f.protocol))
    pos = put(mem, pos, t9n.SMB_OPEN)
    pos = _put_share(t, pos, i64(one.share), 1)
    for name in (t9n.SMB_NAME, t9n.FILE_NAME):
        pos = _put_name(mem, put(mem, pos, name), i64(file.slot), i64(file.size), 0)
        pos = put(mem, pos, t9n.QUOTE)
    pos = _put_share(t, pos, i64(one.share), 2)
    pos = put(mem, _put_name(mem, pos, i64(file.slot), i64(file.size), 1), t9n.QUOTE)
    pos = put_member(mem, pos, t9n.FILE_SIZE, file.bytes)
    end_event(t, _put_times(mem, pos, file), SMB_FILES)


@compiled
def _put_share(t: Tables, pos: int, share: int, which: int) -> int:
    """One of a share's texts."""
    mem = t.arena
    one = t.shares[share - 1]
    at = SHARES + (share - 1) * SHARE_SIZE
    for i in range(which):
        at += i64(one.size[i])
    size = i64(one.size[which])
    for i in range(size):
        mem[pos + i] = mem[at + i]
    return pos + size


@compiled
def _put_status(t: Tables, pos: int, status: int) -> int:
    """Name, number and meaning of an answer's status."""
    mem = t.arena
    low = 0
    high = i64(t.state[0].statuses)
    while low < high:
        middle = (low + high) >> 1
        if t.status_codes[middle] < status:
            low = middle + 1
        else:
            high = middle
    pos = put(mem, pos, t9n.SMB_STATUS)
    if low < t.state[0].statuses and t.status_codes[low] == status:
        at = t.status_names[low] >> 12
        size = t.status_names[low] & 4095
        for i in range(size):
            mem[pos + i] = mem[at + i]
        pos += size
    else:
        pos = put_number(mem, pos, status)
    pos = put(mem, pos, t9n.SMB_STATUS_CODE)
    digits = 1
    while digits < 8 and status >> (4 * digits):
        digits += 1
    pos = put(mem, put_hex(mem, pos, status, digits), t9n.OUTCOME)
    fine = (
        status == 0
        or status == 0xC0000016
        or status == 0xC0000120
        or status == 0x80000005
        or status == 0x80000006
        or status == 0x10C
        or status == _PENDING
    )
    return put(mem, put(mem, pos, t9n.SUCCESS if fine else t9n.FAILURE), t9n.QUOTE)


@compiled
def _put_creation(mem: Bytes, pos: int, one: Record) -> int:
    """What a request to open says."""
    pos = put(mem, pos, t9n.SMB_NAME)
    pos = put(mem, _put_name(mem, pos, i64(one.slot), i64(one.size), 0), t9n.QUOTE)
    if one.options & _DIRECTORY:
        pos = put(mem, pos, t9n.SMB_DIRECTORY)
    pos = put(mem, pos, t9n.SMB_DISPOSITION)
    known = one.disposition < len(t9n.SMB_DISPOSITIONS)
    number = one.disposition if known else 0
    pos = put(mem, pos, i64(t9n.SMB_DISPOSITIONS[number]) if known else t9n.UNKNOWN)
    return put(mem, pos, t9n.SMB_DELETE if one.options & _DELETE_ON_CLOSE else t9n.SMB_NORMAL)


@compiled
def _put_times(mem: Bytes, pos: int, file: Record) -> int:
    """The four times of a file, where it has one of writing."""
    if file.times[2] == 0:
        return pos
    for i in range(4):
        time = file.times[i]
        if time > _EPOCH and time < _LATEST:
            pos = put_time(mem, put(mem, pos, t9n.FILE_TIMES[i]), (time - _EPOCH) * 100)
            pos = put(mem, pos, t9n.QUOTE)
    return pos


@compiled
def _put_handle(mem: Bytes, pos: int, file: Record) -> int:
    """A file id as EVE spells it."""
    high = file.key[1]
    low = file.key[0]
    pos = put_hex(mem, pos, low & 0xFFFFFFFF, 8)
    mem[pos] = 45
    pos = put_hex(mem, pos + 1, (low >> 32) & 0xFFFF, 4)
    mem[pos] = 45
    pos = put_hex(mem, pos + 1, (low >> 48) & 0xFFFF, 4)
    mem[pos] = 45
    pos = put_hex(mem, pos + 1, high & 0xFFFF, 4)
    mem[pos] = 45
    return put_hex(mem, pos + 1, (high >> 16) & 0xFFFFFFFFFFFF, 12)


@compiled
def _put_unsigned(mem: Bytes, pos: int, value: int) -> int:
    """A 64-bit number without sign."""
    if value >= 0:
        return put_number(mem, pos, value)
    tenth = ((value >> 1) & 0x7FFFFFFFFFFFFFFF) // 5
    last = value - tenth * 10  # wraps around as it should
    return put_number(mem, put_number(mem, pos, tenth), last)


@compiled
def _put_name(mem: Bytes, pos: int, slot: int, size: int, bare: int) -> int:
    """A file's name out of its slot, UTF-16 without lone surrogates; `bare`: without backslashes in
    front.
    """
    if size == 0:
        return put(mem, pos, t9n.SHARE_ROOT)
    at = SLOTS + (slot - 1) * SLOT_SIZE
    end = at + size
    while bare and at < end and mem[at] == 92 and mem[at + 1] == 0:
        at += 2
    while at < end:
        code = i64(mem[at]) | i64(mem[at + 1]) << 8
        at += 2
        if code < 0x80:
            if code < 32 or code == 34 or code == 92:
                pos = put_escaped(mem, pos, code)
            else:
                mem[pos] = code
                pos += 1
        elif code < 0x800:
            mem[pos] = 0xC0 | code >> 6
            mem[pos + 1] = 0x80 | (code & 63)
            pos += 2
        elif code >> 11 == 27:  # a pair of surrogates
            low = i64(mem[at]) | i64(mem[at + 1]) << 8
            at += 2
            code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF)
            mem[pos] = 0xF0 | code >> 18
            mem[pos + 1] = 0x80 | ((code >> 12) & 63)
            mem[pos + 2] = 0x80 | ((code >> 6) & 63)
            mem[pos + 3] = 0x80 | (code & 63)
            pos += 4
        else:
            mem[pos] = 0xE0 | code >> 12
            mem[pos + 1] = 0x80 | ((code >> 6) & 63)
            mem[pos + 2] = 0x80 | (code & 63)
            pos += 3
    return pos
