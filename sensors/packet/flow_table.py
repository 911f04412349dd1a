"""Flow table: open addressing with backward-shift deletion, and lists in order of last sight.

Each flow is in one list by how long it may stay idle; the heads are the ones to end first. When the
table is full the flow not seen for longest ends early and is counted.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.jit import compiled, i64
from sensors.packet.layout import SECOND, Record, Tables

# Lists, and how long a flow in them may be idle, in packet time.
OPEN: Final = 0  # TCP with an answer
DATAGRAM: Final = 1  # UDP, ICMP and the rest
ATTEMPT: Final = 2  # TCP nobody answered; SYNs are repeated within 32 s
CLOSED: Final = 3  # FIN both ways or RST: linger for stragglers
NOT_FOUND: Final = -1


@compiled
def idle_limit(number: int) -> int:
    """Nanoseconds."""
    if number == OPEN:
        return 300 * SECOND
    return 5 * SECOND if number == CLOSED else 60 * SECOND


@compiled
def packet_hash(s: Record) -> int:
    """Symmetric 31-bit hash of the packet's endpoints; one-way ICMP keeps its direction."""
    if s.one_way:
        a = s.source_high * 3 + s.source_low * 5 + s.source_port
        b = s.destination_high * 7 + s.destination_low * 11 + s.destination_port
    else:
        a = s.source_high * 3 + s.source_low * 5 + s.source_port
        b = s.destination_high * 3 + s.destination_low * 5 + s.destination_port
    x = a + b + s.transport * 0x9E3779B97F4A7C1
    y = a ^ b ^ s.seed
    x = (x ^ ((x >> 29) & 0x7FFFFFFFF)) * 0x3F58476D1CE4E5B9
    x = x + y * 0x14D049BB133111EB
    x = (x ^ ((x >> 32) & 0xFFFFFFFF)) * 0x2545F4914F6CDD1D
    return i64((x >> 32) & 0x7FFFFFFF)


@compiled
def _side(s: Record, f: Record) -> int:
    """Which side of the flow sent the packet, or NOT_FOUND when it is another flow's."""
    if f.transport != s.transport or f.family != s.family:
        return NOT_FOUND
    if (
        f.port[0] == s.source_port
        and f.port[1] == s.destination_port
        and f.address[1] == s.source_low
        and f.address[3] == s.destination_low
        and f.address[0] == s.source_high
        and f.address[2] == s.destination_high
    ):
        return 0
    if (
        f.port[1] == s.source_port
        and f.port[0] == s.destination_port
        and f.address[3] == s.source_low
        and f.address[1] == s.destination_low
        and f.address[2] == s.source_high
        and f.address[0] == s.destination_high
        and not s.one_way
    ):
        return 1
    return NOT_FOUND


@compiled
def find(t: Tables, s: Record, hashed: int) -> int:
    """Index · 2 + side of the packet's flow, or NOT_FOUND."""
    slot = hashed & s.mask
    while True:
        entry = t.slots[slot]
        if entry == 0:
            return NOT_FOUND
        if entry >> 32 == hashed:
            index = (entry & 0xFFFFFFFF) - 1
            side = _side(s, t.flows[index])
            if side >= 0:
                return i64(index * 2 + side)
        slot = (slot + 1) & s.mask


@compiled
def insert(t: Tables, s: Record, hashed: int) -> int:
    """Index of a zeroed flow in the table. The caller has made room."""
    if s.free_flow:
        index = s.free_flow - 1
        s.free_flow = t.flows[index].next
    else:
        index = s.fresh_flow
        s.fresh_flow += 1
    slot = hashed & s.mask
    while t.slots[slot] != 0:
        slot = (slot + 1) & s.mask
    t.slots[slot] = hashed << 32 | (index + 1)
    s.live += 1
    f = t.flows[index]
    _clear(f)
    f.hash = hashed
    return i64(index)


@compiled
def _clear(f: Record) -> None:
    """Zero what a flow starts from; histories and hashes are bounded by their own counts."""
    f.missed = 0
    for side in range(2):
        f.packets[side] = 0
        f.bytes[side] = 0
        f.payload[side] = 0
        f.remaining[side] = 0
        f.mac[side] = -1
        f.next_seq[side] = 0
        f.high_seq[side] = 0
        f.block[side] = 0
        f.filled[side] = 0
        f.held[side] = 0
        f.held_bytes[side] = 0
        f.body[side] = 0
        f.seq_known[side] = 0
        f.state[side] = 0
        f.before[side] = 0
        f.fins[side] = 0
        f.sent[side] = 0
        f.acked[side] = 0
        f.letters[side] = 0
        f.stage[side] = 0
        f.chunk[side] = 0
        f.resync[side] = 0
    for i in range(6):
        f.counts[i] = 0
    f.previous = 0
    f.next = 0
    f.first_note = 0
    f.last_note = 0
    f.waiting_note = 0
    f.notes = 0
    f.queries = 0
    f.ordinal = 0
    f.protocol = 0
    f.tried = 0
    f.tls_seen = 0
    f.history_size = 0
    f.named = 0
    f.handed = 0
    f.depth = 0
    f.misses = 0
    f.tunnel = 0
    f.shares = 0
    f.asks = 0
    f.opened = 0
    f.ask_count = 0
    f.open_count = 0


@compiled
def remove(t: Tables, s: Record, index: int) -> None:
    """Take the flow out of the table, its list, and hand its place back."""
    f = t.flows[index]
    unlink(t, s, index)
    mask = s.mask
    slot = f.hash & mask
    while (t.slots[slot] & 0xFFFFFFFF) != index + 1:
        slot = (slot + 1) & mask
    hole = slot
    while True:
        slot = (slot + 1) & mask
        entry = t.slots[slot]
        if entry == 0:
            break
        home = (entry >> 32) & mask
        if ((slot - home) & mask) >= ((slot - hole) & mask):
            t.slots[hole] = entry
            hole = slot
    t.slots[hole] = 0
    f.next = s.free_flow
    s.free_flow = index + 1
    s.live -= 1


@compiled
def unlink(t: Tables, s: Record, index: int) -> None:
    """Out of its list."""
    f = t.flows[index]
    number = i64(f.list)
    if f.previous:
        t.flows[f.previous - 1].next = f.next
    else:
        s.head[number] = f.next
    if f.next:
        t.flows[f.next - 1].previous = f.previous
    else:
        s.tail[number] = f.previous


@compiled
def append(t: Tables, s: Record, index: int, number: int) -> None:
    """To the end of a list."""
    f = t.flows[index]
    f.list = number
    f.next = 0
    f.previous = s.tail[number]
    if s.tail[number]:
        t.flows[s.tail[number] - 1].next = index + 1
    else:
        s.head[number] = index + 1
    s.tail[number] = index + 1


@compiled
def touch(t: Tables, s: Record, index: int, number: int) -> None:
    """Seen just now; it belongs to list `number` from here on."""
    f = t.flows[index]
    f.touched = s.clock
    if f.list == number and s.tail[number] == index + 1:
        return
    unlink(t, s, index)
    append(t, s, index, number)


@compiled
def is_idle(s: Record, f: Record) -> bool:
    """Too long unseen; a clock that jumped back far ends flows as well."""
    return bool(abs(s.clock - f.touched) > idle_limit(i64(f.list)))


@compiled
def oldest(t: Tables, s: Record) -> int:
    """Index of the flow that was not seen for longest."""
    best = -1
    for number in range(4):
        if s.head[number]:
            index = s.head[number] - 1
            if best < 0 or t.flows[index].touched < t.flows[best].touched:
                best = index
    return best
