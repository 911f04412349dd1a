"""Putting IP fragments together (RFC 791, 8200), bounded.

Where fragments overlap, the bytes that came first are kept: Zeek's policy. A datagram waits for its
rest for thirty seconds of packet time; the number of datagrams and the memory of all are bounded,
and the oldest gives way. What was never completed is counted, by fragment.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.decode import extensions, transport_of
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy
from sensors.packet.kinds import FRAGMENT_BAD, FRAGMENT_INCOMPLETE, FRAGMENT_OVERLAP
from sensors.packet.layout import (
    DATAGRAM_BUCKETS,
    DATAGRAM_COUNT,
    DATAGRAM_SLOTS,
    DEFRAGMENTED,
    SECOND,
    SLOT_SIZE,
    SLOTS,
    Record,
    Tables,
)
from sensors.packet.slots import free_slot, take_slot

_PATIENCE: Final = 30 * SECOND
_MAX_SIZE: Final = 65_535


@compiled
def _bucket(s: Record) -> int:
    x = s.source_low * 3 + s.destination_low * 5 + s.source_high * 7 + s.destination_high * 11
    x = (x ^ (s.fragment_id * 0x9E3779B1)) + s.transport
    return i64(((x ^ (x >> 17)) & 0x7FFFFFFF) % DATAGRAM_BUCKETS)


@compiled
def _same(s: Record, d: Record) -> bool:
    return bool(
        d.id == s.fragment_id
        and d.transport == s.transport
        and d.family == s.family
        and d.address[0] == s.source_high
        and d.address[1] == s.source_low
        and d.address[2] == s.destination_high
        and d.address[3] == s.destination_low
    )


@compiled
def _forget(t: Tables, s: Record, index: int, lost: int) -> None:
    """Hand a datagram's memory back; `lost`: it was never completed."""
    d = t.datagrams[index]
    if lost:
        t.losses[FRAGMENT_INCOMPLETE] += d.fragments
    at = d.first
    while at:
        following = i64(t.slots_held[at - 1].next)
        free_slot(t, s, at)
        s.fragment_slots -= 1
        at = following
    where = d.bucket
    at = i64(t.datagram_buckets[where])
    if at == index + 1:
        t.datagram_buckets[where] = d.chain
    else:
        while t.datagrams[at - 1].chain != index + 1:
            at = i64(t.datagrams[at - 1].chain)
        t.datagrams[at - 1].chain = d.chain
    if d.older:
        t.datagrams[d.older - 1].newer = d.newer
    else:
        s.oldest_datagram = d.newer
    if d.newer:
        t.datagrams[d.newer - 1].older = d.older
    else:
        s.newest_datagram = d.older
    d.chain = s.free_datagram
    s.free_datagram = index + 1


@compiled
def expire_fragments(t: Tables, s: Record, all_of_them: int) -> None:
    """Give up datagrams whose rest did not come."""
    while s.oldest_datagram:
        index = s.oldest_datagram - 1
        if not all_of_them and abs(s.clock - t.datagrams[index].time) <= _PATIENCE:
            return
        _forget(t, s, index, 1)


@compiled
def _begin(t: Tables, s: Record, where: int) -> int:
    if not s.free_datagram and s.fresh_datagram >= DATAGRAM_COUNT:
        _forget(t, s, s.oldest_datagram - 1, 1)
    if s.free_datagram:
        index = i64(s.free_datagram - 1)
        s.free_datagram = t.datagrams[index].chain
    else:
        index = i64(s.fresh_datagram)
        s.fresh_datagram += 1
    d = t.datagrams[index]
    d.id = s.fragment_id
    d.transport = s.transport
    d.family = s.family
    d.address[0] = s.source_high
    d.address[1] = s.source_low
    d.address[2] = s.destination_high
    d.address[3] = s.destination_low
    d.time = s.clock
    d.bytes = 0
    d.size = -1
    d.header = 0
    d.first = 0
    d.fragments = 0
    d.bucket = where
    d.chain = t.datagram_buckets[where]
    t.datagram_buckets[where] = index + 1
    d.newer = 0
    d.older = s.newest_datagram
    if s.newest_datagram:
        t.datagrams[s.newest_datagram - 1].newer = index + 1
    else:
        s.oldest_datagram = index + 1
    s.newest_datagram = index + 1
    return index


