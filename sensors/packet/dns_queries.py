"""DNS queries waiting for their reply, and what happens to each message.

A reply is paired with the oldest query of its flow, id and question type; a query without reply is
written after ten seconds of packet time. The pool is bounded: when it is full the oldest query is
written early and counted.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16
from sensors.packet.dns import skip_name, write_dns
from sensors.packet.events import next_ordinal
from sensors.packet.jit import compiled, i64
from sensors.packet.kinds import DNS_MALFORMED, QUERY_EVICTED, REPEATED_QUERY
from sensors.packet.layout import (
    NAME_SIZE,
    NAMES,
    OUT_READY,
    QUERY_BUCKETS,
    QUERY_COUNT,
    SCRATCH,
    SECOND,
    Bytes,
    Record,
    Tables,
)

TIMEOUT: Final = 10 * SECOND
_MAX_QUESTIONS: Final = 32  # of one query, as `looks_like_dns`: mDNS asks several at once


@compiled
def looks_like_dns(mem: Bytes, at: int, end: int, strict: int) -> bool:
    """Whether a payload reads as DNS; `strict` is 1 for ports where DNS is not expected, and -1 for
    NetBIOS names, which have operations of their own (RFC 1002, 4.2.1.1).

    Strict: one question of class IN with at least two labels of printable characters. Behind that of
    a plain query nothing but EDNS; behind that of an answer, records, the first of the same name.
    """
    if end - at < 12:
        return False
    flags = read16(mem, at + 2, 1)
    questions = read16(mem, at + 4, 1)
    opcode = (flags >> 11) & 15
    if (opcode > 6 and strict >= 0) or questions > 32:
        return False
    if strict <= 0:
        return questions > 0 or read16(mem, at + 6, 1) > 0 or (flags & 0x8000) != 0
    additional = read16(mem, at + 10, 1)
    answers = read16(mem, at + 6, 1)
    replied = flags & 0xF840 == 0x8000 and answers <= 256
    if questions != 1 or (
        not replied and (flags & 0xFE40 or additional > 1 or answers or read16(mem, at + 8, 1))
    ):
        return False
    behind = skip_name(mem, at + 12, end)
    if behind < 0 or behind + 4 > end or behind - at < 17 or mem[behind - 1] != 0:
        return False
    if not _plain_labels(mem, at + 12):
        return False
    kind = read16(mem, behind, 1)
    if read16(mem, behind + 2, 1) != 1 or kind == 0 or kind > 257:
        return False
    if replied and answers + read16(mem, at + 8, 1):
        named = mem[behind + 4]
        return behind + 16 <= end and (named == 0xC0 or named == mem[at + 12])
    return (additional == 0 and behind + 4 == end) or (additional == 1 and behind + 15 <= end)


@compiled
def _plain_labels(mem: Bytes, at: int) -> bool:
    """Two labels or more, of printable ASCII."""
    labels = 0
    while mem[at]:
        size = i64(mem[at])
        if size > 63:
            return False
        for i in range(at + 1, at + 1 + size):
            if mem[i] < 33 or mem[i] > 126:
                return False
        at += size + 1
        labels += 1
    return labels >= 2


@compiled
def _bucket(flow: int, number: int) -> int:
    return ((flow * 0x9E3779B1) ^ (number * 0x85EBCA6B)) % QUERY_BUCKETS


@compiled
def _unlink(t: Tables, s: Record, index: int) -> None:
    """Out of its bucket and of the list by age, back to the free ones."""
    q = t.queries[index]
    at = t.buckets[q.bucket]
    if at == index + 1:
        t.buckets[q.bucket] = q.chain
    else:
        while t.queries[at - 1].chain != index + 1:
            at = t.queries[at - 1].chain
        t.queries[at - 1].chain = q.chain
    if q.older:
        t.queries[q.older - 1].newer = q.newer
    else:
        s.oldest_query = q.newer
    if q.newer:
        t.queries[q.newer - 1].older = q.older
    else:
        s.newest_query = q.older
    t.flows[q.flow].queries -= 1
    q.chain = s.free_query
    s.free_query = index + 1


@compiled
def give_up_query(t: Tables, s: Record, index: int) -> None:
    """Write a query that nobody answered."""
    q = t.queries[index]
    write_dns(t, t.flows[q.flow], q, 1, 0, 0, 0)
    _unlink(t, s, index)


@compiled
def expire_queries(t: Tables, s: Record, all_of_them: int) -> None:
    """Write queries whose time is over, oldest first, until the output is full."""
    while s.oldest_query and s.out < OUT_READY:
        index = s.oldest_query - 1
        if not all_of_them and abs(s.clock - t.queries[index].touched) <= TIMEOUT:
            return
        give_up_query(t, s, index)


@compiled
def end_queries(t: Tables, s: Record, flow: int) -> None:
    """Write the unanswered queries of a flow that ends before they time out (a full table)."""
    at = s.oldest_query
    while at and t.flows[flow].queries > 0:
        following = t.queries[at - 1].newer
        if t.queries[at - 1].flow == flow:
            give_up_query(t, s, at - 1)
        at = following


@compiled
def _find(t: Tables, flow: int, number: int, client: int, qtype: int) -> int:
    """Oldest waiting query plus one, or 0; `qtype` -1 takes any."""
    found = 0
    at = i64(t.buckets[_bucket(flow, number)])
    steps = 0
    while at and steps < 4096:
        q = t.queries[at - 1]
        if q.flow == flow and q.id == number and q.client == client:
            if qtype < 0 or q.type == qtype:
                found = at
        at = i64(q.chain)
        steps += 1
    return found


@compiled
def _same_name(mem: Bytes, q: Record, at: int, size: int) -> bool:
    if q.name != size:
        return False
    for i in range(size):
        if mem[q.name_at + i] != mem[at + i] and (mem[q.name_at + i] ^ mem[at + i]) != 32:
            return False
    return True


@compiled
def dns_message(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> None:
    """One message of `side`, as a query that waits or as a reply that is written.

    It lies between `at` and `end` in the arena; `cut`: it was longer.
    """
    mem = t.arena
    if end - at < 12:
        t.losses[DNS_MALFORMED] += 1
        return
    flags = read16(mem, at + 2, 1)
    qtype = -1
    behind = skip_name(mem, at + 12, end) if read16(mem, at + 4, 1) else -1
    if behind >= 0 and behind + 4 <= end:
        qtype = read16(mem, behind, 1)
    if flags & 0x8000:
        _reply(t, s, flow, side, at, end, cut, qtype)
        return
    if qtype < 0:
        t.losses[DNS_MALFORMED] += 1
        return
    place = at + 12
    for question in range(min(read16(mem, at + 4, 1), _MAX_QUESTIONS)):
        behind = skip_name(mem, place, end)
        if behind < 0 or behind + 4 > end:
            return
        _ask(t, s, flow, side, at, end, place, behind, 1 if question == 0 else 0)
        place = behind + 4


@compiled
def _spell_out(mem: Bytes, to: int, start: int, at: int, end: int) -> int:
    """Copy a name with its pointers followed; its size, or -1 where it is malformed."""
    size = 0
    jumps = 0
    while at < end:
        label = i64(mem[at])
        if label >= 0xC0:
            jumps += 1
            if at + 2 > end or jumps > 32:
                return -1
            at = start + (read16(mem, at, 1) & 0x3FFF)
            continue
        if label > 63 or at + 1 + label > end or size + label + 1 > NAME_SIZE:
            return -1
        for i in range(label + 1):
            mem[to + size + i] = mem[at + i]
        size += label + 1
        at += label + 1
        if label == 0:
            return size
    return -1


@compiled
def _ask(
    t: Tables,
    s: Record,
    flow: int,
    side: int,
    at: int,
    end: int,
    place: int,
    behind: int,
    first: int,
) -> None:
    """One question of a query, its name between `place` and `behind`, waits for its reply."""
    mem = t.arena
    f = t.flows[flow]
    number = read16(mem, at, 1)
    qtype = read16(mem, behind, 1)
    size = _spell_out(mem, SCRATCH, at, place, end)
    if size < 0:
        return
    waiting = _find(t, flow, number, side, qtype)
    if waiting and _same_name(mem, t.queries[waiting - 1], SCRATCH, size):
        t.losses[REPEATED_QUERY] += 1
        return
    index = _new_query(t, s)
    q = t.queries[index]
    q.time = s.time
    q.touched = s.clock
    q.flow = flow
    q.ordinal = next_ordinal(f)
    q.size = 0
    if first:
        q.size = s.payload_size if f.transport == 17 else end - at
    q.id = number
    q.flags = read16(mem, at + 2, 1)
    q.type = qtype
    q.qclass = read16(mem, behind + 2, 1)
    q.client = side
    q.name = size
    q.name_at = NAMES + NAME_SIZE * index
    for i in range(size):
        mem[q.name_at + i] = mem[SCRATCH + i]
    q.bucket = _bucket(flow, number)
    q.chain = t.buckets[q.bucket]
    t.buckets[q.bucket] = index + 1
    q.newer = 0
    q.older = s.newest_query
    if s.newest_query:
        t.queries[s.newest_query - 1].newer = index + 1
    else:
        s.oldest_query = index + 1
    s.newest_query = index + 1
    f.queries += 1


@compiled
def _new_query(t: Tables, s: Record) -> int:
    if not s.free_query and s.fresh_query >= QUERY_COUNT:
        t.losses[QUERY_EVICTED] += 1
        give_up_query(t, s, s.oldest_query - 1)
    if s.free_query:
        index = s.free_query - 1
        s.free_query = t.queries[index].chain
    else:
        index = s.fresh_query
        s.fresh_query += 1
    return i64(index)


@compiled
def _reply(
    t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int, qtype: int
) -> None:
    f = t.flows[flow]
    waiting = _find(t, flow, read16(t.arena, at, 1), 1 - side, qtype)
    if waiting and qtype >= 0:  # the answer to another question is not this one's (RFC 5452, 3)
        size = _spell_out(t.arena, SCRATCH, at, at + 12, end)
        if not _same_name(t.arena, t.queries[waiting - 1], SCRATCH, size):
            waiting = 0
    size = s.payload_size if f.transport == 17 else end - at
    if waiting:
        q = t.queries[waiting - 1]
        q.size += size
        write_dns(t, f, q, 1, at, end, cut)
        _unlink(t, s, waiting - 1)
        return
    q = t.queries[QUERY_COUNT]
    q.time = s.time
    q.ordinal = next_ordinal(f)
    q.id = read16(t.arena, at, 1)
    q.size = size
    q.client = side if f.port[0] == 5353 else 1 - side  # mDNS also tells without being asked
    write_dns(t, f, q, 0, at, end, cut)
