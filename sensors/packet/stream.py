"""One direction of a TCP connection as a stream of bytes for the parsers.

In order and whole messages are parsed where they lie, in the input buffer. What is left of a cut
message waits in a block of a bounded pool; segments that arrive too early wait in slots
(`sensors.packet.reassembly`). A hole ends when it is filled, when the peer acknowledges what we did
not see, or when too much waits behind it: then the parser is told of the gap.
"""

from __future__ import annotations

from sensors.packet.containers import read16
from sensors.packet.dns_queries import dns_message
from sensors.packet.handover import hand_over
from sensors.packet.history import GAPS, note_counted
from sensors.packet.http_body import body_end, body_lost, http_body, http_chunk, http_head
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy
from sensors.packet.kinds import BUFFERS_EXHAUSTED, GAP, HEAD_TOO_LONG
from sensors.packet.layout import (
    ASKED,
    BLOCK_COUNT,
    BLOCK_SIZE,
    BLOCKS,
    DNS_STREAM,
    DONE,
    GLANCED,
    HANDED,
    HTTP_BODY,
    HTTP_CHUNK,
    HTTP_HEAD,
    HTTP_TAIL,
    NEW,
    SLOT_SIZE,
    SLOTS,
    TLS_HELLO,
    TLS_RECORDS,
    WANT_BODIES,
    WANT_DNS,
    WANT_HTTP,
    WANT_LOGONS,
    WANT_SESSIONS,
    WANT_TLS,
    WANT_UNKNOWN,
    WATCHED,
    Record,
    Tables,
)
from sensors.packet.protocols import DNS, HTTP, SMB, TLS, detect_stream
from sensors.packet.reassembly import (
    drop_segment,
    first_held,
    hold,
    release,
    signed32,
    take_held,
)
from sensors.packet.records import DATA, LOST
from sensors.packet.session import begin_session
from sensors.packet.slots import free_slot
from sensors.packet.smb_frames import lose_step, smb_bytes
from sensors.packet.tls import tls_hello, tls_record

_TELLING = 16  # bytes that are enough to recognise a protocol
_GLANCE = 24  # payloads within which a flow goes on as TLS, if it does
_MAX_AHEAD = 1 << 20  # bytes that a segment may be early; more is no reordering
_MAX_TRIES = 4  # payloads that may pass before a flow's protocol counts as unknown


@compiled
def free_block(t: Tables, s: Record, flow: int, side: int) -> None:
    """Hand a direction's block back."""
    f = t.flows[flow]
    if f.block[side]:
        t.block_next[f.block[side] - 1] = s.free_block
        s.free_block = f.block[side]
        f.block[side] = 0
    f.filled[side] = 0


@compiled
def _take_block(t: Tables, s: Record, flow: int, side: int) -> bool:
    f = t.flows[flow]
    if f.block[side]:
        return True
    if s.free_block:
        number = s.free_block
        s.free_block = t.block_next[number - 1]
    elif s.fresh_block < BLOCK_COUNT:
        s.fresh_block += 1
        number = s.fresh_block
    else:
        t.losses[BUFFERS_EXHAUSTED] += 1
        return False
    f.block[side] = number
    f.filled[side] = 0
    return True


@compiled
def stop_stream(t: Tables, s: Record, flow: int, side: int) -> None:
    """Nothing more is wanted of this direction."""
    t.flows[flow].stage[side] = DONE
    free_block(t, s, flow, side)
    release(t, s, flow, side)