@compiled
def _insert(t: Tables, s: Record, d: Record, at: int, start: int, stop: int) -> bool:
    """Keep the bytes of [start, stop) that are not there yet; False without memory."""
    previous = 0
    following = i64(d.first)
    while start < stop:
        while following and t.slots_held[following - 1].start + SLOT_SIZE <= start:
            # A slot is never longer than SLOT_SIZE, so what begins earlier ends earlier.
            previous = following
            following = i64(t.slots_held[following - 1].next)
        if following:
            held = t.slots_held[following - 1]
            if held.start <= start:
                behind = i64(held.start + held.size)
                if behind > start:
                    t.losses[FRAGMENT_OVERLAP] += 1
                    at += behind - start
                    start = behind
                previous = following
                following = i64(held.next)
                continue
        room = stop
        if following:
            room = min(room, i64(t.slots_held[following - 1].start))
        step = min(SLOT_SIZE, room - start)
        slot = take_slot(t, s) if s.fragment_slots < DATAGRAM_SLOTS else 0
        if not slot:
            return False
        s.fragment_slots += 1
        one = t.slots_held[slot - 1]
        one.start = start
        one.size = step
        one.next = following
        if previous:
            t.slots_held[previous - 1].next = slot
        else:
            d.first = slot
        copy(t.arena, SLOTS + (slot - 1) * SLOT_SIZE, at, step)
        d.bytes += step
        previous = slot
        start += step
        at += step
    return True


@compiled
def put_together(t: Tables, s: Record) -> int:
    """Take a fragment; kind of the whole packet when it is complete, else -1."""
    start = i64(s.fragment_at)
    size = s.wire_end - s.payload
    have = s.payload_end - s.payload
    stop = start + size
    if size <= 0 or stop > _MAX_SIZE or (s.fragment_more and size & 7):
        t.losses[FRAGMENT_BAD] += 1
        if size <= 0 or stop > _MAX_SIZE:
            return -1
    expire_fragments(t, s, 0)
    where = _bucket(s)
    index = i64(t.datagram_buckets[where]) - 1
    while index >= 0 and not _same(s, t.datagrams[index]):
        index = i64(t.datagrams[index].chain) - 1
    if index < 0:
        index = _begin(t, s, where)
    d = t.datagrams[index]
    d.fragments += 1
    if not s.fragment_more:
        if d.size < 0:
            d.size = stop
    if start == 0:
        d.header = s.ip_bytes - size  # of the packet that is made of them
    if not _insert(t, s, d, i64(s.payload), start, start + min(size, have)):
        _forget(t, s, index, 1)
        return -1
    if d.size < 0 or d.bytes < d.size:
        return -1
    return _complete(t, s, index)


@compiled
def _complete(t: Tables, s: Record, index: int) -> int:
    d = t.datagrams[index]
    size = i64(d.size)
    at = i64(d.first)
    have = 0
    while at:
        one = t.slots_held[at - 1]
        if one.start != have:
            return -1  # a hole: there were bytes behind the end
        step = min(i64(one.size), size - have)
        copy(t.arena, DEFRAGMENTED + have, SLOTS + (at - 1) * SLOT_SIZE, step)
        have += step
        if have == size:
            break
        at = i64(one.next)
    if have < size:
        return -1
    s.ip_bytes = d.header + size
    _forget(t, s, index, 0)
    s.fragment = 0
    s.payload = DEFRAGMENTED
    s.payload_end = DEFRAGMENTED + size
    s.wire_end = DEFRAGMENTED + size
    if s.family == 6:
        s.family = 0
        return extensions(t.arena, s, s.transport)
    return transport_of(t.arena, s, i64(s.transport))
