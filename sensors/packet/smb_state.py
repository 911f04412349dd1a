"""What compiled code keeps of a flow of SMB2: shares, requests without answer, and open files.

The shares come from the plain parser (`sensors.packet.smb_shares`). A file that is opened and closed
without more is never told to it; before anything else is done with one it gets a record SMB_OPENED:
ten words of eight bytes, little endian (id, session, share, time, bytes, four FILETIMEs; see
`layout.OPENED`), and the name as it was sent. Pools are bounded: what finds no room in one is left to
the parser.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.handover import hand_over
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy
from sensors.packet.layout import (
    SCRATCH,
    SCRATCH_SIZE,
    SLOT_COUNT,
    SLOT_SIZE,
    SLOTS,
    Record,
    Tables,
)
from sensors.packet.records import SMB_OPENED
from sensors.packet.slots import free_slot
from sensors.packet.smb_events import write_asked
from sensors.packet.smb_layout import ASK_COUNT, MAX_ASKS, MAX_OPENED, OPENED_COUNT, SEEN_COUNT

SPARE: Final = OPENED_COUNT + 1  # for a file that finds no room and is told of at once
_AT: Final = SCRATCH + SCRATCH_SIZE // 2  # where a record is put together
_WORDS: Final = 10
_SEEN_FOR: Final = 180 * 1_000_000_000


@compiled
def find_share(t: Tables, f: Record, session: int, number: int) -> int:
    """1 + index of a share, or 0."""
    at = i64(f.shares)
    while at:
        one = t.shares[at - 1]
        if one.session == session and one.number == number:
            return at
        at = i64(one.next)
    return 0


@compiled
def forget_shares(t: Tables, s: Record, f: Record) -> None:
    """What the parser said about shares does not hold any more; it says it again.

    They stay as long as requests may need their texts, but are not found any more.
    """
    if f.asks:
        at = i64(f.shares)
        while at:
            t.shares[at - 1].number = -1
            at = i64(t.shares[at - 1].next)
        return
    while f.shares:
        at = i64(f.shares)
        f.shares = t.shares[at - 1].next
        t.shares[at - 1].next = s.free_share
        s.free_share = at


@compiled
def has_room(t: Tables, s: Record, f: Record, count: int) -> bool:
    """Whether `count` more requests find room, one of them with a name."""
    if f.ask_count + count > MAX_ASKS or not (s.free_slot or s.fresh_slot < SLOT_COUNT):
        return False
    free = ASK_COUNT - s.fresh_ask
    at = i64(s.free_ask)
    while at and free < count:
        free += 1
        at = i64(t.asks[at - 1].next)
    return bool(free >= count)


@compiled
def new_ask(t: Tables, s: Record, f: Record, mid: int) -> int:
    """1 + index of a request, in front of the flow's others; the caller has asked for room."""
    if s.free_ask:
        at = i64(s.free_ask)
        s.free_ask = t.asks[at - 1].next
    else:
        s.fresh_ask += 1
        at = i64(s.fresh_ask)
    one = t.asks[at - 1]
    one.mid = mid
    one.key[0] = 0
    one.key[1] = 0
    one.after = 0
    one.status = -1
    one.slot = 0
    one.size = 0
    one.next = f.asks
    f.asks = at
    f.ask_count += 1
    return at


@compiled
def find_ask(t: Tables, f: Record, mid: int) -> int:
    """1 + index of the request with that number, or 0."""
    at = i64(f.asks)
    while at:
        if t.asks[at - 1].mid == mid:
            return at
        at = i64(t.asks[at - 1].next)
    return 0


@compiled
def free_ask(t: Tables, s: Record, f: Record, at: int) -> None:
    """The request is answered."""
    if f.asks == at:
        f.asks = t.asks[at - 1].next
    else:
        before = i64(f.asks)
        while t.asks[before - 1].next != at:
            before = i64(t.asks[before - 1].next)
        t.asks[before - 1].next = t.asks[at - 1].next
    if t.asks[at - 1].slot:
        free_slot(t, s, i64(t.asks[at - 1].slot))
    t.asks[at - 1].next = s.free_ask
    s.free_ask = at
    f.ask_count -= 1