@compiled
def _recognise(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> None:
    """Set protocol and stages by a direction's first bytes."""
    f = t.flows[flow]
    found = detect_stream(t.arena, at, end, i64(f.port[1]), i64(f.port[0]))
    other = 1 - side
    if found == 0:
        if end - at < _TELLING and not cut:
            return
        f.tried += 1
        if s.wanted & WANT_UNKNOWN:
            if begin_session(t, s, flow):
                f.stage[side] = ASKED
        elif f.tried >= _MAX_TRIES:
            f.stage[side] = DONE
        return
    f.protocol = found
    stage = DONE
    if found == HTTP:
        stage = HTTP_HEAD if s.wanted & (WANT_HTTP | WANT_BODIES | WANT_LOGONS) else DONE
    elif found == TLS:
        stage = TLS_HELLO if s.wanted & WANT_TLS else DONE
    elif found == DNS:
        stage = DNS_STREAM if s.wanted & WANT_DNS else DONE
    elif t.roles[found] and s.wanted & WANT_SESSIONS:
        stage = HANDED if begin_session(t, s, flow) else DONE
    f.stage[side] = stage
    if f.stage[other] == NEW or f.stage[other] == ASKED:
        f.stage[other] = stage


@compiled
def _dns_stream(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> int:
    """One message with its length in front; `at` when more bytes are needed, -1 to stop."""
    if end - at < 2:
        return at
    size = read16(t.arena, at, 1)
    if size < 12:
        return -1
    if at + 2 + size > end:
        if cut and end - at >= 14:
            dns_message(t, s, flow, side, at + 2, end, 1)
            return -1
        return at
    dns_message(t, s, flow, side, at + 2, at + 2 + size, 0)
    return at + 2 + size


@compiled
def parse(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> int:
    """Feed bytes in order; the offset up to which they were used.

    `cut`: what follows is lost, so a message that is not whole has to be taken as it is.
    """
    f = t.flows[flow]
    while at < end:
        stage = f.stage[side]
        behind = end
        if stage == NEW:
            _recognise(t, s, flow, side, at, end, cut)
            if f.stage[side] == NEW:
                # The next payload may tell; a few bytes alone are kept for it.
                return at if end - at < _TELLING and not cut else end
            behind = at
        elif stage == HANDED or stage == ASKED:
            if stage == ASKED or t.roles[f.protocol] == WATCHED:
                s.asking = 1
            if f.protocol == SMB:
                behind = smb_bytes(t, s, flow, side, at, end, cut)
            else:
                hand_over(t, s, flow, DATA, side, at, end, 0)
            if t.roles[f.protocol] == GLANCED:
                f.tried += 1
                if f.tried > _GLANCE:
                    f.stage[0] = DONE
                    f.stage[1] = DONE
        elif stage == HTTP_HEAD:
            behind = http_head(t, s, flow, side, at, end, cut)
        elif stage == HTTP_BODY or stage == HTTP_TAIL:
            behind = http_body(t, s, flow, side, at, end)
        elif stage == HTTP_CHUNK:
            behind = http_chunk(t, s, flow, side, at, end)
        elif stage == TLS_HELLO:
            behind = tls_hello(t, s, flow, side, at, end, cut)
        elif stage == TLS_RECORDS:
            behind = _records(t, s, flow, side, at, end)
        elif stage == DNS_STREAM:
            behind = _dns_stream(t, s, flow, side, at, end, cut)
        if behind < 0:
            if not f.resync[side]:
                f.stage[side] = DONE
            return end
        if behind == at and f.stage[side] == stage:
            return at
        at = behind
    return at


@compiled
def _records(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> int:
    f = t.flows[flow]
    if f.remaining[side] > 0:
        step = min(f.remaining[side], end - at)
        f.remaining[side] -= step
        return i64(at + step)
    return tls_record(t, s, flow, side, at, end)


@compiled
def feed(t: Tables, s: Record, flow: int, side: int, sequence: int) -> None:
    """Take the packet's payload, which begins at `sequence`."""
    f = t.flows[flow]
    at = s.payload
    end = s.payload_end
    size = s.payload_size
    if not f.seq_known[side]:
        f.seq_known[side] = 1
        f.next_seq[side] = sequence
        f.high_seq[side] = sequence
    fresh = signed32(sequence + size - f.high_seq[side])
    if fresh > 0:
        f.high_seq[side] = (sequence + size) & 0xFFFFFFFF
    if f.stage[side] == DONE:
        if fresh > 0:
            f.next_seq[side] = f.high_seq[side]
        return
    early = signed32(sequence - f.next_seq[side])
    if early < 0:
        if early + size <= 0:
            return
        at = min(at - early, end)
        size += early
        early = 0
    if early > 0:
        _wait(t, s, flow, side, sequence, at, end, early)
    else:
        _in_order(t, s, flow, side, at, end, size - (end - at))
        if f.held[side]:
            _go_on(t, s, flow, side)


@compiled
def _in_order(t: Tables, s: Record, flow: int, side: int, at: int, end: int, missing: int) -> None:
    f = t.flows[flow]
    f.next_seq[side] = (f.next_seq[side] + end - at) & 0xFFFFFFFF
    cut = 1 if missing > 0 else 0
    if f.block[side]:
        _through_block(t, s, flow, side, at, end, cut)
    else:
        used = parse(t, s, flow, side, at, end, cut)
        left = end - used
        if left > BLOCK_SIZE:
            t.losses[HEAD_TOO_LONG] += 1
            stop_stream(t, s, flow, side)
        elif left > 0 and f.stage[side] != DONE:
            if _take_block(t, s, flow, side):
                copy(t.arena, BLOCKS + (f.block[side] - 1) * BLOCK_SIZE, used, left)
                f.filled[side] = left
            else:
                f.stage[side] = DONE
    if missing > 0:
        _skip(t, s, flow, side, missing)
    if f.stage[side] == DONE and f.block[side]:
        free_block(t, s, flow, side)


@compiled
def _through_block(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> None:
    """Append to what waits, and parse it together."""
    f = t.flows[flow]
    block = BLOCKS + (f.block[side] - 1) * BLOCK_SIZE
    while at < end:
        step = min(BLOCK_SIZE - f.filled[side], end - at)
        copy(t.arena, block + f.filled[side], at, step)
        f.filled[side] += step
        at += step
        _parse_block(t, s, flow, side, cut if at == end else 0)
        if f.stage[side] == DONE or not f.block[side]:
            stop_stream(t, s, flow, side)
            return
        if f.filled[side] == BLOCK_SIZE:
            t.losses[HEAD_TOO_LONG] += 1
            stop_stream(t, s, flow, side)
            return
    if f.filled[side] == 0:
        free_block(t, s, flow, side)


@compiled
def _parse_block(t: Tables, s: Record, flow: int, side: int, cut: int) -> None:
    """Parse what the block has in order, and move the rest to its front."""
    f = t.flows[flow]
    block = BLOCKS + (f.block[side] - 1) * BLOCK_SIZE
    used = parse(t, s, flow, side, block, block + f.filled[side], cut) - block
    if used == 0 or not f.block[side]:
        return
    copy(t.arena, block, block + used, f.filled[side] - used)
    f.filled[side] -= used


@compiled
def _wait(
    t: Tables, s: Record, flow: int, side: int, sequence: int, at: int, end: int, early: int
) -> None:
    """Keep a segment that came before the bytes in front of it; without room those count as lost."""
    f = t.flows[flow]
    if early <= _MAX_AHEAD and hold(t, s, flow, side, sequence, at, end - at):
        return
    while f.held[side] and f.stage[side] != DONE:
        give_up_hole(t, s, flow, side)
    if f.stage[side] == DONE:
        drop_segment(t)
        return
    early = signed32(sequence - f.next_seq[side])
    if early > 0:
        _skip(t, s, flow, side, early)
        early = 0
    if f.stage[side] != DONE:
        _in_order(t, s, flow, side, min(at - early, end), end, 0)


@compiled
def _go_on(t: Tables, s: Record, flow: int, side: int) -> None:
    """Give on the segments whose turn has come."""
    f = t.flows[flow]
    while f.stage[side] != DONE:
        slot = take_held(t, s, flow, side)
        if not slot:
            return
        one = t.slots_held[slot - 1]
        behind = SLOTS + (slot - 1) * SLOT_SIZE + i64(one.size)
        size = one.size + signed32(one.start - f.next_seq[side])
        _in_order(t, s, flow, side, behind - size, behind, 0)
        free_slot(t, s, slot)
    release(t, s, flow, side)


@compiled
def give_up_hole(t: Tables, s: Record, flow: int, side: int) -> None:
    """Treat the bytes before the first held segment as lost and go on with it."""
    missing = first_held(t, t.flows[flow], side)
    if missing > 0:
        _skip(t, s, flow, side, missing)
    _go_on(t, s, flow, side)


@compiled
def _skip(t: Tables, s: Record, flow: int, side: int, count: int) -> None:
    """Tell the parser that `count` bytes at the expected place are lost."""
    f = t.flows[flow]
    t.losses[GAP] += 1
    f.missed += count
    note_counted(f, side, 71, GAPS)
    f.next_seq[side] = (f.next_seq[side] + count) & 0xFFFFFFFF
    if f.block[side] and f.filled[side]:  # the begin of a message whose end is lost
        block = BLOCKS + (f.block[side] - 1) * BLOCK_SIZE
        parse(t, s, flow, side, block, block + f.filled[side], 1)
        f.filled[side] = 0
    stage = f.stage[side]
    before = i64(f.remaining[side])
    if stage == HANDED or stage == ASKED:
        hand_over(t, s, flow, LOST, side, 0, 0, count)
        if f.protocol == SMB:
            lose_step(t, s, flow, side)
    elif stage == HTTP_BODY or stage == HTTP_CHUNK or stage == HTTP_TAIL:
        body_lost(t, s, flow, side, count)
    if stage == HTTP_BODY or stage == TLS_RECORDS or (stage == HTTP_CHUNK and f.chunk[side] == 1):
        if count <= f.remaining[side]:
            f.remaining[side] -= count
            if f.remaining[side] == 0 and stage == HTTP_BODY:
                f.stage[side] = HTTP_HEAD
            elif f.remaining[side] == 0 and stage == HTTP_CHUNK:
                f.chunk[side] = 2
        elif stage == TLS_RECORDS:
            f.stage[side] = DONE
        else:
            f.stage[side] = HTTP_HEAD
            f.resync[side] = 1
    elif stage == HTTP_CHUNK or stage == HTTP_HEAD:
        f.stage[side] = HTTP_HEAD
        f.resync[side] = 1
    elif stage == TLS_HELLO or stage == DNS_STREAM:
        f.stage[side] = DONE
    if f.stage[side] == HTTP_HEAD and stage != HTTP_HEAD:
        body_end(t, s, flow, side, 0 if count <= before else 1)


@compiled
def end_stream(t: Tables, s: Record, flow: int, side: int) -> None:
    """Take what waits in a direction's block as it is, and hand the block back."""
    f = t.flows[flow]
    while f.held[side] and f.stage[side] != DONE:
        give_up_hole(t, s, flow, side)
    if f.block[side] and f.filled[side]:
        block = BLOCKS + (f.block[side] - 1) * BLOCK_SIZE
        parse(t, s, flow, side, block, block + f.filled[side], 1)
    free_block(t, s, flow, side)
    release(t, s, flow, side)


@compiled
def acknowledge(t: Tables, s: Record, flow: int, side: int) -> None:
    """The peer's acknowledgement: what it covers will not come any more."""
    f = t.flows[flow]
    other = 1 - side
    while f.held[other] and f.stage[other] != DONE:
        if signed32(s.acknowledged - f.next_seq[other]) < first_held(t, f, other):
            return
        give_up_hole(t, s, flow, other)