@compiled
def find_opened(t: Tables, f: Record, low: int, high: int) -> int:
    """1 + index of the open file with that id, or 0."""
    at = i64(f.opened)
    while at:
        if t.opened[at - 1].key[0] == low and t.opened[at - 1].key[1] == high:
            return at
        at = i64(t.opened[at - 1].next)
    return 0


@compiled
def new_opened(t: Tables, s: Record, f: Record) -> int:
    """1 + index of a file, in front of the flow's others, or SPARE."""
    if f.open_count >= MAX_OPENED:
        return SPARE
    at = 0
    if s.free_opened:
        at = i64(s.free_opened)
        s.free_opened = t.opened[at - 1].next
    elif s.fresh_opened < OPENED_COUNT:
        s.fresh_opened += 1
        at = i64(s.fresh_opened)
    else:
        return SPARE
    t.opened[at - 1].next = f.opened
    f.opened = at
    f.open_count += 1
    return at


@compiled
def free_opened(t: Tables, s: Record, f: Record, at: int) -> None:
    """The file is closed, or the parser's from here on."""
    if f.opened == at:
        f.opened = t.opened[at - 1].next
    else:
        before = i64(f.opened)
        while t.opened[before - 1].next != at:
            before = i64(t.opened[before - 1].next)
        t.opened[before - 1].next = t.opened[at - 1].next
    if t.opened[at - 1].slot:
        free_slot(t, s, i64(t.opened[at - 1].slot))
    t.opened[at - 1].next = s.free_opened
    s.free_opened = at
    f.open_count -= 1


@compiled
def tell_opened(t: Tables, s: Record, flow: int, at: int) -> None:
    """Make an open file the parser's, with what lies in its slot."""
    mem = t.arena
    f = t.flows[flow]
    one = t.opened[at - 1]
    w = t.work
    w[0] = one.key[0]
    w[1] = one.key[1]
    w[2] = one.session
    w[3] = one.number
    w[4] = one.time
    w[5] = one.bytes
    for i in range(4):
        w[6 + i] = one.times[i]
    for i in range(_WORDS):
        for k in range(8):
            mem[_AT + 8 * i + k] = (w[i] >> (8 * k)) & 255
    size = i64(one.size)
    if size:
        copy(mem, _AT + 8 * _WORDS, SLOTS + (i64(one.slot) - 1) * SLOT_SIZE, size)
    hand_over(t, s, flow, SMB_OPENED, 0, _AT, _AT + 8 * _WORDS + size, 0)
    if at != SPARE:
        free_opened(t, s, f, at)


@compiled
def tell_all_opened(t: Tables, s: Record, flow: int) -> None:
    """Make all open files the parser's."""
    while t.flows[flow].opened:
        tell_opened(t, s, flow, i64(t.flows[flow].opened))


@compiled
def was_seen(t: Tables, hashed: int, time: int) -> bool:
    """Whether this opening was reported less than three minutes before; it is remembered."""
    seen = t.seen
    at = 2 * (hashed & (SEEN_COUNT - 1))
    known = seen[at] == hashed and seen[at + 1] != 0 and time - seen[at + 1] < _SEEN_FOR
    seen[at] = hashed
    seen[at + 1] = time
    return bool(known)


@compiled
def forget_asks(t: Tables, s: Record, flow: int) -> None:
    """Report the requests that have no answer, the oldest first."""
    f = t.flows[flow]
    while f.asks:
        at = i64(f.asks)
        while t.asks[at - 1].next:
            at = i64(t.asks[at - 1].next)
        write_asked(t, s, flow, at, i64(t.asks[at - 1].status), 0, 0)
        free_ask(t, s, f, at)


@compiled
def end_smb(t: Tables, s: Record, flow: int) -> None:
    """The flow is over: report what was not answered, and forget all."""
    f = t.flows[flow]
    forget_asks(t, s, flow)
    while f.opened:
        free_opened(t, s, f, i64(f.opened))
    forget_shares(t, s, f)
